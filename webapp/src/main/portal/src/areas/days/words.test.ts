import { describe, expect, it } from 'vitest';
import type { Backfill, Dump, DumpPartition } from '../../api/client';
import {
  backfillText,
  cellText,
  correctionsOf,
  daysDone,
  foundNothing,
  isClosed,
  lookOf,
  oddLength,
  partitionShare,
  partitionStanding,
  policyText,
  progressText,
  rangePlan,
} from './words';

function dump(more: Partial<Dump> = {}): Dump {
  return {
    date: '2026-11-28',
    revision: 1,
    kind: 'day',
    state: 'complete',
    interval: { start: '2026-11-27T23:00:00Z', end: '2026-11-28T23:00:00Z' },
    time_zone: 'Europe/Rome',
    close_reason: 'watermarks',
    requested_by: 'platform',
    frozen_at: null,
    amends: null,
    redrive_rejects: false,
    events: 0,
    rows: 0,
    late: 0,
    rejected: 0,
    repeats: 0,
    redriven: 0,
    parts: 1,
    dataset_id: 'd-1',
    late_waiting: 0,
    rejects_waiting: 0,
    missed: false,
    attempts: 1,
    step: null,
    progress: null,
    cancellable: false,
    failure: null,
    created_at: null,
    finished_at: null,
    day_rows: 0,
    day_incomplete: false,
    ...more,
  };
}

const correction = (revision: number, more: Partial<Dump> = {}) =>
  dump({
    revision,
    kind: 'correction',
    amends: { revision: revision - 1, dataset_id: `d-${revision - 1}` },
    ...more,
  });

describe('how a day looks', () => {
  it('follows from its state, and from what nobody did', () => {
    expect(lookOf(dump())).toBe('complete');
    expect(lookOf(dump({ state: 'open', revision: 0 }))).toBe('open');
    expect(lookOf(dump({ state: 'open', revision: 0, missed: true }))).toBe('missed');
    expect(lookOf(dump({ state: 'incomplete' }))).toBe('incomplete');
    expect(lookOf(correction(3))).toBe('corrected');
    expect(lookOf(correction(3, { day_incomplete: true }))).toBe('incomplete');
    expect(lookOf(correction(3, { state: 'running' }))).toBe('running');
  });

  it('counts the corrections that are done', () => {
    expect(correctionsOf(dump())).toBe(0);
    expect(correctionsOf(correction(3))).toBe(2);
    expect(correctionsOf(correction(3, { state: 'failed' }))).toBe(1);
    expect(correctionsOf(dump({ state: 'open', revision: 0 }))).toBe(0);
  });

  it('does not take a correction that found nothing for one', () => {
    const nothing = correction(2, { dataset_id: null });
    expect(foundNothing(nothing)).toBe(true);
    expect(lookOf(nothing)).toBe('complete');
    const later = correction(4, { dataset_id: null, amends: { revision: 2, dataset_id: 'd-2' } });
    expect(correctionsOf(later)).toBe(1);
  });

  it('is said in words', () => {
    expect(cellText(dump({ day_rows: 1, late_waiting: 1_204 }))).toBe(
      '28 November 2026, complete, 1 row, 1,204 late waiting',
    );
    expect(cellText(correction(3, { day_rows: 20 }))).toBe(
      '28 November 2026, complete with 2 corrections, 20 rows',
    );
    expect(
      cellText(
        correction(2, {
          state: 'running',
          progress: { records_done: 1, records_total: 8, records_per_s: null, seconds_left: null },
        }),
      ),
    ).toBe('28 November 2026, running, 12 %, correction 1');
  });

  it('is closed as long as some revision can be read', () => {
    expect(isClosed(dump({ state: 'failed' }))).toBe(false);
    expect(isClosed(correction(2, { state: 'failed' }))).toBe(true);
    expect(isClosed(dump({ state: 'incomplete' }))).toBe(true);
  });
});

describe('the length of a day', () => {
  it('is told of only where clocks change', () => {
    expect(oddLength(dump().interval)).toBeNull();
    expect(oddLength({ start: '2026-03-28T23:00:00Z', end: '2026-03-29T22:00:00Z' })).toEqual({
      hours: '23 h',
      why: 'the clock was put forward',
    });
    expect(oddLength({ start: '2026-10-24T22:00:00Z', end: '2026-10-25T23:00:00Z' })?.hours).toBe('25 h');
    expect(oddLength({ start: '2026-10-03T14:30:00Z', end: '2026-10-04T14:00:00Z' })?.hours).toBe('23.5 h');
  });
});

describe('progress', () => {
  it('leaves out what is not known', () => {
    const progress = { records_done: 1_204, records_total: 9_800, records_per_s: 410.4, seconds_left: 21 };
    expect(progressText({ progress })).toBe('1,204 of 9,800 records · 410 /s · 21 s left');
    expect(progressText({ progress: { ...progress, records_per_s: null, seconds_left: null } })).toBe(
      '1,204 of 9,800 records',
    );
    expect(progressText({ progress: null })).toBe('');
  });
});

describe('a partition', () => {
  const partition = (more: Partial<DumpPartition>): DumpPartition => ({
    partition: 0,
    state: 'waiting',
    from_offset: 100,
    to_offset: 300,
    read_to: 100,
    watermark: null,
    records: 0,
    events: 0,
    rows: 0,
    late: 0,
    rejected: 0,
    repeats: 0,
    redriven: 0,
    missing: [],
    failure: null,
    started_at: null,
    finished_at: null,
    records_per_s: null,
    ...more,
  });

  it('is as far as it has read', () => {
    expect(partitionShare(partition({ read_to: 150 }))).toBe(0.25);
    expect(partitionShare(partition({ to_offset: 100 }))).toBe(1);
    expect(partitionShare(partition({ state: 'done', read_to: 0 }))).toBe(1);
  });

  it('is read, waits or has failed', () => {
    const begun = partition({ started_at: '2026-11-29T00:20:00Z' });
    expect(partitionStanding(begun, true)).toBe('reading');
    expect(partitionStanding(partition({}), true)).toBe('waiting');
    expect(partitionStanding({ ...begun, failure: 'no room' }, false)).toBe('failed');
    expect(partitionStanding({ ...begun, failure: 'no room' }, true)).toBe('waiting');
    expect(partitionStanding({ ...begun, state: 'done' }, true)).toBe('done');
  });
});

describe('closing a range', () => {
  const today = '2026-11-29';
  const known = new Map<string, Dump>([
    ['2026-11-24', dump({ state: 'failed' })],
    ['2026-11-25', dump()],
    ['2026-11-26', dump({ state: 'open', revision: 0 })],
    ['2026-11-27', dump({ state: 'running' })],
    ['2026-11-28', correction(2, { state: 'failed' })],
  ]);

  it('says how many days are closed by it, and which are not', () => {
    expect(rangePlan('2026-11-23', '2026-11-28', today, known)).toEqual({
      days: 6,
      toClose: 3,
      closed: 2,
      failed: 1,
      running: 1,
      unknown: 1,
      fault: null,
    });
  });

  it('refuses what cannot be done', () => {
    expect(rangePlan('2026-11-28', '2026-11-27', today, known).fault).toMatch(/after the last/);
    expect(rangePlan('2026-11-28', today, today, known).fault).toMatch(/before today/);
    expect(rangePlan('2025-01-01', '2026-11-28', today, known).fault).toMatch(/At most 400/);
    expect(rangePlan('2026-11-25', '2026-11-25', today, known).fault).toMatch(/no day/);
  });

  it('is summed up while it goes on', () => {
    const days = { total: 9, complete: 3, incomplete: 1, failed: 1, running: 1, waiting: 2, skipped: 1 };
    const backfill = { days } as Pick<Backfill, 'days'>;
    expect(backfillText(backfill)).toBe('4 done, 1 of them incomplete, 1 failed, 3 left, 1 closed before');
    expect(daysDone(backfill)).toBe(6);
  });
});

describe('the policy', () => {
  it('is said in words', () => {
    expect(policyText({ corrections: 'nightly', threshold: null })).toBe('every night');
    expect(policyText({ corrections: 'threshold', threshold: 1_000 })).toBe('at 1,000 late events');
  });
});
