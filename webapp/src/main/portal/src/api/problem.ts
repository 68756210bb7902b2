import type { components } from './schema';

export type Problem = components['schemas']['Problem'];

/** A refused or failed call. `status` 0 means that no answer came at all. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  readonly path: string | undefined;
  readonly traceId: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(problem: Partial<Problem> & { status: number; code: string }, retryAfter?: number) {
    super(problem.detail ?? problem.title ?? problem.code);
    this.name = 'ProblemError';
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title ?? 'The call failed';
    this.detail = problem.detail;
    this.path = problem.path;
    this.traceId = problem.trace_id;
    this.retryAfter = retryAfter;
  }

  static unreachable(cause: unknown): ProblemError {
    const slow = cause instanceof DOMException && cause.name === 'TimeoutError';
    return new ProblemError({
      status: 0,
      code: slow ? 'no_answer' : 'unreachable',
      title: slow ? 'The platform did not answer in time' : 'The platform cannot be reached',
      detail: slow
        ? 'The request was given up after 15 seconds.'
        : 'The network is away, or the platform is restarting.',
    });
  }

  static async from(response: Response): Promise<ProblemError> {
    const retryAfter = Number(response.headers.get('retry-after')) || undefined;
    let body: Partial<Problem> = {};
    try {
      const parsed: unknown = await response.clone().json();
      if (parsed !== null && typeof parsed === 'object') body = parsed as Partial<Problem>;
    } catch {
      body = {};
    }
    return new ProblemError(
      {
        ...body,
        status: response.status,
        code: body.code ?? `http_${response.status}`,
        title: body.title ?? (response.statusText || `HTTP ${response.status}`),
      },
      retryAfter,
    );
  }
}

/** What a person can do next, by code; the detail from the server says what happened. */
export function nextStep(problem: ProblemError): string {
  if (problem.status === 0)
    return 'Trying again by itself. Check that the platform is up: ./pilothouse status';
  switch (problem.code) {
    case 'precondition_failed':
    case 'version_conflict':
      return 'Somebody changed it meanwhile. Load it again and repeat your change.';
    case 'locked_out':
      return problem.retryAfter
        ? `Wait ${problem.retryAfter} seconds, then try again.`
        : 'Wait a minute, then try again.';
    case 'unavailable':
    case 'backbone_busy':
      return 'An engine is away or busy. It is retried by itself; see the engines’ health.';
  }
  if (problem.status === 403) return 'Your role does not allow this. Ask an administrator of the pilot.';
  if (problem.status === 404)
    return 'It is not there (any more), or it belongs to a pilot that you may not see.';
  if (problem.status === 409)
    return 'It does not fit what is there now: change it, or load the page again to see how things stand.';
  if (problem.status === 412 || problem.status === 428)
    return 'Somebody changed it meanwhile. Load it again and repeat your change.';
  if (problem.status === 429) return 'Too many requests. Wait a moment and try again.';
  if (problem.status >= 500) return 'Try again. If it stays, give the trace id to whoever runs the platform.';
  return 'Correct the input and try again.';
}
