import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Dataset, DatasetReference } from '../../api/client';
import { referencesQuery } from '../../api/queries';
import { Empty } from '../../parts/Empty';
import { count } from '../../parts/format';
import { ProblemNote } from '../../parts/Problem';
import { State } from '../../parts/State';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { REFERENCE_WORDS } from './words';

/** Who refers to the dataset, and whom withdrawing it would hurt. */
export function References({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const query = useQuery({ ...referencesQuery(pilot, dataset.dataset_id), refetchInterval: 15_000 });
  if (query.error && !query.data)
    return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <p className="ph-waiting">Loading…</p>;
  if (query.data.length === 0) {
    return (
      <Empty title="Nothing refers to it">
        A replay, a job, a closed day or a legal hold that needs its bytes stands here, and keeps it from
        being withdrawn for as long as it does.
      </Empty>
    );
  }
  const blocking = query.data.filter(({ blocks }) => blocks).length;
  return (
    <>
      <p className="ph-prose">
        {blocking === 0
          ? 'None of these keeps it from being withdrawn.'
          : `${count(blocking)} of ${count(query.data.length)} ${blocking === 1 ? 'keeps' : 'keep'} it from being withdrawn.`}
      </p>
      <ReferenceRows pilot={pilot} references={query.data} />
    </>
  );
}

function ReferenceRows({ pilot, references }: { pilot: string; references: readonly DatasetReference[] }) {
  const zone = useZone();
  return (
    <div className="ph-sideways" role="group" tabIndex={0} aria-label="References">
      <table className="ph-facts-table ph-roomy">
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">Why</th>
            <th scope="col">Withdrawal</th>
            <th scope="col">
              Since <span className="ph-unit">{zone.label}</span>
            </th>
            <th scope="col">
              Until <span className="ph-unit">{zone.label}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {references.map((reference) => (
            <tr key={`${reference.kind} ${reference.holder}`}>
              <td>
                {REFERENCE_WORDS[reference.kind]}{' '}
                {reference.kind === 'dataset' ? (
                  <Link
                    className="ph-link ph-id"
                    to="/p/$pilot/datasets/$dataset"
                    params={{ pilot, dataset: reference.holder }}
                    search={{}}
                  >
                    {reference.holder}
                  </Link>
                ) : (
                  <span className="ph-id">{reference.holder}</span>
                )}
              </td>
              <td>{reference.reason ?? <span className="ph-none">–</span>}</td>
              <td>
                <State kind={reference.blocks ? 'away' : 'idle'}>
                  {reference.blocks ? 'blocked' : 'told of'}
                </State>
              </td>
              <td>
                <Time at={reference.since} />
              </td>
              <td>
                {reference.until ? <Time at={reference.until} /> : <span className="ph-none">open</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
