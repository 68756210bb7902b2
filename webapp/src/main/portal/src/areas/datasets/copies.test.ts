import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../api/client';
import { choiceFrom, choiceOf, leftOver, lineOf, outcome, shareOf, standing } from './copies';

const dataset = (dataset_id: string, more: Partial<Dataset> = {}) =>
  ({
    dataset_id,
    state: 'available',
    replayability: { state: 'reachable', detail: null, probed_at: null },
    ...more,
  }) as Dataset;
const summary = { done: false, states: {}, cancelled_at: null, bytes: 100, copied_bytes: 40 };

describe('a copy to the centre', () => {
  it('tells the worst first and one word once', () => {
    expect(outcome({ available: 1200, failed: 1, copying: 1, uploading: 2 })).toBe(
      '1 failed, 3 copying, 1,200 available',
    );
    expect(outcome({})).toBe('');
  });

  it('stands as its copies do', () => {
    expect(standing(summary).name).toBe('copying');
    expect(standing({ ...summary, cancelled_at: '2026-01-01T00:00:00Z' }).name).toBe('ending');
    expect(standing({ ...summary, done: true }).name).toBe('done');
    expect(standing({ ...summary, done: true, states: { quarantined: 1 } }).name).toBe('with failures');
    expect(standing({ ...summary, done: true, cancelled_at: '2026-01-01T00:00:00Z' }).name).toBe('cancelled');
  });

  it('is never more than whole', () => {
    expect(shareOf(summary)).toBe(0.4);
    expect(shareOf({ bytes: 0, copied_bytes: 0 })).toBe(0);
    expect(shareOf({ bytes: 1, copied_bytes: 2 })).toBe(1);
  });

  it('tells rate and time left where they are known', () => {
    const moving = { ...summary, states: { copying: 1 }, bytes: 4_000_000, copied_bytes: 1_000_000 };
    expect(lineOf(moving, null, null)).toBe('1.00 MB of 4.00 MB');
    expect(lineOf(moving, 500_000, 6_000)).toBe('1.00 MB of 4.00 MB · 500 kB/s · 6.0 s left');
    expect(lineOf({ ...moving, states: { verifying: 2 } }, 1, 1)).toBe(
      '1.00 MB at the centre · their verification goes on',
    );
  });

  it('counts what a cancellation keeps, gives up and never begins', () => {
    expect(
      leftOver([
        { state: 'available', copied_bytes: 9 },
        { state: 'verifying', copied_bytes: 9 },
        { state: 'copying', copied_bytes: 5 },
        { state: 'waiting', copied_bytes: 3 },
        { state: 'waiting', copied_bytes: 0 },
        { state: 'failed', copied_bytes: 1 },
      ]),
    ).toEqual({ kept: 2, givenUp: 2, bytes: 8, neverBegun: 1 });
  });
});

describe('a choice', () => {
  it('is none before anything is said', () => {
    expect(choiceOf({ q: 'press' })).toBeNull();
    expect(choiceOf({ tag: 'owner:x' })).toEqual({ tag: 'owner:x', name: undefined });
    expect(choiceOf({ dataset: ['a'], tag: 'owner' })).toEqual({ datasets: ['a'] });
  });

  it('is the filter of the catalogue where the platform takes it', () => {
    expect(choiceFrom({ tag: ['owner:x'], from: '2026-01-01T00:00:00Z' }, [])).toEqual({
      tag: 'owner:x',
      from: '2026-01-01T00:00:00Z',
    });
  });

  it('is what is listed where it does not, and only what rests at the pilot', () => {
    const listed = [dataset('a'), dataset('b', { replayability: null }), dataset('c', { state: 'expired' })];
    expect(choiceFrom({ q: 'press' }, listed)).toEqual({ dataset: ['a'], q: 'press' });
    expect(choiceFrom({ tag: ['a', 'b'] }, listed)).toEqual({ dataset: ['a'], q: undefined });
    expect(choiceFrom({ q: 'press' }, [])).toEqual({ q: 'press' });
  });
});
