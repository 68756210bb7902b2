import { expect, it } from 'vitest';
import { nextStep, ProblemError } from './problem';

it('keeps the code and trace id of a problem document', async () => {
  const problem = await ProblemError.from(
    new Response(JSON.stringify({ code: 'locked_out', title: 'Locked out', status: 429, trace_id: 'abc' }), {
      status: 429,
      headers: { 'retry-after': '30' },
    }),
  );
  expect([problem.code, problem.traceId, problem.retryAfter]).toEqual(['locked_out', 'abc', 30]);
  expect(nextStep(problem)).toContain('30 seconds');
});

it('makes a problem of an answer that is none', async () => {
  const problem = await ProblemError.from(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }));
  expect([problem.status, problem.code, problem.title]).toEqual([502, 'http_502', 'Bad Gateway']);
});

it('says that nothing answered', () => {
  expect(ProblemError.unreachable(new TypeError('Failed to fetch')).code).toBe('unreachable');
  expect(ProblemError.unreachable(new DOMException('', 'TimeoutError')).code).toBe('no_answer');
});
