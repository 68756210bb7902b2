import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, body, keepCsrfToken, versioned, type Overview, type Session } from './client';
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
