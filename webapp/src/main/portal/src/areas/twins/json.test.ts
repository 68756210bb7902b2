import { describe, expect, it } from 'vitest';
import { changes, differences, mergePatch, readObject } from './json';

describe('a merge patch', () => {
  it('names what changed and nothing else', () => {
    expect(
      mergePatch(
        { speed: 1400, mode: 'auto', limits: { low: 1, high: 9 }, tags: ['a', 'b'], gone: true },
        { speed: 1500, mode: 'auto', limits: { low: 1, high: 8 }, tags: ['a'], fresh: { x: 1 } },
      ),
    ).toEqual({ gone: null, speed: 1500, limits: { high: 8 }, tags: ['a'], fresh: { x: 1 } });
  });

  it('is empty where nothing changed', () => {
    expect(mergePatch({ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } })).toEqual({});
  });

  it('carries members of any name', () => {
    const patch = mergePatch({}, JSON.parse('{"__proto__": 1}') as Record<string, unknown>);
    expect(JSON.stringify(patch)).toBe('{"__proto__":1}');
  });
});

describe('an object that is typed', () => {
  it('is read, or refused with the place', () => {
    expect(readObject('{"a": 1}', 100).value).toEqual({ a: 1 });
    expect(readObject('{\n  "a": 1,\n}', 100).error).toMatch(/line 3/);
    expect(readObject('[1]', 100).error).toMatch(/object/);
    expect(readObject('{"a": {"b/c": null}}', 100).error).toBe(
      '/a/b~1c is null: leave the member out instead',
    );
    expect(readObject(`{"a": "${'x'.repeat(2048)}"}`, 1024).error).toBe('At most 1 KiB');
  });
});

describe('desired and reported', () => {
  it('shows first what differs', () => {
    const time = '2026-11-21T05:00:00Z';
    expect(
      differences({ a: 1, b: 2, c: true, toString: 1 }, { a: { value: 1, time }, b: { value: 3, time } }).map(
        ({ property, state }) => `${property} ${state}`,
      ),
    ).toEqual(['b differs', 'c not reported', 'toString not reported', 'a in line']);
  });

  it('tells two versions apart', () => {
    expect(changes({ a: 1, b: 1 }, { a: 1, b: 2, c: 3 })).toEqual([
      { member: 'b', theirs: 1, mine: 2 },
      { member: 'c', theirs: undefined, mine: 3 },
    ]);
  });
});
