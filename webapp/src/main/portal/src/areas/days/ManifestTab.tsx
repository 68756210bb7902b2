import { useQuery } from '@tanstack/react-query';
import type { Dump } from '../../api/client';
import { dumpManifestQuery } from '../../api/queries';
import { Command, Copy } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { ProblemNote } from '../../parts/Problem';
import { pretty } from '../twins/json';
import { foundNothing } from './words';

/** What the revision says of itself, as it rests beside its files. */
export function ManifestTab({ pilot, dump }: { pilot: string; dump: Dump }) {
  const there = (dump.state === 'complete' || dump.state === 'incomplete') && !foundNothing(dump);
  const query = useQuery({ ...dumpManifestQuery(pilot, dump.date, dump.revision), enabled: there });
  if (!there) {
    return (
      <Empty title="There is no manifest">
        {foundNothing(dump)
          ? 'A correction that finds nothing writes nothing.'
          : 'It is written last, when all files are verified; with it the revision is there.'}
      </Empty>
    );
  }
  if (query.error) return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <p className="ph-waiting">Loading…</p>;
  const text = pretty(query.data);
  return (
    <>
      <div className="ph-tab-bar">
        <Command text={`./pilothouse ctl dumps manifest ${pilot} ${dump.date}`} />
      </div>
      <div className="ph-recipe ph-day-manifest">
        <pre className="ph-json" tabIndex={0} aria-label="Manifest">
          {text}
        </pre>
        <Copy value={text} label="Copy the manifest" />
      </div>
    </>
  );
}
