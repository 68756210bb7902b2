import { describe, expect, it } from 'vitest';
import type { Preview } from '../../api/client';
import {
  extentOf,
  histogramWords,
  layoutOf,
  moved,
  percentOf,
  nullShare,
  previewCsv,
  rangeOf,
  refusalOf,
  typeOf,
  type Column,
} from './preview';

const column: Column = {
  name: 'rpm',
  type: 'integer',
  logical: null,
  numeric: true,
  nulls: 2,
  distinct: 3,
  min: '900',
  max: '1100',
  mean: 1000,
  histogram: { from: 900, to: 1100, counts: [1, 5] },
  unread: null,
};

const preview: Preview = {
  format: 'csv',
  layout: {
    compression: 'gzip',
    encoding: 'UTF-8',
    delimiter: ';',
    quote: '"',
    header: true,
    row_groups: null,
    created_by: null,
  },
  columns: [column, { ...column, name: '__proto__', type: 'int64', logical: 'timestamp(us, utc)' }],
  columns_total: 2,
  rows: [
    ['900', '=1+1'],
    [null, 'a,"b"'],
  ],
  cut: [],
  rows_read: 8,
  rows_total: 8,
  bytes_read: 2048,
  truncated: true,
  statistics_from: 'file',
  notes: [],
};

describe('a preview', () => {
  it('says how the file is written', () => {
    expect(layoutOf(preview)).toBe('CSV · UTF-8 · separated by semicolon · gzip');
  });

  it('says how much of it is shown', () => {
    expect(extentOf(preview)).toMatch(/^the first 2 of 8 rows, statistics of the whole file, /);
    expect(extentOf({ ...preview, rows_total: null, statistics_from: 'sample' })).toMatch(
      /^the first 2 rows, statistics of the first 8 rows, /,
    );
    expect(extentOf({ ...preview, rows_total: 2 })).toMatch(/^all 2 rows, /);
  });

  it('describes a column', () => {
    expect(typeOf(column)).toBe('integer');
    expect(typeOf(preview.columns[1]!)).toBe('timestamp(us, utc)');
    expect(nullShare(column, preview)).toBe(0.25);
    expect(nullShare({ ...column, nulls: null }, preview)).toBeNull();
    expect([0.25, 0.0004, 1].map(percentOf)).toEqual(['25 %', '< 0.1 %', '100 %']);
    expect(rangeOf(column)).toBe('900 – 1100');
    expect(rangeOf({ ...column, max: '900' })).toBe('900');
    expect(rangeOf({ ...column, min: null })).toBeNull();
    expect(histogramWords(column)).toBe('Most of 6 values, 5, lie between 1000 and 1100');
  });

  it('is copied without formulas', () => {
    expect(previewCsv(preview)).toBe('rpm,__proto__\r\n900,\'=1+1\r\n,"a,""b"""\r\n');
  });

  it('says why there is none', () => {
    expect(refusalOf({ detail: 'encrypted: Its footer is encrypted.' })).toEqual({
      title: 'It is encrypted',
      text: 'Its footer is encrypted.',
    });
    expect(refusalOf({ detail: 'Something else.' }).text).toBe('Something else.');
  });

  it('is walked by keys, and not out of', () => {
    expect(moved([0, 0], 'ArrowDown', 2, 2)).toEqual([1, 0]);
    expect(moved([1, 1], 'ArrowDown', 2, 2)).toEqual([1, 1]);
    expect(moved([0, 0], 'ArrowLeft', 2, 2)).toEqual([0, 0]);
    expect(moved([0, 0], 'End', 2, 9)).toEqual([0, 8]);
    expect(moved([5, 3], 'PageUp', 9, 9)).toEqual([0, 3]);
    expect(moved([0, 0], 'x', 2, 2)).toBeNull();
  });
});
