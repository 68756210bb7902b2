import { describe, expect, it } from 'vitest';
import { completion, goodUntil, missing, otherFile, rangeOf, sizeOf, storedBytes } from './plan';

const layout = { size: 25, part_size: 10, part_count: 3 };

describe('the parts of a file', () => {
  it('lie one after the other, and the last has what is left', () => {
    expect([1, 2, 3].map((number) => rangeOf(number, layout))).toEqual([
      { start: 0, end: 10 },
      { start: 10, end: 20 },
      { start: 20, end: 25 },
    ]);
    expect(sizeOf(3, layout)).toBe(5);
  });

  it('are one of no bytes where the file is empty', () => {
    expect(rangeOf(1, { size: 0, part_size: 10, part_count: 1 })).toEqual({ start: 0, end: 0 });
  });

  it('are missing until they are stored', () => {
    expect(missing(new Map([[2, 'b']]), layout)).toEqual([1, 3]);
    expect(missing(new Map(), { ...layout, part_count: 0 })).toEqual([]);
  });

  it('are counted in bytes as they are, with the short last one', () => {
    expect(storedBytes(new Map(), layout)).toBe(0);
    expect(storedBytes(new Map([[1, 'a']]), layout)).toBe(10);
    expect(
      storedBytes(
        new Map([
          [1, 'a'],
          [3, 'c'],
        ]),
        layout,
      ),
    ).toBe(15);
  });

  it('complete the upload by number, and only all of them do', () => {
    const stored = new Map([
      [3, 'c'],
      [1, 'a'],
      [2, 'b'],
    ]);
    expect(completion(stored, layout)).toEqual([
      { number: 1, etag: 'a' },
      { number: 2, etag: 'b' },
      { number: 3, etag: 'c' },
    ]);
    stored.delete(2);
    expect(() => completion(stored, layout)).toThrow('part 2');
  });
});

describe('a presigned URL', () => {
  it('is used for four fifths of its life', () => {
    expect(goodUntil('https://s3.example/k?X-Amz-Expires=300', 1_000)).toBe(241_000);
  });

  it('is asked for anew after some minutes where it does not say how long it lives', () => {
    expect(goodUntil('https://s3.example/k', 0)).toBe(144_000);
    expect(goodUntil('https://s3.example/k?X-Amz-Expires=never', 0)).toBe(144_000);
    expect(goodUntil('no url', 0)).toBe(144_000);
  });
});

describe('the file of an interrupted upload', () => {
  const known = { file_name: 'a.csv', size: 1200, last_modified: 5 };
  const file = { name: 'a.csv', size: 1200, lastModified: 5 };

  it('is the same by its name, size and time', () => {
    expect(otherFile(known, file)).toBeNull();
    expect(otherFile(known, { ...file, size: 1201 })).toMatch('1,201 bytes');
    expect(otherFile(known, { ...file, name: 'b.csv' })).toMatch('b.csv');
    expect(otherFile(known, { ...file, lastModified: 6 })).toMatch('changed');
  });

  it('is told by its size alone where another browser began', () => {
    const elsewhere = { ...known, last_modified: null };
    expect(otherFile(elsewhere, { name: 'copy of a.csv', size: 1200, lastModified: 9 })).toBeNull();
    expect(otherFile(elsewhere, { ...file, size: 1 })).not.toBeNull();
  });
});
