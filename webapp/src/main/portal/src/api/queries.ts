import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import {
  api,
  body,
  keepCsrfToken,
  versioned,
  type Command,
  type Curation,
  type CurationChoice,
  type CurationPlan,
  type DatasetState,
  type DumpLogLine,
  type DumpRevision,
  type Product,
  type Schema,
  type Fact,
  type Job,
  type JobLogLine,
  type JobSchedule,
  type JobState,
  type JobType,
  type JsonObject,
  type Neighbourhood,
  type Overview,
  type Session,
  type Twin,
  type TwinHistory,
  type MigrationPlan,
} from './client';
import { ProblemError } from './problem';

const PAGE = 200;
const next = (page: { next_cursor: string | null }) => page.next_cursor;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      const session = await body(api.GET('/api/v1/auth/session', { signal }));
      keepCsrfToken(session.csrf_token);
      return session;
    } catch (problem) {
      if (problem instanceof ProblemError && problem.status === 401) return null;
      throw problem;
    }
  },
  staleTime: 5 * 60_000,
});

export const oidcQuery = queryOptions({
  queryKey: ['oidc'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/auth/oidc', { signal })),
  staleTime: Infinity,
  retry: 0,
});

export const pilotsQuery = infiniteQueryOptions({
  queryKey: ['pilots'],
  queryFn: ({ pageParam, signal }) =>
    body(api.GET('/api/v1/pilots', { params: { query: { limit: PAGE, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: next,
  staleTime: 30_000,
});

export const pilotQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['pilot', pilot],
    queryFn: ({ signal }) =>
      versioned(api.GET('/api/v1/pilots/{pilot}', { params: { path: { pilot } }, signal })),
    staleTime: 30_000,
  });

export const overviewQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['overview', pilot],
    queryFn: async ({ signal }) =>
      (await body(
        api.GET('/api/v1/pilots/{pilot}/overview', { params: { path: { pilot } }, signal }),
      )) as Overview,
    refetchInterval: 2_000,
    retry: 0,
  });

export const enginesQuery = queryOptions({
  queryKey: ['engines'],
  queryFn: async ({ signal }) => (await body(api.GET('/api/v1/platform/engines', { signal }))).items,
  refetchInterval: 5_000,
  retry: 0,
});

export const readersQuery = queryOptions({
  queryKey: ['readers'],
  queryFn: async ({ signal }) => (await body(api.GET('/api/v1/platform/readers', { signal }))).items,
  refetchInterval: 3_000,
  retry: 0,
});

export const devicesQuery = (pilot: string) =>
  infiniteQueryOptions({
    queryKey: ['devices', pilot],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/devices', {
          params: { path: { pilot }, query: { limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
    staleTime: 10_000,
  });

export const peopleQuery = infiniteQueryOptions({
  queryKey: ['people'],
  queryFn: ({ pageParam, signal }) =>
    body(api.GET('/api/v1/people', { params: { query: { limit: PAGE, cursor: pageParam } }, signal })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: next,
});

export const personQuery = (username: string) =>
  queryOptions({
    queryKey: ['person', username],
    queryFn: ({ signal }) =>
      versioned(api.GET('/api/v1/people/{username}', { params: { path: { username } }, signal })),
  });

export const rejectedQuery = (pilot: string) =>
  infiniteQueryOptions({
    queryKey: ['rejected', pilot],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/rejected', {
          params: { path: { pilot }, query: { limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
    refetchInterval: 15_000,
  });

export interface AuditFilter {
  pilot?: string;
  actor?: string;
  action?: string;
  from?: string;
  to?: string;
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/api/v1/audit', {
          params: { query: { ...filter, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
  });

export const auditVerdictQuery = queryOptions({
  queryKey: ['audit-verdict'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/audit/verify', { signal })),
  staleTime: 60_000,
});

export interface TwinFilter {
  q?: string;
  model?: string;
  silent_for?: number;
}

export interface TwinPage {
  items: Twin[];
  next_cursor: string | null;
}

/** A twin comes with all its values, so that a page of the largest size would weigh a megabyte. */
export const TWIN_PAGE = 200;

export async function twinPage(
  pilot: string,
  filter: TwinFilter,
  cursor: string | undefined,
  signal?: AbortSignal,
  limit: number = TWIN_PAGE,
): Promise<TwinPage> {
  return (await body(
    api.GET('/api/v1/pilots/{pilot}/twins', {
      params: { path: { pilot }, query: { ...filter, limit, cursor } },
      signal,
    }),
  )) as TwinPage;
}

export const twinsQuery = (pilot: string, filter: TwinFilter) =>
  infiniteQueryOptions({
    queryKey: ['twins', pilot, filter],
    queryFn: ({ pageParam, signal }) => twinPage(pilot, filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
    // pages are brought up to date one by one, where they are seen; all at once would be hundreds of calls
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnMount: (query) => ((query.state.data?.pages.length ?? 0) <= 2 ? 'always' : false),
  });

export const twinNamesQuery = (pilot: string, q: string) =>
  queryOptions({
    queryKey: ['twin-names', pilot, q],
    queryFn: async ({ signal }) => (await twinPage(pilot, { q }, undefined, signal, 8)).items,
    staleTime: 10_000,
  });

export const twinQuery = (pilot: string, twin: string, at?: string) =>
  queryOptions({
    queryKey: ['twin', pilot, twin, at ?? 'now'],
    queryFn: async ({ signal }) =>
      (await versioned(
        api.GET('/api/v1/pilots/{pilot}/twins/{twin}', {
          params: { path: { pilot, twin }, query: { at } },
          signal,
        }),
      )) as { value: Twin; etag: string | null },
    staleTime: at ? Infinity : 2_000,
  });

export interface HistoryAsked {
  properties: string[];
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  /** In seconds; default, as fine as fits into one answer. */
  step?: number;
}

export async function twinHistory(
  pilot: string,
  twin: string,
  asked: HistoryAsked,
  signal?: AbortSignal,
): Promise<TwinHistory> {
  return (await body(
    api.GET('/api/v1/pilots/{pilot}/twins/{twin}/history', {
      params: {
        path: { pilot, twin },
        query: {
          property: asked.properties.join(','),
          from: new Date(asked.from).toISOString(),
          to: new Date(asked.to).toISOString(),
          step: asked.step === undefined ? 'auto' : String(asked.step),
        },
      },
      signal,
    }),
  )) as unknown as TwinHistory;
}

export const threadQuery = (pilot: string, twin: string) =>
  infiniteQueryOptions({
    queryKey: ['thread', pilot, twin],
    queryFn: async ({ pageParam, signal }) =>
      (await body(
        api.GET('/api/v1/pilots/{pilot}/twins/{twin}/thread', {
          params: { path: { pilot, twin }, query: { limit: 50, cursor: pageParam } },
          signal,
        }),
      )) as { items: Fact[]; next_cursor: string | null },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
  });

export const neighboursQuery = (pilot: string, twin: string, depth: number, type: string | undefined) =>
  queryOptions({
    queryKey: ['neighbours', pilot, twin, depth, type ?? 'all'],
    queryFn: ({ signal }): Promise<Neighbourhood> =>
      body(
        api.GET('/api/v1/pilots/{pilot}/twins/{twin}/neighbours', {
          params: { path: { pilot, twin }, query: { depth, type } },
          signal,
        }),
      ),
  });

export const twinPathQuery = (pilot: string, twin: string) =>
  queryOptions({
    queryKey: ['twin-path', pilot, twin],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/twins/{twin}/path', { params: { path: { pilot, twin } }, signal }),
      ),
    staleTime: 30_000,
  });

/** All of them: a pilot has at most two hundred of its own. */
export const relationshipTypesQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['relationship-types', pilot],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET('/api/v1/pilots/{pilot}/relationship-types', {
            params: { path: { pilot }, query: { limit: 500 } },
            signal,
          }),
        )
      ).items,
    staleTime: 60_000,
  });

export const commandsQuery = (pilot: string, twin: string) =>
  infiniteQueryOptions({
    queryKey: ['commands', pilot, twin],
    queryFn: async ({ pageParam, signal }) =>
      (await body(
        api.GET('/api/v1/pilots/{pilot}/twins/{twin}/commands', {
          params: { path: { pilot, twin }, query: { limit: 50, cursor: pageParam } },
          signal,
        }),
      )) as { items: Command[]; next_cursor: string | null },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
  });

export interface Within {
  /** Milliseconds since 1970. */
  from: number;
  to: number | undefined;
  limit: number;
}

const within = ({ from, to, limit }: Within) => ({
  from: new Date(from).toISOString(),
  to: to === undefined ? undefined : new Date(to).toISOString(),
  limit,
});

/** The newest commands that were open at some time of the window. */
export async function commandsWithin(pilot: string, twin: string, asked: Within, signal?: AbortSignal) {
  return (await body(
    api.GET('/api/v1/pilots/{pilot}/twins/{twin}/commands', {
      params: { path: { pilot, twin }, query: within(asked) },
      signal,
    }),
  )) as { items: Command[]; next_cursor: string | null };
}

/** The newest facts of the window. */
export async function factsWithin(pilot: string, twin: string, asked: Within, signal?: AbortSignal) {
  return (await body(
    api.GET('/api/v1/pilots/{pilot}/twins/{twin}/thread', {
      params: { path: { pilot, twin }, query: within(asked) },
      signal,
    }),
  )) as { items: Fact[]; next_cursor: string | null };
}

export const modelsQuery = (pilot: string) =>
  infiniteQueryOptions({
    queryKey: ['models', pilot],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/models', {
          params: { path: { pilot }, query: { limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
    staleTime: 10_000,
  });

export interface ModelDocument {
  value: JsonObject;
  etag: string | null;
}

export const modelQuery = (pilot: string, model: string, revision?: number) =>
  queryOptions({
    queryKey: ['model', pilot, model, revision ?? 'current'],
    queryFn: async ({ signal }): Promise<ModelDocument> =>
      (await versioned(
        api.GET('/api/v1/pilots/{pilot}/models/{model}', {
          params: { path: { pilot, model }, query: { revision } },
          signal,
        }),
      )) as ModelDocument,
    staleTime: 60_000,
  });

export interface DatasetFilter {
  state?: DatasetState;
  tag?: string[];
  name?: string;
  prefix?: string;
  q?: string;
  from?: string;
  to?: string;
}

const MOVING: readonly DatasetState[] = ['uploading', 'verifying'];
/** To look again at more than this would be many calls each time; what is further down waits for the next visit. */
const MOST_PAGES_LIVE = 3;

export const datasetsQuery = (pilot: string, filter: DatasetFilter) =>
  infiniteQueryOptions({
    queryKey: ['datasets', pilot, filter],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/datasets', {
          params: { path: { pilot }, query: { ...filter, limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
    refetchOnWindowFocus: false,
    refetchInterval: ({ state: { data } }) => {
      const pages = data?.pages ?? [];
      if (pages.length > MOST_PAGES_LIVE) return false;
      return pages.some((page) => page.items.some(({ state }) => MOVING.includes(state))) ? 3_000 : 15_000;
    },
  });

export const productsQuery = (pilot: string) =>
  infiniteQueryOptions({
    queryKey: ['products', pilot],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/products', {
          params: { path: { pilot }, query: { limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
    staleTime: 10_000,
  });

/** The product whose versions are the datasets of that name. */
export const productOfQuery = (pilot: string, name: string) =>
  queryOptions({
    queryKey: ['products', pilot, 'of', name],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET('/api/v1/pilots/{pilot}/products', {
            params: { path: { pilot }, query: { dataset_name: name, limit: 1 } },
            signal,
          }),
        )
      ).items[0] ?? null,
    staleTime: 30_000,
  });

export interface VersionedProduct {
  value: Product;
  etag: string | null;
}

export const productQuery = (pilot: string, product: string) =>
  queryOptions({
    queryKey: ['product', pilot, product],
    queryFn: async ({ signal }): Promise<VersionedProduct> =>
      (await versioned(
        api.GET('/api/v1/pilots/{pilot}/products/{product}', {
          params: { path: { pilot, product } },
          signal,
        }),
      )) as VersionedProduct,
    staleTime: 5_000,
    refetchInterval: 30_000,
  });

export const productRevisionsQuery = (pilot: string, product: string) =>
  queryOptions({
    queryKey: ['product', pilot, product, 'revisions'],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET('/api/v1/pilots/{pilot}/products/{product}/revisions', {
            params: { path: { pilot, product } },
            signal,
          }),
        )
      ).items,
    staleTime: 10_000,
  });

/** The newest dataset of the name, which tells how many versions there are. */
export const newestOfNameQuery = (pilot: string, name: string) =>
  queryOptions({
    queryKey: ['datasets', pilot, 'newest', name],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET('/api/v1/pilots/{pilot}/datasets', {
            params: { path: { pilot }, query: { name, limit: 1 } },
            signal,
          }),
        )
      ).items[0] ?? null,
    staleTime: 10_000,
  });

export const datasetNamesQuery = (pilot: string, prefix: string) =>
  queryOptions({
    queryKey: ['datasets', pilot, 'names', prefix],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET('/api/v1/pilots/{pilot}/datasets', {
            params: { path: { pilot }, query: { prefix, limit: 8 } },
            signal,
          }),
        )
      ).items,
    staleTime: 10_000,
  });

export const datasetQuery = (pilot: string, dataset: string) =>
  queryOptions({
    queryKey: ['dataset', pilot, dataset],
    queryFn: ({ signal }) =>
      versioned(
        api.GET('/api/v1/pilots/{pilot}/datasets/{dataset}', {
          params: { path: { pilot, dataset } },
          signal,
        }),
      ),
    staleTime: 2_000,
    refetchInterval: ({ state: { data } }) =>
      data && MOVING.includes(data.value.state) ? 1_500 : data ? 15_000 : false,
  });

/** Where an upload stands; the URLs that come with it are not used, so that one part is enough. */
export const uploadQuery = (pilot: string, dataset: string) =>
  queryOptions({
    queryKey: ['dataset-upload', pilot, dataset],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/datasets/{dataset}/upload', {
          params: { path: { pilot, dataset }, query: { limit: 1 } },
          signal,
        }),
      ),
    refetchInterval: 3_000,
  });

export const referencesQuery = (pilot: string, dataset: string) =>
  queryOptions({
    queryKey: ['dataset-references', pilot, dataset],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET('/api/v1/pilots/{pilot}/datasets/{dataset}/references', {
            params: { path: { pilot, dataset } },
            signal,
          }),
        )
      ).items,
  });

/** The bytes of a dataset never change, and neither does what is shown of them. */
export const previewQuery = (pilot: string, dataset: string, rows: number) =>
  queryOptions({
    queryKey: ['dataset-preview', pilot, dataset, rows],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/datasets/{dataset}/preview', {
          params: { path: { pilot, dataset }, query: { rows } },
          signal,
        }),
      ),
    staleTime: Infinity,
  });

export const lineageQuery = (pilot: string, dataset: string, depth: number) =>
  queryOptions({
    queryKey: ['dataset-lineage', pilot, dataset, depth],
    queryFn: ({ signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/datasets/{dataset}/lineage', {
          params: { path: { pilot, dataset }, query: { depth } },
          signal,
        }),
      ),
  });

export const storageQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['storage', pilot],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/pilots/{pilot}/storage', { params: { path: { pilot } }, signal })),
    refetchInterval: 15_000,
  });

/** The pilot's own endpoint; null where it has none. */
export const siteQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['site', pilot],
    queryFn: async ({ signal }) => {
      try {
        return await versioned(
          api.GET('/api/v1/pilots/{pilot}/storage/site', { params: { path: { pilot } }, signal }),
        );
      } catch (error) {
        if (error instanceof ProblemError && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: 15_000,
  });

/** Changes of the pilot's storage model, the newest first. */
export const migrationsQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['migrations', pilot],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/pilots/{pilot}/storage/migrations', { params: { path: { pilot } }, signal })),
    refetchInterval: ({ state }) =>
      ['copying', 'cancelling', 'switching'].includes(state.data?.items[0]?.state ?? '') ? 1_500 : 15_000,
  });

/** It writes a sample at the other place: when somebody asks, and not again. */
export const migrationPlanQuery = (pilot: string, target: 'centralized' | 'federated') =>
  queryOptions({
    queryKey: ['migration-plan', pilot, target],
    queryFn: ({ signal }) =>
      body(
        api.POST('/api/v1/pilots/{pilot}/storage/migrations', {
          params: { path: { pilot } },
          body: { target, dry_run: true },
          signal,
        }),
      ) as Promise<MigrationPlan>,
    gcTime: 0,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
    retry: false,
  });

export const sweepQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['sweep', pilot],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/pilots/{pilot}/storage/sweep', { params: { path: { pilot } }, signal })),
    // it lists the bucket: often enough by hand
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });

/** Copies to the centre; while one is under way, the newest page is looked at again and again. */
export const curationsQuery = (pilot: string) =>
  infiniteQueryOptions({
    queryKey: ['curations', pilot],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/datasets/curations', {
          params: { path: { pilot }, query: { limit: 50, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
    refetchOnWindowFocus: false,
    refetchInterval: ({ state: { data } }) => {
      const pages = data?.pages ?? [];
      if (pages.length > MOST_PAGES_LIVE) return false;
      return pages.some((page) => page.items.some(({ done }) => !done)) ? 2_000 : 15_000;
    },
  });

export const curationQuery = (pilot: string, curation: string) =>
  queryOptions({
    queryKey: ['curation', pilot, curation],
    queryFn: ({ signal }): Promise<Curation> =>
      body(
        api.GET('/api/v1/pilots/{pilot}/datasets/curations/{curation}', {
          params: { path: { pilot, curation } },
          signal,
        }),
      ),
    refetchInterval: ({ state: { data } }) => (data && !data.done ? 1_000 : false),
  });

/** What a copy to the centre would do as things stand. */
export const curationPlanQuery = (pilot: string, choice: CurationChoice) =>
  queryOptions({
    queryKey: ['curation-plan', pilot, choice],
    queryFn: async ({ signal }) =>
      (await body(
        api.POST('/api/v1/pilots/{pilot}/datasets/curations', {
          params: { path: { pilot } },
          body: { ...choice, dry_run: true },
          signal,
        }),
      )) as CurationPlan,
    retry: 0,
    staleTime: 5_000,
  });

export const lineageSenderQuery = queryOptions({
  queryKey: ['lineage-sender'],
  queryFn: ({ signal }) => body(api.GET('/api/v1/platform/openlineage', { signal })),
  refetchInterval: 10_000,
  retry: 0,
});

const RUNNING_MS = 2_000;

/** The days of a range and where each stands; looked at often only while one of them is being written. */
export const dumpsQuery = (pilot: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['dumps', pilot, from, to],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET('/api/v1/pilots/{pilot}/dumps', {
            params: { path: { pilot }, query: { from, to } },
            signal,
          }),
        )
      ).items,
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ state }) => state === 'running') ? RUNNING_MS : 30_000,
  });

/** A day and its revisions; null where there is no such day. */
export const dumpDayQuery = (pilot: string, date: string) =>
  queryOptions({
    queryKey: ['dump', pilot, date],
    queryFn: async ({ signal }) => {
      try {
        return await body(
          api.GET('/api/v1/pilots/{pilot}/dumps/{date}', { params: { path: { pilot, date } }, signal }),
        );
      } catch (error) {
        if (error instanceof ProblemError && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: ({ state: { data } }) => (data?.state === 'running' ? RUNNING_MS : 30_000),
  });

/** A revision with its partitions and files; one that has ended changes only by a restart. */
export const dumpRevisionQuery = (pilot: string, date: string, revision: number) =>
  queryOptions({
    queryKey: ['dump', pilot, date, revision],
    queryFn: ({ signal }): Promise<DumpRevision> =>
      body(
        api.GET('/api/v1/pilots/{pilot}/dumps/{date}/revisions/{revision}', {
          params: { path: { pilot, date, revision } },
          signal,
        }),
      ),
    refetchInterval: ({ state: { data } }) => (data?.dump.state === 'running' ? RUNNING_MS : false),
  });

export const dumpManifestQuery = (pilot: string, date: string, revision: number) =>
  queryOptions({
    queryKey: ['dump', pilot, date, revision, 'manifest'],
    queryFn: async ({ signal }) =>
      (await body(
        api.GET('/api/v1/pilots/{pilot}/dumps/{date}/revisions/{revision}/manifest', {
          params: { path: { pilot, date, revision } },
          signal,
        }),
      )) as JsonObject,
    // its bytes never change
    staleTime: Infinity,
  });

/** All lines that are kept of a run: it has at most five hundred. */
export const dumpLogQuery = (pilot: string, date: string, revision: number, running: boolean) =>
  queryOptions({
    queryKey: ['dump', pilot, date, revision, 'log'],
    queryFn: async ({ signal }) => {
      const lines: DumpLogLine[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_LOG_PAGES; page++) {
        const answer = await body(
          api.GET('/api/v1/pilots/{pilot}/dumps/{date}/revisions/{revision}/log', {
            params: { path: { pilot, date, revision }, query: { cursor, limit: 500 } },
            signal,
          }),
        );
        lines.push(...answer.items);
        if (answer.next_cursor === null) break;
        cursor = answer.next_cursor;
      }
      return lines;
    },
    refetchInterval: running ? RUNNING_MS : false,
  });

const MOST_LOG_PAGES = 20;

export const dumpRejectsQuery = (pilot: string, date: string, revision: number) =>
  infiniteQueryOptions({
    queryKey: ['dump', pilot, date, revision, 'rejects'],
    queryFn: ({ pageParam, signal }) =>
      body(
        api.GET('/api/v1/pilots/{pilot}/dumps/{date}/revisions/{revision}/rejects', {
          params: { path: { pilot, date, revision }, query: { limit: PAGE, cursor: pageParam } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
    // each page is read out of the files
    staleTime: 60_000,
    refetchOnWindowFocus: false,
  });

export const dumpPolicyQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['dump-policy', pilot],
    queryFn: ({ signal }) =>
      versioned(api.GET('/api/v1/pilots/{pilot}/dumps/policy', { params: { path: { pilot } }, signal })),
    staleTime: 10_000,
  });

/** Ranges of days that somebody had closed, the newest first. */
export const backfillsQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['backfills', pilot],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET('/api/v1/pilots/{pilot}/dumps/backfills', {
            params: { path: { pilot }, query: { limit: 20 } },
            signal,
          }),
        )
      ).items,
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ state }) => state === 'running') ? RUNNING_MS : false,
  });

export interface JobFilter {
  state?: JobState;
  type?: string;
  schedule?: string;
  q?: string;
  requested_by?: string;
  from?: string;
  to?: string;
}

interface JobPage {
  items: Job[];
  next_cursor: string | null;
}

const JOBS_PAGE = 100;
const AT_WORK: readonly JobState[] = ['queued', 'running'];

/** Jobs, the newest first; looked at often only while one of them is at work. */
export const jobsQuery = (pilot: string, filter: JobFilter) =>
  infiniteQueryOptions({
    queryKey: ['jobs', pilot, filter],
    queryFn: async ({ pageParam, signal }) =>
      (await body(
        api.GET('/api/v1/pilots/{pilot}/jobs', {
          params: { path: { pilot }, query: { ...filter, limit: JOBS_PAGE, cursor: pageParam } },
          signal,
        }),
      )) as JobPage,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: next,
    refetchOnWindowFocus: false,
    refetchInterval: ({ state: { data } }) => {
      const pages = data?.pages ?? [];
      if (pages.length > MOST_PAGES_LIVE) return false;
      return pages.some((page) => page.items.some(({ state }) => AT_WORK.includes(state)))
        ? RUNNING_MS
        : 5_000;
    },
  });

/** How many jobs are in each state, and those that run with how far they are. */
export const jobsSummaryQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['jobs', pilot, 'summary'],
    queryFn: async ({ signal }) => {
      const answer = await body(
        api.GET('/api/v1/pilots/{pilot}/jobs/summary', { params: { path: { pilot } }, signal }),
      );
      return { ...answer, running: answer.running as Job[] };
    },
    refetchInterval: ({ state: { data } }) => ((data?.running.length ?? 0) > 0 ? 1_000 : 3_000),
  });

/** A job; null where there is none of the id. */
export const jobQuery = (pilot: string, job: string) =>
  queryOptions({
    queryKey: ['job', pilot, job],
    queryFn: async ({ signal }): Promise<Job | null> => {
      try {
        return (await body(
          api.GET('/api/v1/pilots/{pilot}/jobs/{job}', { params: { path: { pilot, job } }, signal }),
        )) as Job;
      } catch (error) {
        if (error instanceof ProblemError && error.status === 404) return null;
        throw error;
      }
    },
    refetchInterval: ({ state: { data } }) =>
      data && AT_WORK.includes(data.state) ? 1_000 : data ? 15_000 : false,
  });

export const jobAttemptsQuery = (pilot: string, job: string, running: boolean) =>
  queryOptions({
    queryKey: ['job', pilot, job, 'attempts'],
    queryFn: async ({ signal }) =>
      (
        await body(
          api.GET('/api/v1/pilots/{pilot}/jobs/{job}/attempts', { params: { path: { pilot, job } }, signal }),
        )
      ).items,
    refetchInterval: running ? RUNNING_MS : false,
  });

export interface JobLog {
  lines: JobLogLine[];
  /** Where the next look begins. */
  cursor: string | undefined;
  /** There are more than the portal shows. */
  cut: boolean;
}

/** More lines than these make no page that anybody reads. */
export const MOST_JOB_LINES = 10_000;
const JOB_LOG_PAGE = 500;

/**
 * The log of an attempt: each look goes on where the one before has ended. Of a long one the middle is there only when
 * the attempt has ended, which is why it is then read anew.
 */
export const jobLogQuery = (pilot: string, job: string, attempt: number, running: boolean) =>
  queryOptions({
    queryKey: ['job', pilot, job, 'log', attempt, running],
    queryFn: async ({ signal, client, queryKey }): Promise<JobLog> => {
      const before = client.getQueryData<JobLog>(queryKey);
      const lines = [...(before?.lines ?? [])];
      let cursor = before?.cursor;
      while (lines.length < MOST_JOB_LINES) {
        const answer = await body(
          api.GET('/api/v1/pilots/{pilot}/jobs/{job}/attempts/{attempt}/log', {
            params: { path: { pilot, job, attempt }, query: { cursor, limit: JOB_LOG_PAGE } },
            signal,
          }),
        );
        const last = lines[lines.length - 1]?.number ?? -1;
        // a page that is asked for again brings lines that are here already
        lines.push(...answer.items.filter(({ number }) => number > last));
        if (answer.next_cursor === null) break;
        cursor = answer.next_cursor;
        if (answer.items.length < JOB_LOG_PAGE) break;
      }
      return { lines, cursor, cut: lines.length >= MOST_JOB_LINES };
    },
    structuralSharing: false,
    refetchInterval: running ? 1_000 : false,
  });

export const jobTypesQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['job-types', pilot],
    queryFn: async ({ signal }) =>
      (await body(api.GET('/api/v1/pilots/{pilot}/job-types', { params: { path: { pilot } }, signal })))
        .items as JobType[],
    staleTime: 5 * 60_000,
  });

/** All of them: a pilot has at most a hundred. */
export const jobSchedulesQuery = (pilot: string) =>
  queryOptions({
    queryKey: ['job-schedules', pilot],
    queryFn: async ({ signal }) =>
      (await body(api.GET('/api/v1/pilots/{pilot}/job-schedules', { params: { path: { pilot } }, signal })))
        .items as JobSchedule[],
    refetchInterval: 15_000,
  });

export const jobScheduleQuery = (pilot: string, schedule: string) =>
  queryOptions({
    queryKey: ['job-schedules', pilot, 'one', schedule],
    queryFn: async ({ signal }) =>
      (await versioned(
        api.GET('/api/v1/pilots/{pilot}/job-schedules/{schedule}', {
          params: { path: { pilot, schedule } },
          signal,
        }),
      )) as { value: JobSchedule; etag: string | null },
    staleTime: 5_000,
  });

/** A few at a time are looked at; who comes when they are taken asks again. */
const WHEN_BUSY = {
  retry: (attempts: number, error: Error) =>
    attempts < 5 && error instanceof ProblemError && error.status === 429,
  retryDelay: 1_500,
};

/** The tables and columns that the files of a source have, read from the files. */
export const exportColumnsQuery = (pilot: string, source: JsonObject) =>
  queryOptions({
    queryKey: ['export-columns', pilot, source],
    queryFn: ({ signal }) =>
      body(
        api.POST('/api/v1/pilots/{pilot}/exports/columns', {
          params: { path: { pilot } },
          body: { source },
          signal,
        }),
      ),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    ...WHEN_BUSY,
  });

/** The first rows of an export, and what the whole of it would be. */
export const exportPreviewQuery = (pilot: string, parameters: JsonObject) =>
  queryOptions({
    queryKey: ['export-preview', pilot, parameters],
    queryFn: ({ signal }) =>
      body(
        api.POST('/api/v1/pilots/{pilot}/exports/preview', {
          params: { path: { pilot } },
          // what is built is as the schema of the type has it; the platform says where it is not
          body: { parameters: parameters as unknown as Schema['ExportParameters'] },
          signal,
        }),
      ),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    ...WHEN_BUSY,
  });
