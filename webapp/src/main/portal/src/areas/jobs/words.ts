import type { Job, JobAttempt, JobLogLine, JobState } from '../../api/client';
import { actorText, bytes, count, duration } from '../../parts/format';
import type { StateKind } from '../../parts/State';

export const JOB_WORDS: Record<JobState, { name: string; means: string; kind: StateKind }> = {
  running: { name: 'running', kind: 'idle', means: 'A worker is at it now.' },
  queued: { name: 'queued', kind: 'idle', means: 'It waits for a worker, or for its next attempt.' },
  succeeded: { name: 'succeeded', kind: 'up', means: 'It is done; its result is there.' },
  failed: {
    name: 'failed',
    kind: 'away',
    means: 'It cannot be done as it was asked for: another attempt would end the same way.',
  },
  dead: { name: 'dead', kind: 'away', means: 'All its attempts have failed. It waits for a person.' },
  cancelled: { name: 'cancelled', kind: 'slow', means: 'Somebody has cancelled it, or dropped it.' },
};

const TYPES: Record<string, string> = {
  export: 'Export',
  verify: 'Verification',
  simulation: 'Simulation',
};

/** The type as people call it. */
export const typeName = (type: string) => TYPES[type] ?? type;

export const plural = (howMany: number, one: string, many = `${one}s`) =>
  `${count(howMany)} ${howMany === 1 ? one : many}`;

export const isEnded = ({ state }: Pick<Job, 'state'>) => state !== 'queued' && state !== 'running';

export const shareOf = ({ progress }: Pick<Job, 'progress'>): number | null =>
  progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;

/** Where the whole is a hundred it is a share, and no number of anything. */
const isShare = (total: number) => total === 100;

/** `1,204 of 9,800 · 410 /s · 21 s left`, without what is not known. */
export function progressText(
  { progress: { done, total } }: Pick<Job, 'progress'>,
  perSecond: number | null,
  millisLeft: number | null,
): string {
  return [
    isShare(total)
      ? `${count(done)} %`
      : total > 0
        ? `${count(done)} of ${count(total)}`
        : done > 0
          ? count(done)
          : null,
    perSecond === null || perSecond <= 0 || isShare(total)
      ? null
      : `${count(Math.max(1, Math.round(perSecond)))} /s`,
    millisLeft === null || total === 0 ? null : `${duration(millisLeft)} left`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** `12 % · 410 /s · 21 s left` */
export function shortProgressText(
  job: Pick<Job, 'progress'>,
  perSecond: number | null,
  millisLeft: number | null,
): string {
  const share = shareOf(job);
  const whole = progressText(job, perSecond, millisLeft);
  return share === null ? whole : whole.replace(/^[^·]*(?= ·|$)/, `${Math.floor(share * 100)} %`);
}

/** What the state is in its details: that it is asked to stop, or waits for another attempt. */
export function stateText(job: Pick<Job, 'state' | 'cancel_requested' | 'attempts'>): string {
  if (job.state === 'running' && job.cancel_requested) return 'stopping';
  if (job.state === 'queued' && job.attempts > 0) return 'to be tried again';
  return JOB_WORDS[job.state].name;
}

/** From the first attempt to the end, or to now; null where nobody has begun. */
export function tookMs(
  { started_at, finished_at }: Pick<Job, 'started_at' | 'finished_at'>,
  now: number,
): number | null {
  if (!started_at) return null;
  return Math.max(0, (finished_at ? Date.parse(finished_at) : now) - Date.parse(started_at));
}

export const requestedBy = ({ requested_by, schedule_id }: Pick<Job, 'requested_by' | 'schedule_id'>) =>
  schedule_id ? `${actorText(requested_by)}, by a schedule` : actorText(requested_by);

type Outcome = NonNullable<JobAttempt['outcome']>;

export const OUTCOME_WORDS: Record<Outcome, { name: string; means: string; kind: StateKind }> = {
  succeeded: { name: 'succeeded', kind: 'up', means: 'Its result became the job’s.' },
  failed: { name: 'failed', kind: 'away', means: 'It ended with an error.' },
  cancelled: { name: 'cancelled', kind: 'slow', means: 'It was stopped because the job was cancelled.' },
  lost: {
    name: 'lost',
    kind: 'slow',
    means: 'Its node was not heard of for longer than its lease: the job was given to another.',
  },
  fenced: {
    name: 'fenced off',
    kind: 'slow',
    means: 'It came back after the job had gone to another attempt. Nothing of it counts.',
  },
  released: {
    name: 'given back',
    kind: 'idle',
    means: 'Its node was shut down. That is no failure, and another attempt goes on.',
  },
};

export const LOG_KINDS: Record<JobLogLine['level'], StateKind> = {
  info: 'idle',
  warn: 'slow',
};

/** A value of a result's summary by the name of its field: units are in the names. */
export function summaryText(field: string, value: unknown): string {
  if (typeof value === 'number') {
    if (/bytes$/.test(field)) return bytes(value);
    if (/(^|_)(ms|millis)$/.test(field)) return duration(value);
    if (/(^|_)seconds$/.test(field)) return duration(value * 1000);
    return Number.isInteger(value) ? count(value) : String(value);
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : plural(value.length, 'entry', 'entries');
  return JSON.stringify(value);
}

/** `rejected_rows` as people read it: `Rejected rows`. */
export function fieldName(field: string): string {
  const words = field.replace(/_(bytes|ms|millis|seconds)$/, '').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
