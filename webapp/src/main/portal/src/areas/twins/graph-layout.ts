import { Graph, layout } from '@dagrejs/dagre';
import type { Neighbourhood } from '../../api/client';

type Node = Neighbourhood['nodes'][number];
type Edge = Neighbourhood['edges'][number];

/** A picture of more twins than this is a ball of wool; the table has them all. */
export const MOST_DRAWN = 60;
export const MOST_LINES = 200;
export const BOX = { width: 172, height: 44 };

/** Relationships of one type between the same two twins, in one direction. */
export interface Bundle {
  key: string;
  source: string;
  target: string;
  type: string;
  howMany: number;
}

export interface Picture {
  width: number;
  height: number;
  nodes: { node: Node; x: number; y: number }[];
  edges: { bundle: Bundle; path: string; x: number; y: number }[];
  /** Whether the picture leaves out twins or relationships. */
  partial: boolean;
}

export function bundles(edges: readonly Edge[]): Bundle[] {
  const found = new Map<string, Bundle>();
  for (const { source, target, type } of edges) {
    const key = JSON.stringify([source, type, target]);
    const before = found.get(key);
    if (before) before.howMany += 1;
    else found.set(key, { key, source, target, type, howMany: 1 });
  }
  return [...found.values()];
}

/** From left to right, in the direction of the relationships; the nearest twins only. */
export function draw(
  { nodes, edges }: Pick<Neighbourhood, 'nodes' | 'edges'>,
  labelOf: (bundle: Bundle) => string,
  most: number = MOST_DRAWN,
): Picture {
  const drawn = nodes.slice(0, most);
  const known = new Set(drawn.map((node) => node.twin_id));
  const lines = bundles(edges.filter(({ source, target }) => known.has(source) && known.has(target)));
  const shown = lines.slice(0, MOST_LINES);
  const graph = new Graph({ directed: true, multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 14, edgesep: 12, ranksep: 46, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  // the library keeps plain objects by name: a twin that is called like a member of theirs would break it
  const names = new Map(drawn.map(({ twin_id }, each) => [twin_id, `twin ${each}`]));
  const ends = ({ source, target }: Bundle) => [names.get(source) ?? '', names.get(target) ?? ''] as const;
  for (const name of names.values()) graph.setNode(name, { ...BOX });
  shown.forEach((bundle, each) => {
    const width = Math.min(130, 12 + labelOf(bundle).length * 6.4);
    graph.setEdge(...ends(bundle), { width, height: 16, labelpos: 'c' }, `edge ${each}`);
  });
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(size.width ?? 0),
    height: Math.ceil(size.height ?? 0),
    nodes: drawn.map((node) => {
      const at = graph.node(names.get(node.twin_id) ?? '') as { x: number; y: number };
      return { node, x: at.x, y: at.y };
    }),
    edges: shown.map((bundle, each) => {
      const at = graph.edge(...ends(bundle), `edge ${each}`) as {
        points: Point[];
        x?: number;
        y?: number;
      };
      const middle = at.points[Math.floor(at.points.length / 2)] ?? { x: 0, y: 0 };
      return { bundle, path: pathOf(at.points), x: at.x ?? middle.x, y: at.y ?? middle.y };
    }),
    partial: nodes.length > drawn.length || lines.length > shown.length,
  };
}

interface Point {
  x: number;
  y: number;
}

const at = ({ x, y }: Point) => `${x.toFixed(1)},${y.toFixed(1)}`;

/** A line that bends at the points in between, without corners. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...others] = points;
  if (!first) return '';
  const last = others[others.length - 1];
  if (!last) return `M${at(first)}`;
  let path = `M${at(first)}`;
  for (let each = 0; each < others.length - 1; each++) {
    const bend = others[each] as Point;
    const next = others[each + 1] as Point;
    const end = each === others.length - 2 ? last : { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 };
    path += `Q${at(bend)} ${at(end)}`;
  }
  return others.length === 1 ? `${path}L${at(last)}` : path;
}
