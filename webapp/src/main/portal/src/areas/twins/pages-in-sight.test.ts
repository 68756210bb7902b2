import { describe, expect, it } from 'vitest';
import type { Twin } from '../../api/client';
import { mergedPage, pagesInSight, rowsOf, withPage, type TwinPages } from './pages-in-sight';

const page = (ids: string, next_cursor: string | null = null) => ({
  items: [...ids].map((twin_id) => ({ twin_id }) as Twin),
  next_cursor,
});
const ids = (items: Twin[]) => items.map((twin) => twin.twin_id).join('');
const data: TwinPages = {
  pages: [page('abc', 'c'), page('def', 'f'), page('gh')],
  pageParams: [undefined, 'c', 'f'],
};

describe('bringing pages up to date', () => {
  it('asks for the pages on the screen only', () => {
    expect(pagesInSight(data, new Set(['c', 'd']), 3)).toEqual([0, 1]);
    expect(pagesInSight(data, new Set(), 3)).toEqual([0]);
  });

  it('keeps what new rows push out of a page', () => {
    expect(ids(mergedPage(page('bdf', 'f'), page('bcd', 'd')).items)).toBe('bcdf');
  });

  it('leaves to the next page what moved up from it', () => {
    expect(ids(mergedPage(page('bdf', 'f'), page('dfh', 'h')).items)).toBe('df');
  });

  it('takes the last page as it is', () => {
    expect(ids(mergedPage(page('gh'), page('ghi')).items)).toBe('ghi');
  });

  it('lists each twin once', () => {
    expect(ids(rowsOf(withPage(data, 0, page('abd', 'd'))))).toBe('abdcefgh');
  });
});
