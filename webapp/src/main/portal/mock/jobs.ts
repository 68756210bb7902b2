/*
 * Jobs of the stand-in. They go on by the clock; the second that runs at once waits for the first. Some of the past
 * have failed or are dead; a job of the type `noop` fails as often as its parameters say.
 */
import { randomUUID } from 'node:crypto';
import type { Json, Refusal } from './datasets.ts';
import type { Told } from './days.ts';

export interface JobsCall {
  method: string;
  /** Below the pilot: `/jobs…`, `/job-types`, `/job-schedules…` or `/exports…`. */
  rest: string;
  url: URL;
  body: () => Promise<string>;
  ifMatch: string | undefined;
  idempotencyKey: string | undefined;
  who: string;
  steward: boolean;
  /** The pilot's. */
  zone: string;
}

type State = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled' | 'dead';

interface Attempt extends Json {
  attempt: number;
  node: string;
  started_at: string;
  ended_at: string | null;
  outcome: string | null;
  error: Json | null;
}

interface Job {
  id: string;
  type: string;
  name: string;
  priority: string;
  state: State;
  parameters: Json;
  by: string;
  schedule: string | null;
  deadline: string | null;
  created: number;
  begun: number | null;
  ended: number | null;
  took: number;
  tried: number;
  notBefore: number | null;
  cancelAsked: number | null;
  error: Json | null;
  result: Json | null;
  revision: number;
  attempts: Attempt[];
}

interface Schedule extends Json {
  schedule_id: string;
  name: string;
  days: string[];
  time: string;
  enabled: boolean;
  revision: number;
}

const TOOK = Number(process.env.PORTAL_MOCK_JOB_MS ?? 24_000);
const ROWS = 1_180_000;
const AT_ONCE = 2;
const MOST_ATTEMPTS = 3;
const MINUTE = 60_000;
const DAY = 86_400_000;
const MODELS = ['bearing', 'pump', 'turbine'];
const COLUMNS: { name: string; type: string; unit: string | null; models: string[] }[] = [
  { name: 'twin', type: 'text', unit: null, models: MODELS },
  { name: 'time', type: 'time', unit: null, models: MODELS },
  { name: 'temperature', type: 'number', unit: 'Cel', models: ['bearing', 'pump'] },
  { name: 'vibration', type: 'number', unit: 'mm/s', models: ['bearing', 'pump'] },
  { name: 'pressure', type: 'number', unit: 'bar', models: ['pump'] },
  { name: 'speed', type: 'integer', unit: '1/min', models: ['pump', 'turbine'] },
  { name: 'running', type: 'truth', unit: null, models: ['pump'] },
  { name: 'status', type: 'text', unit: null, models: MODELS },
  { name: 'power', type: 'number', unit: 'kW', models: ['turbine'] },
  { name: 'wind_speed', type: 'number', unit: 'm/s', models: ['turbine'] },
  { name: 'pitch', type: 'number', unit: 'deg', models: ['turbine'] },
  { name: 'other_properties', type: 'json', unit: null, models: MODELS },
  { name: 'source', type: 'text', unit: null, models: MODELS },
  { name: 'event_id', type: 'text', unit: null, models: MODELS },
];

const jobs = new Map<string, Job[]>();
const schedules = new Map<string, Schedule[]>();
const keys = new Map<string, string>();
const limits = new Map<string, Json>();
const iso = (at: number) => new Date(at).toISOString();
const done = new Map<string, { dataset: string; job: string; name: string; bytes: number }>();

/** The job whose result the dataset is. */
export const madeBy = (dataset: string) => done.get(dataset);

function job(type: string, name: string, parameters: Json, more: Partial<Job> = {}): Job {
  return {
    id: randomUUID(),
    type,
    name,
    priority: 'normal',
    state: 'queued',
    parameters,
    by: 'person:admin',
    schedule: null,
    deadline: null,
    created: Date.now(),
    begun: null,
    ended: null,
    took: type === 'noop' ? Number(parameters.millis ?? 0) : type === 'verify' ? TOOK / 2 : TOOK,
    tried: 0,
    notBefore: null,
    cancelAsked: null,
    error: null,
    result: null,
    revision: 1,
    attempts: [],
    ...more,
  };
}

const LOST = {
  code: 'unavailable',
  detail: 'Object storage did not answer within 30 s while part 12 was written.',
};

function past(name: string, age: number, state: State, more: Partial<Job> = {}): Job {
  const made = job(
    'export',
    name,
    {
      source: {
        closed_days: { from: iso(Date.now() - 3 * DAY).slice(0, 10), to: iso(Date.now() - DAY).slice(0, 10) },
      },
      model: 'pump',
      properties: ['time', 'twin', 'temperature', 'pressure'],
      filter: [{ field: 'temperature', op: 'gt', value: 60 }],
      format: 'csv',
      compression: 'gzip',
      name,
    },
    { created: Date.now() - age, state, ...more },
  );
  const begun = made.created + 140;
  made.begun = begun;
  made.ended = begun + made.took;
  made.tried = state === 'dead' ? MOST_ATTEMPTS : 1;
  for (let at = 1; at <= made.tried; at++) {
    const started = begun + (at - 1) * (made.took / 2 + 20_000);
    made.ended = started + made.took;
    made.attempts.unshift({
      attempt: at,
      node: `node-${(at % 2) + 1}`,
      started_at: iso(started),
      ended_at: iso(made.ended),
      outcome: state === 'dead' ? (at === 2 ? 'lost' : 'failed') : state,
      error: state === 'dead' && at !== 2 ? LOST : state === 'failed' ? made.error : null,
    });
  }
  if (state === 'dead') made.error = LOST;
  if (state === 'succeeded') finish(made);
  return made;
}

function finish(each: Job): void {
  if (each.type === 'noop') {
    each.result = { dataset_id: null, summary: { attempt: each.tried } };
    return;
  }
  if (each.type === 'verify') {
    each.result = {
      dataset_id: null,
      summary: {
        datasets: 18,
        checked_bytes: 4_812_440_019,
        mismatches: 0,
        unreadable: 0,
        seconds: each.took / 1000,
      },
    };
    return;
  }
  const dataset = `0193c${each.id.slice(0, 6)}-7b1e-4c0a`;
  const bytes = 48_204_118;
  done.set(dataset, { dataset, job: each.id, name: String(each.parameters.name ?? each.name), bytes });
  each.result = {
    dataset_id: dataset,
    summary: {
      rows: ROWS,
      files: 1,
      bytes,
      format: String(each.parameters.format ?? 'parquet'),
      seconds: each.took / 1000,
    },
  };
}

function fill(pilot: string): void {
  if (jobs.has(pilot)) return;
  jobs.set(pilot, []);
  schedules.set(pilot, []);
  if (pilot !== 'aurora') return;
  const own = jobs.get(pilot) as Job[];
  const nightly = 'c0ffee00-aaaa-4bbb-8ccc-000000000001';
  for (let at = 0; at < 160; at++) {
    const state: State = at % 41 === 7 ? 'cancelled' : at % 53 === 11 ? 'failed' : 'succeeded';
    own.push(
      past(
        ['pump week', 'bearing temperatures', 'turbines for the audit', 'line A, last shift'][at % 4] ?? '',
        (at + 2) * 97 * MINUTE,
        state,
        {
          by: at % 3 === 0 ? 'person:operator' : 'person:admin',
          schedule: at % 10 === 0 ? nightly : null,
          took: 8_000 + ((at * 7919) % 90_000),
          error:
            state === 'failed'
              ? {
                  code: 'too_many_rows',
                  detail: 'The result has 1,204,118 rows; a sheet holds 1,048,575. Split it, or choose CSV.',
                }
              : state === 'cancelled'
                ? { code: 'cancelled', detail: 'Cancelled by admin.' }
                : null,
        },
      ),
    );
  }
  for (let at = 0; at < 4; at++) own.push(past(`stuck export ${at + 1}`, (at * 5 + 3) * MINUTE, 'dead'));
  own.push(job('verify', 'weekly re-hash', {}, { created: Date.now() - 9_000 }));
  own.push(
    job('export', 'pump telemetry of last week', {
      source: { closed_days: { last: 7 } },
      model: 'pump',
      format: 'parquet',
      compression: 'zstd',
      name: 'exports/pump-last-7-days',
    }),
  );
  own.sort((a, b) => b.created - a.created);
  schedules.get(pilot)?.push({
    schedule_id: nightly,
    name: 'Pumps for the maintenance team',
    type: 'export',
    parameters: {
      source: { closed_days: { last: 7 } },
      model: 'pump',
      format: 'xlsx',
      name: 'exports/pumps-weekly',
    },
    days: ['mon'],
    time: '06:00',
    priority: 'normal',
    enabled: true,
    last_job_id: own.find(({ schedule }) => schedule === nightly)?.id ?? null,
    last_error: null,
    requested_by: 'person:admin',
    created_at: iso(Date.now() - 20 * DAY),
    updated_at: iso(Date.now() - 20 * DAY),
    revision: 1,
  });
}

/** What the clock has done since the last look. */
function advance(pilot: string): void {
  const now = Date.now();
  const own = jobs.get(pilot) ?? [];
  for (const each of own) {
    if (each.state !== 'running' || each.begun === null) continue;
    const attempt = each.attempts[0] as Attempt;
    if (each.cancelAsked !== null && now > each.cancelAsked + 1_500) {
      end(each, 'cancelled', now, {
        code: 'cancelled',
        detail: `Cancelled by ${each.by.replace('person:', '')}.`,
      });
      Object.assign(attempt, { ended_at: iso(now), outcome: 'cancelled' });
    } else if (
      attempt.attempt <= Number(each.parameters.fail_attempts ?? 0) &&
      now > each.begun + each.took * 0.4
    ) {
      Object.assign(attempt, { ended_at: iso(now), outcome: 'failed', error: LOST });
      if (each.tried >= MOST_ATTEMPTS) end(each, 'dead', now, LOST);
      else
        Object.assign(each, {
          state: 'queued',
          notBefore: now + 3_000,
          error: LOST,
          revision: each.revision + 1,
        });
    } else if (now > each.begun + each.took) {
      Object.assign(attempt, { ended_at: iso(each.begun + each.took), outcome: 'succeeded' });
      end(each, 'succeeded', each.begun + each.took, null);
      finish(each);
    }
  }
  const most = Number(limits.get(pilot)?.running_most ?? AT_ONCE);
  const running = own.filter(({ state }) => state === 'running').length;
  const waiting = own
    .filter(({ state, notBefore }) => state === 'queued' && (notBefore ?? 0) <= now)
    .sort(
      (a, b) => Number(b.priority === 'urgent') - Number(a.priority === 'urgent') || a.created - b.created,
    );
  for (const each of waiting.slice(0, Math.max(0, most - running))) {
    each.tried += 1;
    Object.assign(each, { state: 'running', begun: now, notBefore: null, revision: each.revision + 1 });
    each.attempts.unshift({
      attempt: each.attempts.length + 1,
      node: `node-${(each.attempts.length % 2) + 1}`,
      started_at: iso(now),
      ended_at: null,
      outcome: null,
      error: null,
    });
  }
}

function end(each: Job, state: State, at: number, error: Json | null): void {
  Object.assign(each, { state, ended: at, error, cancelAsked: null, revision: each.revision + 1 });
}

const MESSAGES = [
  'Staging the files of 7 days',
  'Reading and filtering',
  'Writing the file',
  'Reading it back',
];

function progressOf(each: Job): Json {
  if (each.state === 'succeeded') return { done: ROWS, total: ROWS, message: '' };
  if (each.begun === null || each.state === 'queued') return { done: 0, total: 0, message: '' };
  const share = Math.min(1, ((each.ended ?? Date.now()) - each.begun) / each.took);
  return {
    done: Math.round(ROWS * share),
    total: share < 0.06 ? 0 : ROWS,
    message: each.type === 'verify' ? 'Reading dataset 7 of 18' : (MESSAGES[Math.floor(share * 3.99)] ?? ''),
  };
}

const bodyOf = (each: Job): Json => ({
  job_id: each.id,
  type: each.type,
  name: each.name,
  priority: each.priority,
  state: each.state,
  parameters: each.parameters,
  progress: progressOf(each),
  attempts: each.tried,
  max_attempts: MOST_ATTEMPTS,
  not_before: each.notBefore === null ? null : iso(each.notBefore),
  deadline: each.deadline,
  result: each.result,
  error: each.error,
  requested_by: each.by,
  schedule_id: each.schedule,
  created_at: iso(each.created),
  started_at: each.attempts[0]?.started_at ?? null,
  finished_at:
    each.ended === null || each.state === 'queued' || each.state === 'running' ? null : iso(each.ended),
  cancel_requested: each.cancelAsked !== null,
  revision: each.revision,
});

function logOf(attempt: Attempt): Json[] {
  const begun = Date.parse(attempt.started_at);
  const ended = attempt.ended_at === null ? Date.now() : Date.parse(attempt.ended_at);
  const lines: Json[] = [];
  const say = (at: number, text: string, level = 'info') => {
    if (at <= ended) lines.push({ number: lines.length + 1, at: iso(at), level, text });
  };
  say(begun, `Claimed by ${attempt.node}, attempt ${attempt.attempt}.`);
  for (let at = 0; at < 60; at++) {
    const when = begun + 300 + at * 400;
    if (at === 9) say(when, 'Object storage answered 503, tried again in 1 s.', 'warn');
    say(when, `Staged part ${at + 1} of 60: ${(14_200_000 + at * 91_113).toLocaleString('en-GB')} bytes.`);
  }
  if (attempt.error) say(ended, String((attempt.error as { detail?: string }).detail), 'warn');
  return lines;
}

const refusal = (status: number, code: string, title: string, detail?: string, path?: string): Told => ({
  status,
  body: {
    type: `/problems/${code}`,
    trace_id: '4bf92f3577b34da6',
    status,
    code,
    title,
    detail,
    path,
  } satisfies Refusal & Json,
});

const paged = (items: Json[], url: URL, always = false): Told => {
  const limit = Number(url.searchParams.get('limit') ?? 50);
  const at = Number(url.searchParams.get('cursor') ?? 0);
  const more = at + limit < items.length;
  const next = more || always ? String(Math.min(items.length, at + limit)) : null;
  return { status: 200, body: { items: items.slice(at, at + limit), next_cursor: next } };
};

function faultOf(type: string, parameters: Json, steward: boolean): Told | null {
  if (type === 'noop' && Number(parameters.fail_attempts ?? 0) < 0)
    return refusal(
      422,
      'invalid_parameters',
      'The parameters do not fit the type of job',
      'must be at least 0',
      '/parameters/fail_attempts',
    );
  if (type !== 'export') return null;
  const name = parameters.name;
  if (typeof name === 'string' && /[^a-zA-Z0-9._/ -]/.test(name))
    return refusal(
      422,
      'invalid_parameters',
      'The parameters do not fit the type of job',
      'A name holds letters, digits and . _ - /',
      '/parameters/name',
    );
  const columns = (parameters.properties as string[] | undefined) ?? [];
  const unknown = columns.find((column) => !COLUMNS.some((each) => each.name === column));
  if (unknown !== undefined)
    return refusal(
      422,
      'invalid_parameters',
      'The parameters do not fit the type of job',
      `There is no column ${unknown}.`,
      `/parameters/properties/${columns.indexOf(unknown)}`,
    );
  if (parameters.sql !== undefined && !steward) return refusal(403, 'forbidden', 'SQL is for data stewards');
  if (parameters.sql !== undefined && !/^\s*(select|with)\b/i.test(String(parameters.sql)))
    return refusal(
      422,
      'invalid_parameters',
      'The query is refused',
      'One SELECT, and nothing else.',
      '/parameters/sql',
    );
  return null;
}

const cell = (column: string, row: number): unknown => {
  switch (column) {
    case 'time':
      return iso(Date.now() - DAY + row * 1_000);
    case 'twin':
      return `pump-0${1 + (row % 3)}`;
    case 'running':
      return row % 9 !== 0;
    case 'other_properties':
      return null;
    case 'status':
      return row % 9 === 0 ? 'idle' : 'running';
    default:
      return Math.round((40 + 20 * Math.sin(row / 7) + column.length) * 100) / 100;
  }
};

/** The next time of a schedule; where the clock leaps on that day it may be an hour off. */
function nextAt(schedule: Schedule, timeZone: string): string | null {
  if (!schedule.enabled) return null;
  const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const read = (at: number) => Date.parse(`${wall.format(at).replace(' ', 'T')}Z`);
  const now = Date.now();
  const ahead = read(now) - Math.floor(now / 1_000) * 1_000;
  const [hour, minute] = schedule.time.split(':').map(Number) as [number, number];
  for (let days = 0; days < 8; days++) {
    const local = new Date(now + ahead + days * DAY);
    local.setUTCHours(hour, minute, 0, 0);
    const at = local.getTime() - ahead;
    if (at > now && schedule.days.includes(names[local.getUTCDay()] as string)) return iso(at);
  }
  return null;
}

export async function answerJobs(pilot: string, call: JobsCall): Promise<Told> {
  const { method, rest, url, who } = call;
  fill(pilot);
  advance(pilot);
  const own = jobs.get(pilot) as Job[];
  const asked = (name: string) => url.searchParams.get(name);
  const body = async () => JSON.parse((await call.body()) || '{}') as Json;
  if (rest === '/exports/columns') {
    return {
      status: 200,
      body: {
        tables: MODELS.map((name) => ({
          name,
          kind: 'model',
          title: name,
          rows: ROWS,
          bytes: 48_204_118,
          columns: COLUMNS.filter(({ models }) => models.includes(name)).map((column) => ({
            ...column,
            property: null,
            title: null,
          })),
        })),
        dates: [],
      },
    };
  }
  if (rest === '/exports/preview') {
    const parameters = (await body()).parameters as Json;
    await new Promise((resolve) => setTimeout(resolve, 600));
    const fault = faultOf('export', parameters, call.steward);
    if (fault) return fault;
    const model = (parameters.model as string | undefined) ?? 'pump';
    const wanted = parameters.properties as string[] | undefined;
    const columns = COLUMNS.filter(({ name, models }) =>
      wanted ? wanted.includes(name) : models.includes(model) && !['source', 'event_id'].includes(name),
    );
    return {
      status: 200,
      body: {
        table: model,
        columns,
        rows: Array.from({ length: 50 }, (_, row) => columns.map(({ name }) => cell(name, row))),
        whole: false,
        estimate: { rows: ROWS * 7, bytes: 338_204_118, seconds: 14 },
        tables: parameters.model ? [model] : MODELS,
        sources: [{ dataset_id: 'hold-raw-1', name: 'days' }],
      },
    };
  }
  if (rest === '/job-types') {
    const limits = { attempts: MOST_ATTEMPTS, longest_run_seconds: 3_600, directory_bytes: 20_000_000_000 };
    return {
      status: 200,
      body: {
        items: ['export', 'noop', 'verify'].map((name) => ({
          name,
          parameters_schema: { type: 'object' },
          limits,
        })),
        next_cursor: null,
      },
    };
  }
  let at = /^\/job-schedules(?:\/([^/]+))?$/.exec(rest);
  if (at) {
    const all = schedules.get(pilot) as Schedule[];
    const shown = (each: Schedule): Json => ({
      ...each,
      time_zone: call.zone,
      next_at: nextAt(each, call.zone),
    });
    if (at[1] === undefined && method === 'GET')
      return { status: 200, body: { items: all.map(shown), next_cursor: null } };
    if (at[1] === undefined) {
      const given = await body();
      const fault = faultOf(String(given.type), given.parameters as Json, call.steward);
      if (fault) return fault;
      const made = {
        priority: 'normal',
        enabled: true,
        ...given,
        schedule_id: randomUUID(),
        last_job_id: null,
        last_error: null,
        requested_by: `person:${who}`,
        created_at: iso(Date.now()),
        updated_at: iso(Date.now()),
        revision: 1,
      } as unknown as Schedule;
      all.push(made);
      return { status: 201, body: shown(made), headers: { etag: '"1"' } };
    }
    const found = all.find(({ schedule_id: id }) => id === at?.[1]);
    if (!found) return refusal(404, 'not_found', 'There is no such schedule');
    if (method === 'DELETE') {
      all.splice(all.indexOf(found), 1);
      return { status: 204 };
    }
    if (method === 'PUT') {
      if (call.ifMatch !== `"${found.revision}"`)
        return refusal(412, 'precondition_failed', 'It was changed meanwhile');
      Object.assign(found, await body(), { revision: found.revision + 1 });
    }
    return { status: 200, body: shown(found), headers: { etag: `"${found.revision}"` } };
  }
  if (rest === '/jobs' && method === 'GET') {
    const text = asked('q')?.toLowerCase();
    const found = own.filter(
      (each) =>
        (!asked('state') || each.state === asked('state')) &&
        (!asked('type') || each.type === asked('type')) &&
        (!asked('requested_by') || each.by === asked('requested_by')) &&
        (!asked('schedule') || each.schedule === asked('schedule')) &&
        (!asked('from') || iso(each.created) >= (asked('from') as string)) &&
        (!asked('to') || iso(each.created) < (asked('to') as string)) &&
        (!text || each.name.toLowerCase().includes(text) || each.id.startsWith(text)),
    );
    return paged(found.map(bodyOf), url);
  }
  if (rest === '/jobs' && method === 'POST') {
    const given = await body();
    const fault = faultOf(String(given.type), given.parameters as Json, call.steward);
    if (fault) return fault;
    const before = own.find(({ id }) => id === keys.get(call.idempotencyKey ?? ''));
    if (before) return { status: 200, body: bodyOf(before) };
    const made = job(
      String(given.type),
      String(given.name ?? `${String(given.type)} ${iso(Date.now()).slice(0, 16)}`),
      given.parameters as Json,
      { by: `person:${who}`, priority: String(given.priority ?? 'normal') },
    );
    own.unshift(made);
    if (call.idempotencyKey) keys.set(call.idempotencyKey, made.id);
    advance(pilot);
    return { status: 201, body: bodyOf(made) };
  }
  if (rest === '/jobs/summary') {
    const counts = Object.fromEntries(
      ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead'].map((state) => [
        state,
        own.filter((each) => each.state === state).length,
      ]),
    );
    return {
      status: 200,
      body: { counts, running: own.filter(({ state }) => state === 'running').map(bodyOf) },
    };
  }
  if (rest === '/jobs/limits') {
    if (method === 'PUT') limits.set(pilot, await body());
    return { status: 200, body: limits.get(pilot) ?? { queued_most: 10_000, running_most: AT_ONCE } };
  }
  const retry = (each: Job, parameters?: Json): Told => {
    if (!['failed', 'dead', 'cancelled'].includes(each.state))
      return refusal(409, 'conflict', 'The job has not ended without a result');
    if (parameters) {
      const fault = faultOf(each.type, parameters, call.steward);
      if (fault) return fault;
      each.parameters = parameters;
    }
    Object.assign(each, {
      state: 'queued',
      tried: 0,
      ended: null,
      error: null,
      result: null,
      revision: each.revision + 1,
    });
    advance(pilot);
    return { status: 200, body: bodyOf(each) };
  };
  if (rest === '/jobs/retries') {
    const { job_ids: ids } = (await body()) as unknown as { job_ids: string[] };
    return {
      status: 200,
      body: {
        items: ids.map((id) => {
          const found = own.find((each) => each.id === id);
          const told = found ? retry(found) : refusal(404, 'not_found', 'There is no such job');
          const answer = told.body as Json;
          return {
            job_id: id,
            state: told.status === 200 ? answer.state : null,
            error: told.status === 200 ? null : { code: answer.code, detail: answer.title },
          };
        }),
      },
    };
  }
  at = /^\/jobs\/([^/]+)(\/.*)?$/.exec(rest);
  const found = own.find(({ id }) => id === at?.[1]);
  if (!at || !found) return refusal(404, 'not_found', 'There is no such job');
  const below = at[2] ?? '';
  switch (below) {
    case '':
      return { status: 200, body: bodyOf(found) };
    case '/cancel':
      if (found.state === 'queued')
        end(found, 'cancelled', Date.now(), { code: 'cancelled', detail: `Cancelled by ${who}.` });
      else if (found.state === 'running') found.cancelAsked ??= Date.now();
      else return refusal(409, 'conflict', 'The job has ended');
      return { status: 200, body: bodyOf(found) };
    case '/retry':
      return retry(found);
    case '/revise':
      return retry(found, (await body()).parameters as Json);
    case '/drop':
      if (found.state !== 'dead') return refusal(409, 'conflict', 'The job is not dead');
      end(found, 'cancelled', Date.now(), { code: 'dropped', detail: String((await body()).reason) });
      return { status: 200, body: bodyOf(found) };
    case '/attempts':
      return {
        status: 200,
        body: {
          items: found.attempts.map((each) => ({ ...each, log_lines: logOf(each).length })),
          next_cursor: null,
        },
      };
  }
  const attempt = found.attempts.find((each) => `/attempts/${each.attempt}/log` === below);
  if (!attempt) return refusal(404, 'not_found', 'There is no such attempt');
  return paged(logOf(attempt), url, attempt.ended_at === null);
}
