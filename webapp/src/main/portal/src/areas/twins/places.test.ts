import { describe, expect, it } from 'vitest';
import { isWithin, treeOf, unfolded } from './places';

describe('the tree of places', () => {
  const tree = treeOf([
    'aurora/rome/line-10',
    'aurora/rome/line-2',
    'aurora/rome',
    'ridge',
    '',
    undefined,
    7,
  ]);

  it('counts what is here and below, and what has no place', () => {
    expect(tree.places.map(({ path, twins }) => [path, twins])).toEqual([
      ['aurora', 3],
      ['ridge', 1],
    ]);
    expect([tree.placed, tree.unplaced]).toEqual([4, 3]);
  });

  it('orders numbers as people do', () => {
    expect(tree.places[0]?.below[0]?.below.map(({ name }) => name)).toEqual(['line-2', 'line-10']);
  });

  it('shows only what is unfolded', () => {
    expect(unfolded(tree.places, new Set()).map(({ place }) => place.path)).toEqual(['aurora', 'ridge']);
    expect(
      unfolded(tree.places, new Set(['aurora'])).map(({ place, level }) => `${level} ${place.path}`),
    ).toEqual(['1 aurora', '2 aurora/rome', '1 ridge']);
  });

  it('takes names as they are, whatever they are called', () => {
    expect(treeOf(['__proto__/constructor']).places[0]?.below[0]?.path).toBe('__proto__/constructor');
  });

  it('knows a place by whole parts', () => {
    expect(isWithin('aurora/rome-2/line', 'aurora/rome')).toBe(false);
    expect(isWithin('aurora/rome/line', 'aurora/rome')).toBe(true);
    expect(isWithin(undefined, 'aurora')).toBe(false);
  });
});
