import { expect, it } from 'vitest';
import { check, lineOf } from './check';

it('finds what can be found before the platform is asked', () => {
  expect(check('{"@type": "tm:ThingModel", "properties": {}}')).toEqual([]);
  expect(check('{"@type": ["tm:ThingModel", "x"]}')).toEqual([]);
  expect(check('{"@type": "Thing"}')[0]).toMatchObject({ from: 1, to: 17 });
  expect(check('{"@type": "tm:ThingModel", "actions": []}')[0]?.message).toContain('actions');
  expect(check('[]')[0]?.message).toContain('object');
  expect(check('{\n  "a": 1,\n}')[0]?.from).toBeGreaterThan(4);
  expect(check('')).toHaveLength(1);
});

it('counts lines from one', () => {
  expect([lineOf('a\nb\nc', 0), lineOf('a\nb\nc', 4)]).toEqual([1, 3]);
});
