import { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import type { DatasetState, JobState, Session } from './api/client';
import { whenSessionEnds } from './api/client';
import { ProblemError } from './api/problem';
import { sessionQuery } from './api/queries';
import { isDate, isMonth, monthsBetween } from './areas/days/calendar';
import { Failure, NotFound } from './frame/Failure';
import { home, mayUse, safeNext, type Area } from './session/access';
import { rememberedPilot } from './session/remembered';
import {
  isoOrNothing,
  listOf,
  oneOf,
  parseSearch,
  stringifySearch,
  textOrNothing,
  wholeOrNothing,
} from './search-params';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: true,
      retry: (attempts, error) =>
        attempts < 2 && (!(error instanceof ProblemError) || error.status === 0 || error.status >= 500),
      // the browser's guess of being offline is wrong for a platform on the same machine
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

function allow(area: Area, session: Session): void {
  if (!mayUse(area, session)) {
    throw new ProblemError({
      status: 403,
      code: 'forbidden',
      title: 'This area is not for your role',
      detail: `You are signed in as ${session.username} (${session.roles.join(', ')}).`,
    });
  }
}

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  errorComponent: Failure,
  notFoundComponent: NotFound,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string; ended?: string } => ({
    next: safeNext(search.next),
    ended: search.ended === '1' ? '1' : undefined,
  }),
  component: lazyRouteComponent(() => import('./session/SignInPage'), 'SignInPage'),
});

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery);
    if (session === null) {
      const next = safeNext(location.href);
      throw redirect({ to: '/sign-in', search: next && next !== '/' ? { next } : {} });
    }
    if (session.totp_required && !session.totp_enrolled && location.pathname !== '/account') {
      throw redirect({ to: '/account' });
    }
    return { session };
  },
  component: lazyRouteComponent(() => import('./frame/Frame'), 'Frame'),
  errorComponent: Failure,
});

const index = createRoute({
  getParentRoute: () => app,
  path: '/',
  beforeLoad: ({ context }) => {
    throw redirect({ href: home(context.session, rememberedPilot()), replace: true });
  },
});

const pilot = createRoute({ getParentRoute: () => app, path: '/p/$pilot' });

export interface RangeSearch {
  range?: '1h' | '6h';
  from?: string;
  to?: string;
}

const overview = createRoute({
  getParentRoute: () => pilot,
  path: '/overview',
  validateSearch: (search: Record<string, unknown>): RangeSearch => ({
    range: search.range === '1h' || search.range === '6h' ? search.range : undefined,
    from: isoOrNothing(search.from),
    to: isoOrNothing(search.to),
  }),
  beforeLoad: ({ context }) => allow('overview', context.session),
  component: lazyRouteComponent(() => import('./areas/overview/OverviewPage'), 'OverviewPage'),
  errorComponent: Failure,
});

export interface LiveSearch {
  twin?: string[];
  type?: string[];
  event?: string;
}

const live = createRoute({
  getParentRoute: () => pilot,
  path: '/live',
  validateSearch: (search: Record<string, unknown>): LiveSearch => ({
    twin: listOf(search.twin, 50),
    type: listOf(search.type, 20),
    event: textOrNothing(search.event),
  }),
  beforeLoad: ({ context }) => allow('live', context.session),
  component: lazyRouteComponent(() => import('./areas/live/LivePage'), 'LivePage'),
  errorComponent: Failure,
});

export interface TwinsSearch {
  q?: string;
  model?: string;
  place?: string;
  silent_for?: string;
}

const twins = createRoute({
  getParentRoute: () => pilot,
  path: '/twins',
  validateSearch: (search: Record<string, unknown>): TwinsSearch => ({
    q: textOrNothing(search.q)?.slice(0, 128),
    model: textOrNothing(search.model),
    place: textOrNothing(search.place)?.slice(0, 128),
    silent_for: wholeOrNothing(search.silent_for, 31_536_000),
  }),
  beforeLoad: ({ context }) => allow('twins', context.session),
  component: lazyRouteComponent(() => import('./areas/twins/TwinsPage'), 'TwinsPage'),
  errorComponent: Failure,
});

export const TWIN_TABS = ['live', 'charts', 'desired', 'commands', 'graph', 'thread', 'attributes'] as const;
export type TwinTab = (typeof TWIN_TABS)[number];
export const RANGES = ['15m', '1h', '24h', '7d', '30d'] as const;
export type Range = (typeof RANGES)[number];
export const MARK_KINDS = ['commands', 'alerts', 'facts'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];
export const DEPTHS = ['1', '2', '3'] as const;
export type Depth = (typeof DEPTHS)[number];

export interface TwinSearch {
  tab?: TwinTab;
  at?: string;
  property?: string[];
  range?: Range;
  from?: string;
  to?: string;
  /** Kinds of marks that the chart leaves out. */
  hide?: MarkKind[];
  /** Of the graph: over how many relationships, and of which type. */
  depth?: Depth;
  relation?: string;
}

const twin = createRoute({
  getParentRoute: () => pilot,
  path: '/twins/$twin',
  validateSearch: (search: Record<string, unknown>): TwinSearch => ({
    tab: oneOf(search.tab, TWIN_TABS),
    at: isoOrNothing(search.at),
    property: listOf(search.property, 4),
    range: oneOf(search.range, RANGES),
    from: isoOrNothing(search.from),
    to: isoOrNothing(search.to),
    hide: listOf(search.hide, MARK_KINDS.length)?.filter((kind) => oneOf(kind, MARK_KINDS)) as
      MarkKind[] | undefined,
    depth: oneOf(search.depth, DEPTHS),
    relation: textOrNothing(search.relation)?.slice(0, 63),
  }),
  beforeLoad: ({ context }) => allow('twins', context.session),
  component: lazyRouteComponent(() => import('./areas/twins/TwinPage'), 'TwinPage'),
  errorComponent: Failure,
});

const models = createRoute({
  getParentRoute: () => pilot,
  path: '/models',
  validateSearch: (search: Record<string, unknown>): { q?: string } => ({ q: textOrNothing(search.q) }),
  beforeLoad: ({ context }) => allow('models', context.session),
  component: lazyRouteComponent(() => import('./areas/models/ModelsPage'), 'ModelsPage'),
  errorComponent: Failure,
});

export interface ModelSearch {
  revision?: string;
  /** The example that a model which is not there yet begins with. */
  example?: string;
}

const model = createRoute({
  getParentRoute: () => pilot,
  path: '/models/$model',
  validateSearch: (search: Record<string, unknown>): ModelSearch => ({
    revision: wholeOrNothing(search.revision, 1_000_000),
    example: textOrNothing(search.example),
  }),
  beforeLoad: ({ context }) => allow('models', context.session),
  component: lazyRouteComponent(() => import('./areas/models/ModelPage'), 'ModelPage'),
  errorComponent: Failure,
});

export const DATASET_STATES = [
  'uploading',
  'verifying',
  'available',
  'quarantined',
  'expired',
  'deleting',
  'deleted',
] as const satisfies readonly DatasetState[];

export interface DatasetsSearch {
  q?: string;
  prefix?: string;
  name?: string;
  state?: DatasetState;
  tag?: string[];
  from?: string;
  to?: string;
}

const datasets = createRoute({
  getParentRoute: () => pilot,
  path: '/datasets',
  validateSearch: (search: Record<string, unknown>): DatasetsSearch => ({
    q: textOrNothing(search.q)?.slice(0, 128),
    prefix: textOrNothing(search.prefix),
    name: textOrNothing(search.name),
    state: oneOf(search.state, DATASET_STATES),
    tag: listOf(search.tag, 4),
    from: isoOrNothing(search.from),
    to: isoOrNothing(search.to),
  }),
  beforeLoad: ({ context }) => allow('datasets', context.session),
  component: lazyRouteComponent(() => import('./areas/datasets/DatasetsPage'), 'DatasetsPage'),
  errorComponent: Failure,
});

const storage = createRoute({
  getParentRoute: () => pilot,
  path: '/datasets/storage',
  beforeLoad: ({ context }) => allow('storage', context.session),
  component: lazyRouteComponent(() => import('./areas/datasets/StoragePage'), 'StoragePage'),
  errorComponent: Failure,
});

const copies = createRoute({
  getParentRoute: () => pilot,
  path: '/datasets/copies',
  beforeLoad: ({ context }) => allow('datasets', context.session),
  component: lazyRouteComponent(() => import('./areas/datasets/CopiesPage'), 'CopiesPage'),
  errorComponent: Failure,
});

/** More of them would make an address that not everything on the way takes. */
export const MOST_COPIED_BY_NAME = 60;

export interface NewCopySearch {
  dataset?: string[];
  tag?: string;
  name?: string;
  from?: string;
  to?: string;
  /** What the list to choose from is narrowed to. */
  q?: string;
}

const newCopy = createRoute({
  getParentRoute: () => pilot,
  path: '/datasets/copies/new',
  validateSearch: (search: Record<string, unknown>): NewCopySearch => ({
    dataset: listOf(search.dataset, MOST_COPIED_BY_NAME),
    tag: textOrNothing(search.tag)?.slice(0, 321),
    name: textOrNothing(search.name)?.slice(0, 256),
    from: isoOrNothing(search.from),
    to: isoOrNothing(search.to),
    q: textOrNothing(search.q)?.slice(0, 128),
  }),
  beforeLoad: ({ context }) => allow('copying', context.session),
  component: lazyRouteComponent(() => import('./areas/datasets/NewCopyPage'), 'NewCopyPage'),
  errorComponent: Failure,
});

const copy = createRoute({
  getParentRoute: () => pilot,
  path: '/datasets/copies/$curation',
  beforeLoad: ({ context }) => allow('datasets', context.session),
  component: lazyRouteComponent(() => import('./areas/datasets/CopyPage'), 'CopyPage'),
  errorComponent: Failure,
});

export const DATASET_TABS = [
  'facts',
  'preview',
  'versions',
  'lineage',
  'references',
  'pointer',
  'use',
] as const;
export type DatasetTab = (typeof DATASET_TABS)[number];

export interface DatasetSearch {
  tab?: DatasetTab;
  /** Of the lineage: over how many steps. */
  depth?: string;
  /** Of the preview: its columns instead of its rows. */
  view?: 'columns';
  /** Of the preview: how many rows. */
  rows?: string;
}

const dataset = createRoute({
  getParentRoute: () => pilot,
  path: '/datasets/$dataset',
  validateSearch: (search: Record<string, unknown>): DatasetSearch => ({
    tab: oneOf(search.tab, DATASET_TABS),
    depth: wholeOrNothing(search.depth, 8),
    view: oneOf(search.view, ['columns'] as const),
    rows: wholeOrNothing(search.rows, 200),
  }),
  beforeLoad: ({ context }) => allow('datasets', context.session),
  component: lazyRouteComponent(() => import('./areas/datasets/DatasetPage'), 'DatasetPage'),
  errorComponent: Failure,
});

/** What the calendar can be narrowed to: how a day looks, or that something late waits for it. */
export const DAY_FILTERS = [
  'running',
  'failed',
  'missed',
  'incomplete',
  'corrected',
  'complete',
  'open',
  'late',
] as const;
export type DayFilter = (typeof DAY_FILTERS)[number];
/** The platform tells of at most four hundred days at once. */
export const MOST_MONTHS = 12;

export interface DaysSearch {
  /** The first and the last month. */
  from?: string;
  to?: string;
  show?: DayFilter[];
  view?: 'list';
}

const days = createRoute({
  getParentRoute: () => pilot,
  path: '/days',
  validateSearch: (search: Record<string, unknown>): DaysSearch => {
    const from = isMonth(search.from) ? search.from : undefined;
    const to = isMonth(search.to) ? search.to : undefined;
    const months = from && to ? monthsBetween(from, to) : -1;
    const fits = months >= 0 && months < MOST_MONTHS;
    return {
      from: fits ? from : undefined,
      to: fits ? to : undefined,
      show: listOf(search.show, DAY_FILTERS.length)?.filter((each) => oneOf(each, DAY_FILTERS)) as
        DayFilter[] | undefined,
      view: oneOf(search.view, ['list'] as const),
    };
  },
  beforeLoad: ({ context }) => allow('days', context.session),
  component: lazyRouteComponent(() => import('./areas/days/DaysPage'), 'DaysPage'),
  errorComponent: Failure,
});

export const DAY_TABS = ['partitions', 'files', 'rejects', 'manifest', 'log'] as const;
export type DayTab = (typeof DAY_TABS)[number];

export interface DaySearch {
  /** Without one, the newest. */
  revision?: string;
  tab?: DayTab;
}

const day = createRoute({
  getParentRoute: () => pilot,
  path: '/days/$date',
  validateSearch: (search: Record<string, unknown>): DaySearch => ({
    revision: wholeOrNothing(search.revision, 1_000_000),
    tab: oneOf(search.tab, DAY_TABS),
  }),
  beforeLoad: ({ context }) => allow('days', context.session),
  component: lazyRouteComponent(() => import('./areas/days/DayPage'), 'DayPage'),
  errorComponent: Failure,
});

export const JOB_STATES = [
  'running',
  'queued',
  'succeeded',
  'failed',
  'dead',
  'cancelled',
] as const satisfies readonly JobState[];

export interface JobsSearch {
  state?: JobState;
  type?: string;
  /** In the name, or how the id begins. */
  q?: string;
  by?: string;
  from?: string;
  to?: string;
  /** Of the dead: the one that is looked at. */
  open?: string;
}

const jobs = createRoute({
  getParentRoute: () => pilot,
  path: '/jobs',
  validateSearch: (search: Record<string, unknown>): JobsSearch => ({
    state: oneOf(search.state, JOB_STATES),
    type: textOrNothing(search.type)?.slice(0, 32),
    q: textOrNothing(search.q)?.slice(0, 128),
    by: textOrNothing(search.by)?.slice(0, 128),
    from: isoOrNothing(search.from),
    to: isoOrNothing(search.to),
    open: textOrNothing(search.open)?.slice(0, 63),
  }),
  beforeLoad: ({ context }) => allow('jobs', context.session),
  component: lazyRouteComponent(() => import('./areas/jobs/JobsPage'), 'JobsPage'),
  errorComponent: Failure,
});

export const EXPORT_SOURCES = ['days', 'datasets', 'history'] as const;
export type ExportSource = (typeof EXPORT_SOURCES)[number];
export const EXPORT_FORMATS = ['parquet', 'csv', 'ndjson', 'xlsx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];
export const AGGREGATES = ['avg', 'min', 'max', 'last', 'sum', 'count'] as const;
export type Aggregate = (typeof AGGREGATES)[number];
export const INTERVALS = ['PT1S', 'PT10S', 'PT1M', 'PT5M', 'PT15M', 'PT1H', 'P1D'] as const;
/** More would make an address that not everything on the way takes. */
export const MOST_EXPORTED_DATASETS = 60;
export const MOST_COLUMNS = 200;
export const MOST_TWINS = 100;
export const MOST_FILTERS = 20;
const MOST_SQL = 4_000;

/** An export as it is being put together: a link shows a colleague the same one. */
export interface ExportSearch {
  source?: ExportSource;
  /** Of days, the first and the last; of live history, instants. */
  from?: string;
  to?: string;
  /** The last so many closed days, whenever it runs. */
  last?: string;
  dataset?: string[];
  model?: string;
  twin?: string[];
  column?: string[];
  /** Rows of this window only. */
  since?: string;
  until?: string;
  /** Each `field:op:value`. */
  filter?: string[];
  every?: string;
  aggregate?: Aggregate[];
  format?: ExportFormat;
  compression?: Compression;
  /** Bytes of a file at most. */
  split?: string;
  /** Days that the result is kept. */
  keep?: string;
  name?: string;
  sql?: string;
  /** The schedule whose export it is. */
  schedule?: string;
}

const newExport = createRoute({
  getParentRoute: () => pilot,
  path: '/jobs/new',
  validateSearch: (search: Record<string, unknown>): ExportSearch => {
    const source = oneOf(search.source, EXPORT_SOURCES);
    const edge =
      source === 'history' ? isoOrNothing : (value: unknown) => (isDate(value) ? value : undefined);
    return {
      source,
      from: edge(search.from),
      to: edge(search.to),
      last: wholeOrNothing(search.last, 400),
      dataset: listOf(search.dataset, MOST_EXPORTED_DATASETS),
      model: textOrNothing(search.model)?.slice(0, 63),
      twin: listOf(search.twin, MOST_TWINS),
      column: listOf(search.column, MOST_COLUMNS),
      since: isoOrNothing(search.since),
      until: isoOrNothing(search.until),
      filter: listOf(search.filter, MOST_FILTERS),
      every: oneOf(search.every, INTERVALS),
      aggregate: listOf(search.aggregate, AGGREGATES.length)?.filter((each) => oneOf(each, AGGREGATES)) as
        Aggregate[] | undefined,
      format: oneOf(search.format, EXPORT_FORMATS),
      compression: oneOf(search.compression, COMPRESSIONS),
      split: /^[1-9]\d{0,14}$/.test(String(search.split)) ? String(search.split) : undefined,
      keep: wholeOrNothing(search.keep, 36_500),
      name: textOrNothing(search.name),
      sql: typeof search.sql === 'string' ? search.sql.slice(0, MOST_SQL) || undefined : undefined,
      schedule: textOrNothing(search.schedule)?.slice(0, 63),
    };
  },
  beforeLoad: ({ context }) => allow('jobs', context.session),
  component: lazyRouteComponent(() => import('./areas/jobs/NewExportPage'), 'NewExportPage'),
  errorComponent: Failure,
});

export interface VerifySearch {
  dataset?: string[];
  sample?: string;
  unit?: 'percent';
}

const verify = createRoute({
  getParentRoute: () => pilot,
  path: '/jobs/verify',
  validateSearch: (search: Record<string, unknown>): VerifySearch => ({
    dataset: listOf(search.dataset, MOST_EXPORTED_DATASETS),
    sample: wholeOrNothing(search.sample, 1_000_000),
    unit: oneOf(search.unit, ['percent'] as const),
  }),
  beforeLoad: ({ context }) => allow('jobs', context.session),
  component: lazyRouteComponent(() => import('./areas/jobs/VerifyPage'), 'VerifyPage'),
  errorComponent: Failure,
});

const schedules = createRoute({
  getParentRoute: () => pilot,
  path: '/jobs/schedules',
  validateSearch: (search: Record<string, unknown>): { open?: string } => ({
    open: textOrNothing(search.open)?.slice(0, 63),
  }),
  beforeLoad: ({ context }) => allow('jobs', context.session),
  component: lazyRouteComponent(() => import('./areas/jobs/SchedulesPage'), 'SchedulesPage'),
  errorComponent: Failure,
});

export const JOB_TABS = ['result', 'parameters', 'attempts', 'log'] as const;
export type JobTab = (typeof JOB_TABS)[number];

export interface JobSearch {
  tab?: JobTab;
  /** Whose log; without one, the newest. */
  attempt?: string;
}

const job = createRoute({
  getParentRoute: () => pilot,
  path: '/jobs/$job',
  validateSearch: (search: Record<string, unknown>): JobSearch => ({
    tab: oneOf(search.tab, JOB_TABS),
    attempt: wholeOrNothing(search.attempt, 10_000),
  }),
  beforeLoad: ({ context }) => allow('jobs', context.session),
  component: lazyRouteComponent(() => import('./areas/jobs/JobPage'), 'JobPage'),
  errorComponent: Failure,
});

const products = createRoute({
  getParentRoute: () => pilot,
  path: '/products',
  validateSearch: (search: Record<string, unknown>): { q?: string } => ({ q: textOrNothing(search.q) }),
  beforeLoad: ({ context }) => allow('products', context.session),
  component: lazyRouteComponent(() => import('./areas/products/ProductsPage'), 'ProductsPage'),
  errorComponent: Failure,
});

export const PRODUCT_TABS = ['promises', 'schema', 'versions', 'terms', 'use', 'history'] as const;
export type ProductTab = (typeof PRODUCT_TABS)[number];

export interface ProductSearch {
  tab?: ProductTab;
  edit?: '1';
  /** Whose datasets a product that is not there yet begins with. */
  of?: string;
}

const product = createRoute({
  getParentRoute: () => pilot,
  path: '/products/$product',
  validateSearch: (search: Record<string, unknown>): ProductSearch => ({
    tab: oneOf(search.tab, PRODUCT_TABS),
    edit: search.edit === '1' || search.edit === 1 ? '1' : undefined,
    of: textOrNothing(search.of)?.slice(0, 256),
  }),
  beforeLoad: ({ context }) => allow('products', context.session),
  component: lazyRouteComponent(() => import('./areas/products/ProductPage'), 'ProductPage'),
  errorComponent: Failure,
});

export interface ListSearch {
  q?: string;
  open?: string;
}

const listSearch = (search: Record<string, unknown>): ListSearch => ({
  q: textOrNothing(search.q),
  open: textOrNothing(search.open),
});

const rejected = createRoute({
  getParentRoute: () => pilot,
  path: '/rejected',
  validateSearch: listSearch,
  beforeLoad: ({ context }) => allow('rejected', context.session),
  component: lazyRouteComponent(() => import('./areas/rejected/RejectedPage'), 'RejectedPage'),
  errorComponent: Failure,
});

const devices = createRoute({
  getParentRoute: () => pilot,
  path: '/devices',
  validateSearch: listSearch,
  beforeLoad: ({ context }) => allow('devices', context.session),
  component: lazyRouteComponent(() => import('./areas/administration/DevicesPage'), 'DevicesPage'),
  errorComponent: Failure,
});

const pilots = createRoute({
  getParentRoute: () => app,
  path: '/admin/pilots',
  validateSearch: listSearch,
  beforeLoad: ({ context }) => allow('pilots', context.session),
  component: lazyRouteComponent(() => import('./areas/administration/PilotsPage'), 'PilotsPage'),
  errorComponent: Failure,
});

const people = createRoute({
  getParentRoute: () => app,
  path: '/admin/people',
  validateSearch: listSearch,
  beforeLoad: ({ context }) => allow('people', context.session),
  component: lazyRouteComponent(() => import('./areas/administration/PeoplePage'), 'PeoplePage'),
  errorComponent: Failure,
});

export interface AuditSearch {
  pilot?: string;
  actor?: string;
  action?: string;
  from?: string;
  to?: string;
  open?: string;
}

const audit = createRoute({
  getParentRoute: () => app,
  path: '/admin/audit',
  validateSearch: (search: Record<string, unknown>): AuditSearch => ({
    pilot: textOrNothing(search.pilot),
    actor: textOrNothing(search.actor),
    action: textOrNothing(search.action),
    from: isoOrNothing(search.from),
    to: isoOrNothing(search.to),
    open: textOrNothing(search.open),
  }),
  beforeLoad: ({ context }) => allow('audit', context.session),
  component: lazyRouteComponent(() => import('./areas/administration/AuditPage'), 'AuditPage'),
  errorComponent: Failure,
});

const engines = createRoute({
  getParentRoute: () => app,
  path: '/admin/engines',
  beforeLoad: ({ context }) => allow('engines', context.session),
  component: lazyRouteComponent(() => import('./areas/administration/EnginesPage'), 'EnginesPage'),
  errorComponent: Failure,
});

const account = createRoute({
  getParentRoute: () => app,
  path: '/account',
  component: lazyRouteComponent(() => import('./areas/administration/AccountPage'), 'AccountPage'),
  errorComponent: Failure,
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    app.addChildren([
      index,
      pilot.addChildren([
        overview,
        twins,
        twin,
        models,
        model,
        live,
        datasets,
        storage,
        copies,
        newCopy,
        copy,
        dataset,
        days,
        day,
        jobs,
        newExport,
        verify,
        schedules,
        job,
        products,
        product,
        rejected,
        devices,
      ]),
      pilots,
      people,
      audit,
      engines,
      account,
    ]),
  ]),
  context: { queryClient },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 400,
  scrollRestoration: true,
  parseSearch,
  stringifySearch,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

whenSessionEnds(() => {
  const known = queryClient.getQueryData(sessionQuery.queryKey);
  if (known === null) return;
  queryClient.setQueryData(sessionQuery.queryKey, null);
  const next = safeNext(router.state.location.href);
  void router.navigate({ to: '/sign-in', search: { next, ended: '1' }, replace: true });
});
