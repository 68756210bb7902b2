import { FormModal } from '../../parts/FormModal';
import { Command } from '../../parts/Copy';

/** The guide in short. */
export function HowItWorks({
  pilot,
  example,
  opened,
  onClose,
}: {
  pilot: string;
  /** A day for the commands. */
  example: string;
  opened: boolean;
  onClose: () => void;
}) {
  return (
    <FormModal opened={opened} title="How closed days work" size="lg" onClose={onClose}>
      <div className="ph-prose ph-day-guide">
        <p>
          Each night a pilot’s day goes from the backbone into files: Parquet, one table a twin model, sorted
          by twin and time, with a manifest. A pointer goes out when all of it is verified, never before. A
          day is complete, or says exactly what it lacks, or it is not there.
        </p>
        <h2>When a day closes</h2>
        <p>
          By the pilot’s clock, as soon as every partition has told of times 15 minutes after the day’s end,
          or is silent; at the latest 6 hours after it. Which offsets are read is written down before anything
          is read, so that a restart gives the same bytes.
        </p>
        <h2>What comes late</h2>
        <p>
          Events of a closed day never enter its files. They become a numbered correction: a revision with
          files, a manifest and a pointer (<code>dataset.revised</code>) of its own. The day is all its
          revisions together; no event is in two of them.
        </p>
        <h2>What fits no column</h2>
        <p>
          goes whole into a file of rejects, with its reason. When the model is mended, a correction reads the
          rejects again.
        </p>
        <h2>From the command line</h2>
        <div className="ph-day-commands">
          <Command text={`./pilothouse ctl dumps list ${pilot}`} />
          <Command text={`./pilothouse ctl dumps run ${pilot} ${example}`} />
          <Command text={`./pilothouse ctl dumps manifest ${pilot} ${example}`} />
        </div>
        <p className="ph-dim">
          The whole guide is <code>docs/guides/dumps.md</code> in the repository.
        </p>
      </div>
    </FormModal>
  );
}
