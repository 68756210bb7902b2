import { ProblemError } from '../api/problem';

/** Object storage did not take a part. `status` 0 means that no answer came, or none that a page may read. */
export class StorageRefused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'StorageRefused';
    this.status = status;
  }
}

export const MOST_ATTEMPTS = 8;
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Whether the same may succeed later, without anybody changing anything. */
export function worthAnother(error: unknown): boolean {
  if (error instanceof ProblemError) return passing(error.status);
  // 403 is a URL that has run out, 404 an upload whose state the platform knows better
  if (error instanceof StorageRefused)
    return passing(error.status) || error.status === 403 || error.status === 404;
  return false;
}

const passing = (status: number) => status === 0 || status === 408 || status === 429 || status >= 500;

/** How long to wait before the next attempt: twice as long each time, up to a half minute, never in step with others. */
export function pauseBefore(attempt: number, error: unknown, random: () => number = Math.random): number {
  if (error instanceof ProblemError && error.retryAfter !== undefined) {
    return Math.min(error.retryAfter * 1000, 2 * LONGEST_MS);
  }
  // a fresh URL is all that a run-out one needs
  if (error instanceof StorageRefused && error.status === 403 && attempt === 0) return 0;
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt);
  return longest / 2 + (longest / 2) * random();
}
