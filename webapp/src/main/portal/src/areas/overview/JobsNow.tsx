import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { jobsSummaryQuery } from '../../api/queries';
import { count } from '../../parts/format';
import { ProblemNote } from '../../parts/Problem';
import { JobBar, ProgressLine } from '../jobs/JobProgress';
import { plural } from '../jobs/words';

const SHOWN = 2;

/** Jobs that run, and what waits; the room for them is there before they are. */
export function JobsNow({ pilot }: { pilot: string }) {
  const { data, error, refetch, dataUpdatedAt } = useQuery(jobsSummaryQuery(pilot));
  return (
    <section className="ph-card" aria-labelledby="jobs-title">
      <h2 className="ph-card-title" id="jobs-title">
        <Link to="/p/$pilot/jobs" params={{ pilot }} search={{}}>
          Jobs running
        </Link>
        {data && <span className="ph-unit ph-num"> {count(data.counts.running)}</span>}
      </h2>
      {error && !data ? (
        <ProblemNote error={error} onRetry={() => void refetch()} />
      ) : (
        <div className="ph-jobs-now">
          {data && data.running.length === 0 && <p className="ph-dim">Nothing runs now.</p>}
          {data?.running.slice(0, SHOWN).map((job) => (
            <Link key={job.job_id} to="/p/$pilot/jobs/$job" params={{ pilot, job: job.job_id }} search={{}}>
              <span className="ph-job-card-line">
                <strong className="ph-clip">{job.name}</strong>
                <span className="ph-dim">
                  <ProgressLine job={job} lookedAt={dataUpdatedAt} short />
                </span>
              </span>
              <JobBar job={job} />
            </Link>
          ))}
          {data && (
            <p className="ph-dim ph-small">
              {[
                data.counts.running > SHOWN && `${count(data.counts.running - SHOWN)} more running`,
                data.counts.queued > 0 && `${count(data.counts.queued)} queued`,
              ]
                .filter(Boolean)
                .join(', ')}
              {data.counts.dead > 0 && (
                <>
                  {(data.counts.running > SHOWN || data.counts.queued > 0) && ', '}
                  <Link className="ph-link" to="/p/$pilot/jobs" params={{ pilot }} search={{ state: 'dead' }}>
                    {plural(data.counts.dead, 'dead job')} {data.counts.dead === 1 ? 'waits' : 'wait'} for
                    somebody
                  </Link>
                </>
              )}
            </p>
          )}
        </div>
      )}
    </section>
  );
}
