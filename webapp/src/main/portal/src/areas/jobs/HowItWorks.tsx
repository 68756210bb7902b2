import { Command } from '../../parts/Copy';
import { FormModal } from '../../parts/FormModal';

/** The guide in short. */
export function HowItWorks({
  pilot,
  opened,
  onClose,
}: {
  pilot: string;
  opened: boolean;
  onClose: () => void;
}) {
  return (
    <FormModal opened={opened} title="How jobs work" size="lg" onClose={onClose}>
      <div className="ph-prose ph-job-guide">
        <p>
          A job is work that takes longer than a page waits: an export, a verification. It is written down
          when it is asked for, done by a worker on any node, and its result is a dataset. This page may be
          closed meanwhile.
        </p>
        <h2>When something fails</h2>
        <p>
          An attempt that fails, or whose node is gone, is followed by another, after a pause that grows. When
          all attempts are used up the job is <em>dead</em>: it waits for a person, who looks, changes its
          parameters, has it done again, or drops it. What cannot succeed however often it is tried is{' '}
          <em>failed</em> at once.
        </p>
        <h2>No result twice</h2>
        <p>
          A job belongs to one attempt at a time. An attempt that comes back after its job was given to
          another can publish nothing; it is listed as fenced off.
        </p>
        <h2>Who waits for whom</h2>
        <p>
          Urgent jobs are taken first, but never so that the others stand still. One pilot’s thousand jobs do
          not hold up another’s one.
        </p>
        <h2>From the command line</h2>
        <div className="ph-job-commands">
          <Command text={`./pilothouse ctl jobs list ${pilot}`} />
          <Command text={`./pilothouse ctl jobs submit ${pilot} export FILE.json`} />
          <Command text={`./pilothouse ctl jobs wait ${pilot} JOB`} />
        </div>
        <p className="ph-dim">
          The whole guides are <code>docs/guides/jobs.md</code> and <code>docs/guides/exports.md</code> in the
          repository.
        </p>
      </div>
    </FormModal>
  );
}
