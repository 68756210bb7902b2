import { expect, it } from 'vitest';
import { isoOrNothing, listOf, parseSearch, stringifySearch } from './search-params';

it('keeps repeated parameters as people write them', () => {
  const text = '?twin=pump-01&twin=pump-02&type=telemetry.reported';
  expect(parseSearch(text)).toEqual({ twin: ['pump-01', 'pump-02'], type: 'telemetry.reported' });
  expect(stringifySearch(parseSearch(text))).toBe(text);
});

it('leaves out what is empty', () => {
  expect(stringifySearch({ a: undefined, b: '', c: [] })).toBe('');
});

it('bounds lists and drops repetitions', () => {
  expect(listOf(['a', 'a', 'b', 'c'], 2)).toEqual(['a', 'b']);
  expect(listOf(undefined, 2)).toBeUndefined();
});

it('takes no date for one that is none', () => {
  expect(isoOrNothing('yesterday')).toBeUndefined();
  expect(isoOrNothing('2026-11-21T10:00:00Z')).toBe('2026-11-21T10:00:00Z');
});
