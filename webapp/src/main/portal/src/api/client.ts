import createClient, { type Middleware } from 'openapi-fetch';
import { noteServerDate } from './clock';
import { ProblemError } from './problem';
import type { components, paths } from './schema';

export type Schema = components['schemas'];
export type Role = Schema['Role'];
export type Session = Schema['Session'];
export type Pilot = Schema['Pilot'];
export type Device = Schema['Device'];
export type Person = Schema['Person'];
export type Engine = Schema['Engine'];
export type Reader = Schema['Reader'];
// the generator takes the pair of a minute and its count for a plain list
export type Overview = Omit<Schema['Overview'], 'minutes'> & { minutes: [string, number][] };
export type Rejected = Schema['Rejected'];
export type AuditEntry = Schema['AuditEntry'];
export type Model = Schema['Model'];
export type Reported = Schema['Reported'];
// the generator takes a free object for one that has no members
export type JsonObject = Record<string, unknown>;
export type Twin = Omit<Schema['Twin'], 'attributes' | 'desired'> & {
  attributes: JsonObject;
  desired: JsonObject;
};
export type Fact = Omit<Schema['Fact'], 'data'> & { data: JsonObject };
export type Command = Schema['Command'];
export type TwinNode = Schema['TwinNode'];
export type Neighbourhood = Schema['Neighbourhood'];
export type RelationshipType = Schema['RelationshipType'];
export type Relationship = Omit<Schema['Relationship'], 'attributes'> & { attributes: JsonObject };
export type Point = [
  time: string,
  min: number | string | boolean,
  avg: number | string | boolean,
  max: number | string | boolean,
  count: number,
];
export type Tags = Schema['Tags'];
export type Dataset = Schema['Dataset'];
export type DatasetState = Schema['DatasetState'];
export type Product = Omit<Schema['Product'], 'contract'> & { contract: JsonObject };
export type ListedProduct = Schema['ProductList']['items'][number];
export type ProductPromise = Product['promises'][number];
export type DatasetReference = Schema['ReferenceList']['items'][number];
export type Lineage = Schema['Lineage'];
export type Preview = Schema['Preview'];
export type StorageUsage = Schema['StorageUsage'];
export type Sweep = Schema['Sweep'];
export type CurationSummary = Schema['CurationSummary'];
export type Curation = Schema['Curation'];
export type CurationPlan = Schema['CurationPlan'];
export type CurationChoice = Omit<Schema['NewCuration'], 'dry_run'>;
export type LineageSender = Schema['LineageSender'];
export type Site = Schema['Site'];
export type Migration = Schema['Migration'];
export type MigrationPlan = Schema['MigrationPlan'];
export type Dump = Schema['Dump'];
export type DumpDay = Schema['DumpDay'];
export type DumpRevision = Schema['DumpRevision'];
export type DumpPartition = Schema['DumpPartition'];
export type DumpPart = Schema['DumpPart'];
export type DumpLogLine = Schema['DumpLogLine'];
export type DumpReject = Schema['DumpReject'];
export type DumpPolicy = Schema['DumpPolicy'];
export type Backfill = Schema['Backfill'];
export type Replayability = Schema['Replayability'];
export type JobState = Schema['JobState'];
export type Job = Omit<Schema['Job'], 'parameters' | 'result'> & {
  parameters: JsonObject;
  result: { dataset_id: string | null; summary: JsonObject } | null;
};
export type JobAttempt = Schema['JobAttempt'];
export type JobLogLine = Schema['JobLogLine'];
export type JobType = Omit<Schema['JobType'], 'parameters_schema'> & { parameters_schema: JsonObject };
export type JobSchedule = Omit<Schema['JobSchedule'], 'parameters'> & { parameters: JsonObject };
export type NewJobSchedule = Omit<Schema['NewJobSchedule'], 'parameters'> & { parameters: JsonObject };
export type ExportColumn = Schema['ExportColumn'];
export type ExportColumns = Schema['ExportColumns'];
export type ExportTable = ExportColumns['tables'][number];
export type ExportPreview = Schema['ExportPreview'];
export type TwinHistory = Omit<Schema['TwinHistory'], 'series'> & {
  series: (Omit<Schema['TwinHistory']['series'][number], 'points'> & { points: Point[] })[];
};

const TIMEOUT_MS = 15_000;
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

let csrfToken: string | null = null;
let onSessionEnded: () => void = () => {};

export function keepCsrfToken(token: string | null | undefined): void {
  csrfToken = token ?? null;
}

export function whenSessionEnds(listener: () => void): void {
  onSessionEnded = listener;
}

export function sessionEnded(): void {
  onSessionEnded();
}

const guard: Middleware = {
  onRequest({ request }) {
    if (csrfToken && !SAFE.has(request.method)) request.headers.set('X-CSRF-Token', csrfToken);
    return request;
  },
  onResponse({ request, response }) {
    noteServerDate(response.headers.get('date'));
    const path = new URL(request.url).pathname;
    // a refused password is not the end of a session
    const asksForCredentials =
      path.endsWith('/auth/session') || path.endsWith('/auth/password') || path.endsWith('/auth/totp');
    if (response.status === 401 && !asksForCredentials) sessionEnded();
    return response;
  },
  onError({ error }) {
    return error instanceof DOMException && error.name === 'AbortError'
      ? (error as Error)
      : ProblemError.unreachable(error);
  },
};

export const api = createClient<paths>({
  baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin,
  fetch: (request) =>
    fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]) }),
});
api.use(guard);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer; a problem is thrown. */
export async function body<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await versioned(call)).value;
}

/** As {@link body}, with the entity tag that a later change has to name. */
export async function versioned<T>(call: Promise<Answer<T>>): Promise<{ value: T; etag: string | null }> {
  const { data, error, response } = await call;
  if (!response.ok) {
    throw error !== null && typeof error === 'object' && 'code' in error
      ? new ProblemError(
          { ...(error as Schema['Problem']), status: response.status },
          Number(response.headers.get('retry-after')) || undefined,
        )
      : await ProblemError.from(response);
  }
  return { value: data as T, etag: response.headers.get('etag') };
}
