import { describe, expect, it } from 'vitest';
import { BOX, bundles, draw, MOST_LINES, pathOf } from './graph-layout';

const node = (twin_id: string, depth: number) => ({ twin_id, name: null, model: null, level: null, depth });
const edge = (source: string, target: string, relationship_id = 'r', type = 'feeds') => ({
  relationship_id,
  source,
  type,
  target,
});
const label = () => 'feeds';

describe('the picture of a graph', () => {
  it('goes from left to right in the direction of the relationships, without overlaps', () => {
    const picture = draw(
      {
        nodes: [node('b', 0), node('a', 1), node('c', 1), node('d', 1)],
        edges: [edge('a', 'b'), edge('b', 'c'), edge('b', 'd')],
      },
      label,
    );
    const at = new Map(picture.nodes.map(({ node: { twin_id }, x, y }) => [twin_id, { x, y }]));
    expect(at.get('a')?.x).toBeLessThan(at.get('b')?.x ?? 0);
    expect(at.get('b')?.x).toBeLessThan(at.get('c')?.x ?? 0);
    expect(Math.abs((at.get('c')?.y ?? 0) - (at.get('d')?.y ?? 0))).toBeGreaterThanOrEqual(BOX.height);
    for (const { x, y } of at.values()) {
      expect(x - BOX.width / 2).toBeGreaterThanOrEqual(0);
      expect(x + BOX.width / 2).toBeLessThanOrEqual(picture.width);
      expect(y + BOX.height / 2).toBeLessThanOrEqual(picture.height);
    }
    expect(picture.edges.every(({ path }) => /^M[\d.,-]+[QL]/.test(path))).toBe(true);
  });

  it('is the same for the same graph', () => {
    const graph = {
      nodes: [node('a', 0), node('b', 1), node('c', 1)],
      edges: [edge('a', 'b'), edge('b', 'c'), edge('c', 'a')],
    };
    expect(draw(graph, label)).toEqual(draw(graph, label));
  });

  it('draws circles, a twin that is related to itself, and ids like members of objects', () => {
    const picture = draw(
      {
        nodes: [node('__proto__', 0), node('constructor', 1)],
        edges: [
          edge('__proto__', 'constructor'),
          edge('constructor', '__proto__'),
          edge('constructor', 'constructor', 's'),
        ],
      },
      label,
    );
    expect(picture.edges).toHaveLength(3);
    expect(picture.edges.every(({ path }) => !path.includes('NaN'))).toBe(true);
  });

  it('draws relationships of one type between the same twins as one', () => {
    const found = bundles([
      edge('a', 'b', '1'),
      edge('a', 'b', '2'),
      edge('b', 'a', '3'),
      edge('a', 'b', '4', 'drives'),
    ]);
    expect(found.map(({ source, type, howMany }) => [source, type, howMany])).toEqual([
      ['a', 'feeds', 2],
      ['b', 'feeds', 1],
      ['a', 'drives', 1],
    ]);
  });

  it('leaves out the farthest twins where there are too many', () => {
    const nodes = [node('a', 0), ...Array.from({ length: 9 }, (_, each) => node(`n${each}`, 1))];
    const picture = draw({ nodes, edges: nodes.slice(1).map(({ twin_id }) => edge('a', twin_id)) }, label, 4);
    expect(picture.nodes.map(({ node: { twin_id } }) => twin_id)).toEqual(['a', 'n0', 'n1', 'n2']);
    expect(picture.edges).toHaveLength(3);
    expect(picture.partial).toBe(true);
  });
});

it('leaves out relationships where there are too many', () => {
  const nodes = Array.from({ length: 20 }, (_, each) => node(`n${each}`, 1));
  const edges = nodes.flatMap((a) => nodes.map((b) => edge(a.twin_id, b.twin_id)));
  const picture = draw({ nodes, edges }, label);
  expect(picture.edges).toHaveLength(MOST_LINES);
  expect(picture.partial).toBe(true);
  expect(draw({ nodes, edges: edges.slice(0, 30) }, label).partial).toBe(false);
});

it('draws a line through one point, two and more', () => {
  expect(pathOf([])).toBe('');
  expect(pathOf([{ x: 1, y: 2 }])).toBe('M1.0,2.0');
  expect(
    pathOf([
      { x: 0, y: 0 },
      { x: 4, y: 0 },
    ]),
  ).toBe('M0.0,0.0L4.0,0.0');
  expect(
    pathOf([
      { x: 0, y: 0 },
      { x: 4, y: 0 },
      { x: 4, y: 4 },
    ]),
  ).toBe('M0.0,0.0Q4.0,0.0 4.0,4.0');
});
