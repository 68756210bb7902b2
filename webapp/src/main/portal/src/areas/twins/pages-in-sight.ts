import type { InfiniteData } from '@tanstack/react-query';
import type { Twin } from '../../api/client';
import type { TwinPage } from '../../api/queries';

export type TwinPages = InfiniteData<TwinPage, unknown>;

/** Which pages hold rows that are on the screen, at most `most`; the first one where nothing is known. */
export function pagesInSight(data: TwinPages, seen: ReadonlySet<string>, most: number): number[] {
  const found: number[] = [];
  for (let at = 0; at < data.pages.length && found.length < most; at++) {
    if (data.pages[at]?.items.some((twin) => seen.has(twin.twin_id))) found.push(at);
  }
  return found.length === 0 && data.pages.length > 0 ? [0] : found;
}

/**
 * A page as it is now, cut so that the next one, which still begins where it began, follows without a hole: what new
 * rows pushed out at the end stays, what came up from the next page is left to it.
 */
export function mergedPage(before: TwinPage, now: TwinPage): TwinPage {
  if (before.next_cursor === null) return now;
  const last = before.items[before.items.length - 1]?.twin_id;
  const end = now.items.findIndex((twin) => twin.twin_id === last);
  if (end >= 0) return { items: now.items.slice(0, end + 1), next_cursor: before.next_cursor };
  const known = new Set(now.items.map((twin) => twin.twin_id));
  let pushedOut = before.items.length;
  while (pushedOut > 0 && !known.has(before.items[pushedOut - 1]?.twin_id ?? '')) pushedOut -= 1;
  return { items: [...now.items, ...before.items.slice(pushedOut)], next_cursor: before.next_cursor };
}

export function withPage(data: TwinPages, at: number, now: TwinPage): TwinPages {
  const before = data.pages[at];
  if (!before) return data;
  const pages = data.pages.slice();
  pages[at] = mergedPage(before, now);
  return { ...data, pages };
}

/** The rows of all pages, each twin once. */
export function rowsOf(data: TwinPages | undefined): Twin[] {
  if (!data) return [];
  if (data.pages.length === 1) return data.pages[0]?.items ?? [];
  const known = new Set<string>();
  return data.pages.flatMap((page) =>
    page.items.filter((twin) => {
      if (known.has(twin.twin_id)) return false;
      known.add(twin.twin_id);
      return true;
    }),
  );
}
