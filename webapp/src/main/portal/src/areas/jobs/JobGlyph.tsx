import type { Job, JobState } from '../../api/client';
import { JOB_WORDS, stateText } from './words';

/** How a job stands, by shape as well as by colour. */
export function JobGlyph({ state, size = 12 }: { state: JobState; size?: number }) {
  return (
    <svg
      className="ph-job-glyph"
      data-look={state}
      viewBox="0 0 12 12"
      width={size}
      height={size}
      aria-hidden
    >
      <Shape state={state} />
    </svg>
  );
}

function Shape({ state }: { state: JobState }) {
  switch (state) {
    case 'queued':
      return <path className="ph-job-line" d="M6 1.2a4.8 4.8 0 1 0 .01 0M6 3.4V6l1.8 1.2" />;
    case 'running':
      return <path d="M2.4 1.2 10.6 6 2.4 10.8Z" />;
    case 'succeeded':
      return (
        <>
          <circle cx="6" cy="6" r="5.5" />
          <path className="ph-job-ink" d="m3.4 6.2 1.8 1.8 3.4-3.7" />
        </>
      );
    case 'failed':
      return <path d="M1 3 3 1l3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3Z" />;
    case 'dead':
      return (
        <>
          <rect x="0.5" y="0.5" width="11" height="11" rx="2" />
          <path className="ph-job-ink" d="m3.6 3.6 4.8 4.8M8.4 3.6 3.6 8.4" />
        </>
      );
    case 'cancelled':
      return <path className="ph-job-line" d="M6 1.2a4.8 4.8 0 1 0 .01 0M2.7 2.7l6.6 6.6" />;
  }
}

export function JobStateMark({ job, strong = false }: { job: Job; strong?: boolean }) {
  const text = stateText(job);
  return (
    <span className="ph-state" title={JOB_WORDS[job.state].means}>
      <JobGlyph state={job.state} size={strong ? 14 : 12} />
      {strong ? <strong>{text}</strong> : text}
    </span>
  );
}
