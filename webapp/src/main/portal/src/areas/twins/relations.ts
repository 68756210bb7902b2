import type { Neighbourhood, RelationshipType } from '../../api/client';

/** Of the equipment hierarchy of ISA-95, from the top. */
export const LEVELS = ['enterprise', 'site', 'area', 'line', 'cell', 'unit'] as const;

export type Direction = 'out' | 'in';

/** Something that a person can say of two twins: a type, read from one of its ends. */
export interface Relation {
  /** For a list to choose from. */
  value: string;
  type: string;
  direction: Direction;
  label: string;
}

/** A type in words, as it reads from one end. A type without words reads as its id. */
export function wordsOf(type: RelationshipType | undefined, id: string, direction: Direction): string {
  if (direction === 'out') return type?.label ?? id.replaceAll('-', ' ');
  return type?.inverse ?? `is the target of: ${wordsOf(type, id, 'out')}`;
}

/** All that can be said of a twin; what reads the same from both ends is said once. */
export function relationsOf(types: readonly RelationshipType[]): Relation[] {
  return types.flatMap((type) =>
    (['out', 'in'] as const)
      .map((direction) => ({
        value: `${direction}:${type.type}`,
        type: type.type,
        direction,
        label: wordsOf(type, type.type, direction),
      }))
      .filter(({ label, direction }) => direction === 'out' || label !== wordsOf(type, type.type, 'out')),
  );
}

/** An id for a relationship that says what it is; unique where two twins are related once by a type. */
export function relationshipId(type: string, target: string): string {
  return `${type}-${target.replaceAll(/[._]/g, '-')}`.slice(0, 63);
}

export type Edge = Neighbourhood['edges'][number];

/** One relationship as it reads from a twin that is one of its ends, or from its source. */
export function readFrom(
  edge: Edge,
  twin: string,
  typeOf: (id: string) => RelationshipType | undefined,
): { from: string; words: string; to: string } {
  const inwards = edge.target === twin && edge.source !== twin;
  return inwards
    ? { from: edge.target, words: wordsOf(typeOf(edge.type), edge.type, 'in'), to: edge.source }
    : { from: edge.source, words: wordsOf(typeOf(edge.type), edge.type, 'out'), to: edge.target };
}

/** The twin's own relationships first, each group by its words. */
export function ordered(edges: readonly Edge[], twin: string): Edge[] {
  const own = (edge: Edge) => (edge.source === twin || edge.target === twin ? 0 : 1);
  const text = (edge: Edge) => `${edge.type} ${edge.source} ${edge.target} ${edge.relationship_id}`;
  return [...edges].sort((a, b) => own(a) - own(b) || (text(a) < text(b) ? -1 : 1));
}
