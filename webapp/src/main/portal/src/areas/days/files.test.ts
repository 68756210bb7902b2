import { describe, expect, it } from 'vitest';
import type { DumpPart } from '../../api/client';
import { daySnippets, directoryOf, tablesOf } from './files';
import { byReason, decoded } from './rejects';

const part = (path: string, kind: DumpPart['kind'], model: string | null, rows: number): DumpPart => ({
  path,
  kind,
  model,
  partition: 0,
  rows,
  size_bytes: rows * 10,
  checksum: 'sha256:00',
  first_time: null,
  last_time: null,
});

describe('the files of a revision', () => {
  it('are gathered by table, the largest first, rejects last', () => {
    const tables = tablesOf([
      part('_rejects/part-0.ndjson', 'rejects', null, 900),
      part('model=pump/part-0.parquet', 'table', 'pump', 10),
      part('model=pump/part-1.parquet', 'table', 'pump', 20),
      part('tidy/part-0.parquet', 'tidy', null, 400),
    ]);
    expect(tables.map(({ directory, rows, parts }) => [directory, rows, parts.length])).toEqual([
      ['tidy', 400, 1],
      ['model=pump', 30, 2],
      ['_rejects', 900, 1],
    ]);
  });

  it('rest in the directory of the manifest', () => {
    expect(directoryOf('s3://hold/aurora/2026/11/28/d-1/_manifest.json')).toBe(
      's3://hold/aurora/2026/11/28/d-1/',
    );
    expect(directoryOf('s3://hold/aurora/other.json')).toBeNull();
    expect(directoryOf(null)).toBeNull();
  });
});

describe('the lines to copy', () => {
  const pump = { directory: 'model=pump', kind: 'table' as const };
  const place = (revision: number) => ({ revision, directory: `s3://hold/d-${revision}/` });
  const textOf = (id: string, places: ReturnType<typeof place>[]) =>
    daySnippets('2026-11-28', places, pump).find((each) => each.id === id)?.text;

  it('name the directory of the revision', () => {
    expect(textOf('aws', [place(1)])).toBe(
      `aws s3 cp --recursive --endpoint-url "$S3_ENDPOINT" 's3://hold/d-1/' 'day-2026-11-28/revision-1/'`,
    );
    expect(textOf('duckdb', [place(1)])).toContain(
      `read_parquet('day-2026-11-28/revision-1/model=pump/*.parquet')`,
    );
    expect(textOf('pandas', [place(1)])).toContain(`"day-2026-11-28/revision-1/model=pump"`);
  });

  it('read all revisions of a corrected day together', () => {
    const places = [place(1), place(3)];
    expect(textOf('aws', places)?.split('\n')).toHaveLength(2);
    expect(textOf('duckdb-s3', places)).toContain(
      `read_parquet(['s3://hold/d-1/model=pump/*.parquet', 's3://hold/d-3/model=pump/*.parquet'], union_by_name = true)`,
    );
    expect(textOf('pandas', places)).toContain('for revision in (1, 3)');
  });

  it('are only the copying where there is no table', () => {
    expect(daySnippets('2026-11-28', [place(1)], undefined).map(({ id }) => id)).toEqual(['aws']);
    expect(daySnippets('2026-11-28', [], pump)).toEqual([]);
  });
});

describe('a rejected record', () => {
  const base64 = (bytes: string | number[]) =>
    Buffer.from(typeof bytes === 'string' ? bytes : Uint8Array.from(bytes)).toString('base64');

  it('is shown as JSON, as text or as bytes', () => {
    expect(decoded(base64('{"a":"ü"}'))).toEqual({ text: '{\n  "a": "ü"\n}', form: 'json' });
    expect(decoded(base64('{"a":'))).toEqual({ text: '{"a":', form: 'text' });
    expect(decoded(base64([0xff, 0x00]))).toEqual({ text: 'ff 00', form: 'bytes' });
  });

  it('is counted by its reason', () => {
    expect(
      byReason([{ reason: 'wrong_type' }, { reason: 'malformed_json' }, { reason: 'wrong_type' }]),
    ).toEqual([
      ['wrong_type', 2],
      ['malformed_json', 1],
    ]);
  });
});
