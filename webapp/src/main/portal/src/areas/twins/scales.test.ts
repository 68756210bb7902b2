import { expect, it } from 'vitest';
import { rangeText, reach, scalesOf } from './scales';

const drawn = (property: string, unit: string) => ({ property, unit, minimum: null, maximum: null });

it('draws what has one unit against one scale, and what has none against its own', () => {
  const scales = scalesOf([drawn('a', '°C'), drawn('b', ''), drawn('c', '°C'), drawn('d', '')]);
  expect(scales.map(({ properties }) => properties)).toEqual([[0, 2], [1], [3]]);
  expect(new Set(scales.map(({ key }) => key)).size).toBe(3);
});

it('reaches to a bound that is near, and not to one that would flatten the curve', () => {
  const [low, high] = reach(10, 20, [0, 24]);
  expect(low).toBeLessThan(10);
  expect(low).toBeGreaterThan(5);
  expect(high).toBeGreaterThan(24);
  expect(reach(null, null, [3])).toEqual([0, 1]);
  const [under, over] = reach(7, 7, []);
  expect(under).toBeLessThan(7);
  expect(over).toBeGreaterThan(7);
});

it('writes a range with its unit, or nothing', () => {
  const text = (minimum: number | null, maximum: number | null) =>
    rangeText({ property: 'a', unit: 'K', minimum, maximum }, String);
  expect(text(0, 9)).toBe('0 to 9 K');
  expect(text(0, null)).toBe('from 0 K');
  expect(text(null, 9)).toBe('up to 9 K');
  expect(text(null, null)).toBe('');
});
