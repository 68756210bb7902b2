import { describe, expect, it } from 'vitest';
import type { Dataset, Sweep } from '../../api/client';
import { differences, expiry, patchOf, saidOf, valueOf } from './governance';
import { relationTo } from './lineage';
import { pointerEvent } from './pointer-event';
import { fileNameOf, python, shell, snippets, sql } from './snippets';
import { percent } from './Usage';
import { marks, shortType, sweepPlan } from './words';

const dataset: Dataset = {
  dataset_id: 'd1',
  name: 'spindle/2026.parquet',
  version: 3,
  state: 'available',
  object_uri: 's3://hold/aurora/d1',
  checksum: `sha256:${'ab'.repeat(32)}`,
  size_bytes: 12,
  media_type: 'application/vnd.apache.parquet',
  schema_ref: null,
  tags: { classification: 'restricted', personal_data: true, line: 'a', hz: 25_600 },
  lineage: { kind: 'upload', id: null, inputs: [] },
  retention_days: 30,
  created_at: '2026-11-01T00:00:00Z',
  created_by: 'person:admin',
  available_at: '2026-11-01T00:01:00Z',
  expires_at: '2026-12-01T00:01:00Z',
  removed_after: null,
  verified_bytes: 12,
  failure: null,
};

describe('the pointer event', () => {
  it('has what the contract says, in its order', () => {
    const event = pointerEvent('aurora', dataset);
    expect(event).toMatchObject({ topic: 'pilot.aurora.datasets', type: 'dataset.available', key: 'd1' });
    expect(Object.keys(event?.data ?? {})).toEqual([
      'event_type',
      'pilot_id',
      'dataset_id',
      'object_uri',
      'checksum',
      'size_bytes',
      'media_type',
      'schema_ref',
      'tags',
      'lineage',
    ]);
    expect(event?.data).toMatchObject({
      event_type: 'dataset.available',
      pilot_id: 'aurora',
      size_bytes: 12,
    });
  });

  it.each(['uploading', 'verifying', 'quarantined'] as const)('has not gone out while it is %s', (state) => {
    expect(pointerEvent('aurora', { ...dataset, state })).toBeNull();
  });

  it('says what became of the dataset', () => {
    expect(pointerEvent('aurora', { ...dataset, state: 'expired' })?.type).toBe('dataset.expired');
    expect(pointerEvent('aurora', { ...dataset, state: 'deleting' })?.type).toBe('dataset.deleted');
    expect(pointerEvent('aurora', { ...dataset, state: 'deleted', available_at: null })).toBeNull();
  });
});

describe('the snippets', () => {
  const of = (more: Partial<Dataset>) =>
    new Map(
      snippets('aurora', { ...dataset, ...more }, 'https://p.example').map((each) => [each.id, each.text]),
    );

  it('read the dataset by its type', () => {
    const found = of({});
    expect([...found.keys()]).toEqual(['ctl', 'curl', 'aws', 'duckdb', 'pandas']);
    expect(found.get('duckdb')).toContain("read_parquet('s3://hold/aurora/d1')");
    expect(found.get('pandas')).toContain('pd.read_parquet(');
    expect(of({ media_type: 'text/csv; charset=utf-8' }).get('duckdb')).toContain('read_csv(');
    expect(of({ media_type: 'application/x-ndjson' }).get('pandas')).toContain('lines=True');
    expect([...of({ media_type: 'application/zip' }).keys()]).toEqual(['ctl', 'curl', 'aws']);
  });

  it('compare the checksum, and leave out what there is nothing to point to', () => {
    expect(of({}).get('curl')).toContain(`'${'ab'.repeat(32)}  spindle_2026.parquet' | sha256sum -c`);
    const without = of({ object_uri: null, checksum: null });
    expect(without.has('aws')).toBe(false);
    expect(without.get('curl')).not.toContain('sha256sum');
  });

  it('cannot be made to run what a name says', () => {
    expect(shell("a'; rm -rf ~; '")).toBe("'a'\\''; rm -rf ~; '\\'''");
    expect(sql("x'); DROP TABLE t; --")).toBe("'x''); DROP TABLE t; --'");
    expect(python('a"\n__import__("os")')).toBe('"a\\"\\n__import__(\\"os\\")"');
    expect(fileNameOf('../../etc/passwd')).toBe('_.._etc_passwd');
    expect(fileNameOf('-rf $(whoami)')).toBe('rf _whoami_');
    expect(fileNameOf('///')).toBe('_');
    expect(fileNameOf('')).toBe('dataset');
    expect(of({ name: "$(id)'`x`" }).get('ctl')).toContain("-o '_id_x_'");
  });
});

describe('what is said of a dataset', () => {
  const said = saidOf(dataset);

  it('changes nothing where nothing is changed', () => {
    expect(patchOf(dataset, said)).toEqual({});
  });

  it('sends what differs, and null for what is taken away', () => {
    const patch = patchOf(dataset, {
      ...said,
      classification: 'internal',
      owner: ' Lab ',
      retention_days: '',
      schema_ref: 'https://s.example/1',
      others: [
        { name: 'hz', value: '51200' },
        { name: 'lot', value: '4471-a' },
      ],
    });
    expect(patch).toEqual({
      tags: { line: null, classification: 'internal', owner: 'Lab', hz: 51_200, lot: '4471-a' },
      retention_days: null,
      schema_ref: 'https://s.example/1',
    });
  });

  it('leaves unsaid a switch that was never on, and says no where it was', () => {
    expect(patchOf(dataset, { ...said, personal_data: false })).toEqual({ tags: { personal_data: false } });
    expect(patchOf(dataset, { ...said, legal_hold: true })).toEqual({ tags: { legal_hold: true } });
  });

  it('keeps a text that looks like a number a text', () => {
    const zeros = { ...dataset, tags: { lot: '007' } };
    expect(patchOf(zeros, saidOf(zeros))).toEqual({});
    expect([valueOf('007'), valueOf('7'), valueOf('-0.5'), valueOf('true'), valueOf('1e9')]).toEqual([
      '007',
      7,
      -0.5,
      true,
      '1e9',
    ]);
  });

  it('is told beside what somebody else said', () => {
    const theirs = { ...said, owner: 'Other', personal_data: false };
    expect(differences(theirs, said)).toEqual([
      { key: 'owner', theirs: 'Other', mine: 'none' },
      { key: 'personal_data', theirs: 'no', mine: 'yes' },
    ]);
  });

  it('expires as many days after it was available', () => {
    expect(expiry('2026-11-01T00:01:00Z', 30)?.toISOString()).toBe('2026-12-01T00:01:00.000Z');
    expect(expiry(null, 30)).toBeNull();
    expect(expiry('2026-11-01T00:01:00Z', '')).toBeNull();
  });
});

it('marks what a reader has to know first', () => {
  expect(marks(dataset)).toEqual([
    { text: 'restricted', grave: true },
    { text: 'personal data', grave: true },
  ]);
  expect(marks({ tags: { classification: 'public', personal_data: false } })).toEqual([
    { text: 'public', grave: false },
  ]);
});

it('counts the steps of the lineage in both directions, and ends where it goes in a circle', () => {
  const edge = (input: string, output: string) => ({ input, output });
  const found = relationTo('x', [
    edge('a', 'b'),
    edge('b', 'x'),
    edge('x', 'c'),
    edge('c', 'x'),
    edge('a', 'z'),
  ]);
  expect([...found.entries()].sort()).toEqual([
    ['a', -2],
    ['b', -1],
    ['c', -1],
    ['x', 0],
  ]);
});

it('says what a sweep would do now, and what it would only mark', () => {
  const finding = (
    kind: Sweep['findings'][number]['kind'],
    due_at: string | null,
    size_bytes: number | null,
  ) => ({
    kind,
    object_uri: 's3://x',
    dataset_id: null,
    size_bytes,
    first_seen_at: '2026-11-01T00:00:00Z',
    due_at,
    action: 'none' as const,
  });
  const now = Date.parse('2026-11-10T00:00:00Z');
  expect(
    sweepPlan(
      [
        finding('orphaned_object', '2026-11-09T00:00:00Z', 100),
        finding('orphaned_object', '2026-11-11T00:00:00Z', 50),
        finding('leftover_upload', '2026-11-09T00:00:00Z', null),
        finding('abandoned_upload', null, 7),
        finding('missing_object', null, 3),
      ],
      now,
    ),
  ).toEqual({ removed: 1, aborted: 1, bytes: 100, marked: 2, missing: 1 });
});

it('never says that all is used while something is free', () => {
  expect([percent(0, 10), percent(1, 1000), percent(999, 1000), percent(10, 10), percent(5, 0)]).toEqual([
    '0 %',
    '< 1 %',
    '99 %',
    '100 %',
    '100 %',
  ]);
});

it('writes a type as short as it stays clear', () => {
  expect(
    [
      'application/vnd.apache.parquet',
      'text/csv; charset=utf-8',
      'application/x-hdf5',
      'application/octet-stream',
    ].map(shortType),
  ).toEqual(['parquet', 'csv', 'hdf5', 'bytes']);
});
