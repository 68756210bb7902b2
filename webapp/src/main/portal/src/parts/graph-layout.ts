import { Graph, layout } from '@dagrejs/dagre';

/** What stands in a box. */
export interface GraphNode {
  id: string;
}

export interface GraphEdge {
  source: string;
  target: string;
  type: string;
}

/** A picture of more boxes than this is a ball of wool; the table beside it has them all. */
export const MOST_DRAWN = 60;
export const MOST_LINES = 200;
export const BOX = { width: 172, height: 44 };

/** Lines of one type between the same two boxes, in one direction. */
export interface Bundle {
  key: string;
  source: string;
  target: string;
  type: string;
  howMany: number;
}

export interface Picture<N extends GraphNode> {
  width: number;
  height: number;
  nodes: { node: N; x: number; y: number }[];
  edges: { bundle: Bundle; path: string; x: number; y: number }[];
  /** Whether the picture leaves out boxes or lines. */
  partial: boolean;
}

const labelWidth = (label: string) => Math.min(130, 12 + label.length * 6.4);

export function bundles(edges: readonly GraphEdge[]): Bundle[] {
  const found = new Map<string, Bundle>();
  for (const { source, target, type } of edges) {
    const key = JSON.stringify([source, type, target]);
    const before = found.get(key);
    if (before) before.howMany += 1;
    else found.set(key, { key, source, target, type, howMany: 1 });
  }
  return [...found.values()];
}

/** From left to right, in the direction of the lines; the first boxes only. */
export function draw<N extends GraphNode>(
  { nodes, edges }: { nodes: readonly N[]; edges: readonly GraphEdge[] },
  labelOf: (bundle: Bundle) => string,
  most: number = MOST_DRAWN,
): Picture<N> {
  const drawn = nodes.slice(0, most);
  const known = new Set(drawn.map((node) => node.id));
  const lines = bundles(edges.filter(({ source, target }) => known.has(source) && known.has(target)));
  const shown = lines.slice(0, MOST_LINES);
  const graph = new Graph({ directed: true, multigraph: true });
  graph.setGraph({ rankdir: 'LR', nodesep: 14, edgesep: 12, ranksep: 46, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  // the library keeps plain objects by name: a box that is called like a member of theirs would break it
  const names = new Map(drawn.map(({ id }, each) => [id, `box ${each}`]));
  const ends = ({ source, target }: Bundle) => [names.get(source) ?? '', names.get(target) ?? ''] as const;
  for (const name of names.values()) graph.setNode(name, { ...BOX });
  shown.forEach((bundle, each) => {
    const label = labelOf(bundle);
    // where nothing is written on a line it needs no room for it
    const size = label === '' ? { width: 0, height: 0 } : { width: labelWidth(label), height: 16 };
    graph.setEdge(...ends(bundle), { ...size, labelpos: 'c' }, `edge ${each}`);
  });
  layout(graph);
  const size = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(size.width ?? 0),
    height: Math.ceil(size.height ?? 0),
    nodes: drawn.map((node) => {
      const at = graph.node(names.get(node.id) ?? '') as { x: number; y: number };
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
