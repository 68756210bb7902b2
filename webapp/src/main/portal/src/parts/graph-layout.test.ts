import { describe, expect, it } from 'vitest';
import { BOX, bundles, draw, MOST_LINES, pathOf } from './graph-layout';

const node = (id: string) => ({ id });
const edge = (source: string, target: string, type = 'feeds') => ({ source, type, target });
const label = () => 'feeds';

describe('the picture of a graph', () => {
  it('goes from left to right in the direction of the lines, without overlaps', () => {
    const picture = draw(
      {
        nodes: [node('b'), node('a'), node('c'), node('d')],
        edges: [edge('a', 'b'), edge('b', 'c'), edge('b', 'd')],
      },
      label,
    );
    const at = new Map(picture.nodes.map(({ node: { id }, x, y }) => [id, { x, y }]));
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
      nodes: [node('a'), node('b'), node('c')],
      edges: [edge('a', 'b'), edge('b', 'c'), edge('c', 'a')],
    };
    expect(draw(graph, label)).toEqual(draw(graph, label));
  });

  it('draws circles, a box that leads to itself, and ids like members of objects', () => {
    const picture = draw(
      {
        nodes: [node('__proto__'), node('constructor')],
        edges: [
          edge('__proto__', 'constructor'),
          edge('constructor', '__proto__'),
          edge('constructor', 'constructor'),
        ],
      },
      label,
    );
    expect(picture.edges).toHaveLength(3);
    expect(picture.edges.every(({ path }) => !path.includes('NaN'))).toBe(true);
  });

  it('draws lines of one type between the same boxes as one', () => {
    const found = bundles([edge('a', 'b'), edge('a', 'b'), edge('b', 'a'), edge('a', 'b', 'drives')]);
    expect(found.map(({ source, type, howMany }) => [source, type, howMany])).toEqual([
      ['a', 'feeds', 2],
      ['b', 'feeds', 1],
      ['a', 'drives', 1],
    ]);
  });

  it('leaves out the last boxes where there are too many', () => {
    const nodes = [node('a'), ...Array.from({ length: 9 }, (_, each) => node(`n${each}`))];
    const picture = draw({ nodes, edges: nodes.slice(1).map(({ id }) => edge('a', id)) }, label, 4);
    expect(picture.nodes.map(({ node: { id } }) => id)).toEqual(['a', 'n0', 'n1', 'n2']);
    expect(picture.edges).toHaveLength(3);
    expect(picture.partial).toBe(true);
  });
});

it('leaves out lines where there are too many', () => {
  const nodes = Array.from({ length: 20 }, (_, each) => node(`n${each}`));
  const edges = nodes.flatMap((a) => nodes.map((b) => edge(a.id, b.id)));
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
