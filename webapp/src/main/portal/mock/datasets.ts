/*
 * Datasets of the stand-in, and an object storage of its own beside it, at another origin as in life: it takes the
 * parts, hashes them, and fails where the name of a dataset asks it to: `flaky` refuses each part once with 503,
 * `stale` with 403, `slow` takes its time, `corrupt` changes a byte, `large` is verified after the answer.
 * PUT /control?down=1 shuts it; ?down=0 opens it again.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as curations from './curations.ts';

export type Json = Record<string, unknown>;

export interface Refusal {
  status: number;
  code: string;
  title: string;
  detail?: string;
}

interface Dataset extends Json {
  dataset_id: string;
  name: string;
  version: number;
  state: string;
  size_bytes: number;
  checksum: string | null;
  media_type: string;
  tags: Record<string, unknown>;
  lineage: { kind: string; id?: string | null; inputs?: string[] };
  created_at: string;
  available_at: string | null;
  verified_bytes: number;
  replayability?: curations.Source['replayability'];
}

interface Part {
  etag: string;
  bytes: Buffer;
}

const PART = Number(process.env.PORTAL_MOCK_PART ?? 256 * 1024);
const DAY = 86_400_000;
const GRACE_MS = 7 * DAY;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const later = (ms: number) => new Date(Date.now() + ms).toISOString();

const datasets = new Map<string, Dataset>();
const versions = new Map<string, number>();
const parts = new Map<string, Map<number, Part>>();
const refusedOnce = new Set<string>();
const quota = { bytes: 500_000_000_000, objects: 100_000, uploads: 8 };
let storageUrl = '';
let down = false;
let made = 0;

const idOf = () =>
  `0193a7c${(++made).toString(16).padStart(5, '0')}-7b1e-${(made * 7919).toString(16).padStart(4, '0').slice(-4)}`;

function add(name: string, more: Partial<Dataset> & { age?: number } = {}): Dataset {
  const { age = DAY, ...given } = more;
  const state = given.state ?? 'available';
  const dataset_id = given.dataset_id ?? idOf();
  const seen = [...datasets.values()].filter((each) => each.name === name).length;
  const known = ['available', 'expired', 'deleting'].includes(state);
  const dataset: Dataset = {
    dataset_id,
    name,
    version: seen + 1,
    state,
    object_uri: known ? `s3://pilothouse-hold/aurora/${dataset_id}` : null,
    checksum:
      state === 'uploading'
        ? null
        : `sha256:${createHash('sha256')
            .update(name + seen)
            .digest('hex')}`,
    size_bytes: 48_300_112,
    media_type: 'text/csv',
    declared_media_type: given.media_type ?? 'text/csv',
    schema_ref: null,
    tags: { classification: 'internal', owner: 'Process data', licence: 'proprietary', personal_data: false },
    lineage: { kind: 'upload', id: null, inputs: [] },
    retention_days: null,
    created_at: ago(age),
    created_by: 'person:admin',
    available_at: known ? ago(age - 40_000) : null,
    expires_at: null,
    removed_after: null,
    verified_bytes: known ? 48_300_112 : 0,
    failure: null,
    ...given,
  };
  datasets.set(dataset_id, dataset);
  return dataset;
}

/** The catalogue knows the dataset of a closed day from when somebody first asks for it. */
export function addDay(pilot: string, day: { dataset: string; date: string; revision: number }): void {
  if (datasets.has(day.dataset)) return;
  add(`days/${day.date}`, {
    dataset_id: day.dataset,
    size_bytes: 18_204,
    verified_bytes: 18_204,
    media_type: 'application/json',
    object_uri: `s3://pilothouse-hold/${pilot}/${day.date.replaceAll('-', '/')}/${day.dataset}/_manifest.json`,
    tags: { classification: 'internal', day: day.date, day_revision: day.revision, completeness: 'complete' },
    lineage: { kind: 'dump', id: `${day.date}-${day.revision}`, inputs: [] },
  });
}

/** What a job has made, likewise. */
export function addResult(
  pilot: string,
  result: { dataset: string; job: string; name: string; bytes: number },
): void {
  if (datasets.has(result.dataset)) return;
  add(result.name, {
    dataset_id: result.dataset,
    age: 60_000,
    size_bytes: result.bytes,
    verified_bytes: result.bytes,
    media_type: 'application/gzip',
    object_uri: `s3://pilothouse-hold/${pilot}/${result.dataset}/export`,
    lineage: { kind: 'job', id: result.job, inputs: ['hold-raw-1'] },
  });
}

function fill(): void {
  const raw = add('spindle-vibration/2026-11.parquet', {
    dataset_id: 'hold-raw-1',
    age: 9 * DAY,
    size_bytes: 3_812_440_019,
    media_type: 'application/vnd.apache.parquet',
    declared_media_type: 'application/octet-stream',
    schema_ref: 'https://schemas.aurora.example/spindle-vibration/2',
    tags: {
      classification: 'confidential',
      licence: 'CC-BY-4.0',
      owner: 'Condition monitoring',
      purpose: 'Bearing wear models; no other use',
      personal_data: false,
      legal_hold: true,
      line: 'line-a',
      sampling_hz: 25_600,
    },
  });
  raw.verified_bytes = raw.size_bytes;
  add('spindle-vibration/2026-11.parquet', {
    dataset_id: 'hold-raw-2',
    age: 2 * DAY,
    size_bytes: 3_910_227_340,
    verified_bytes: 3_910_227_340,
    media_type: 'application/vnd.apache.parquet',
    declared_media_type: 'application/vnd.apache.parquet',
    retention_days: 365,
    expires_at: later(363 * DAY),
    schema_ref: 'https://schemas.aurora.example/spindle-vibration/2',
    tags: {
      classification: 'restricted',
      licence: 'CC-BY-4.0',
      owner: 'Condition monitoring',
      purpose: 'Bearing wear models',
      personal_data: true,
    },
  });
  const shifts = add('operators-on-shift.csv', {
    dataset_id: 'hold-shifts',
    age: 8 * DAY,
    size_bytes: 88_112,
    tags: { classification: 'restricted', owner: 'Works council', personal_data: true },
  });
  add('wear-features', {
    dataset_id: 'hold-features',
    age: 5 * DAY,
    size_bytes: 412_008_771,
    media_type: 'application/vnd.apache.parquet',
    lineage: { kind: 'job', id: 'job-7f31', inputs: [raw.dataset_id, shifts.dataset_id] },
  });
  add('wear-model', {
    dataset_id: 'hold-model',
    age: 4 * DAY,
    size_bytes: 9_112_000,
    media_type: 'application/zip',
    lineage: { kind: 'job', id: 'job-8a02', inputs: ['hold-features'] },
    tags: { classification: 'internal', owner: 'Analytics', licence: 'proprietary', personal_data: false },
  });
  add('wear-forecast.csv', {
    dataset_id: 'hold-forecast',
    age: 3 * DAY,
    size_bytes: 221_870,
    lineage: { kind: 'simulation', id: 'sim-0042', inputs: ['hold-model', 'hold-raw-2'] },
    retention_days: 30,
    expires_at: later(27 * DAY),
  });
  add('closed-day/2026-11-20', {
    age: 9 * 3_600_000,
    media_type: 'application/vnd.apache.parquet',
    lineage: { kind: 'dump', id: '2026-11-20', inputs: [] },
    tags: {
      classification: 'internal',
      licence: 'CC-BY-4.0',
      owner: 'Aurora Bearings',
      personal_data: false,
    },
  });
  add('thermal-camera.zip', {
    dataset_id: 'hold-bad',
    age: 5 * 3_600_000,
    state: 'quarantined',
    size_bytes: 1_204_112_908,
    media_type: 'application/zip',
    failure: {
      code: 'checksum_mismatch',
      detail: 'The bytes have the SHA-256 9f2c…e1, declared was 04ab…77.',
    },
  });
  add('acoustic-emission.h5', {
    dataset_id: 'hold-verifying',
    age: 120_000,
    state: 'verifying',
    size_bytes: 18_400_000_000,
    verified_bytes: 6_900_000_000,
    media_type: 'application/x-hdf5',
  });
  add('coolant-2019.csv', {
    dataset_id: 'hold-expired',
    age: 400 * DAY,
    state: 'expired',
    retention_days: 395,
    expires_at: ago(5 * DAY),
    removed_after: later(2 * DAY),
  });
  add('old-export.csv', {
    dataset_id: 'hold-withdrawn',
    age: 30 * DAY,
    state: 'deleting',
    removed_after: later(5 * DAY),
  });
  add('ultrasonic-sweep.parquet', {
    dataset_id: 'hold-uploading',
    age: 1_800_000,
    state: 'uploading',
    size_bytes: 12 * PART,
    media_type: 'application/vnd.apache.parquet',
    created_by: 'person:operator',
  });
  parts.set(
    'hold-uploading',
    new Map([1, 2, 3, 4, 5].map((number) => [number, partOf(Buffer.alloc(PART, number))])),
  );
  atThePilot();
  const many = Number(process.env.PORTAL_MOCK_DATASETS ?? 260);
  for (let at = 0; at < many; at++) {
    add(`closed-day/${new Date(Date.now() - (at + 2) * DAY).toISOString().slice(0, 10)}`, {
      age: (at + 1) * DAY + 7 * 3_600_000,
      size_bytes: 40_000_000 + ((at * 7_919_131) % 90_000_000),
      media_type: 'application/vnd.apache.parquet',
      lineage: { kind: 'dump', id: `day-${at}`, inputs: [] },
      tags: {
        classification: 'internal',
        licence: 'CC-BY-4.0',
        owner: 'Aurora Bearings',
        personal_data: false,
      },
    });
  }
}

/** What rests at the pilot’s own endpoint, and what was copied of it before. */
function atThePilot(): void {
  const seen = (state: string, detail: string | null = null) => ({ state, detail, probed_at: ago(90_000) });
  const there = [
    ['grinding-runs/2026-09.parquet', 61_204_551, seen('reachable')],
    ['grinding-runs/2026-10.parquet', 84_100_412, seen('reachable')],
    ['grinding-runs/2026-11.parquet', 33_870_000, seen('reachable')],
    ['acoustics/changed-since.h5', 12_400_000, seen('object_changed', 'Its etag is another one.')],
    ['acoustics/away.h5', 18_000_000, seen('object_missing')],
    ['press-force-curves-of-all-lines-and-shifts.csv', 4_410_092, seen('reachable')],
  ] as const;
  const sources = there.map(([name, size_bytes, replayability], at) =>
    add(name, {
      dataset_id: `site-${at + 1}`,
      age: (at + 6) * 3_600_000,
      size_bytes,
      verified_bytes: size_bytes,
      object_uri: `s3://aurora-lake/${encodeURI(name)}`,
      replayability,
      tags: { classification: 'internal', owner: 'Process data', purpose: 'training', personal_data: false },
      lineage: { kind: 'registration', id: null, inputs: [] },
    }),
  );
  const of = (...at: number[]) => at.map((each) => sources[each] as Dataset & curations.Source);
  curations.begin('aurora', 'person:steward', of(0, 1, 5), Date.now() - 9 * DAY);
  curations.begin('aurora', 'person:steward', of(2, 3, 4), Date.now() - 3 * DAY);
  const begun = Date.now() - 5 * 3_600_000;
  curations.cancel(
    curations.begin('aurora', 'person:admin', of(0, 1, 2), begun),
    'person:admin',
    begun + 9_000,
  );
}

function chosenOf(asked: Json, all: readonly Dataset[]): Dataset[] {
  const there = all.filter((each) => each.replayability && each.state === 'available');
  if (Array.isArray(asked.datasets)) {
    return there.filter(({ dataset_id }) => (asked.datasets as string[]).includes(dataset_id));
  }
  return there.filter(
    (each) =>
      (!asked.tag || fits(each, String(asked.tag))) &&
      (!asked.name || each.name === asked.name) &&
      (!asked.from || each.created_at >= String(asked.from)) &&
      (!asked.to || each.created_at < String(asked.to)),
  );
}

async function answerCurations(pilot: string, call: Call, all: readonly Dataset[]): Promise<Answer> {
  const { method, rest, url, who } = call;
  const governs = who.roles.some((role) => ['pilot-admin', 'data-steward', 'platform-admin'].includes(role));
  const [, , , id, act] = rest.split('/');
  if (method === 'GET' && id === undefined) return { status: 200, body: page(curations.list(pilot), url) };
  if (method === 'GET') {
    const found = curations.find(pilot, id ?? '');
    return found ? { status: 200, body: curations.full(found) } : notFound();
  }
  if (!governs) return refusal(403, 'forbidden', 'Your role does not allow this');
  if (id !== undefined) {
    const found = curations.find(pilot, id);
    if (!found || act !== 'cancel') return notFound();
    curations.cancel(found, `person:${who.username}`);
    return { status: 200, body: curations.full(found) };
  }
  const asked = JSON.parse(await call.body()) as Json;
  if (asked.tag === 'odd') {
    return refusal(400, 'invalid_value', 'A value is out of its range', 'More than 500 datasets fit.');
  }
  const chosen = chosenOf(asked, all) as (Dataset & curations.Source)[];
  const bytes = chosen.reduce((sum, each) => sum + each.size_bytes, 0);
  const left = asked.name === 'acoustics/away.h5' ? 10_000_000 : 90_000_000_000;
  if (asked.dry_run === true) {
    const unreachable = chosen
      .filter(({ replayability }) => replayability.state !== 'reachable')
      .map(({ dataset_id, name, replayability }) => ({ dataset_id, name, replayability }));
    const plan = { datasets: chosen.length, bytes, quota_left_bytes: left, fits: bytes <= left, unreachable };
    return { status: 200, body: plan };
  }
  if (chosen.length === 0) return refusal(400, 'invalid_value', 'No dataset at the pilot’s endpoint fits.');
  return { status: 201, body: curations.full(curations.begin(pilot, `person:${who.username}`, chosen)) };
}

const partOf = (bytes: Buffer): Part => ({
  bytes,
  etag: `"${createHash('md5').update(bytes).digest('hex')}"`,
});

export function beginStorage(port: number): string {
  if (datasets.size === 0) fill();
  storageUrl = `http://127.0.0.1:${port}`;
  const server: Server = createServer((request, response) => {
    store(request, response).catch(() => {
      response.statusCode = 500;
      response.end();
    });
  });
  server.listen(port, '127.0.0.1').unref();
  return storageUrl;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function store(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', storageUrl);
  if (url.pathname === '/control') {
    if (url.searchParams.has('down')) down = url.searchParams.get('down') === '1';
    response.statusCode = 204;
    response.end();
    return;
  }
  if (down) {
    request.socket.destroy();
    return;
  }
  const allow = () => {
    response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
    response.setHeader('access-control-expose-headers', 'ETag');
  };
  if (request.method === 'OPTIONS') {
    allow();
    response.setHeader('access-control-allow-methods', 'PUT, GET');
    response.setHeader('access-control-allow-headers', 'content-type');
    response.statusCode = 204;
    response.end();
    return;
  }
  const [, id = '', number = ''] = url.pathname.split('/');
  const dataset = datasets.get(id);
  if (request.method === 'GET' && dataset) {
    response.setHeader('content-type', dataset.media_type);
    response.setHeader('content-disposition', `attachment; filename="${encodeURIComponent(dataset.name)}"`);
    response.end(Buffer.concat([...(parts.get(id)?.values() ?? [])].map(({ bytes }) => bytes)));
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const refuse = (status: number, code: string) => {
    response.statusCode = status;
    response.setHeader('content-type', 'application/xml');
    response.end(`<Error><Code>${code}</Code><Message>refused by the stand-in</Message></Error>`);
  };
  if (request.method !== 'PUT' || !dataset || request.headers.cookie || request.headers.authorization) {
    allow();
    refuse(400, 'InvalidRequest');
    return;
  }
  const key = `${id}/${number}`;
  const first = !refusedOnce.has(key);
  refusedOnce.add(key);
  if (first && dataset.name.includes('flaky')) {
    allow();
    refuse(503, 'SlowDown');
    return;
  }
  // as many servers do, without the headers that would let the page read the answer
  if (first && dataset.name.includes('stale')) {
    refuse(403, 'AccessDenied');
    return;
  }
  if (dataset.name.includes('slow')) await wait(350);
  if (dataset.name.includes('corrupt') && number === '1' && bytes.length > 0) bytes[0] = (bytes[0] ?? 0) ^ 1;
  const part = partOf(bytes);
  const stored = parts.get(id) ?? new Map<number, Part>();
  stored.set(Number(number), part);
  parts.set(id, stored);
  allow();
  response.setHeader('etag', part.etag);
  response.end();
}

const etagOf = (id: string) => `"${versions.get(id) ?? 1}"`;
const bump = (id: string) => versions.set(id, (versions.get(id) ?? 1) + 1);

function layout({ size_bytes }: Dataset) {
  return { part_size: PART, part_count: Math.max(1, Math.ceil(size_bytes / PART)) };
}

function uploadOf(dataset: Dataset, from: number, limit: number) {
  const { part_size, part_count } = layout(dataset);
  const stored = parts.get(dataset.dataset_id);
  const last = Math.min(part_count, from + limit - 1);
  return {
    part_size,
    part_count,
    stored_bytes: [...(stored?.values() ?? [])].reduce((sum, { bytes }) => sum + bytes.length, 0),
    parts: Array.from({ length: Math.max(0, last - from + 1) }, (_, at) => ({
      number: from + at,
      size: Math.min(part_size, dataset.size_bytes - (from + at - 1) * part_size),
      url: `${storageUrl}/${dataset.dataset_id}/${from + at}?X-Amz-Expires=300&X-Amz-Signature=mock`,
      etag: stored?.get(from + at)?.etag ?? null,
    })),
    next_part: last < part_count ? last + 1 : null,
  };
}

interface Call {
  method: string;
  rest: string;
  url: URL;
  body: () => Promise<string>;
  ifMatch: string | undefined;
  who: { username: string; roles: string[] };
}

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

const refusal = (status: number, code: string, title: string, detail?: string): Answer => ({
  status,
  body: {
    type: `/problems/${code}`,
    status,
    code,
    title,
    detail,
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  },
});
const notFound = () => refusal(404, 'not_found', 'There is no such dataset');

const fits = (dataset: Dataset, tag: string) => {
  const [name = '', ...value] = tag.split(':');
  if (!Object.hasOwn(dataset.tags, name)) return false;
  return value.length === 0 || String(dataset.tags[name]) === value.join(':');
};

function page<T>(items: T[], url: URL) {
  const limit = Number(url.searchParams.get('limit') ?? 50);
  const start = Number(url.searchParams.get('cursor') ?? 0);
  return {
    items: items.slice(start, start + limit),
    next_cursor: start + limit < items.length ? String(start + limit) : null,
  };
}

const shown = (dataset: Dataset) => ({
  ...dataset,
  upload: undefined,
  replayability: dataset.replayability ?? null,
});

const products = new Map<string, Json & { revision: number; dataset_name: string; contract: Json }>();

/** Products of the stand-in: it takes any contract with a version of three numbers. */
async function answerProducts(pilot: string, call: Call): Promise<Answer> {
  const { method, rest, url, who } = call;
  const governs = who.roles.some((role) => ['pilot-admin', 'data-steward', 'platform-admin'].includes(role));
  if (pilot !== 'aurora') return { status: 200, body: { items: [], next_cursor: null } };
  if (rest === '/products') {
    const of = url.searchParams.get('dataset_name');
    const items = [...products.values()].filter((each) => of === null || each.dataset_name === of);
    return { status: 200, body: { items, next_cursor: null } };
  }
  const at = /^\/products\/([^/]+)(\/[a-z]+)?$/.exec(rest);
  const name = at?.[1] ?? '';
  const there = products.get(name);
  const faults = (contract: Json) =>
    /^\d+\.\d+\.\d+$/.test(String(contract.version))
      ? []
      : [
          {
            path: '/version',
            code: 'invalid_value',
            detail: '/version must be a version of three numbers, such as 1.0.0.',
          },
        ];
  const shownProduct = (found: NonNullable<typeof there>): Answer => ({
    status: 200,
    headers: { etag: `"${found.revision}"` },
    body: {
      ...found,
      newest: null,
      promises: ((found.contract.slaProperties as Json[] | undefined) ?? []).map((each, index) => ({
        path: `/slaProperties/${index}`,
        subject: each.property,
        expected: `${String(each.value)} ${String(each.unit ?? '')}`.trim(),
        state: (['met', 'not_met', 'unknown'] as const)[index % 3],
        found: 'The newest version is 3 h old',
      })),
    },
  });
  if (method === 'GET' && there && at?.[2] === undefined) return shownProduct(there);
  if (method === 'GET' && there && at?.[2] === '/revisions') {
    const past = { ...there, changed_at: there.updated_at, changed_by: there.updated_by };
    return { status: 200, body: { items: [past], next_cursor: null } };
  }
  if (method === 'GET') return notFound();
  if (!governs) return refusal(403, 'forbidden', 'Your role does not allow this');
  if (method === 'DELETE') {
    products.delete(name);
    return { status: 204 };
  }
  const asked = JSON.parse(await call.body()) as { dataset_name?: string; contract: Json };
  if (at?.[2] === '/check') return { status: 200, body: { faults: faults(asked.contract) } };
  const wrong = faults(asked.contract)[0];
  if (wrong) return refusal(400, wrong.code, 'A value is out of its range', wrong.detail);
  if (there && call.ifMatch !== `"${there.revision}"`)
    return refusal(412, 'precondition_failed', 'It was changed meanwhile');
  const now = new Date().toISOString();
  const made = {
    name,
    dataset_name: asked.dataset_name ?? there?.dataset_name ?? name,
    title: String(asked.contract.name ?? name),
    domain: (asked.contract.domain as string | undefined) ?? null,
    owner: ((asked.contract.team as Json | undefined)?.name as string | undefined) ?? null,
    purpose: null,
    version: String(asked.contract.version),
    status: String(asked.contract.status),
    contract: asked.contract,
    revision: (there?.revision ?? 0) + 1,
    created_at: now,
    created_by: `person:${who.username}`,
    updated_at: now,
    updated_by: `person:${who.username}`,
  };
  products.set(name, made);
  return { ...shownProduct(made), status: there ? 200 : 201 };
}

const LONG = 700;

/** Rows of a spindle, the same for each dataset. */
function preview(rows: number): Json {
  const total = 120;
  const shown = Math.min(rows, total);
  const noted = 'A long note. '.repeat(60).slice(0, LONG);
  const plain = { logical: null, nulls: 0, mean: null, histogram: null, unread: null };
  return {
    format: 'csv',
    layout: {
      compression: null,
      encoding: 'UTF-8',
      delimiter: ',',
      quote: '"',
      header: true,
      row_groups: null,
      created_by: null,
    },
    columns: [
      {
        ...plain,
        name: 'time',
        type: 'timestamp',
        numeric: false,
        distinct: total,
        min: '2026-01-01T00:00:00Z',
        max: '2026-01-01T01:59:00Z',
      },
      {
        ...plain,
        name: 'rpm',
        type: 'integer',
        numeric: true,
        distinct: 60,
        min: '900',
        max: '959',
        mean: 929.5,
        histogram: { from: 900, to: 959, counts: [10, 12, 4, 9, 11, 8, 14, 10, 12, 10, 12, 8] },
      },
      {
        ...plain,
        name: 'note',
        type: 'string',
        numeric: false,
        nulls: total - 1,
        distinct: 1,
        min: noted.slice(0, 128),
        max: noted.slice(0, 128),
      },
    ],
    columns_total: 3,
    rows: Array.from({ length: shown }, (_, i) => [
      new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString(),
      String(900 + (i % 60)),
      i === 3 ? noted.slice(0, 512) : null,
    ]),
    cut: [{ row: 3, column: 2, characters: LONG }],
    rows_read: total,
    rows_total: total,
    bytes_read: 5_120,
    truncated: shown < total,
    statistics_from: 'file',
    notes: [],
  };
}

export async function answerDatasets(pilot: string, call: Call): Promise<Answer> {
  if (call.rest.startsWith('/products')) return answerProducts(pilot, call);
  const { method, rest, url, who } = call;
  const governs = who.roles.some((role) => ['pilot-admin', 'data-steward', 'platform-admin'].includes(role));
  const all = pilot === 'aurora' ? [...datasets.values()] : [];
  if (rest.startsWith('/storage')) return storage(pilot, call, all);
  if (rest.startsWith('/datasets/curations')) return answerCurations(pilot, call, all);
  if (rest === '/datasets' && method === 'GET') {
    const asked = (name: string) => url.searchParams.get(name);
    const found = all
      .filter(
        (each) =>
          (asked('state') ? each.state === asked('state') : each.state !== 'deleted') &&
          (!asked('name') || each.name === asked('name')) &&
          each.name.startsWith(asked('prefix') ?? '') &&
          [each.name, each.tags.owner, each.tags.purpose]
            .map((text) => String(text ?? '').toLowerCase())
            .some((text) => text.includes((asked('q') ?? '').toLowerCase())) &&
          (!asked('from') || each.created_at >= new Date(asked('from') as string).toISOString()) &&
          (!asked('to') || each.created_at < new Date(asked('to') as string).toISOString()) &&
          url.searchParams.getAll('tag').every((tag) => fits(each, tag)),
      )
      .sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
    return { status: 200, body: page(found.map(shown), url) };
  }
  if (rest === '/datasets' && method === 'POST') {
    const asked = JSON.parse(await call.body()) as Json;
    const used = all
      .filter((each) => each.state !== 'deleted')
      .reduce((sum, each) => sum + each.size_bytes, 0);
    if (used + Number(asked.size_bytes) > quota.bytes) {
      return refusal(
        409,
        'quota_exceeded',
        'The quota of bytes is used up',
        'Withdraw what is not needed, or ask for more.',
      );
    }
    const dataset = add(String(asked.name), {
      age: 0,
      state: 'uploading',
      size_bytes: Number(asked.size_bytes),
      media_type: String(asked.media_type),
      declared_media_type: String(asked.media_type),
      tags: (asked.tags as Record<string, unknown>) ?? {},
      retention_days: (asked.retention_days as number | undefined) ?? null,
      schema_ref: (asked.schema_ref as string | undefined) ?? null,
      created_by: `person:${who.username}`,
      checksum: (asked.checksum as string | undefined) ?? null,
      lineage: {
        kind: 'upload',
        id: null,
        inputs: (asked.lineage as { inputs?: string[] } | undefined)?.inputs ?? [],
      },
    });
    return {
      status: 201,
      body: { ...dataset, upload: uploadOf(dataset, 1, 100) },
      headers: { etag: etagOf(dataset.dataset_id) },
    };
  }
  const at = /^\/datasets\/([^/]+)(\/[a-z]+)?$/.exec(rest);
  const dataset = all.find(({ dataset_id }) => dataset_id === at?.[1]);
  if (!dataset) return notFound();
  const id = dataset.dataset_id;
  const ok = (): Answer => ({ status: 200, body: shown(dataset), headers: { etag: etagOf(id) } });
  switch (`${method} ${at?.[2] ?? ''}`) {
    case 'GET ':
      if (dataset.state === 'verifying' && id === 'hold-verifying') {
        dataset.verified_bytes = Math.min(dataset.size_bytes - 1, dataset.verified_bytes + 40_000_000);
      }
      return ok();
    case 'GET /upload': {
      if (dataset.state !== 'uploading') return refusal(409, 'not_uploading', 'There is no upload any more');
      const from = Number(url.searchParams.get('from') ?? 1);
      return { status: 200, body: uploadOf(dataset, from, Number(url.searchParams.get('limit') ?? 100)) };
    }
    case 'POST /complete':
      return complete(
        dataset,
        JSON.parse(await call.body()) as { parts: { number: number; etag: string }[]; checksum: string },
      );
    case 'GET /content':
      if (dataset.state !== 'available')
        return refusal(409, 'not_available', 'It cannot be read', dataset.state);
      return { status: 302, headers: { location: `${storageUrl}/${id}` } };
    case 'GET /preview':
      return dataset.state === 'available'
        ? { status: 200, body: preview(Number(url.searchParams.get('rows') ?? 50)) }
        : refusal(
            409,
            'conflict',
            'The state does not allow this',
            `Its bytes are not shown: it is ${dataset.state}.`,
          );
    case 'GET /references':
      return { status: 200, body: { items: references(dataset, all), next_cursor: null } };
    case 'GET /lineage':
      return { status: 200, body: lineage(dataset, Number(url.searchParams.get('depth') ?? 4)) };
  }
  if (!governs) return refusal(403, 'forbidden', 'Your role does not allow this');
  switch (`${method} ${at?.[2] ?? ''}`) {
    case 'PATCH ': {
      if (call.ifMatch !== etagOf(id)) return refusal(412, 'precondition_failed', 'It was changed meanwhile');
      const change = JSON.parse(await call.body()) as Json & { tags?: Record<string, unknown> };
      const tags = { ...dataset.tags, ...change.tags };
      for (const [name, value] of Object.entries(tags)) if (value === null) delete tags[name];
      Object.assign(dataset, change, { tags });
      if ('retention_days' in change) {
        dataset.expires_at =
          change.retention_days === null || dataset.available_at === null
            ? null
            : new Date(Date.parse(dataset.available_at) + Number(change.retention_days) * DAY).toISOString();
      }
      bump(id);
      return ok();
    }
    case 'DELETE ': {
      const blocking = references(dataset, all).filter(({ blocks }) => blocks);
      if (blocking.length > 0)
        return refusal(409, 'referenced', 'It is referred to', `${blocking.length} references hold it.`);
      if (dataset.state === 'uploading') {
        dataset.state = 'deleted';
        parts.delete(id);
      } else {
        dataset.state = 'deleting';
        dataset.removed_after = later(GRACE_MS);
      }
      bump(id);
      return { status: 204 };
    }
    case 'POST /restore':
      if (dataset.state !== 'deleting' && dataset.state !== 'expired')
        return refusal(409, 'not_restorable', 'It cannot be brought back');
      dataset.state = 'available';
      dataset.removed_after = null;
      if (dataset.retention_days !== null) dataset.expires_at = later(Number(dataset.retention_days) * DAY);
      bump(id);
      return ok();
  }
  return notFound();
}

function complete(
  dataset: Dataset,
  asked: { parts: { number: number; etag: string }[]; checksum?: string },
): Answer {
  const id = dataset.dataset_id;
  const stored = parts.get(id) ?? new Map<number, Part>();
  if (dataset.state === 'uploading') {
    const { part_count } = layout(dataset);
    const all = asked.parts.length === part_count;
    if (!all || asked.parts.some(({ number, etag }) => stored.get(number)?.etag !== etag)) {
      return refusal(409, 'part_mismatch', 'The parts are not those that are stored');
    }
    const whole = Buffer.concat(
      asked.parts.map(({ number }) => stored.get(number)?.bytes ?? Buffer.alloc(0)),
    );
    if (whole.length !== dataset.size_bytes) return refusal(409, 'size_mismatch', 'The size is another one');
    const found = `sha256:${createHash('sha256').update(whole).digest('hex')}`;
    const declared = asked.checksum ?? dataset.checksum ?? '';
    dataset.checksum = declared;
    bump(id);
    if (found !== declared) {
      dataset.state = 'quarantined';
      dataset.failure = {
        code: 'checksum_mismatch',
        detail: `The bytes have the SHA-256 ${found.slice(7, 19)}…, declared was ${declared.slice(7, 19)}….`,
      };
    } else if (dataset.name.includes('large')) {
      dataset.state = 'verifying';
      const step = setInterval(() => {
        dataset.verified_bytes = Math.min(
          dataset.size_bytes,
          dataset.verified_bytes + dataset.size_bytes / 8,
        );
        if (dataset.verified_bytes < dataset.size_bytes) return;
        clearInterval(step);
        available(dataset);
      }, 400);
      step.unref();
    } else {
      available(dataset);
    }
  }
  if (dataset.state === 'quarantined') {
    return refusal(
      409,
      'checksum_mismatch',
      'The bytes are not those that were declared',
      String((dataset.failure as Json).detail),
    );
  }
  return {
    status: dataset.state === 'verifying' ? 202 : 200,
    body: shown(dataset),
    headers: { etag: etagOf(id) },
  };
}

function available(dataset: Dataset): void {
  const now = new Date().toISOString();
  Object.assign(dataset, {
    state: 'available',
    verified_bytes: dataset.size_bytes,
    available_at: now,
    object_uri: `s3://pilothouse-hold/aurora/${dataset.dataset_id}`,
    expires_at: dataset.retention_days === null ? null : later(Number(dataset.retention_days) * DAY),
  });
  bump(dataset.dataset_id);
}

function references(dataset: Dataset, all: readonly Dataset[]) {
  const found: (Json & { blocks: boolean })[] = [];
  if (dataset.tags.legal_hold === true) {
    found.push({
      kind: 'legal_hold',
      holder: 'steward',
      reason: 'Dispute about bearing lot 4471',
      since: ago(6 * DAY),
      until: null,
      blocks: true,
    });
  }
  if (dataset.dataset_id === 'hold-raw-1') {
    found.push({
      kind: 'replay',
      holder: 'replay-0193a8',
      reason: 'Runs at 20 times the speed',
      since: ago(3_600_000),
      until: later(7_200_000),
      blocks: true,
    });
  }
  if (dataset.available_at) {
    found.push({
      kind: 'pointer',
      holder: dataset.dataset_id,
      reason: 'Its pointer is inside the retention of the topic',
      since: dataset.available_at,
      until: new Date(Date.parse(dataset.available_at) + 7 * DAY).toISOString(),
      blocks: false,
    });
  }
  for (const each of all) {
    if (each.lineage.inputs?.includes(dataset.dataset_id)) {
      found.push({
        kind: 'dataset',
        holder: each.dataset_id,
        reason: `${each.name} was made from it`,
        since: each.created_at,
        until: null,
        blocks: false,
      });
    }
  }
  return found;
}

function lineage(dataset: Dataset, depth: number) {
  const found = new Map([[dataset.dataset_id, dataset]]);
  const edges = new Map<string, { input: string; output: string }>();
  const edge = (input: string, output: string) => edges.set(`${input} ${output}`, { input, output });
  let up = [dataset];
  let under = [dataset];
  for (let step = 0; step < depth; step++) {
    up = up.flatMap((each) =>
      (each.lineage.inputs ?? []).flatMap((input) => {
        const before = datasets.get(input);
        if (!before) return [];
        edge(input, each.dataset_id);
        found.set(input, before);
        return [before];
      }),
    );
    under = under.flatMap((each) =>
      [...datasets.values()].filter((after) => {
        if (!after.lineage.inputs?.includes(each.dataset_id)) return false;
        edge(each.dataset_id, after.dataset_id);
        found.set(after.dataset_id, after);
        return true;
      }),
    );
  }
  return {
    datasets: [...found.values()].map(({ dataset_id, name, version, state, created_at, lineage: from }) => ({
      dataset_id,
      name,
      version,
      state,
      created_at,
      kind: from.kind,
      id: from.id ?? null,
    })),
    edges: [...edges.values()],
    truncated: false,
  };
}

let swept = false;

function findings(act: boolean): Json[] {
  const uri = (key: string) => `s3://pilothouse-hold/aurora/${key}`;
  const gone = swept && !act;
  return [
    ...(gone
      ? []
      : [
          {
            kind: 'orphaned_object',
            object_uri: uri('lost/2026-10-02/part-0007'),
            dataset_id: null,
            size_bytes: 734_003_200,
            first_seen_at: ago(8 * DAY),
            due_at: ago(DAY),
            action: act ? 'removed' : 'marked',
          },
          {
            kind: 'leftover_upload',
            object_uri: uri('0193a2-upload-2~kq81'),
            dataset_id: null,
            size_bytes: 100_663_296,
            first_seen_at: ago(9 * DAY),
            due_at: ago(2 * DAY),
            action: act ? 'aborted' : 'marked',
          },
        ]),
    {
      kind: 'orphaned_object',
      object_uri: uri('copied-by-hand.csv'),
      dataset_id: null,
      size_bytes: 1_204,
      first_seen_at: ago(3_600_000),
      due_at: later(6 * DAY),
      action: act ? 'marked' : 'none',
    },
    {
      kind: 'abandoned_upload',
      object_uri: uri('hold-uploading'),
      dataset_id: 'hold-uploading',
      size_bytes: 5 * PART,
      first_seen_at: ago(1_800_000),
      due_at: later(6 * DAY),
      action: 'marked',
    },
    {
      kind: 'missing_object',
      object_uri: uri('hold-shifts'),
      dataset_id: 'hold-shifts',
      size_bytes: 88_112,
      first_seen_at: ago(2 * 3_600_000),
      due_at: null,
      action: 'alarm',
    },
  ];
}

const sites = new Map<
  string,
  { said: Record<string, unknown>; revision: number; probed_at: string | null }
>();

function siteOf(pilot: string, method: string, rest: string, text: string): Answer {
  const there = sites.get(pilot);
  if (method === 'PUT') {
    const { secret_key: _, ...said } = JSON.parse(text) as Record<string, unknown>;
    sites.set(pilot, { said, revision: (there?.revision ?? 0) + 1, probed_at: null });
  } else if (!there) {
    return refusal(404, 'not_found', 'The pilot has no endpoint of its own');
  } else if (method === 'DELETE') {
    sites.delete(pilot);
    return { status: 204 };
  } else if (rest.endsWith('/probe')) {
    there.probed_at = new Date().toISOString();
  }
  const now = sites.get(pilot);
  if (!now) return refusal(404, 'not_found', 'The pilot has no endpoint of its own');
  return {
    status: method === 'PUT' && !there ? 201 : 200,
    headers: { etag: `"${now.revision}"` },
    body: {
      ...now.said,
      replayability: {
        state: now.probed_at ? 'reachable' : 'unknown',
        detail: null,
        probed_at: now.probed_at,
      },
      datasets: 0,
      created_at: ago(0),
      updated_at: ago(0),
    },
  };
}

const moves = new Map<string, { id: string; target: string; begun: number; ended: string | null }>();

/** One goes on by itself, a tenth of a gigabyte a second. */
function migrations(pilot: string, method: string, rest: string, text: string): Answer {
  const bytes = 1_234_567_890;
  const seen = (move: { id: string; target: string; begun: number; ended: string | null }) => {
    const copied = Math.min(bytes, (Date.now() - move.begun) * 100_000);
    const state = move.ended ?? (copied < bytes ? 'copying' : 'removing');
    return {
      migration_id: move.id,
      target: move.target,
      state,
      created_at: new Date(move.begun).toISOString(),
      created_by: 'person:ada',
      switched_at: state === 'removing' ? new Date().toISOString() : null,
      ended_at: null,
      seen_at: new Date().toISOString(),
      progress: {
        datasets: 12,
        bytes,
        copied_datasets: Math.floor((12 * copied) / bytes),
        copied_bytes: copied,
        verified_bytes: Math.floor(copied * 0.9),
        switched_datasets: state === 'removing' ? 12 : 0,
        failed_datasets: 0,
        cleared_datasets: 0,
        uploads_under_way: 0,
      },
      current: [],
      troubles: [],
    };
  };
  const there = moves.get(pilot);
  if (method === 'POST' && rest === '/storage/migrations') {
    const wanted = JSON.parse(text) as { target: string; dry_run?: boolean };
    if (wanted.dry_run === true) {
      return {
        status: 200,
        body: {
          target: wanted.target,
          model: 'centralized',
          datasets: 12,
          bytes,
          staying: 1,
          uploads_under_way: 1,
          quota_needed_bytes: 0,
          quota_left_bytes: 9e12,
          estimate_seconds: 25,
          grace_seconds: GRACE_MS / 1000,
          blockers: [],
        },
      };
    }
    const move = { id: 'mock-1', target: wanted.target, begun: Date.now(), ended: null };
    moves.set(pilot, move);
    return { status: 201, body: seen(move) };
  }
  if (there && method === 'POST') {
    there.ended = rest.endsWith('/cancel') ? 'cancelled' : rest.endsWith('/pause') ? 'paused' : null;
  }
  if (there && rest !== '/storage/migrations') return { status: 200, body: seen(there) };
  return { status: 200, body: { items: there ? [seen(there)] : [], next_cursor: null } };
}

async function storage(
  pilot: string,
  { method, rest, body, who }: Call,
  all: readonly Dataset[],
): Promise<Answer> {
  const usage = () => ({
    model: pilot === 'aurora' ? 'federated' : 'centralized',
    site:
      pilot === 'aurora'
        ? {
            bucket: 'aurora-lake',
            replayability: { state: 'reachable', detail: null, probed_at: ago(90_000) },
          }
        : null,
    quota,
    used: {
      bytes: all.filter(({ state }) => state !== 'deleted').reduce((sum, each) => sum + each.size_bytes, 0),
      objects: all.filter(({ state }) => state !== 'deleted' && state !== 'uploading').length,
      uploads: all.filter(({ state }) => state === 'uploading').length,
    },
    grace_seconds: GRACE_MS / 1000,
  });
  if (rest === '/storage') return { status: 200, body: usage() };
  if (rest.startsWith('/storage/site')) return siteOf(pilot, method, rest, await body());
  if (rest.startsWith('/storage/migrations')) return migrations(pilot, method, rest, await body());
  if (rest === '/storage/quota' && method === 'PUT') {
    if (!who.roles.includes('platform-admin'))
      return refusal(403, 'forbidden', 'Your role does not allow this');
    Object.assign(quota, JSON.parse(await body()));
    return { status: 200, body: usage() };
  }
  if (rest === '/storage/sweep') {
    const act = method === 'POST';
    const found = pilot === 'aurora' ? findings(act && !swept) : [];
    if (act) swept = true;
    return { status: 200, body: { swept_at: new Date().toISOString(), findings: found, truncated: false } };
  }
  return refusal(404, 'not_found', 'There is nothing here');
}
