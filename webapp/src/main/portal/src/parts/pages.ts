import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface PagedRows<T> {
  rows: T[];
  more: { has: boolean; loading: boolean; load: () => void };
  pending: boolean;
  error: Error | null;
  retry: () => void;
}

/** The rows loaded so far, and how to get more. */
export function usePages<T>(query: UseInfiniteQueryResult<InfiniteData<Page<T>>>): PagedRows<T> {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, isPending, error, refetch } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return {
    rows,
    more: { has: hasNextPage, loading: isFetchingNextPage, load: () => void fetchNextPage() },
    pending: isPending,
    error,
    retry: () => void refetch(),
  };
}

export function matching<T>(rows: readonly T[], text: string | undefined, of: (row: T) => unknown[]): T[] {
  const wanted = text?.trim().toLowerCase();
  if (!wanted) return rows as T[];
  return rows.filter((row) =>
    of(row).some((value) => typeof value === 'string' && value.toLowerCase().includes(wanted)),
  );
}
