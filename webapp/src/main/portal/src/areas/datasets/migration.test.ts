import { describe, expect, it } from 'vitest';
import type { Migration } from '../../api/client';
import { isUnderWay, pace, sampleOf, withSample, type Sample } from './migration';

const migration = (copied: number, verified: number, seen = '2026-11-29T10:00:00Z'): Migration => ({
  migration_id: 'm-1',
  target: 'federated',
  state: 'copying',
  created_at: seen,
  created_by: 'person:ada',
  switched_at: null,
  ended_at: null,
  seen_at: seen,
  progress: {
    datasets: 2,
    bytes: 1_000,
    copied_datasets: 0,
    copied_bytes: copied,
    verified_bytes: verified,
    switched_datasets: 0,
    failed_datasets: 0,
    cleared_datasets: 0,
    uploads_under_way: 0,
  },
  current: [],
  troubles: [],
});

describe('the pace of a migration', () => {
  it('counts each byte when it is copied and when it is read back', () => {
    const samples = [sampleOf(migration(0, 0)), sampleOf(migration(300, 100, '2026-11-29T10:00:02Z'))];
    expect(pace(samples, migration(300, 100))).toEqual({ bytesPerSecond: 100, millisLeft: 8_000 });
  });

  it('is not known from one look, and not where nothing moves', () => {
    expect(pace([], migration(0, 0))).toBeNull();
    expect(pace([sampleOf(migration(0, 0))], migration(0, 0))).toBeNull();
    const still: Sample[] = [
      { at: 0, done: 5 },
      { at: 9_000, done: 5 },
    ];
    expect(pace(still, migration(5, 0))).toBeNull();
  });

  it('forgets what is older than half a minute', () => {
    const samples = [0, 10_000, 20_000, 45_000].reduce<readonly Sample[]>(
      (before, at) => withSample(before, { at, done: at }),
      [],
    );
    expect(samples.map(({ at }) => at)).toEqual([20_000, 45_000]);
  });

  it('begins anew where a copy was given up, and takes no look twice', () => {
    const one: readonly Sample[] = [{ at: 1_000, done: 500 }];
    expect(withSample(one, { at: 2_000, done: 400 })).toEqual([{ at: 2_000, done: 400 }]);
    expect(withSample(one, { at: 1_000, done: 500 })).toBe(one);
  });
});

describe('a migration', () => {
  it('is under way until it only removes old bytes', () => {
    const of = (state: Migration['state']) => isUnderWay({ ...migration(0, 0), state });
    expect((['copying', 'paused', 'cancelling', 'switching'] as const).every(of)).toBe(true);
    expect((['removing', 'done', 'cancelled'] as const).some(of)).toBe(false);
  });
});
