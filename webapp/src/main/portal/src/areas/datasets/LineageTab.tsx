import { SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Dataset, Lineage } from '../../api/client';
import { lineageQuery } from '../../api/queries';
import { Empty } from '../../parts/Empty';
import { count } from '../../parts/format';
import { GraphPicture } from '../../parts/GraphPicture';
import { ProblemNote } from '../../parts/Problem';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { relationTo } from './lineage';
import { DatasetStateMark } from './Marks';
import { origin, STATE_WORDS } from './words';

const route = getRouteApi('/app/p/$pilot/datasets/$dataset');
const DEPTHS = ['1', '2', '4', '8'];
const USUAL = '4';
// the direction says it all: from left to right
const NOTHING = () => '';

/** What it was made from, and what was made from it: a picture to click through, and a table that says the same. */
export function LineageTab({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/datasets/$dataset' });
  const depth = search.depth ?? USUAL;
  const query = useQuery({
    ...lineageQuery(pilot, dataset.dataset_id, Number(depth)),
    placeholderData: keepPreviousData,
  });
  const lineage = query.data;
  return (
    <>
      <div className="ph-tab-bar">
        <SegmentedControl
          size="xs"
          aria-label="How far"
          value={depth}
          data={DEPTHS.map((each) => ({ value: each, label: each === '1' ? '1 step' : `${each} steps` }))}
          onChange={(next) =>
            void navigate({
              search: (before) => ({ ...before, depth: next === USUAL ? undefined : next }),
            })
          }
        />
        <span className="ph-dim">Made by {origin(dataset.lineage)}</span>
      </div>
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="ph-waiting">Loading…</p>}
      {lineage && lineage.edges.length === 0 && (
        <Empty title="It was made from no other dataset, and none from it">
          What a job, a simulation or a replay makes names what it was made from. An upload can, too: give{' '}
          <code>lineage.inputs</code> when the dataset is declared.
        </Empty>
      )}
      {lineage && lineage.edges.length > 0 && (
        <>
          <Picture pilot={pilot} dataset={dataset} lineage={lineage} />
          <Rows pilot={pilot} dataset={dataset} lineage={lineage} />
        </>
      )}
    </>
  );
}

interface Props {
  pilot: string;
  dataset: Dataset;
  lineage: Lineage;
}

function Picture({ pilot, dataset, lineage }: Props) {
  const search = route.useSearch();
  const own = dataset.dataset_id;
  const graph = useMemo(() => {
    // where the picture leaves some out, this one is not among them
    const nodes = [...lineage.datasets].sort(
      (a, b) => Number(b.dataset_id === own) - Number(a.dataset_id === own),
    );
    return {
      nodes: nodes.map((node) => ({ ...node, of: node.id, id: node.dataset_id })),
      edges: lineage.edges.map(({ input, output }) => ({ source: input, target: output, type: 'made' })),
    };
  }, [lineage, own]);
  return (
    <GraphPicture
      label={`Picture of the lineage of ${dataset.name}; the table below says the same`}
      graph={graph}
      centre={own}
      lineLabel={NOTHING}
      box={(node, style) => (
        <Link
          key={node.id}
          className="ph-graph-node"
          to="/p/$pilot/datasets/$dataset"
          params={{ pilot, dataset: node.id }}
          search={{ tab: 'lineage', depth: search.depth }}
          data-centre={node.id === own || undefined}
          data-state={node.state}
          aria-current={node.id === own ? 'page' : undefined}
          title={`${node.name}, version ${node.version}, ${STATE_WORDS[node.state]}`}
          style={style}
        >
          <span className="ph-clip">{node.name}</span>
          <span className="ph-clip ph-graph-under">
            v{node.version} · {origin({ kind: node.kind, id: node.of })}
            {node.state !== 'available' && ` · ${STATE_WORDS[node.state]}`}
          </span>
        </Link>
      )}
      caption={(drawn) =>
        (drawn.partial || lineage.truncated) && (
          <>
            {drawn.partial && `The picture shows ${count(drawn.nodes)} datasets. `}
            {lineage.truncated
              ? `There is more than the ${count(lineage.datasets.length)} datasets that were asked for: choose fewer steps.`
              : 'The table has all of them.'}
          </>
        )
      }
    />
  );
}

function Rows({ pilot, dataset, lineage }: Props) {
  const search = route.useSearch();
  const zone = useZone();
  const own = dataset.dataset_id;
  const relation = useMemo(() => relationTo(own, lineage.edges), [own, lineage.edges]);
  const names = useMemo(
    () => new Map(lineage.datasets.map((each) => [each.dataset_id, `${each.name} v${each.version}`])),
    [lineage.datasets],
  );
  const rows = useMemo(
    () =>
      [...lineage.datasets].sort(
        (a, b) => (relation.get(a.dataset_id) ?? 0) - (relation.get(b.dataset_id) ?? 0),
      ),
    [lineage.datasets, relation],
  );
  return (
    <section className="ph-card" aria-label="Lineage">
      <h2 className="ph-card-title">
        Datasets <span className="ph-dim ph-num">{count(rows.length)}</span>
      </h2>
      <div className="ph-sideways">
        <table className="ph-facts-table ph-roomy">
          <thead>
            <tr>
              <th scope="col">Dataset</th>
              <th scope="col">Seen from this one</th>
              <th scope="col">Made from</th>
              <th scope="col">Made by</th>
              <th scope="col">State</th>
              <th scope="col">
                Created <span className="ph-unit">{zone.label}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.dataset_id} aria-current={row.dataset_id === own || undefined}>
                <td>
                  {row.dataset_id === own ? (
                    <strong>{names.get(row.dataset_id)}</strong>
                  ) : (
                    <Link
                      className="ph-link"
                      to="/p/$pilot/datasets/$dataset"
                      params={{ pilot, dataset: row.dataset_id }}
                      search={{ tab: 'lineage', depth: search.depth }}
                    >
                      {names.get(row.dataset_id)}
                    </Link>
                  )}
                </td>
                <td>{stepsText(row.dataset_id === own ? 0 : relation.get(row.dataset_id))}</td>
                <td>
                  {lineage.edges
                    .filter(({ output }) => output === row.dataset_id)
                    .map(({ input }) => names.get(input) ?? input)
                    .join(', ') || <span className="ph-none">–</span>}
                </td>
                <td>{origin(row)}</td>
                <td>
                  <DatasetStateMark state={row.state} />
                </td>
                <td>
                  <Time at={row.created_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function stepsText(steps: number | undefined): string {
  if (steps === 0) return 'this one';
  if (steps === undefined) return 'beside it';
  const far = Math.abs(steps);
  return `${count(far)} ${far === 1 ? 'step' : 'steps'} ${steps < 0 ? 'before' : 'after'}`;
}
