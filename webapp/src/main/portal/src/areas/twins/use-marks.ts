import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Command, Fact } from '../../api/client';
import { commandsWithin, factsWithin } from '../../api/queries';
import { isOpen, marksOf, type Mark } from './marks';
import type { Window } from './ranges';

/** Of commands and of facts each; what is older is left to a closer look. */
export const MOST_MARKS = 200;

const OPEN_MS = 2_000;
const IDLE_MS = 6_000;
const NONE: Mark[] = [];

export interface Marks {
  /** Oldest first. */
  marks: readonly Mark[];
  /** Of what there was more than is shown. */
  more: string[];
  pending: boolean;
  error: Error | null;
  retry: () => void;
}

/**
 * What happened to a twin and what it was told, in a window: two calls, however long it is.
 *
 * @param windowNow the window at the time of the call
 * @param key what makes it another window
 */
export function useMarks(
  pilot: string,
  twin: string,
  windowNow: () => Window & { follows: boolean },
  key: readonly unknown[],
): Marks {
  const { follows } = windowNow();
  const query = useQuery({
    queryKey: ['marks', pilot, twin, ...key],
    queryFn: async ({ signal }): Promise<{ commands: Page<Command>; facts: Page<Fact> }> => {
      const window = windowNow();
      const asked = { from: window.from, to: window.follows ? undefined : window.to, limit: MOST_MARKS };
      const [commands, facts] = await Promise.all([
        commandsWithin(pilot, twin, asked, signal),
        factsWithin(pilot, twin, asked, signal),
      ]);
      return { commands, facts };
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.commands.items.some(isOpen) ? OPEN_MS : follows ? IDLE_MS : false,
    staleTime: follows ? 0 : 30_000,
  });
  const { data, error, isPending, refetch } = query;
  const marks = useMemo(() => (data ? marksOf(data.commands.items, data.facts.items) : NONE), [data]);
  return {
    marks,
    more: [
      ...(data?.commands.next_cursor ? ['commands'] : []),
      ...(data?.facts.next_cursor ? ['facts'] : []),
    ],
    pending: isPending,
    error,
    retry: () => void refetch(),
  };
}

interface Page<T> {
  items: T[];
  next_cursor: string | null;
}
