/*
 * Closed days of the stand-in. Runs go on by the clock, a partition after the other. The day nine days ago fails in its
 * fourth partition until it is restarted; a range of days is closed one after the other.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Json, Refusal } from './datasets.ts';

export interface DaysCall {
  method: string;
  /** Below `/dumps`. */
  rest: string;
  url: URL;
  body: () => Promise<string>;
  ifMatch: string | undefined;
  who: string;
  /** The pilot's. */
  zone: string;
  created: string;
}

export interface Told {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

interface Run {
  date: string;
  revision: number;
  begun: number;
  took: number;
  by: string;
  reason: string;
  rows: number;
  late: number;
  rejected: number;
  repeats: number;
  rejectsWaiting: number;
  redrive: boolean;
  attempts: number;
  failsIn: number | null;
  incomplete: boolean;
  cancelled: number | null;
  dataset: string;
}

interface Backfill {
  id: string;
  from: string;
  to: string;
  by: string;
  begun: number;
  dates: string[];
  skipped: number;
  cancelled: number | null;
}

const DAY = 86_400_000;
const PARTITIONS = 6;
const TOOK = Number(process.env.PORTAL_MOCK_DUMP_MS ?? 14_000);
const TABLES = ['bearing', 'pump', 'turbine'];
const REASONS = ['wrong_type', 'malformed_json', 'missing_field'];

const runs = new Map<string, Run[]>();
const waiting = new Map<string, number>();
const policies = new Map<string, Json>();
const policyVersions = new Map<string, number>();
const backfills = new Map<string, Backfill[]>();
const filled = new Set<string>();

const add = (date: string, days: number) =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
const iso = (at: number) => new Date(at).toISOString();
const formats = new Map<string, Intl.DateTimeFormat>();
function dateIn(at: number, timeZone: string): string {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(timeZone, format);
  }
  return format.format(at);
}

/** When a day begins by the clock of the zone. */
function start(date: string, zone: string): number {
  let found = Date.parse(`${date}T00:00:00Z`) - 14 * 3_600_000;
  while (dateIn(found, zone) < date) found += 900_000;
  return found;
}

const noise = (date: string, salt: number) =>
  createHash('sha256').update(`${date} ${salt}`).digest().readUInt32BE(0) / 2 ** 32;

function run(date: string, revision: number, begun: number, more: Partial<Run> = {}): Run {
  const weekend = [0, 6].includes(new Date(`${date}T12:00:00Z`).getUTCDay());
  const rows = Math.round((weekend ? 520_000 : 1_180_000) * (0.9 + noise(date, revision) / 5));
  return {
    date,
    revision,
    begun,
    took: TOOK,
    by: 'platform',
    reason: revision > 1 ? 'late_events' : noise(date, 7) > 0.3 ? 'watermarks' : 'idle_partitions',
    redrive: false,
    rows: revision === 1 ? rows : Math.round(180 + noise(date, revision) * 900),
    late: revision === 1 ? Math.round(noise(date, 3) * 40) : 0,
    rejected: revision === 1 ? Math.round(noise(date, 4) * 30) : 0,
    repeats: Math.round(noise(date, 5) * 300),
    rejectsWaiting: 0,
    attempts: 1,
    failsIn: null,
    incomplete: false,
    cancelled: null,
    dataset: `0193b${revision}${date.replaceAll('-', '').slice(2)}-7b1e-4c0a`,
    ...more,
  };
}

function fill(pilot: string, zone: string, created: string): void {
  if (filled.has(pilot)) return;
  filled.add(pilot);
  if (pilot !== 'aurora') return;
  const today = dateIn(Date.now(), zone);
  for (let back = 1; add(today, -back) > created.slice(0, 10); back++) {
    const date = add(today, -back);
    const closed = start(add(date, 1), zone) + 16 * 60_000;
    const first = run(date, 1, closed, back === 5 ? { rejected: 214, rejectsWaiting: 214 } : {});
    const all = [first];
    if (back === 9) Object.assign(first, { failsIn: 3, attempts: 3 });
    if (back === 14) first.incomplete = true;
    if (back === 4) all.push(run(date, 2, closed + DAY), run(date, 3, closed + 2 * DAY));
    if (back === 11 || back === 23) all.push(run(date, 2, closed + DAY));
    if (back === 18 || back === 19) continue;
    runs.set(`${pilot} ${date}`, all);
    if (back === 2) waiting.set(`${pilot} ${date}`, 318);
    if (back === 4) waiting.set(`${pilot} ${date}`, 12);
  }
}

const endOf = (each: Run) =>
  each.begun + (each.failsIn === null ? each.took : (each.took * each.failsIn) / PARTITIONS);

function stateOf(each: Run, now = Date.now()): string {
  if (each.cancelled !== null) return 'failed';
  if (now < endOf(each)) return 'running';
  if (each.failsIn !== null) return 'failed';
  return each.incomplete ? 'incomplete' : 'complete';
}

const ended = (each: Run) => each.cancelled ?? endOf(each);
const shareOf = (each: Run, now = Date.now()) =>
  Math.min(1, Math.max(0, ((each.cancelled ?? Math.min(now, endOf(each))) - each.begun) / each.took));

function interval(date: string, zone: string) {
  return { start: iso(start(date, zone)), end: iso(start(add(date, 1), zone)) };
}

function failureOf(each: Run) {
  if (each.cancelled !== null) return { code: 'cancelled', detail: 'Somebody cancelled the run.' };
  if (stateOf(each) !== 'failed') return null;
  return {
    code: 'internal',
    detail: `Partition ${each.failsIn}: object storage refused a part of tidy/part-${each.failsIn}.parquet three times (507 Insufficient Storage).`,
  };
}

function dump(pilot: string, zone: string, each: Run, newest: boolean, before?: Run): Json {
  const state = stateOf(each);
  const running = state === 'running';
  const done = state === 'complete' || state === 'incomplete';
  const records = Math.round(each.rows * 1.3);
  const share = shareOf(each);
  return {
    date: each.date,
    revision: each.revision,
    kind: each.revision === 1 ? 'day' : 'correction',
    state,
    missed: false,
    interval: interval(each.date, zone),
    time_zone: zone,
    close_reason: each.reason,
    frozen_at: iso(each.begun + 300),
    events: done ? Math.round(each.rows * 0.82) : 0,
    rows: done ? each.rows : 0,
    late: done ? each.late : 0,
    rejected: done ? each.rejected : 0,
    repeats: done ? each.repeats : 0,
    redriven: done && each.redrive ? each.rows : 0,
    redrive_rejects: each.redrive,
    amends: before ? { revision: before.revision, dataset_id: before.dataset } : null,
    parts: done ? filesOf(each).length : 0,
    dataset_id: each.dataset,
    attempts: each.attempts,
    step: running
      ? share < 0.03
        ? 'plan'
        : share < 0.9
          ? 'write'
          : share < 0.95
            ? 'verify'
            : 'publish'
      : null,
    failure: failureOf(each),
    requested_by: each.by,
    late_waiting: newest ? (waiting.get(`${pilot} ${each.date}`) ?? 0) : 0,
    rejects_waiting: newest ? each.rejectsWaiting : 0,
    progress: running
      ? {
          records_done: Math.round(records * Math.min(1, share / 0.9)),
          records_total: records,
          records_per_s: Math.round(records / (each.took / 1000)),
          seconds_left: Math.round((each.took * (1 - share)) / 1000),
        }
      : null,
    cancellable: running,
    created_at: iso(each.begun),
    day_incomplete: (runs.get(`${pilot} ${each.date}`) ?? []).some((one) => stateOf(one) === 'incomplete'),
    day_rows: (runs.get(`${pilot} ${each.date}`) ?? [])
      .filter((one) => ['complete', 'incomplete'].includes(stateOf(one)))
      .reduce((sum, { rows }) => sum + rows, 0),
    finished_at: running ? null : iso(ended(each)),
  };
}

function open(date: string, zone: string, today: string): Json {
  return {
    ...dump('', zone, run(date, 0, Date.now()), false),
    revision: 0,
    kind: 'day',
    state: 'open',
    missed: add(date, 1) < today,
    close_reason: null,
    frozen_at: null,
    dataset_id: null,
    attempts: 0,
    step: null,
    requested_by: null,
    progress: null,
    cancellable: false,
    created_at: null,
    finished_at: null,
  };
}

function filesOf(each: Run): Json[] {
  const found: Json[] = [];
  const file = (
    path: string,
    kind: string,
    model: string | null,
    partition: number,
    rows: number,
    size: number,
  ) =>
    found.push({
      path,
      kind,
      model,
      partition,
      rows,
      size_bytes: size,
      checksum: `sha256:${createHash('sha256')
        .update(path + each.dataset)
        .digest('hex')}`,
      first_time: iso(Date.parse(`${each.date}T00:00:03Z`)),
      last_time: iso(Date.parse(`${each.date}T22:59:58Z`)),
    });
  for (let partition = 0; partition < (each.revision === 1 ? PARTITIONS : 2); partition++) {
    for (const [at, model] of TABLES.entries()) {
      const rows = Math.round((each.rows / 8) * (0.8 + noise(each.date + model, partition) / 2.5));
      file(`model=${model}/part-${partition}.parquet`, 'table', model, partition, rows, rows * (9 + at));
    }
    const tidy = Math.round(each.rows / 40);
    file(`tidy/part-${partition}.parquet`, 'tidy', null, partition, tidy, tidy * 7);
  }
  if (each.rejected > 0) {
    file('_rejects/part-2.ndjson', 'rejects', null, 2, each.rejected, each.rejected * 410);
  }
  return found;
}

function partitionsOf(each: Run): Json[] {
  const share = shareOf(each);
  const state = stateOf(each);
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const from = 4_100_000 + partition * 37_000 + Number(each.date.slice(8)) * 200_000;
    const records = Math.round((each.rows * 1.3) / PARTITIONS);
    const own = Math.min(1, Math.max(0, share * PARTITIONS - partition));
    const broken = state === 'failed' && each.cancelled === null && partition === each.failsIn;
    const done = own >= 1;
    const seconds = each.took / PARTITIONS / 1000;
    const read = Math.round(records * own);
    return {
      partition,
      state: done ? 'done' : 'waiting',
      from_offset: from,
      to_offset: from + records,
      read_to: from + read,
      watermark: iso(Date.parse(`${each.date}T23:00:12Z`) - partition * 4_000),
      records: read,
      events: Math.round(read * 0.7),
      rows: Math.round((each.rows / PARTITIONS) * own),
      late: done ? Math.round(each.late / PARTITIONS) : 0,
      rejected: partition === 2 && done ? each.rejected : 0,
      repeats: done ? Math.round(each.repeats / PARTITIONS) : 0,
      redriven: 0,
      missing: each.incomplete && partition === 1 ? [{ from_offset: from, to_offset: from + 18_204 }] : [],
      failure: broken ? (failureOf(each)?.detail ?? null) : null,
      started_at: own > 0 ? iso(each.begun + partition * seconds * 1000) : null,
      finished_at: done ? iso(each.begun + (partition + 1) * seconds * 1000) : null,
      records_per_s: own > 0 ? Math.round(read / Math.max(0.2, seconds * own)) : null,
    };
  });
}

function logOf(each: Run): Json[] {
  const lines: Json[] = [];
  const say = (at: number, step: string, text: string, partition: number | null = null, level = 'info') => {
    if (at <= Date.now() && at <= ended(each)) lines.push({ at: iso(at), level, step, partition, text });
  };
  const by = each.took / PARTITIONS;
  say(each.begun, 'plan', `Claimed by node a1, attempt ${each.attempts}.`);
  say(each.begun + 300, 'plan', `Frozen: ${PARTITIONS} partitions, ${Math.round(each.rows * 1.3)} records.`);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const at = each.begun + partition * by;
    say(at + 10, 'write', 'Begun.', partition);
    if (each.failsIn === partition) {
      say(at + by * 0.7, 'write', 'Object storage answered 507, tried again in 2 s.', partition, 'warn');
      lines.push({
        at: iso(endOf(each)),
        level: 'error',
        step: 'write',
        partition,
        text: failureOf(each)?.detail ?? '',
      });
      break;
    }
    if (partition === 2) say(at + by / 2, 'write', `${each.rejected} records fit no column.`, 2, 'warn');
    say(at + by - 1, 'write', `Written: ${Math.round(each.rows / PARTITIONS)} rows in 4 files.`, partition);
  }
  say(each.begun + each.took * 0.92, 'verify', 'Rows of all footers are as written.');
  say(each.begun + each.took, 'publish', 'The manifest is put, and its pointer goes out.');
  if (each.cancelled !== null) {
    lines.push({
      at: iso(each.cancelled),
      level: 'warn',
      step: 'write',
      partition: null,
      text: 'Cancelled.',
    });
  }
  return lines;
}

function rejectsOf(each: Run): Json[] {
  return Array.from({ length: each.rejected }, (_, at) => {
    const reason = REASONS[at % 7 === 0 ? 1 : at % 11 === 0 ? 2 : 0] as string;
    const value =
      reason === 'malformed_json'
        ? `{"twin":"pump-0${1 + (at % 3)}","values":{"temperature":`
        : JSON.stringify({
            twin: `pump-0${1 + (at % 3)}`,
            time: `${each.date}T08:${String(at % 60).padStart(2, '0')}:00Z`,
            values: { temperature: 'n/a', pressure: 4.2 + at / 100 },
          });
    return {
      partition: 2,
      offset: 4_174_000 + at * 31,
      reason,
      detail:
        reason === 'wrong_type'
          ? 'temperature: text where a number is expected'
          : reason === 'malformed_json'
            ? 'unexpected end of input at byte 41'
            : 'no time',
      twin: `pump-0${1 + (at % 3)}`,
      source: `/pilots/aurora/devices/edge-pump-0${1 + (at % 3)}`,
      event_id: `evt-${70_000 + at}`,
      time: reason === 'missing_field' ? null : `${each.date}T08:${String(at % 60).padStart(2, '0')}:00Z`,
      data: Buffer.from(value).toString('base64'),
      data_truncated: false,
    };
  });
}

function manifestOf(pilot: string, zone: string, each: Run, before: Run | undefined): Json {
  const { state, close_reason, frozen_at } = dump(pilot, zone, each, false);
  return {
    format: 'pilothouse-closed-day/1',
    pilot_id: pilot,
    date: each.date,
    revision: each.revision,
    amends: before ? { revision: before.revision, dataset_id: before.dataset } : null,
    state,
    dataset_id: each.dataset,
    time_zone: zone,
    interval: interval(each.date, zone),
    close_reason,
    frozen_at,
    lateness_s: 900,
    totals: {
      events: Math.round(each.rows * 0.82),
      rows: each.rows,
      late: each.late,
      rejected: each.rejected,
    },
    partitions: partitionsOf(each).map(({ partition, from_offset, to_offset, missing }) => ({
      partition,
      from_offset,
      to_offset,
      missing,
    })),
    tables: TABLES.map((model) => ({
      model,
      model_revision: 3,
      columns: [{ name: 'temperature', property: 'temperature', kind: 'double', unit: 'Cel' }],
    })),
    parts: filesOf(each),
  };
}

/** A run of a range begins when the one before has ended. */
function advance(pilot: string): void {
  for (const backfill of backfills.get(pilot) ?? []) {
    for (const date of backfill.dates) {
      const key = `${pilot} ${date}`;
      const known = runs.get(key)?.[0];
      if (known) {
        if (stateOf(known) === 'running') break;
        continue;
      }
      if (backfill.cancelled !== null) break;
      runs.set(key, [run(date, 1, Date.now(), { by: backfill.by, reason: 'requested', took: TOOK / 3 })]);
      break;
    }
  }
}

function backfillBody(pilot: string, backfill: Backfill): Json {
  const states = backfill.dates.map((date) => {
    const known = runs.get(`${pilot} ${date}`)?.[0];
    return known ? stateOf(known) : 'waiting';
  });
  const of = (state: string) => states.filter((each) => each === state).length;
  const running = of('running');
  const left = of('waiting');
  const going = running > 0 || (left > 0 && backfill.cancelled === null);
  const last = Math.max(
    backfill.begun,
    ...backfill.dates.map((date) => {
      const known = runs.get(`${pilot} ${date}`)?.[0];
      return known ? ended(known) : 0;
    }),
  );
  return {
    id: backfill.id,
    from: backfill.from,
    to: backfill.to,
    state: going
      ? 'running'
      : backfill.cancelled !== null
        ? 'cancelled'
        : of('failed') > 0
          ? 'failed'
          : 'complete',
    requested_by: backfill.by,
    created_at: iso(backfill.begun),
    finished_at: going ? null : iso(backfill.cancelled ?? last),
    days: {
      total: backfill.dates.length + backfill.skipped,
      complete: of('complete'),
      incomplete: of('incomplete'),
      failed: of('failed'),
      running,
      waiting: left,
      skipped: backfill.skipped,
    },
    seconds_left: going ? Math.round(((left + running) * TOOK) / 3000) : null,
    day_now: running > 0 ? (backfill.dates[states.indexOf('running')] ?? null) : null,
  };
}

/** The run whose result the dataset is. */
export const runOf = (dataset: string) => [...runs.values()].flat().find((each) => each.dataset === dataset);

const refusal = (status: number, code: string, title: string, detail?: string): Told => ({
  status,
  body: {
    type: `/problems/${code}`,
    trace_id: '4bf92f3577b34da6',
    status,
    code,
    title,
    detail,
  } satisfies Refusal & Json,
});

const paged = (items: Json[], url: URL, usual: number): Told => {
  const limit = Number(url.searchParams.get('limit') ?? usual);
  const at = Number(url.searchParams.get('cursor') ?? 0);
  const next = at + limit < items.length ? String(at + limit) : null;
  return { status: 200, body: { items: items.slice(at, at + limit), next_cursor: next } };
};

export async function answerDays(pilot: string, call: DaysCall): Promise<Told> {
  const { method, rest, url, zone, who } = call;
  fill(pilot, zone, call.created);
  advance(pilot);
  const today = dateIn(Date.now(), zone);
  const first = dateIn(Date.parse(call.created), zone);
  const by = `person:${who}`;
  const body = async () => JSON.parse((await call.body()) || '{}') as Json;
  if (rest === '' && method === 'GET') {
    const to = url.searchParams.get('to') ?? today;
    const items: Json[] = [];
    for (
      let date = url.searchParams.get('from') ?? add(to, -30);
      date <= to && date <= today;
      date = add(date, 1)
    ) {
      const known = runs.get(`${pilot} ${date}`);
      if (known) items.push(dump(pilot, zone, known[known.length - 1] as Run, true));
      else if (date >= first) items.push(open(date, zone, today));
    }
    return { status: 200, body: { items, next_cursor: null } };
  }
  if (rest === '' && method === 'POST') {
    const date = String((await body()).date);
    const known = runs.get(`${pilot} ${date}`);
    if (known) return { status: 200, body: dump(pilot, zone, known[known.length - 1] as Run, true) };
    if (date >= today) return refusal(409, 'conflict', 'The day is not over');
    const made = run(date, 1, Date.now(), { by, reason: 'requested' });
    runs.set(`${pilot} ${date}`, [made]);
    return { status: 202, body: dump(pilot, zone, made, true) };
  }
  if (rest === '/policy') {
    const version = policyVersions.get(pilot) ?? 0;
    if (method === 'PUT') {
      if (call.ifMatch !== `"${version}"`)
        return refusal(412, 'precondition_failed', 'It was changed meanwhile');
      policies.set(pilot, { ...(await body()) });
      policyVersions.set(pilot, version + 1);
    }
    return {
      status: 200,
      body: { corrections: 'nightly', threshold: null, ...policies.get(pilot) },
      headers: { etag: `"${policyVersions.get(pilot) ?? 0}"` },
    };
  }
  if (rest === '/backfills') {
    const own = backfills.get(pilot) ?? [];
    if (method === 'GET')
      return paged(
        own.map((each) => backfillBody(pilot, each)),
        url,
        50,
      );
    const asked = (await body()) as { from: string; to: string };
    if (own.some((each) => backfillBody(pilot, each).state === 'running'))
      return refusal(409, 'conflict', 'A range is being closed already');
    const dates: string[] = [];
    let skipped = 0;
    for (let date = asked.from; date <= asked.to; date = add(date, 1)) {
      if (date < first) continue;
      if (runs.has(`${pilot} ${date}`)) skipped++;
      else dates.push(date);
    }
    const made = { id: randomUUID(), ...asked, by, begun: Date.now(), dates, skipped, cancelled: null };
    backfills.set(pilot, [made, ...own]);
    advance(pilot);
    return { status: 202, body: backfillBody(pilot, made) };
  }
  let at = /^\/backfills\/([^/]+)(\/cancel)?$/.exec(rest);
  if (at) {
    const found = (backfills.get(pilot) ?? []).find(({ id }) => id === at?.[1]);
    if (!found) return refusal(404, 'not_found', 'There is no such range');
    if (at[2]) found.cancelled ??= Date.now();
    return { status: at[2] ? 202 : 200, body: backfillBody(pilot, found) };
  }
  at = /^\/(\d{4}-\d\d-\d\d)(\/.*)?$/.exec(rest);
  const date = at?.[1] ?? '';
  const below = at?.[2] ?? '';
  const known = runs.get(`${pilot} ${date}`) ?? [];
  const newest = known[known.length - 1];
  if (!at || date > today || (date < first && !newest))
    return refusal(404, 'not_found', 'There is no dump of that day');
  if (below === '' && method === 'GET') {
    return {
      status: 200,
      body: {
        date,
        state: newest ? stateOf(newest) : 'open',
        interval: interval(date, zone),
        revisions: known
          .map((each, index) => dump(pilot, zone, each, each === newest, known[index - 1]))
          .reverse(),
        partitions: newest ? partitionsOf(newest) : [],
      },
    };
  }
  if (!newest) return refusal(404, 'not_found', 'There is no dump of that day');
  if (below === '/restart' && method === 'POST') {
    if (stateOf(newest) !== 'failed') return refusal(409, 'conflict', 'It has not failed');
    const done = shareOf(newest);
    Object.assign(newest, {
      begun: Date.now() - newest.took * done,
      attempts: newest.attempts + 1,
      failsIn: null,
      cancelled: null,
      by,
    });
    return { status: 202, body: dump(pilot, zone, newest, true) };
  }
  if (below === '/cancel' && method === 'POST') {
    if (stateOf(newest) !== 'running') return refusal(409, 'conflict', 'It does not run');
    newest.cancelled = Date.now();
    return { status: 202, body: dump(pilot, zone, newest, true) };
  }
  if (below === '/corrections' && method === 'POST') {
    const { redrive_rejects: redrive } = await body();
    const late = waiting.get(`${pilot} ${date}`) ?? 0;
    const rejects = redrive ? newest.rejectsWaiting : 0;
    if (late + rejects === 0) return refusal(409, 'conflict', 'Nothing is waiting for that day');
    waiting.delete(`${pilot} ${date}`);
    const made = run(date, newest.revision + 1, Date.now(), {
      by,
      reason: 'requested',
      took: TOOK / 2,
      rows: late + rejects,
      redrive: redrive === true,
      rejectsWaiting: redrive ? 0 : newest.rejectsWaiting,
    });
    known.push(made);
    return { status: 202, body: dump(pilot, zone, made, true) };
  }
  at = /^\/revisions\/(\d+)(\/[a-z]+)?$/.exec(below);
  const each = known.find(({ revision }) => revision === Number(at?.[1]));
  if (!at || !each) return refusal(404, 'not_found', 'There is no such revision');
  const done = stateOf(each) === 'complete' || stateOf(each) === 'incomplete';
  switch (at[2] ?? '') {
    case '':
      return {
        status: 200,
        body: {
          dump: dump(pilot, zone, each, each === newest, known[known.indexOf(each) - 1]),
          partitions: partitionsOf(each),
          parts: done ? filesOf(each) : [],
        },
      };
    case '/manifest':
      return done
        ? { status: 200, body: manifestOf(pilot, zone, each, known[known.indexOf(each) - 1]) }
        : refusal(404, 'not_found', 'There is no manifest yet');
    case '/log':
      return paged(logOf(each), url, 50);
    case '/rejects': {
      return paged(done ? rejectsOf(each) : [], url, 50);
    }
    default:
      return refusal(404, 'not_found', 'There is nothing here');
  }
}
