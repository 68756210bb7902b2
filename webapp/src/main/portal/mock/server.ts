import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin } from 'vite';
import { addDay, addResult, answerDatasets, beginStorage } from './datasets.ts';
import { answerDays, runOf } from './days.ts';
import { answerJobs, madeBy } from './jobs.ts';
import * as world from './twins.ts';

/*
 * A stand-in for the platform while the portal is developed: plausible answers, all in memory. Its sign-ins are the
 * contract's user names, each with the password `pilothouse-dev`. Never part of the bundle.
 */

const PASSWORD = 'pilothouse-dev';
const policy = (storage: string) =>
  `default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self' ${storage}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

type Json = Record<string, unknown>;
interface Person extends Json {
  username: string;
  roles: string[];
  pilot: string | null;
}
interface Sent {
  position: number;
  type: string;
  twin: string;
  body: string;
}

const now = () => new Date().toISOString();
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const MINUTE = 60_000;

const people: Person[] = [
  person('operator', 'Olga Perini', ['pilot-operator'], 'aurora'),
  person('admin', 'Adrian Costa', ['pilot-admin'], 'aurora'),
  person('steward', 'Stella Wagner', ['data-steward'], 'aurora'),
  person('support', 'Sunniva Aas', ['support-agent'], null),
  person('platform', 'Petra Lindqvist', ['platform-admin'], null),
];

function person(username: string, display_name: string, roles: string[], pilot: string | null): Person {
  return {
    username,
    display_name,
    roles,
    pilot,
    disabled: false,
    totp_enrolled: username === 'platform-totp',
    created_at: ago(40 * 86_400_000),
    last_sign_in_at: ago(3_600_000),
  };
}

const versions = new Map<string, number>();
const etag = (key: string) => `"${versions.get(key) ?? 1}"`;

const pilots: Json[] = [
  pilot('aurora', 'Aurora Bearings', 'Europe/Rome'),
  pilot('fjordkraft', 'Fjordkraft Wind', 'Europe/Oslo'),
  pilot('sant-pau', 'Hospital Sant Pau', 'Europe/Madrid'),
];

function pilot(pilot_id: string, name: string, time_zone: string): Json {
  return {
    pilot_id,
    name,
    time_zone,
    storage: { model: 'centralized', endpoint: null, bucket: null },
    retention: { telemetry_days: 7 },
    created_at: ago(40 * 86_400_000),
    updated_at: ago(86_400_000),
  };
}

const twins = [
  'pump-01',
  'pump-02',
  'pump-03',
  'bearing-a1',
  'bearing-a2',
  'turbine-north',
  'turbine-south',
  'battery-07',
  'press-3',
  'chiller-2',
];
const devices: Json[] = twins.map((twin, index) => ({
  device_id: `edge-${twin}`,
  twins: index % 3 === 0 ? [] : [twin],
  created_at: ago((30 - index) * 86_400_000),
  rotated_at: index === 4 ? ago(86_400_000) : null,
  last_seen_at: index === 9 ? null : ago(index * 4_000),
}));

const rejected: Json[] = Array.from({ length: 7 }, (_, index) => ({
  rejection_id: `0-${4200 - index}`,
  reason: ['schema_mismatch', 'unreadable', 'effect_failed'][index % 3],
  detail: [
    'values.temperature: a string where a number is expected',
    'the value is not JSON: unexpected end of input at byte 118',
    'the projection refused the record five times: mapping conflict on "status"',
  ][index % 3],
  reader: ['search-events', null, 'twin-state'][index % 3],
  origin_topic: 'pilot.aurora.telemetry',
  event_id: `evt-${9000 + index}`,
  event_type: 'telemetry.reported',
  subject: twins[index % twins.length],
  rejected_at: ago(index * 47 * MINUTE),
}));

const readers: Json[] = [
  {
    name: 'overview-counts',
    topics: 'pilot.*.telemetry',
    state: 'running',
    lag: 12,
    records_per_second: 214.2,
    rejected: 0,
  },
  {
    name: 'device-presence',
    topics: 'pilot.*.telemetry',
    state: 'running',
    lag: 0,
    records_per_second: 213.8,
    rejected: 0,
  },
  {
    name: 'search-events',
    topics: 'pilot.*.telemetry',
    state: 'waiting',
    lag: 18_422,
    records_per_second: 0,
    rejected: 3,
  },
];

const audit: Json[] = Array.from({ length: 420 }, (_, index) => {
  const sequence = 420 - index;
  const action = [
    'session.created',
    'device.registered',
    'device.rotated',
    'person.updated',
    'audit.verified',
    'pilot.updated',
  ][sequence % 6];
  return {
    sequence,
    time: ago(index * 11 * MINUTE),
    actor: ['admin', 'operator', 'platform', 'steward'][sequence % 4],
    pilot: sequence % 5 === 0 ? null : 'aurora',
    action,
    resource: action?.startsWith('device') ? `devices/edge-${twins[sequence % twins.length]}` : null,
    outcome: sequence % 17 === 0 ? 'denied' : 'allowed',
    detail: sequence % 17 === 0 ? { code: 'forbidden' } : {},
    hash: (sequence * 2654435761).toString(16).padStart(16, '0').repeat(4).slice(0, 64),
  };
});

const shape = (minute: number) =>
  Math.round(
    60 *
      (180 +
        90 * Math.sin((minute / 1440) * Math.PI * 2) +
        40 * Math.sin(minute / 37) +
        25 * Math.sin(minute * 1.7)),
  );

const log: Sent[] = [];
let position = 0;
const followers = new Set<(sent: Sent) => void>();

function publish(twin: string, values: Json, type = 'telemetry.reported', time = now()): void {
  const body = JSON.stringify({
    specversion: '1.0',
    id: `evt-${++position}`,
    source: `/pilots/aurora/devices/edge-${twin}`,
    type,
    subject: twin,
    time,
    partitionkey: twin,
    pilot: 'aurora',
    datacontenttype: 'application/json',
    data: { twin, time, values },
  });
  if (type === 'telemetry.reported') world.reported(twin, values, time);
  const sent = { position, type, twin, body };
  log.push(sent);
  if (log.length > 10_000) log.shift();
  for (const follower of followers) follower(sent);
}

function begin(): void {
  let tick = 0;
  world.fill(Number(process.env.PORTAL_MOCK_TWINS ?? 100));
  world.fillGraph();
  setInterval(() => {
    tick += 1;
    for (let at = 0; at < 3; at++) {
      const twin = twins[(tick * 3 + at) % twins.length] as string;
      const measured = twin.startsWith('turbine')
        ? ['power', 'rotor_speed', 'wind_speed', 'pitch']
        : ['temperature', 'vibration', 'pressure'];
      publish(twin, {
        ...Object.fromEntries(measured.map((name) => [name, world.reading(twin, name, Date.now())])),
        status: tick % 90 < 86 ? 'running' : 'idle',
      });
    }
  }, 60).unref();
}

const sessions = new Map<string, Person>();
const totp = new Set<string>();
const deviceTokens = new Map<string, Person>();

function answer(
  response: ServerResponse,
  status: number,
  body?: unknown,
  headers: Record<string, string> = {},
): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body === undefined) {
    response.end();
    return;
  }
  response.setHeader('content-type', status >= 400 ? 'application/problem+json' : 'application/json');
  response.end(JSON.stringify(body));
}

function problem(
  response: ServerResponse,
  status: number,
  code: string,
  title: string,
  detail?: string,
): void {
  answer(response, status, {
    type: `/problems/${code}`,
    title,
    status,
    code,
    detail,
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function caller(request: IncomingMessage): Person | undefined {
  const cookie = /pilothouse_session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  return sessions.get(cookie ?? bearer ?? '') ?? deviceTokens.get(bearer ?? '');
}

const sessionOf = (who: Person) => ({
  username: who.username,
  display_name: who.display_name,
  roles: who.roles,
  pilot: who.pilot,
  expires_at: new Date(Date.now() + 8 * 3_600_000).toISOString(),
  csrf_token: 'csrf-dev',
  totp_enrolled: totp.has(who.username),
  totp_required: false,
});

function page(items: Json[], url: URL) {
  const limit = Number(url.searchParams.get('limit') ?? 50);
  const start = Number(url.searchParams.get('cursor') ?? 0);
  return {
    items: items.slice(start, start + limit),
    next_cursor: start + limit < items.length ? String(start + limit) : null,
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const path = url.pathname.slice('/api/v1'.length);
  const method = request.method ?? 'GET';
  const is = (wanted: string, pattern: RegExp) => (method === wanted ? pattern.exec(path) : null);
  let at: RegExpExecArray | null;

  if (is('GET', /^\/auth\/oidc$/)) return answer(response, 200, { enabled: false });
  if (is('POST', /^\/auth\/(session|token)$/)) {
    const asked = JSON.parse(await bodyOf(request)) as { username: string; password: string; totp?: string };
    const who = people.find((each) => each.username === asked.username);
    if (!who || asked.password !== PASSWORD) {
      return problem(
        response,
        401,
        'unauthenticated',
        'Not signed in',
        'The user name or the password is not right.',
      );
    }
    if (totp.has(who.username) && !asked.totp)
      return problem(response, 401, 'totp_required', 'A one-time code is needed');
    if (totp.has(who.username) && asked.totp !== '123456') {
      return problem(response, 401, 'totp_invalid', 'Not signed in', 'The one-time code is not right.');
    }
    const token = `${who.username}-${Math.random().toString(36).slice(2)}`;
    sessions.set(token, who);
    if (path.endsWith('token')) {
      return answer(response, 200, {
        token,
        expires_at: sessionOf(who).expires_at,
        roles: who.roles,
        pilot: who.pilot,
      });
    }
    return answer(response, 200, sessionOf(who), {
      'set-cookie': `pilothouse_session=${token}; Path=/; HttpOnly; SameSite=Strict`,
    });
  }
  const who = caller(request);
  if (!who) return problem(response, 401, 'unauthenticated', 'Not signed in');
  if (method !== 'GET' && !request.headers.authorization && request.headers['x-csrf-token'] !== 'csrf-dev') {
    return problem(response, 403, 'csrf', 'The CSRF token is missing');
  }
  if (is('GET', /^\/auth\/session$/)) return answer(response, 200, sessionOf(who));
  if (is('DELETE', /^\/auth\/session$/))
    return answer(response, 204, undefined, { 'set-cookie': 'pilothouse_session=; Path=/; Max-Age=0' });
  if (is('POST', /^\/auth\/password$/)) {
    const asked = JSON.parse(await bodyOf(request)) as { current_password: string };
    if (asked.current_password !== PASSWORD)
      return problem(response, 401, 'unauthenticated', 'The current password is not right');
    return answer(response, 204);
  }
  if (is('POST', /^\/auth\/totp$/)) {
    return answer(response, 201, {
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      otpauth_uri: `otpauth://totp/Pilothouse:${who.username}?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Pilothouse`,
    });
  }
  if (is('PUT', /^\/auth\/totp$/)) {
    const asked = JSON.parse(await bodyOf(request)) as { code: string };
    if (asked.code !== '123456') return problem(response, 400, 'totp_invalid', 'The code does not fit');
    totp.add(who.username);
    return answer(response, 204);
  }
  if (is('GET', /^\/pilots$/))
    return answer(
      response,
      200,
      page(who.pilot ? pilots.filter((each) => each.pilot_id === who.pilot) : pilots, url),
    );
  if (is('POST', /^\/pilots$/)) {
    const asked = JSON.parse(await bodyOf(request)) as Json;
    if (pilots.some((each) => each.pilot_id === asked.pilot_id))
      return problem(response, 409, 'conflict', 'There is a pilot of that id already');
    pilots.push({
      ...pilot(String(asked.pilot_id), String(asked.name), String(asked.time_zone)),
      ...asked,
      created_at: now(),
      updated_at: now(),
    });
    return answer(response, 201, pilots[pilots.length - 1], { etag: '"1"' });
  }
  if ((at = /^\/pilots\/([^/]+)(.*)$/.exec(path))) {
    const id = at[1] as string;
    const found = pilots.find((each) => each.pilot_id === id);
    if (!found || (who.pilot && who.pilot !== id))
      return problem(response, 404, 'not_found', 'There is no such pilot');
    return inPilot(request, response, url, found, at[2] as string, method);
  }
  if (is('GET', /^\/people$/))
    return answer(
      response,
      200,
      page(
        people.filter((each) => !who.pilot || each.pilot === who.pilot),
        url,
      ),
    );
  if (is('POST', /^\/people$/)) {
    const { password: _password, ...asked } = JSON.parse(await bodyOf(request)) as Json;
    if (people.some((each) => each.username === asked.username))
      return problem(response, 409, 'conflict', 'There is a person of that user name already');
    people.push({
      ...person(
        String(asked.username),
        String(asked.display_name ?? ''),
        asked.roles as string[],
        (asked.pilot as string) ?? null,
      ),
      last_sign_in_at: null,
    });
    return answer(response, 201, people[people.length - 1]);
  }
  if ((at = /^\/people\/([^/]+)$/.exec(path))) {
    const found = people.find((each) => each.username === at?.[1]);
    if (!found) return problem(response, 404, 'not_found', 'There is no such person');
    if (method === 'GET') return answer(response, 200, found, { etag: etag(found.username) });
    return patch(request, response, found, found.username);
  }
  if (is('GET', /^\/platform\/engines$/)) return answer(response, 200, { items: engines() });
  if (is('GET', /^\/platform\/openlineage$/)) return answer(response, 200, sender);
  if (is('GET', /^\/platform\/readers$/)) return answer(response, 200, { items: readers });
  if ((at = is('POST', /^\/platform\/readers\/([^/]+)\/(pause|resume)$/))) {
    const reader = readers.find((each) => each.name === at?.[1]);
    if (reader) reader.state = at[2] === 'pause' ? 'paused' : 'running';
    return answer(response, 204);
  }
  if (is('GET', /^\/audit$/)) {
    const wanted = (name: string) => url.searchParams.get(name);
    return answer(
      response,
      200,
      page(
        audit.filter(
          (entry) =>
            (!wanted('actor') || entry.actor === wanted('actor')) &&
            (!wanted('action') || entry.action === wanted('action')),
        ),
        url,
      ),
    );
  }
  if (is('GET', /^\/audit\/verify$/))
    return answer(response, 200, { intact: true, entries: 420, head: audit[0]?.hash, broken_at: null });
  return problem(response, 404, 'not_found', 'There is nothing here');
}

const sender: Json = {
  state: 'failing',
  url: 'https://lineage.aurora.example/api/v1/lineage',
  waiting: 214,
  refused: 2,
  waiting_since: ago(2_400_000),
  last_told_at: ago(2_460_000),
  last_failure: { at: ago(21_000), detail: 'answered 503' },
};

function engines(): Json[] {
  const names = [
    ['kafka', 'the event backbone'],
    ['postgresql', 'people, pilots, audit trail'],
    ['rabbitmq', 'jobs'],
    ['elasticsearch', 'search'],
    ['s3', 'datasets'],
    ['mqtt', 'devices'],
  ];
  return names.map(([name, role], index) => ({
    name,
    role,
    state: name === 'elasticsearch' ? 'slow' : 'up',
    latency_ms: name === 'elasticsearch' ? 612 : 0.8 + index * 0.9,
    since: ago(3_600_000 * (index + 1)),
    checked_at: now(),
    detail: name === 'elasticsearch' ? 'the cluster answers after more than 500 ms' : null,
  }));
}

async function patch(
  request: IncomingMessage,
  response: ServerResponse,
  target: Json,
  key: string,
): Promise<void> {
  if (request.headers['if-match'] !== etag(key)) {
    return problem(response, 412, 'precondition_failed', 'It was changed meanwhile');
  }
  const { password: _password, ...asked } = JSON.parse(await bodyOf(request)) as Json;
  Object.assign(target, asked);
  versions.set(key, (versions.get(key) ?? 1) + 1);
  return answer(response, 200, target, { etag: etag(key) });
}

async function inPilot(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  found: Json,
  rest: string,
  method: string,
): Promise<void> {
  const id = String(found.pilot_id);
  let at: RegExpExecArray | null;
  if (rest === '' && method === 'GET') return answer(response, 200, found, { etag: etag(id) });
  if (rest === '' && method === 'PATCH') return patch(request, response, found, id);
  if (rest === '/devices' && method === 'GET') {
    return answer(response, 200, page(id === 'aurora' ? devices : [], url));
  }
  if (rest === '/devices' && method === 'POST') {
    const asked = JSON.parse(await bodyOf(request)) as Json;
    if (devices.some((each) => each.device_id === asked.device_id))
      return problem(response, 409, 'conflict', 'There is a device of that id already');
    devices.push({
      device_id: asked.device_id,
      twins: asked.twins ?? [],
      created_at: now(),
      rotated_at: null,
      last_seen_at: null,
    });
    return answer(response, 201, { device_id: asked.device_id, token: token() });
  }
  if ((at = /^\/devices\/([^/]+)(\/rotate)?$/.exec(rest))) {
    const index = devices.findIndex((each) => each.device_id === at?.[1]);
    const device = devices[index];
    if (!device) return problem(response, 404, 'not_found', 'There is no such device');
    if (at[2]) {
      device.rotated_at = now();
      return answer(response, 200, { device_id: device.device_id, token: token() });
    }
    if (method === 'DELETE') {
      devices.splice(index, 1);
      return answer(response, 204);
    }
    return answer(response, 200, device);
  }
  if (rest === '/overview') {
    if (id !== 'aurora') {
      return answer(response, 200, {
        pilot_id: id,
        as_of: now(),
        events_per_second: 0,
        total_24h: 0,
        minutes: [],
        devices: 0,
        twins_seen: 0,
        rejected_24h: 0,
      });
    }
    const last = Math.floor(Date.now() / MINUTE);
    const minutes: [string, number][] = [];
    for (let minute = last - 1440; minute <= last; minute++) {
      const back = last - minute;
      if (back > 700 && back < 760) continue;
      minutes.push([new Date(minute * MINUTE).toISOString(), shape(minute)]);
    }
    return answer(response, 200, {
      pilot_id: id,
      as_of: now(),
      events_per_second: shape(last) / 60 + Math.random() * 4,
      total_24h: minutes.reduce((sum, [, events]) => sum + events, 0),
      minutes,
      devices: devices.length,
      twins_seen: twins.length,
      rejected_24h: rejected.length,
    });
  }
  if (rest === '/rejected') return answer(response, 200, page(id === 'aurora' ? rejected : [], url));
  if ((at = /^\/rejected\/([^/]+)\/redrive$/.exec(rest))) return answer(response, 202);
  if (rest === '/telemetry' && method === 'POST') {
    const lines = (await bodyOf(request)).split('\n').filter((line) => line.trim() !== '');
    for (const line of lines) {
      const { twin, values, time } = JSON.parse(line) as { twin: string; values: Json; time: string };
      publish(twin, values, 'telemetry.reported', time);
    }
    return answer(response, 202, { accepted: lines.length, rejected: [] });
  }
  if (rest === '/stream') return stream(request, response, url, id);
  if (/^\/(datasets|products|storage)(\/|$)/.test(rest)) {
    const who = caller(request);
    const day = runOf(/^\/datasets\/([^/]+)/.exec(rest)?.[1] ?? '');
    if (day) addDay(id, day);
    const result = madeBy(/^\/datasets\/([^/]+)/.exec(rest)?.[1] ?? '');
    if (result) addResult(id, result);
    const told = await answerDatasets(id, {
      method,
      rest,
      url,
      body: () => bodyOf(request),
      ifMatch: request.headers['if-match'],
      who: { username: who?.username ?? 'somebody', roles: who?.roles ?? [] },
    });
    return answer(response, told.status, told.body, told.headers);
  }
  if (/^\/dumps(\/|$)/.test(rest)) {
    const told = await answerDays(id, {
      method,
      rest: rest.slice('/dumps'.length),
      url,
      body: () => bodyOf(request),
      ifMatch: request.headers['if-match'],
      who: caller(request)?.username ?? 'somebody',
      zone: String(found.time_zone),
      created: String(found.created_at),
    });
    return answer(response, told.status, told.body, told.headers);
  }
  if (/^\/(jobs|job-types|job-schedules|exports)(\/|$)/.test(rest)) {
    const who = caller(request);
    const told = await answerJobs(id, {
      method,
      rest,
      url,
      body: () => bodyOf(request),
      ifMatch: request.headers['if-match'],
      idempotencyKey: request.headers['idempotency-key'] as string | undefined,
      who: who?.username ?? 'somebody',
      steward: who?.roles.some((role) => role === 'data-steward' || role === 'platform-admin') ?? false,
      zone: String(found.time_zone),
    });
    return answer(response, told.status, told.body, told.headers);
  }
  if (/^\/(models|twins|relationship-types)(\/|$)/.test(rest))
    return twinsOf(request, response, url, id, rest, method);
  return problem(response, 404, 'not_found', 'There is nothing here');
}

function refused(response: ServerResponse, refusal: world.Refusal): void {
  answer(response, refusal.status, {
    type: `/problems/${refusal.code}`,
    trace_id: '4bf92f3577b34da6',
    ...refusal,
  });
}

async function twinsOf(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  pilotId: string,
  rest: string,
  method: string,
): Promise<void> {
  const who = caller(request)?.username ?? 'somebody';
  const asked = (name: string) => url.searchParams.get(name);
  const is = (wanted: string, pattern: RegExp) => (method === wanted ? pattern.exec(rest) : null);
  let at: RegExpExecArray | null;
  if (rest === '/relationship-types') return answer(response, 200, page(world.relationshipTypes, url));
  if (rest === '/models')
    return answer(response, 200, page(pilotId === 'aurora' ? world.modelRows() : [], url));
  if ((at = is('GET', /^\/models\/([^/]+)$/))) {
    const revision = asked('revision');
    const found = world.modelDocument(at[1] as string, revision ? Number(revision) : null);
    if (!found) return problem(response, 404, 'not_found', 'There is no such model');
    return answer(response, 200, found.document, { etag: found.etag });
  }
  if ((at = is('PUT', /^\/models\/([^/]+)$/))) {
    const document = JSON.parse(await bodyOf(request)) as Json;
    const result = world.putModel(at[1] as string, document, request.headers['if-match'], who);
    if (!('row' in result)) return refused(response, result);
    return answer(response, result.status, result.row, { etag: `"${String(result.row.revision)}"` });
  }
  if (rest === '/twins') {
    const text = asked('q')?.toLowerCase();
    const silentFor = Number(asked('silent_for') ?? 0) * 1000;
    const found = (pilotId === 'aurora' ? [...world.twins.values()] : []).filter(
      (twin) =>
        (!asked('model') || twin.model === asked('model')) &&
        (!text ||
          [twin.twin_id, twin.attributes.name, twin.attributes.place].some((each) =>
            String(each ?? '')
              .toLowerCase()
              .includes(text),
          )) &&
        (!silentFor || !twin.reported_at || Date.now() - Date.parse(String(twin.reported_at)) > silentFor),
    );
    return answer(response, 200, page(found, url));
  }
  at = /^\/twins\/([^/]+)(\/.*)?$/.exec(rest);
  const id = at?.[1] ?? '';
  const below = at?.[2] ?? '';
  const twin = pilotId === 'aurora' ? world.twins.get(id) : undefined;
  if (below === '' && method === 'PUT') {
    if (twin && request.headers['if-match'] === undefined)
      return problem(response, 412, 'precondition_failed', 'There is a twin of that id already');
    const definition = JSON.parse(await bodyOf(request)) as Json;
    world.reported(id, {}, now());
    const made = world.twins.get(id) as world.Twin;
    Object.assign(made, { reported_at: null, revision: 1 }, definition);
    return answer(response, twin ? 200 : 201, made, { etag: `"${made.revision}"` });
  }
  if (!twin) return problem(response, 404, 'not_found', 'There is no such twin');
  if (below === '' && method === 'GET') {
    const instant = asked('at');
    if (!instant) return answer(response, 200, twin, { etag: `"${twin.revision}"` });
    const then = Date.parse(instant);
    const properties = Object.fromEntries(
      Object.entries(twin.properties).map(([name, kept]) => [
        name,
        typeof kept.value === 'number'
          ? { value: world.reading(id, name, then), time: new Date(then - 700).toISOString() }
          : { ...kept, time: new Date(then - 700).toISOString() },
      ]),
    );
    return answer(response, 200, { ...twin, properties, at: instant }, { etag: `"${twin.revision}"` });
  }
  if (below === '' && method === 'PATCH') {
    if (request.headers['if-match'] !== `"${twin.revision}"`)
      return problem(response, 412, 'precondition_failed', 'It was changed meanwhile');
    const change = JSON.parse(await bodyOf(request)) as Json;
    Object.assign(twin, world.mergePatch(twin, change), { revision: twin.revision + 1, updated_at: now() });
    world.fact(id, 'twin.changed', who, { changed: Object.keys(change), revision: twin.revision });
    return answer(response, 200, twin, { etag: `"${twin.revision}"` });
  }
  if (below === '' && method === 'DELETE') {
    world.twins.delete(id);
    for (const [key, edge] of world.edges)
      if (edge.source === id || edge.target === id) world.edges.delete(key);
    return answer(response, 204);
  }
  if (below === '/history') {
    const to = asked('to') ? Date.parse(asked('to') as string) : Date.now();
    const from = asked('from') ? Date.parse(asked('from') as string) : to - 3_600_000;
    const numeric = Object.entries(twin.properties)
      .filter(([, kept]) => typeof kept.value === 'number')
      .map(([name]) => name);
    const properties = asked('property')?.split(',') ?? numeric.slice(0, 16);
    return answer(response, 200, world.history(twin, properties, from, to, asked('step')));
  }
  if (below === '/neighbours')
    return answer(
      response,
      200,
      world.neighbours(id, Number(asked('depth') ?? 1), asked('type'), asked('direction') ?? 'both'),
    );
  if (below === '/path') return answer(response, 200, world.pathTo(id));
  if ((at = /^\/relationships\/([^/]+)$/.exec(below))) {
    const key = `${id} ${at[1] as string}`;
    if (method === 'PUT') {
      const asking = JSON.parse(await bodyOf(request)) as Json;
      const onlyNew = request.headers['if-none-match'] === '*';
      const result = world.putEdge(id, at[1] as string, asking, onlyNew);
      return 'code' in result
        ? refused(response, result as world.Refusal)
        : answer(response, 201, result, { etag: '"1"' });
    }
    const edge = world.edges.get(key);
    if (!edge) return problem(response, 404, 'not_found', 'There is no such relationship');
    if (method === 'DELETE') {
      world.edges.delete(key);
      return answer(response, 204);
    }
    return answer(response, 200, edge, { etag: `"${edge.revision}"` });
  }
  const within = (from: unknown, to: unknown) =>
    String(from) < (url.searchParams.get('to') ?? '9') && String(to) >= (url.searchParams.get('from') ?? '');
  if (below === '/thread') {
    const found = (world.facts.get(id) ?? []).filter(({ time }) => within(time, time));
    return answer(response, 200, page(found, url));
  }
  if (below === '/commands' && method === 'GET') {
    const found = (world.commands.get(id) ?? []).filter((each) =>
      within(each.created_at, each.ended_at ?? '9'),
    );
    return answer(response, 200, page(found, url));
  }
  if (below === '/commands' && method === 'POST') {
    return answer(response, 201, world.send(twin, JSON.parse(await bodyOf(request)) as Json, who));
  }
  return problem(response, 404, 'not_found', 'There is nothing here');
}

function token(): string {
  const made = Buffer.from(Array.from({ length: 32 }, () => Math.floor(Math.random() * 256))).toString(
    'base64url',
  );
  deviceTokens.set(made, person('device', '', [], 'aurora'));
  return made;
}

function stream(request: IncomingMessage, response: ServerResponse, url: URL, id: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': here\n\n');
  if (id !== 'aurora') return;
  const wantedTwins = url.searchParams.getAll('twin');
  const wantedTypes = url.searchParams.getAll('type');
  const send = (sent: Sent) => {
    if (wantedTwins.length > 0 && !wantedTwins.includes(sent.twin)) return;
    if (wantedTypes.length > 0 && !wantedTypes.includes(sent.type)) return;
    response.write(`id: ${sent.position}\nevent: ${sent.type}\ndata: ${sent.body}\n\n`);
  };
  const from = Number(request.headers['last-event-id'] ?? 0);
  if (from > 0) log.filter((sent) => sent.position > from).forEach(send);
  followers.add(send);
  const comment = setInterval(() => response.write(': still here\n\n'), 15_000);
  request.on('close', () => {
    clearInterval(comment);
    followers.delete(send);
  });
}

const middleware: Connect.NextHandleFunction = (request, response, next) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (!url.pathname.startsWith('/api/v1')) {
    next();
    return;
  }
  handle(request, response, url).catch((error: unknown) =>
    problem(response, 500, 'internal', 'The mock failed', String(error)),
  );
};

/** The object storage of the stand-in stands at the port after its own. */
const beside = (port: number | undefined) => beginStorage((port ?? 18500) + 1);

export function mockServer(): Plugin {
  return {
    name: 'pilothouse-mock',
    configureServer(server) {
      begin();
      beside(server.config.server.port);
      server.middlewares.use(middleware);
    },
    configurePreviewServer(server) {
      begin();
      const content = policy(beside(server.config.preview.port));
      server.middlewares.use((request, response, next) => {
        response.setHeader('Content-Security-Policy', content);
        middleware(request, response, next);
      });
    },
  };
}
