import { describe, expect, it } from 'vitest';
import {
  at,
  draftOf,
  edited,
  elsewhere,
  faultAt,
  nameOf,
  nextVersions,
  put,
  redone,
  undone,
} from './contract';

describe('putting', () => {
  it('makes the way to a place, and takes it away again', () => {
    const made = put({ a: 1 }, '/schema/0/properties/0/name', 'rpm');
    expect(made).toEqual({ a: 1, schema: [{ properties: [{ name: 'rpm' }] }] });
    expect(put(made, '/schema/0/properties/0/name', undefined)).toEqual({
      a: 1,
      schema: [{ properties: [{}] }],
    });
    expect(put(put(made, '/schema/0/properties/0', undefined), '/schema/0', undefined)).toEqual({ a: 1 });
    expect(put({ description: { purpose: 'x' } }, '/description/purpose', undefined)).toEqual({});
  });

  it('keeps what it does not know, and the order', () => {
    const before = { z: 1, description: { purpose: 'x', other: [1] }, a: 2 };
    const after = put(before, '/description/purpose', 'y');
    expect(after).toEqual({ z: 1, description: { purpose: 'y', other: [1] }, a: 2 });
    expect(Object.keys(after)).toEqual(['z', 'description', 'a']);
    expect(before.description.purpose).toBe('x');
  });

  it('takes members out of the middle of a list', () => {
    expect(put({ l: [1, 2, 3] }, '/l/1', undefined)).toEqual({ l: [1, 3] });
  });

  it('takes names with slashes and names of the language itself', () => {
    expect(at(put({}, '/a~1b', 1), '/a~1b')).toBe(1);
    expect(at({}, '/constructor')).toBeUndefined();
  });
});

describe('a draft', () => {
  it('is undone and done again step by step', () => {
    const one = edited(draftOf({ name: 'a' }), '/name', 'b');
    const two = edited(one, '/domain', 'x');
    expect(undone(two).now).toEqual({ name: 'b' });
    expect(undone(undone(two)).now).toEqual({ name: 'a' });
    expect(undone(undone(undone(two))).now).toEqual({ name: 'a' });
    expect(redone(redone(undone(undone(two)))).now).toEqual(two.now);
  });

  it('takes what is typed in one field for one step', () => {
    const typed = ['b', 'bc', 'bcd'].reduce(
      (draft, text) => edited(draft, '/name', text, true),
      draftOf({ name: 'a' }),
    );
    expect(undone(typed).now).toEqual({ name: 'a' });
    expect(undone(edited(typed, '/domain', 'x', true)).now).toEqual({ name: 'bcd' });
  });

  it('forgets what was undone when something else is done', () => {
    const other = edited(undone(edited(draftOf({}), '/name', 'a')), '/name', 'b');
    expect(redone(other)).toBe(other);
  });
});

describe('faults', () => {
  const faults = [
    { path: '/version', detail: '/version must be higher than 1.0.0: what is promised has changed.' },
    { path: '/schema/0/properties/1/name', detail: '/schema/0/properties/1/name is missing.' },
  ];

  it('are said at their fields', () => {
    expect(faultAt(faults, '/version')).toBe('Must be higher than 1.0.0: what is promised has changed.');
    expect(faultAt(faults, '/schema/0/properties/1')).toBeUndefined();
    expect(faultAt(faults, '/schema/0/properties/1', true)).toBe('Is missing.');
  });

  it('are said together where no field shows them', () => {
    expect(elsewhere(faults, new Set(['/version']))).toHaveLength(1);
  });
});

describe('names and versions', () => {
  it.each([
    ['Press Runs.csv', 'press-runs'],
    ['  Ünï  ', 'n'],
    ['a'.repeat(80), 'a'.repeat(63)],
  ])('makes a name of %s', (text, name) => expect(nameOf(text)).toBe(name));

  it('knows what comes after a version', () => {
    expect(nextVersions('1.4.2')).toEqual({ minor: '1.5.0', major: '2.0.0' });
    expect(nextVersions('one')).toBeNull();
  });
});
