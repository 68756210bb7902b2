import { describe, expect, it } from 'vitest';
import { ProblemError } from '../api/problem';
import { isMediaType, mediaTypeOf } from './media-types';
import { StorageRefused } from './retry';
import type { Phase, UploadView } from './upload';
import { barOf, headline, lineOf, problemOf } from './wording';

const view = (phase: Phase, more: Partial<UploadView> = {}): UploadView => ({
  key: 'k',
  pilot: 'aurora',
  name: 'a.csv',
  file_name: 'a.csv',
  size: 4_000_000_000,
  last_modified: 1,
  dataset_id: 'd',
  phase,
  sent: 1_000_000_000,
  hashed: 2_000_000_000,
  verified: 3_000_000_000,
  bytesPerSecond: 84_000_000,
  millisLeft: 35_700,
  problem: null,
  version: 1,
  ...more,
});

describe('a row of the tray', () => {
  it('says how much, how fast and how long', () => {
    expect(lineOf(view('sending'))).toBe('1.00 GB of 4.00 GB · 84.0 MB/s · 36 s left');
    expect(lineOf(view('sending', { bytesPerSecond: null, millisLeft: null }))).toBe('1.00 GB of 4.00 GB');
    expect(lineOf(view('available', { version: 3 }))).toBe('4.00 GB · available, version 3');
  });

  it('fills its bar with what is being done', () => {
    expect(barOf(view('sending'))).toBe(0.25);
    expect(barOf(view('hashing'))).toBe(0.5);
    expect(barOf(view('verifying'))).toBe(0.75);
    expect(barOf(view('available'))).toBeNull();
    expect(barOf(view('hashing', { size: 0 }))).toBe(1);
  });

  it('says what went wrong, with the code', () => {
    const refused = new ProblemError({
      status: 409,
      code: 'quota_exceeded',
      title: 'Full',
      detail: 'No room.',
    });
    expect(problemOf(view('failed', { problem: refused }))).toMatchObject({ code: 'quota_exceeded' });
    expect(problemOf(view('failed', { problem: new StorageRefused(0, '') }))?.code).toBe(
      'storage_unreachable',
    );
    expect(problemOf(view('failed', { problem: new StorageRefused(400, 'X: y') }))).toEqual({
      text: 'Object storage refused a part: X: y',
      code: 'storage_400',
    });
    expect(problemOf(view('quarantined', { problem: { code: 'size_mismatch' } }))?.code).toBe(
      'size_mismatch',
    );
    expect(problemOf(view('sending'))).toBeNull();
  });
});

it('puts above the tray what needs somebody', () => {
  const of = (...phases: Phase[]) => headline(phases.map((phase) => ({ phase })));
  expect(of('available', 'failed', 'sending', 'waiting')).toBe('1 failed, 2 uploading');
  expect(of('interrupted', 'paused')).toBe('1 interrupted, 1 paused');
  expect(of('available')).toBe('1 upload finished');
  expect(of('available', 'available')).toBe('2 uploads finished');
});

it('tells the type by the name of the file, whatever the machine believes', () => {
  expect(mediaTypeOf({ name: 'a.PARQUET', type: '' })).toBe('application/vnd.apache.parquet');
  expect(mediaTypeOf({ name: 'a.csv', type: 'application/vnd.ms-excel' })).toBe('text/csv');
  expect(mediaTypeOf({ name: 'a.xyz', type: 'chemical/x-xyz' })).toBe('chemical/x-xyz');
  expect(mediaTypeOf({ name: 'README', type: '' })).toBe('application/octet-stream');
  expect(isMediaType('text/csv; charset=utf-8')).toBe(true);
  expect(isMediaType('csv')).toBe(false);
});
