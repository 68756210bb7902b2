import { Button, Progress, Select } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { api, body, type Curation } from '../../api/client';
import { curationQuery } from '../../api/queries';
import { Copy as CopyText } from '../../parts/Copy';
import { DataTable, type Column } from '../../parts/DataTable';
import { Confirm } from '../../parts/Dialog';
import { Empty } from '../../parts/Empty';
import { actorText, barValue, bytes, count, duration } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { matching } from '../../parts/pages';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { State } from '../../parts/State';
import { Ago } from '../../parts/Time';
import { TypedFilter } from '../../parts/TypedFilter';
import { mayUse } from '../../session/access';
import { useSession } from '../../session/session';
import { SpeedMeter } from '../../uploads/speed';
import { COPY_WORDS, copyWords, leftOver, lineOf, outcome, shareOf, standing } from './copies';

type CopyRow = Curation['copies'][number];
const route = getRouteApi('/app/p/$pilot/datasets/copies/$curation');

/** One copy to the centre: how far, how fast, what became of each dataset. */
export function CopyPage() {
  const { pilot, curation: id } = route.useParams();
  const session = useSession();
  const queries = useQueryClient();
  const [cancelling, setCancelling] = useState(false);
  const query = useQuery(curationQuery(pilot, id));
  const curation = query.data;
  const missing = query.error && asProblem(query.error).status === 404;
  const may = mayUse('copying', session);
  const speed = useSpeed(curation, query.dataUpdatedAt);
  const left = curation && leftOver(curation.copies);

  return (
    <div className="ph-page-fill">
      <PageHead
        title={
          curation
            ? `Copy of ${count(curation.datasets)} ${plural(curation.datasets, 'dataset')}`
            : 'Copy to the centre'
        }
        note={
          <Link className="ph-link" to="/p/$pilot/datasets/copies" params={{ pilot }}>
            All copies
          </Link>
        }
      >
        {curation && !curation.done && curation.cancelled_at === null && may && (
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={15} />}
            onClick={() => setCancelling(true)}
          >
            Cancel…
          </Button>
        )}
      </PageHead>
      {query.error && !missing && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {missing && (
        <Empty title="There is no copy of that id">
          The id may be mistyped, or it belongs to another pilot.
        </Empty>
      )}
      {query.isPending && !query.error && <p className="ph-waiting">Loading…</p>}
      {curation && !missing && (
        <>
          <Standing curation={curation} speed={speed} />
          <Copies pilot={pilot} curation={curation} />
        </>
      )}
      <Confirm
        opened={cancelling}
        title="Copy no more of it?"
        action="Cancel the copy"
        dismiss="Go on copying"
        danger
        onClose={() => setCancelling(false)}
        run={async () => {
          const now = await body(
            api.POST('/api/v1/pilots/{pilot}/datasets/curations/{curation}/cancel', {
              params: { path: { pilot, curation: id } },
            }),
          );
          queries.setQueryData(curationQuery(pilot, id).queryKey, now);
          void queries.invalidateQueries({ queryKey: ['curations', pilot] });
          void queries.invalidateQueries({ queryKey: ['storage', pilot] });
          notify(`Cancelled: ${outcome(now.states)}.`);
        }}
      >
        {left && (
          <ul className="ph-consequences">
            {left.kept > 0 && (
              <li>
                {count(left.kept)} {plural(left.kept, 'copy', 'copies')} whose bytes are at the centre{' '}
                {left.kept === 1 ? 'stays' : 'stay'}.
              </li>
            )}
            {left.givenUp > 0 && (
              <li>
                {count(left.givenUp)} under way {left.givenUp === 1 ? 'is' : 'are'} given up: the{' '}
                {bytes(left.bytes)} that {left.givenUp === 1 ? 'it has' : 'they have'} at the centre are
                removed, and the quota is free of {left.givenUp === 1 ? 'it' : 'them'}.
              </li>
            )}
            {left.neverBegun > 0 && (
              <li>
                {count(left.neverBegun)} {left.neverBegun === 1 ? 'has' : 'have'} not begun and never{' '}
                {left.neverBegun === 1 ? 'does' : 'do'}.
              </li>
            )}
            <li>Nothing changes at the pilot’s endpoint. A new copy can be begun at any time.</li>
          </ul>
        )}
      </Confirm>
    </div>
  );
}

const plural = (howMany: number, one: string, many = `${one}s`) => (howMany === 1 ? one : many);

/** From one look to the next. */
function useSpeed(curation: Curation | undefined, lookedAt: number) {
  const [meter] = useState(() => new SpeedMeter());
  const [speed, setSpeed] = useState<{ perSecond: number | null; left: number | null }>({
    perSecond: null,
    left: null,
  });
  const copied = curation?.copied_bytes;
  const all = curation?.bytes ?? 0;
  useEffect(() => {
    if (copied === undefined) return;
    meter.note(lookedAt, copied);
    setSpeed({ perSecond: meter.bytesPerSecond(), left: meter.millisLeft(all - copied) });
  }, [meter, lookedAt, copied, all]);
  return speed;
}

function Standing({
  curation,
  speed,
}: {
  curation: Curation;
  speed: { perSecond: number | null; left: number | null };
}) {
  const { name, kind, means } = standing(curation);
  const share = shareOf(curation);
  const { ended_at, created_at } = curation;
  return (
    <section aria-label="How it stands">
      <dl className="ph-line-facts">
        <div>
          <dt className="ph-hidden">State</dt>
          <dd title={means}>
            <State kind={kind}>{name}</State>
          </dd>
        </div>
        <div>
          <dt>Copies</dt>
          <dd className="ph-num">{outcome(curation.states)}</dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd className="ph-num" title={`${count(curation.bytes)} bytes`}>
            {bytes(curation.bytes)}
          </dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <Ago at={created_at} /> <span className="ph-dim">by {actorText(curation.created_by)}</span>
          </dd>
        </div>
        {ended_at && (
          <div>
            <dt>Took</dt>
            <dd className="ph-num">{duration(Date.parse(ended_at) - Date.parse(created_at))}</dd>
          </div>
        )}
        {curation.cancelled_at && (
          <div>
            <dt>Cancelled</dt>
            <dd>
              <Ago at={curation.cancelled_at} />{' '}
              <span className="ph-dim">by {actorText(curation.cancelled_by ?? '')}</span>
            </dd>
          </div>
        )}
        <div>
          <dt>Id</dt>
          <dd>
            <span className="ph-id">{curation.curation_id}</span>{' '}
            <CopyText value={curation.curation_id} label="Copy the id" />
          </dd>
        </div>
      </dl>
      {!curation.done && (
        <div className="ph-standing" data-kind={kind}>
          <div className="ph-standing-line">
            <span>{means}</span>
            <span className="ph-num">{lineOf(curation, speed.perSecond, speed.left)}</span>
          </div>
          <Progress value={barValue(share)} size="sm" aria-label="Bytes at the centre" />
        </div>
      )}
    </section>
  );
}

function Copies({ pilot, curation }: { pilot: string; curation: Curation }) {
  const [q, setQ] = useState<string>();
  const [state, setState] = useState<string | null>(null);
  const rows = useMemo(() => {
    const narrowed =
      state === null ? curation.copies : curation.copies.filter((row) => copyWords(row.state).name === state);
    return matching(narrowed, q, (row) => [row.name, row.source_id, row.dataset_id]).toSorted(
      (a, b) => order(a) - order(b) || a.name.localeCompare(b.name),
    );
  }, [curation.copies, q, state]);
  const names = [...new Set(Object.keys(curation.states).map((each) => copyWords(each).name))];
  const columns = useMemo<Column<CopyRow>[]>(
    () => [
      {
        id: 'name',
        header: 'Dataset',
        main: true,
        narrow: 'auto',
        value: (row) => row.name,
        cell: (row) => (
          <Link
            className="ph-link"
            title={row.source_id}
            to="/p/$pilot/datasets/$dataset"
            params={{ pilot, dataset: row.source_id }}
            search={{}}
          >
            {row.name}
          </Link>
        ),
      },
      {
        id: 'state',
        header: 'State',
        width: '150px',
        narrow: '132px',
        value: (row) => copyWords(row.state).name,
        cell: (row) => <CopyState row={row} />,
      },
      {
        id: 'size',
        header: 'Size',
        width: '96px',
        align: 'right',
        from: 'tablet',
        value: (row) => row.size_bytes,
        cell: (row) => (
          <span className="ph-num" title={`${count(row.size_bytes)} bytes`}>
            {bytes(row.size_bytes)}
          </span>
        ),
      },
      {
        id: 'copy',
        header: 'Copy, or why there is none',
        under: true,
        value: (row) => row.failure?.detail ?? row.dataset_id,
        cell: (row) => <Outcome pilot={pilot} row={row} />,
      },
    ],
    [pilot],
  );
  return (
    <DataTable
      label="Datasets"
      rows={rows}
      rowKey={sourceId}
      columns={columns}
      csvName={`copy-${curation.curation_id}`}
      toolbar={
        <>
          <TypedFilter label="Name or id" value={q} onChange={setQ} />
          {names.length > 1 && (
            <Select
              className="ph-filter-small"
              size="xs"
              aria-label="State"
              placeholder="Any state"
              clearable
              data={names}
              value={state}
              onChange={setState}
            />
          )}
        </>
      }
      empty={
        <Empty
          title="No dataset fits the filter"
          action={
            <Button
              variant="default"
              onClick={() => {
                setQ(undefined);
                setState(null);
              }}
            >
              Show all {count(curation.copies.length)}
            </Button>
          }
        >
          All datasets of this copy are listed where nothing is filtered.
        </Empty>
      }
    />
  );
}

const sourceId = (row: CopyRow) => row.source_id;
const ORDER = Object.keys(COPY_WORDS);
const order = ({ state }: CopyRow) => ORDER.indexOf(state);

function CopyState({ row }: { row: CopyRow }) {
  const { name, kind, means } = copyWords(row.state);
  const share =
    (row.state === 'copying' || row.state === 'waiting') && row.copied_bytes > 0
      ? row.copied_bytes / Math.max(1, row.size_bytes)
      : null;
  return (
    <span className="ph-state-share" title={means}>
      <State kind={kind}>{name}</State>
      {share !== null && <span className="ph-dim ph-num">{Math.floor(share * 100)} %</span>}
    </span>
  );
}

function Outcome({ pilot, row }: { pilot: string; row: CopyRow }) {
  if (row.failure) {
    return (
      <span title={row.failure.detail}>
        <code>{row.failure.code}</code> <span className="ph-dim">{row.failure.detail}</span>
      </span>
    );
  }
  if (row.dataset_id === null || row.state === 'cancelled') return <span className="ph-none">–</span>;
  return (
    <Link
      className="ph-link ph-id"
      to="/p/$pilot/datasets/$dataset"
      params={{ pilot, dataset: row.dataset_id }}
      search={{}}
    >
      {row.dataset_id}
    </Link>
  );
}
