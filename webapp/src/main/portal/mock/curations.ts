/*
 * Copies to the centre of the stand-in. They go on by the clock: 8 MB a second, one dataset after the other, a second of
 * verification each. A source whose name has `away` in it fails after its turn, one with `changed` ends in quarantine.
 */
import { randomUUID } from 'node:crypto';

export interface Source {
  dataset_id: string;
  name: string;
  size_bytes: number;
  replayability: { state: string; detail: string | null; probed_at: string | null };
}

interface Copy {
  source: Source;
  target: string;
  /** In milliseconds after the beginning. */
  from: number;
  whole: number;
  ends: number;
}

interface Curation {
  id: string;
  pilot: string;
  begun: number;
  by: string;
  copies: Copy[];
  cancelled: number | null;
  cancelledBy: string | null;
}

const SPEED = Number(process.env.PORTAL_MOCK_COPY_SPEED ?? 8_000_000) / 1000;
const VERIFYING = 1_000;
const curations: Curation[] = [];

export function begin(pilot: string, by: string, sources: readonly Source[], at = Date.now()): Curation {
  let clock = 0;
  const copies = sources.map((source) => {
    const from = clock;
    clock += Math.max(200, source.size_bytes / SPEED);
    return { source, target: randomUUID(), from, whole: clock, ends: clock + VERIFYING };
  });
  const curation = { id: randomUUID(), pilot, begun: at, by, copies, cancelled: null, cancelledBy: null };
  curations.unshift(curation);
  return curation;
}

export function cancel(curation: Curation, by: string, at = Date.now()): void {
  const last = Math.max(...curation.copies.map(({ ends }) => ends));
  if (curation.cancelled !== null || at > curation.begun + last) return;
  curation.cancelled = at;
  curation.cancelledBy = by;
}

export const find = (pilot: string, id: string) =>
  curations.find((each) => each.pilot === pilot && each.id === id);

export const list = (pilot: string) => curations.filter((each) => each.pilot === pilot).map(summary);

function stateOf(curation: Curation, copy: Copy, now: number) {
  const { source, from, whole, ends } = copy;
  const size = source.size_bytes;
  const age = now - curation.begun;
  const gone = { copied_bytes: 0, dataset_id: null, failure: null };
  if (curation.cancelled !== null && curation.cancelled - curation.begun < whole) {
    return { ...gone, state: 'cancelled' };
  }
  if (age < from) return { ...gone, state: 'waiting' };
  if (source.name.includes('away')) {
    return age < whole
      ? { ...gone, state: 'waiting' }
      : {
          ...gone,
          state: 'failed',
          failure: {
            code: 'endpoint_unreachable',
            detail: 'The pilot’s endpoint does not answer, or not in time.',
          },
        };
  }
  if (age < whole) {
    const share = (age - from) / (whole - from);
    return {
      state: 'copying',
      copied_bytes: Math.floor(size * share),
      dataset_id: copy.target,
      failure: null,
    };
  }
  if (age < ends) return { state: 'verifying', copied_bytes: size, dataset_id: copy.target, failure: null };
  return source.name.includes('changed')
    ? {
        state: 'quarantined',
        copied_bytes: size,
        dataset_id: copy.target,
        failure: {
          code: 'checksum_mismatch',
          detail: 'The bytes have the SHA-256 9f2c…e1, declared was 04ab…77.',
        },
      }
    : { state: 'available', copied_bytes: size, dataset_id: copy.target, failure: null };
}

export function full(curation: Curation) {
  const now = Date.now();
  const copies = curation.copies.map((copy) => ({
    source_id: copy.source.dataset_id,
    name: copy.source.name,
    size_bytes: copy.source.size_bytes,
    ...stateOf(curation, copy, now),
  }));
  const states: Record<string, number> = {};
  for (const { state } of copies) states[state] = (states[state] ?? 0) + 1;
  const done = !['waiting', 'copying', 'verifying'].some((state) => states[state]);
  const last = Math.max(...curation.copies.map(({ ends }) => ends));
  return {
    curation_id: curation.id,
    done,
    datasets: copies.length,
    states,
    bytes: copies.reduce((sum, each) => sum + each.size_bytes, 0),
    copied_bytes: copies.reduce((sum, each) => sum + each.copied_bytes, 0),
    created_at: new Date(curation.begun).toISOString(),
    created_by: curation.by,
    cancelled_at: curation.cancelled === null ? null : new Date(curation.cancelled).toISOString(),
    cancelled_by: curation.cancelledBy,
    ended_at: done ? new Date(curation.cancelled ?? curation.begun + last).toISOString() : null,
    copies,
  };
}

export function summary(curation: Curation) {
  const { copies: _, ...rest } = full(curation);
  return rest;
}
