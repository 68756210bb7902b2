import { Button } from '@mantine/core';
import { IconCopyPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { CurationSummary } from '../../api/client';
import { curationsQuery, storageQuery } from '../../api/queries';
import { Command } from '../../parts/Copy';
import { DataTable, type Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { actorText, bytes, count, duration } from '../../parts/format';
import { PageHead } from '../../parts/PageHead';
import { usePages } from '../../parts/pages';
import { ProblemNote } from '../../parts/Problem';
import { State } from '../../parts/State';
import { Time } from '../../parts/Time';
import { mayUse } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { outcome, shareOf, standing } from './copies';

const route = getRouteApi('/app/p/$pilot/datasets/copies');

/** What of a federated pilot's data was copied to the centre, and by whom. */
export function CopiesPage() {
  const { pilot } = route.useParams();
  const navigate = useNavigate({ from: '/p/$pilot/datasets/copies' });
  const session = useSession();
  const zone = useZone();
  const storage = useQuery(storageQuery(pilot));
  const list = usePages<CurationSummary>(useInfiniteQuery(curationsQuery(pilot)));
  const may = mayUse('copying', session);
  const columns = useMemo<Column<CurationSummary>[]>(
    () => [
      {
        id: 'started',
        header: 'Started',
        unit: zone.label,
        width: '190px',
        narrow: 'auto',
        main: true,
        value: (row) => row.created_at,
        cell: (row) => <Time at={row.created_at} />,
      },
      {
        id: 'state',
        header: 'State',
        width: '160px',
        narrow: '132px',
        value: (row) => standing(row).name,
        cell: (row) => <Standing summary={row} />,
      },
      {
        id: 'datasets',
        header: 'Datasets',
        width: '96px',
        align: 'right',
        from: 'tablet',
        value: (row) => row.datasets,
        cell: (row) => <span className="ph-num">{count(row.datasets)}</span>,
      },
      {
        id: 'bytes',
        header: 'Size',
        width: '96px',
        align: 'right',
        from: 'tablet',
        value: (row) => row.bytes,
        cell: (row) => (
          <span className="ph-num" title={`${count(row.bytes)} bytes`}>
            {bytes(row.bytes)}
          </span>
        ),
      },
      { id: 'outcome', header: 'Copies', under: true, value: (row) => outcome(row.states) },
      {
        id: 'took',
        header: 'Took',
        width: '100px',
        align: 'right',
        from: 'desktop',
        value: (row) => took(row),
        cell: (row) => <span className="ph-num">{took(row) ?? <span className="ph-none">–</span>}</span>,
      },
      {
        id: 'by',
        header: 'By',
        width: '150px',
        from: 'tablet',
        value: (row) => actorText(row.created_by),
      },
      { id: 'id', header: 'Id', width: '230px', hidden: true, value: (row) => row.curation_id },
    ],
    [zone],
  );
  const begin = may && (
    <Button
      component={Link}
      {...({ to: '/p/$pilot/datasets/copies/new', params: { pilot }, search: {} } as object)}
      leftSection={<IconCopyPlus size={15} />}
    >
      New copy
    </Button>
  );
  const centralized = storage.data?.model === 'centralized' && !storage.data.site;

  return (
    <div className="ph-page-fill">
      <PageHead
        title="Copies to the centre"
        note={
          <Link className="ph-link" to="/p/$pilot/datasets" params={{ pilot }} search={{}}>
            To the datasets
          </Link>
        }
      >
        {begin}
      </PageHead>
      {list.error && <ProblemNote error={list.error} onRetry={list.retry} />}
      <DataTable
        label="Copies to the centre"
        rows={list.rows}
        rowKey={curationId}
        columns={columns}
        loading={list.pending}
        more={list.more}
        sortable={false}
        onOpen={(row) =>
          void navigate({
            to: '/p/$pilot/datasets/copies/$curation',
            params: { pilot, curation: row.curation_id },
          })
        }
        csvName={`${pilot}-copies`}
        empty={
          list.error ? null : (
            <Empty
              title="Nothing was copied to the centre yet"
              action={
                begin && (
                  <div className="ph-empty-ways">
                    {begin}
                    <Command
                      text={`./pilothouse ctl datasets curate ${pilot} --tag purpose:training --dry-run`}
                    />
                  </div>
                )
              }
            >
              {centralized
                ? 'This pilot’s storage is centralized: its data is at the centre already. Copies are for pilots that keep their data at an endpoint of their own.'
                : 'A federated pilot keeps its data at its own endpoint. What others need is copied into the consortium’s bucket: chosen by tag, name and time or one by one, compared byte by byte, with a pointer and a lineage of its own.'}{' '}
              {!may && 'A data steward or an admin of the pilot begins one.'}
            </Empty>
          )
        }
      />
    </div>
  );
}

const curationId = (row: CurationSummary) => row.curation_id;

function took({ created_at, ended_at }: CurationSummary): string | null {
  return ended_at === null ? null : duration(Date.parse(ended_at) - Date.parse(created_at));
}

function Standing({ summary }: { summary: CurationSummary }) {
  const { name, kind, means } = standing(summary);
  return (
    <span className="ph-state-share" title={means}>
      <State kind={kind}>{name}</State>
      {!summary.done && <span className="ph-dim ph-num">{Math.floor(shareOf(summary) * 100)} %</span>}
    </span>
  );
}
