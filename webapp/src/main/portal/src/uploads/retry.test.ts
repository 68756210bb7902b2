import { describe, expect, it } from 'vitest';
import { ProblemError } from '../api/problem';
import { storageError } from './put';
import { pauseBefore, StorageRefused, worthAnother } from './retry';

const problem = (status: number, retryAfter?: number) => new ProblemError({ status, code: 'x' }, retryAfter);

describe('another attempt', () => {
  it.each([0, 408, 429, 500, 503])('is worth it after %s', (status) => {
    expect(worthAnother(problem(status))).toBe(true);
    expect(worthAnother(new StorageRefused(status, ''))).toBe(true);
  });

  it('is worth it for a part whose URL has run out, not for a call that is forbidden', () => {
    expect(worthAnother(new StorageRefused(403, ''))).toBe(true);
    expect(worthAnother(problem(403))).toBe(false);
  });

  it('is not worth it for what stays wrong', () => {
    expect(worthAnother(new StorageRefused(400, ''))).toBe(false);
    expect(worthAnother(problem(409))).toBe(false);
    expect(worthAnother(new TypeError('a mistake of ours'))).toBe(false);
  });
});

describe('the pause before it', () => {
  it('doubles up to half a minute, and differs from one to the next', () => {
    const refused = new StorageRefused(503, '');
    expect([0, 1, 2, 3].map((attempt) => pauseBefore(attempt, refused, () => 1))).toEqual([
      500, 1000, 2000, 4000,
    ]);
    expect(pauseBefore(2, refused, () => 0)).toBe(1000);
    expect(pauseBefore(40, refused, () => 1)).toBe(30_000);
  });

  it('is what the platform asks for, up to a minute', () => {
    expect(pauseBefore(0, problem(429, 7))).toBe(7_000);
    expect(pauseBefore(0, problem(503, 86_400))).toBe(60_000);
  });

  it('is none for the first URL that has run out', () => {
    expect(pauseBefore(0, new StorageRefused(403, ''))).toBe(0);
    expect(pauseBefore(1, new StorageRefused(403, ''), () => 1)).toBe(1000);
  });
});

it('reads what object storage says in its XML', () => {
  const xml = '<?xml version="1.0"?><Error><Code>EntityTooLarge</Code><Message>Too large</Message></Error>';
  expect(storageError(xml)).toBe('EntityTooLarge: Too large');
  expect(storageError('<html>')).toBe('Object storage refused the part.');
});
