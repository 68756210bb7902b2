import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** The rows loaded so far, and how to get more. */
export function usePages<T>(query: UseInfiniteQueryResult<InfiniteData<Page<T>>>) {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
  return {
    rows,
    more: { has: hasNextPage, loading: isFetchingNextPage, load: () => void fetchNextPage() },
  };
}

export function matching<T>(rows: readonly T[], text: string | undefined, of: (row: T) => unknown[]): T[] {
  const wanted = text?.trim().toLowerCase();
  if (!wanted) return rows as T[];
  return rows.filter((row) =>
    of(row).some((value) => typeof value === 'string' && value.toLowerCase().includes(wanted)),
  );
}
