import type { Backfill, Dump, DumpLogLine, DumpPartition, DumpPolicy } from '../../api/client';
import { count, duration } from '../../parts/format';
import type { StateKind } from '../../parts/State';
import { addDays, dateName } from './calendar';

/** How a day looks in the calendar, by what matters first to whoever glances at it. */
export const LOOKS = ['running', 'failed', 'missed', 'incomplete', 'corrected', 'complete', 'open'] as const;
export type Look = (typeof LOOKS)[number];

export const LOOK_WORDS: Record<Look, { name: string; means: string; kind: StateKind }> = {
  running: { name: 'running', kind: 'idle', means: 'Its records are being written now.' },
  failed: {
    name: 'failed',
    kind: 'away',
    means: 'Its newest run ended without a result. What was written stays for the restart.',
  },
  missed: {
    name: 'missed',
    kind: 'slow',
    means: 'It is over, its deadline has passed, and nobody has closed it.',
  },
  incomplete: {
    name: 'incomplete',
    kind: 'slow',
    means: 'It is closed, and says exactly which offsets the backbone no longer had.',
  },
  corrected: {
    name: 'complete, corrected',
    kind: 'up',
    means: 'All of it is there; what came late is in numbered corrections.',
  },
  complete: { name: 'complete', kind: 'up', means: 'All of it is there.' },
  open: { name: 'open', kind: 'idle', means: 'It is not closed yet.' },
};

type Standing = Pick<
  Dump,
  'state' | 'missed' | 'revision' | 'kind' | 'amends' | 'dataset_id' | 'day_incomplete'
>;

/** A day of which something is missing stays so, however complete its corrections are. */
export function lookOf(dump: Standing): Look {
  const { state, missed, day_incomplete } = dump;
  switch (state) {
    case 'open':
      return missed ? 'missed' : 'open';
    case 'complete':
      return day_incomplete ? 'incomplete' : correctionsOf(dump) > 0 ? 'corrected' : 'complete';
    case 'running':
    case 'failed':
    case 'incomplete':
      return state;
  }
}

/** Whether it looked for something to correct and found nothing. */
export const foundNothing = ({ kind, state, dataset_id }: Pick<Dump, 'kind' | 'state' | 'dataset_id'>) =>
  kind === 'correction' && state === 'complete' && dataset_id === null;

/** How many corrections there are up to it; one that found nothing is none. */
export function correctionsOf(dump: Standing): number {
  const last =
    dump.state === 'running' || dump.state === 'failed' || foundNothing(dump)
      ? (dump.amends?.revision ?? dump.revision - 1)
      : dump.revision;
  return Math.max(0, last - 1);
}

/** Whether some revision of it can be read. */
export function isClosed({ state, revision }: Pick<Dump, 'state' | 'revision'>): boolean {
  return state === 'complete' || state === 'incomplete' || revision > 1;
}

export const shareOf = ({ progress }: Pick<Dump, 'progress'>): number =>
  progress && progress.records_total > 0 ? progress.records_done / progress.records_total : 0;

export const plural = (howMany: number, one: string, many = `${one}s`) =>
  `${count(howMany)} ${howMany === 1 ? one : many}`;

/** The whole of a cell of the calendar in words, for who does not see it. */
export function cellText(dump: Dump): string {
  const look = lookOf(dump);
  const corrections = correctionsOf(dump);
  return [
    dateName(dump.date),
    look === 'corrected' ? `complete with ${plural(corrections, 'correction')}` : LOOK_WORDS[look].name,
    look === 'running' && `${Math.floor(shareOf(dump) * 100)} %`,
    (look === 'running' || look === 'failed') &&
      dump.kind === 'correction' &&
      `correction ${count(dump.revision - 1)}`,
    dump.day_rows > 0 && plural(dump.day_rows, 'row'),
    dump.late_waiting > 0 && `${count(dump.late_waiting)} late waiting`,
  ]
    .filter(Boolean)
    .join(', ');
}

const CLOSE_REASONS: Record<string, string> = {
  watermarks: 'every partition had told of times after its end',
  idle_partitions: 'every partition was past its end or silent',
  deadline: 'its deadline had come',
  requested: 'somebody asked for it',
  late_events: 'late events were waiting',
};

export const closeReason = (reason: string) => CLOSE_REASONS[reason] ?? reason;

const STEPS: Record<string, string> = {
  plan: 'Freezing which offsets are read',
  write: 'Reading, sorting and writing',
  verify: 'Counting again what was written',
  publish: 'Reading the files back, then the manifest and the pointer',
};

export const stepText = (step: string | null) =>
  step === null ? 'Waiting for a node' : (STEPS[step] ?? step);

/** `1 204 of 9 800 records · 410 /s · 21 s left`, without what is not known. */
export function progressText({ progress }: Pick<Dump, 'progress'>): string {
  if (!progress) return '';
  return [
    `${count(progress.records_done)} of ${plural(progress.records_total, 'record')}`,
    progress.records_per_s === null ? null : `${count(Math.round(progress.records_per_s))} /s`,
    progress.seconds_left === null ? null : `${duration(progress.seconds_left * 1000)} left`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** How long a day lasts where the clock does not go its usual way; null where it does. */
export function oddLength({ start, end }: Dump['interval']): { hours: string; why: string } | null {
  const hours = (Date.parse(end) - Date.parse(start)) / 3_600_000;
  if (hours === 24) return null;
  return {
    hours: `${Number.isInteger(hours) ? hours : hours.toFixed(1)} h`,
    why: hours < 24 ? 'the clock was put forward' : 'the clock was put back',
  };
}

export type PartitionStanding = 'done' | 'reading' | 'failed' | 'waiting';

export function partitionStanding(
  { state, failure, started_at }: Pick<DumpPartition, 'state' | 'failure' | 'started_at'>,
  running: boolean,
): PartitionStanding {
  if (state === 'done') return 'done';
  if (running) return started_at === null || failure !== null ? 'waiting' : 'reading';
  return failure === null ? 'waiting' : 'failed';
}

export const PARTITION_KINDS: Record<PartitionStanding, StateKind> = {
  done: 'up',
  reading: 'idle',
  failed: 'away',
  waiting: 'idle',
};

export const partitionShare = ({
  from_offset,
  to_offset,
  read_to,
  state,
}: Pick<DumpPartition, 'from_offset' | 'to_offset' | 'read_to' | 'state'>): number =>
  state === 'done' || to_offset <= from_offset
    ? 1
    : Math.max(0, read_to - from_offset) / (to_offset - from_offset);

export const missingOf = ({ missing }: Pick<DumpPartition, 'missing'>): number =>
  missing.reduce((sum, { from_offset, to_offset }) => sum + to_offset - from_offset, 0);

export const REASON_WORDS: Record<string, string> = {
  wrong_type: 'a value that its column cannot hold',
  malformed_json: 'no JSON',
  missing_field: 'a field is missing',
  invalid_time: 'a time that is none',
  invalid_id: 'an id that is none',
};

export const POLICIES: readonly { value: DumpPolicy['corrections']; label: string; means: string }[] = [
  {
    value: 'hourly',
    label: 'Every hour',
    means: 'A day that something late has come for gets a correction soon, and at most one an hour.',
  },
  {
    value: 'nightly',
    label: 'Every night',
    means:
      'When the next day has begun by the pilot’s clock, all that has come late for a day becomes one correction of it.',
  },
  {
    value: 'threshold',
    label: 'When enough has come',
    means: 'A day gets a correction as soon as so many late events wait for it.',
  },
  {
    value: 'manual',
    label: 'Only by hand',
    means: 'Late events are counted, and wait until somebody makes a correction.',
  },
];

export function policyText({
  corrections,
  threshold,
}: Pick<DumpPolicy, 'corrections' | 'threshold'>): string {
  switch (corrections) {
    case 'hourly':
      return 'every hour';
    case 'nightly':
      return 'every night';
    case 'threshold':
      return `at ${plural(threshold ?? 0, 'late event')}`;
    case 'manual':
      return 'by hand';
  }
}

export const LOG_KINDS: Record<DumpLogLine['level'], StateKind> = {
  info: 'idle',
  warn: 'slow',
  error: 'away',
};

export const BACKFILL_WORDS: Record<Backfill['state'], { name: string; kind: StateKind }> = {
  running: { name: 'running', kind: 'idle' },
  complete: { name: 'done', kind: 'up' },
  failed: { name: 'with failures', kind: 'away' },
  cancelled: { name: 'cancelled', kind: 'slow' },
};

/** Days of a range that came to an end, well or not. */
export const daysDone = ({ days }: Pick<Backfill, 'days'>): number =>
  days.complete + days.incomplete + days.failed + days.skipped;

/** `12 done, 1 failed, 3 left, 2 closed before` */
export function backfillText({ days }: Pick<Backfill, 'days'>): string {
  const left = days.waiting + days.running;
  return [
    `${count(days.complete + days.incomplete)} done`,
    days.incomplete > 0 && `${count(days.incomplete)} of them incomplete`,
    `${count(days.failed)} failed`,
    `${count(left)} left`,
    days.skipped > 0 && `${count(days.skipped)} closed before`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** What closing a range would do, by what the days are now. */
export interface RangePlan {
  days: number;
  /** Days that are over and not closed. */
  toClose: number;
  /** Days that are closed, and are left as they are. */
  closed: number;
  /** Of those to close, days whose run has failed and goes on. */
  failed: number;
  /** Days whose run goes on already. */
  running: number;
  /** Of those to close, days of the time before the pilot was there. */
  unknown: number;
  /** Why it cannot be done; null where it can. */
  fault: string | null;
}

export const MOST_DAYS = 400;

export function rangePlan(
  from: string,
  to: string,
  today: string,
  known: ReadonlyMap<string, Pick<Dump, 'state' | 'revision'>>,
): RangePlan {
  const plan: RangePlan = { days: 0, toClose: 0, closed: 0, failed: 0, running: 0, unknown: 0, fault: null };
  if (from > to) return { ...plan, fault: 'The first day lies after the last.' };
  if (to >= today)
    return { ...plan, fault: 'A day can be closed when it is over: the last day has to lie before today.' };
  if (addDays(from, MOST_DAYS) <= to) return { ...plan, fault: `At most ${MOST_DAYS} days at once.` };
  for (let date = from; date <= to; date = addDays(date, 1)) {
    plan.days += 1;
    const dump = known.get(date);
    if (dump?.state === 'running') plan.running += 1;
    else if (dump !== undefined && isClosed(dump)) plan.closed += 1;
    else {
      plan.toClose += 1;
      if (dump === undefined) plan.unknown += 1;
      else if (dump.state === 'failed') plan.failed += 1;
    }
  }
  if (plan.toClose === 0) plan.fault = 'There is no day among them that is left to close.';
  return plan;
}
