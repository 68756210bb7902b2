import { Link } from '@tanstack/react-router';
import type { Job, JobAttempt } from '../../api/client';
import { Empty } from '../../parts/Empty';
import { count, duration } from '../../parts/format';
import { State } from '../../parts/State';
import { Time, useNow } from '../../parts/Time';
import { OUTCOME_WORDS, plural } from './words';

/** The attempts at the job, the newest first: where, how long, what became of each. */
export function AttemptsTab({
  pilot,
  job,
  attempts,
}: {
  pilot: string;
  job: Job;
  attempts: readonly JobAttempt[];
}) {
  if (attempts.length === 0) {
    return (
      <Empty title="Nobody has begun yet">
        Each time a worker takes the job there is an attempt: with its node, how long it took, what became of
        it, and its log.
      </Empty>
    );
  }
  const longest = Math.max(1, ...attempts.map((each) => lengthOf(each, Date.now())));
  return (
    <ol className="ph-attempts" aria-label="Attempts">
      {attempts.map((each) => (
        <li key={each.attempt} className="ph-attempt" data-outcome={each.outcome ?? 'running'}>
          <div className="ph-attempt-head">
            <strong>Attempt {count(each.attempt)}</strong>
            <Outcome attempt={each} />
            <span className="ph-dim">
              on <span className="ph-id">{each.node}</span>
            </span>
            <span className="ph-dim ph-num">
              <Time at={each.started_at} />
            </span>
            <span className="ph-push ph-num">
              {each.ended_at === null ? <Still attempt={each} /> : duration(lengthOf(each, 0))}
            </span>
          </div>
          <span className="ph-attempt-track" aria-hidden>
            <span style={{ width: `${Math.max(1, (100 * lengthOf(each, Date.now())) / longest)}%` }} />
          </span>
          {each.error && (
            <div className="ph-attempt-error">
              {each.error.detail} <code>{each.error.code}</code>
            </div>
          )}
          <div className="ph-small">
            {each.log_lines === 0 ? (
              <span className="ph-dim">no log</span>
            ) : (
              <Link
                className="ph-link"
                to="/p/$pilot/jobs/$job"
                params={{ pilot, job: job.job_id }}
                search={{ tab: 'log', attempt: String(each.attempt) }}
              >
                {plural(each.log_lines, 'line')} of log
              </Link>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

const lengthOf = ({ started_at, ended_at }: JobAttempt, now: number) =>
  Math.max(0, (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at));

function Still({ attempt }: { attempt: JobAttempt }) {
  return <>{duration(lengthOf(attempt, useNow()))} so far</>;
}

function Outcome({ attempt: { outcome } }: { attempt: JobAttempt }) {
  if (outcome === null) return <State kind="idle">running</State>;
  const { name, kind, means } = OUTCOME_WORDS[outcome];
  return (
    <span title={means}>
      <State kind={kind}>{name}</State>
    </span>
  );
}
