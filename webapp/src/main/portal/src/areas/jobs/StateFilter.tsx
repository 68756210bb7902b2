import { useQuery } from '@tanstack/react-query';
import type { JobState } from '../../api/client';
import { jobsSummaryQuery } from '../../api/queries';
import { count } from '../../parts/format';
import { JOB_STATES } from '../../router';
import { JobGlyph } from './JobGlyph';
import { JOB_WORDS } from './words';

/** How many jobs are in each state, and a filter by it. */
export function StateFilter({
  pilot,
  chosen,
  onChange,
}: {
  pilot: string;
  chosen: JobState | undefined;
  onChange: (state: JobState | undefined) => void;
}) {
  const counts = useQuery(jobsSummaryQuery(pilot)).data?.counts;
  return (
    <div className="ph-job-states" role="group" aria-label="Show only jobs that are">
      {JOB_STATES.map((state) => (
        <button
          key={state}
          type="button"
          className="ph-job-key"
          aria-pressed={state === chosen}
          data-none={!counts?.[state] || undefined}
          title={JOB_WORDS[state].means}
          onClick={() => onChange(state === chosen ? undefined : state)}
        >
          <JobGlyph state={state} />
          {JOB_WORDS[state].name}
          <strong className="ph-num">{counts ? count(counts[state]) : '–'}</strong>
        </button>
      ))}
    </div>
  );
}
