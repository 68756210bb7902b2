import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Job } from '../../api/client';
import { jobsSummaryQuery } from '../../api/queries';
import { count } from '../../parts/format';
import { JobBar, ProgressLine } from './JobProgress';
import { JobStateMark } from './JobGlyph';
import { plural } from './words';

/** So many are drawn; the room for them is always there, so that the list below stays where it is. */
const SHOWN = 4;

/** What runs now, with how far and how fast. */
export function Board({ pilot }: { pilot: string }) {
  const { data, dataUpdatedAt } = useQuery(jobsSummaryQuery(pilot));
  const running = data?.running ?? [];
  const all = data?.counts.running ?? 0;
  const waiting = data?.counts.queued ?? 0;
  return (
    <section className="ph-job-board" aria-label="Running now">
      {data && running.length === 0 && (
        <p className="ph-job-idle ph-dim">
          Nothing runs now.{' '}
          {waiting > 0 && (
            <Link className="ph-link" to="/p/$pilot/jobs" params={{ pilot }} search={{ state: 'queued' }}>
              {plural(waiting, 'job')} {waiting === 1 ? 'waits' : 'wait'} for a worker.
            </Link>
          )}
        </p>
      )}
      {running.slice(0, SHOWN).map((job) => (
        <RunningJob key={job.job_id} pilot={pilot} job={job} lookedAt={dataUpdatedAt} />
      ))}
      {all > SHOWN && (
        <Link
          className="ph-job-more ph-link"
          to="/p/$pilot/jobs"
          params={{ pilot }}
          search={{ state: 'running' }}
        >
          {count(all - SHOWN)} more
        </Link>
      )}
    </section>
  );
}

function RunningJob({ pilot, job, lookedAt }: { pilot: string; job: Job; lookedAt: number }) {
  return (
    <Link className="ph-job-card" to="/p/$pilot/jobs/$job" params={{ pilot, job: job.job_id }} search={{}}>
      <span className="ph-job-card-head">
        <strong className="ph-clip" title={job.name}>
          {job.name}
        </strong>
        {job.cancel_requested ? (
          <JobStateMark job={job} />
        ) : (
          <span className="ph-job-message ph-clip" title={job.progress.message}>
            {job.progress.message}
          </span>
        )}
      </span>
      <JobBar job={job} />
      <span className="ph-job-card-line">
        <ProgressLine job={job} lookedAt={lookedAt} short />
      </span>
    </Link>
  );
}
