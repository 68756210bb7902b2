import './jobs.css';
import { Button, Menu } from '@mantine/core';
import {
  IconArrowUp,
  IconCalendarTime,
  IconDots,
  IconFileExport,
  IconShieldCheck,
} from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import type { Job } from '../../api/client';
import { jobsQuery, jobsSummaryQuery } from '../../api/queries';
import { Command } from '../../parts/Copy';
import { DataTable, type Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { actorText, count, duration } from '../../parts/format';
import { Marked } from '../../parts/Marked';
import { PageHead } from '../../parts/PageHead';
import { usePages } from '../../parts/pages';
import { ProblemNote } from '../../parts/Problem';
import { Ago, Time, useNow } from '../../parts/Time';
import type { JobsSearch } from '../../router';
import { useZone } from '../../session/zone';
import { Board } from './Board';
import { DeadLetters } from './DeadLetters';
import { filterOf, Filters, jobId, type Listing } from './Filters';
import { HowItWorks } from './HowItWorks';
import { JobStateMark } from './JobGlyph';
import { StateFilter } from './StateFilter';
import { JOB_WORDS, shareOf, tookMs, typeName } from './words';

const route = getRouteApi('/app/p/$pilot/jobs');

/** What runs, what has run, and what waits for a person. */
export function JobsPage() {
  const { pilot } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/jobs' });
  const [guide, setGuide] = useState(false);
  const set = useCallback(
    (change: JobsSearch) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true }),
    [navigate],
  );
  return (
    <div className="ph-page-fill ph-jobs-page">
      <PageHead
        title="Jobs"
        note={
          <>
            work done by workers on any node ·{' '}
            <button type="button" className="ph-text-button" onClick={() => setGuide(true)}>
              how it works
            </button>
          </>
        }
      >
        <Button
          component={Link}
          {...({ to: '/p/$pilot/jobs/schedules', params: { pilot } } as object)}
          variant="default"
          leftSection={<IconCalendarTime size={15} />}
        >
          Schedules
        </Button>
        <Button
          component={Link}
          {...({ to: '/p/$pilot/jobs/new', params: { pilot }, search: {} } as object)}
          leftSection={<IconFileExport size={15} />}
        >
          New export
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px={8} aria-label="Other jobs">
              <IconDots size={16} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              component={Link}
              {...({ to: '/p/$pilot/jobs/verify', params: { pilot }, search: {} } as object)}
              leftSection={<IconShieldCheck size={15} />}
            >
              Verify stored datasets…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </PageHead>
      <Board pilot={pilot} />
      <StateFilter
        pilot={pilot}
        chosen={search.state}
        onChange={(state) => set({ state, open: undefined })}
      />
      {search.state === 'dead' ? (
        <DeadLetters key={pilot} pilot={pilot} search={search} set={set} />
      ) : (
        <JobList key={pilot} pilot={pilot} search={search} set={set} />
      )}
      <HowItWorks pilot={pilot} opened={guide} onClose={() => setGuide(false)} />
    </div>
  );
}

function JobList({ pilot, search, set }: Listing) {
  const navigate = useNavigate({ from: '/p/$pilot/jobs' });
  const zone = useZone();
  const query = useInfiniteQuery(jobsQuery(pilot, filterOf(search)));
  const { rows, more, error, pending, retry } = usePages<Job>(query);
  const summary = useQuery(jobsSummaryQuery(pilot));
  // who reads further down is not moved: what comes meanwhile waits above
  const [held, setHeld] = useState<string | null>(null);
  const newer =
    held === null
      ? 0
      : Math.max(
          0,
          rows.findIndex(({ job_id }) => job_id === held),
        );
  const shown = useMemo(() => (newer === 0 ? rows : rows.slice(newer)), [rows, newer]);
  const newest = rows[0]?.job_id ?? null;
  const hold = useCallback(
    (away: boolean) => setHeld((before) => (away ? (before ?? newest) : null)),
    [newest],
  );
  const columns = useMemo<Column<Job>[]>(
    () => [
      {
        id: 'name',
        header: 'Job',
        main: true,
        narrow: 'auto',
        value: (row) => row.name,
        cell: (row) => (
          <span title={row.name}>
            <Marked text={row.name} sought={search.q} />
          </span>
        ),
      },
      {
        id: 'state',
        header: 'State',
        width: '168px',
        narrow: '118px',
        value: (row) => JOB_WORDS[row.state].name,
        cell: (row) => <StateCell job={row} />,
      },
      {
        id: 'type',
        header: 'Type',
        width: '116px',
        from: 'tablet',
        value: (row) => row.type,
        cell: (row) => typeName(row.type),
      },
      {
        id: 'by',
        header: 'Asked for by',
        width: '150px',
        from: 'tablet',
        value: (row) => actorText(row.requested_by),
        cell: (row) => (
          <>
            {actorText(row.requested_by)}
            {row.schedule_id && <span className="ph-dim"> · schedule</span>}
          </>
        ),
      },
      {
        id: 'age',
        header: 'Asked for',
        width: '104px',
        narrow: '100px',
        align: 'right',
        value: (row) => row.created_at,
        cell: (row) => <Ago at={row.created_at} />,
      },
      {
        id: 'took',
        header: 'Took',
        width: '86px',
        align: 'right',
        from: 'tablet',
        value: (row) => tookMs(row, 0),
        cell: (row) => <Took job={row} />,
      },
      {
        id: 'attempts',
        header: 'Attempts',
        width: '88px',
        align: 'right',
        from: 'desktop',
        value: (row) => row.attempts,
        cell: (row) => (
          <span className="ph-num">
            {row.attempts === 0 ? '–' : `${count(row.attempts)} of ${count(row.max_attempts)}`}
          </span>
        ),
      },
      { id: 'priority', header: 'Priority', width: '90px', hidden: true, value: (row) => row.priority },
      {
        id: 'created',
        header: 'Asked for at',
        unit: zone.label,
        width: '190px',
        hidden: true,
        value: (row) => row.created_at,
        cell: (row) => <Time at={row.created_at} />,
      },
      {
        id: 'id',
        header: 'Id',
        width: '290px',
        hidden: true,
        value: (row) => row.job_id,
        cell: (row) => <span className="ph-id">{row.job_id}</span>,
      },
    ],
    [zone, search.q],
  );
  const filtered = Object.values(search).some((value) => value !== undefined);

  return (
    <>
      {error && <ProblemNote error={error} onRetry={retry} />}
      <DataTable
        label="Jobs"
        rows={shown}
        rowKey={jobId}
        columns={columns}
        sortable={false}
        loading={pending}
        more={more}
        onScrolledAway={hold}
        onOpen={(row) =>
          void navigate({ to: '/p/$pilot/jobs/$job', params: { pilot, job: row.job_id }, search: {} })
        }
        csvName={`${pilot}-jobs`}
        toolbar={<Filters pilot={pilot} search={search} set={set} />}
        note={
          newer > 0 && (
            <div className="ph-new" role="status">
              <Button
                size="compact-xs"
                leftSection={<IconArrowUp size={13} />}
                onClick={() => {
                  setHeld(null);
                  document.querySelector('.ph-scroll')?.scrollTo({ top: 0 });
                }}
              >
                {count(newer)} new
              </Button>
            </div>
          )
        }
        empty={
          error ? null : filtered ? (
            <Empty
              title="No job fits the filter"
              action={
                <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  Show all jobs
                </Button>
              }
            >
              The filter is applied to all jobs that are kept, on the server.
            </Empty>
          ) : (
            summary.data && <NoJobs pilot={pilot} />
          )
        }
      />
    </>
  );
}

function StateCell({ job }: { job: Job }) {
  const share = job.state === 'running' ? shareOf(job) : null;
  return (
    <span className="ph-state-share">
      <JobStateMark job={job} />
      {share !== null && <span className="ph-dim ph-num">{Math.floor(share * 100)} %</span>}
      {job.priority === 'urgent' && job.state === 'queued' && <span className="ph-tag">urgent</span>}
    </span>
  );
}

function Took({ job }: { job: Job }) {
  return job.state === 'running' ? <Running job={job} /> : <span className="ph-num">{text(job, 0)}</span>;
}

function Running({ job }: { job: Job }) {
  return <span className="ph-num">{text(job, useNow())}</span>;
}

function text(job: Job, now: number) {
  const took = job.state === 'queued' ? null : tookMs(job, now);
  return took === null ? <span className="ph-none">–</span> : duration(took);
}

function NoJobs({ pilot }: { pilot: string }) {
  return (
    <Empty
      title="There is no job yet"
      action={
        <div className="ph-empty-ways">
          <Button
            component={Link}
            {...({ to: '/p/$pilot/jobs/new', params: { pilot }, search: {} } as object)}
            leftSection={<IconFileExport size={15} />}
          >
            Build an export
          </Button>
          <Command text={`./pilothouse ctl jobs submit ${pilot} export FILE.json`} />
        </div>
      }
    >
      A job is work that a worker does on any node while nobody has to wait: an export of closed days into CSV
      or Parquet, a verification of what is stored. It tells how far it is, can be cancelled and retried, and
      its result is a dataset. The guide is <code>docs/guides/jobs.md</code>.
    </Empty>
  );
}
