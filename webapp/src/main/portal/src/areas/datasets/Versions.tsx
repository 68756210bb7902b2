import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Dataset } from '../../api/client';
import { datasetsQuery } from '../../api/queries';
import { actorText, bytes, count } from '../../parts/format';
import { usePages } from '../../parts/pages';
import { ProblemNote } from '../../parts/Problem';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { DatasetStateMark } from './Marks';

/** The datasets of the same name, newest first. */
export function Versions({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const zone = useZone();
  const { rows, more, error, pending, retry } = usePages<Dataset>(
    useInfiniteQuery(datasetsQuery(pilot, { name: dataset.name })),
  );
  if (pending) return <p className="ph-waiting">Loading…</p>;
  // a deleted one is not among those listed, but it is the one that is looked at
  const shown = rows.some((row) => row.dataset_id === dataset.dataset_id) ? rows : [dataset, ...rows];
  return (
    <>
      {error && <ProblemNote error={error} onRetry={retry} />}
      <div className="ph-sideways">
        <table className="ph-facts-table ph-roomy">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">State</th>
              <th scope="col" data-align="right">
                Size
              </th>
              <th scope="col">
                Created <span className="ph-unit">{zone.label}</span>
              </th>
              <th scope="col">By</th>
              <th scope="col">SHA-256</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => {
              const own = row.dataset_id === dataset.dataset_id;
              return (
                <tr key={row.dataset_id} aria-current={own || undefined}>
                  <td className="ph-num">
                    {own ? (
                      <strong>{count(row.version)}, this one</strong>
                    ) : (
                      <Link
                        className="ph-link"
                        to="/p/$pilot/datasets/$dataset"
                        params={{ pilot, dataset: row.dataset_id }}
                        search={{ tab: 'versions' }}
                        aria-label={`Version ${row.version}`}
                      >
                        {count(row.version)}
                      </Link>
                    )}
                  </td>
                  <td>
                    <DatasetStateMark state={row.state} />
                  </td>
                  <td data-align="right" className="ph-num">
                    {bytes(row.size_bytes)}
                  </td>
                  <td>
                    <Time at={row.created_at} />
                  </td>
                  <td>{actorText(row.created_by)}</td>
                  <td className="ph-id" title={row.checksum ?? undefined}>
                    {row.checksum ? `${row.checksum.replace(/^sha256:/, '').slice(0, 12)}…` : '–'}
                    {row.checksum && !own && row.checksum === dataset.checksum && (
                      <span className="ph-dim"> same bytes</span>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {more.has && (
        <div className="ph-more">
          <Button variant="default" loading={more.loading} onClick={more.load}>
            Load older
          </Button>
        </div>
      )}
    </>
  );
}
