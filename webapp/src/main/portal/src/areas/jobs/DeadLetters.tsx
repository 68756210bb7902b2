import { Button, Checkbox } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Job } from '../../api/client';
import { jobsQuery } from '../../api/queries';
import { DataTable, type Column } from '../../parts/DataTable';
import { DetailDrawer } from '../../parts/DetailDrawer';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { actorText, count } from '../../parts/format';
import { usePages } from '../../parts/pages';
import { ProblemNote } from '../../parts/Problem';
import { Ago, Time } from '../../parts/Time';
import { DropJobs, RetryChanged, RetryJob, RetryJobs } from './acts';
import { filterOf, Filters, jobId, type Listing } from './Filters';
import { plural, typeName } from './words';

/** As many as the platform retries in one call. */
const MOST_AT_ONCE = 100;

/** Jobs whose attempts are used up: looked at, changed, done again, or dropped, one or many. */
export function DeadLetters({ pilot, search, set }: Listing) {
  const query = useInfiniteQuery(jobsQuery(pilot, filterOf(search)));
  const { rows, more, error, pending, retry } = usePages<Job>(query);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [dialog, setDialog] = useState<'retry' | 'drop' | 'retry-one' | 'change-one' | 'drop-one' | null>(
    null,
  );
  const chosen = useMemo(() => rows.filter(({ job_id }) => picked.has(job_id)), [rows, picked]);
  const open = rows.find(({ job_id }) => job_id === search.open);
  // while a dialog of it is open the job may leave the list
  const [kept, setKept] = useState<Job | null>(null);
  const one = open ?? kept;
  const ask = (which: typeof dialog) => {
    setKept(open ?? null);
    setDialog(which);
  };
  const close = () => setDialog(null);
  const done = () => {
    setPicked(new Set());
    set({ open: undefined });
  };
  const all = rows.length > 0 && chosen.length === Math.min(rows.length, MOST_AT_ONCE);

  const columns = useMemo<Column<Job>[]>(
    () => [
      {
        id: 'pick',
        header: ' ',
        width: '42px',
        narrow: '40px',
        value: () => null,
        cell: (row) => (
          <Checkbox
            size="xs"
            aria-label={`Choose ${row.name}`}
            checked={picked.has(row.job_id)}
            disabled={!picked.has(row.job_id) && picked.size >= MOST_AT_ONCE}
            onClick={(event) => event.stopPropagation()}
            onChange={(event) => {
              const wanted = event.currentTarget.checked;
              setPicked((before) => {
                const next = new Set(before);
                if (wanted) next.add(row.job_id);
                else next.delete(row.job_id);
                return next;
              });
            }}
          />
        ),
      },
      { id: 'name', header: 'Job', main: true, narrow: 'auto', width: '26%', value: (row) => row.name },
      {
        id: 'why',
        header: 'Why its last attempt failed',
        under: true,
        value: (row) => row.error?.detail,
        cell: (row) => (
          <span title={row.error?.detail}>
            {row.error && <code>{row.error.code}</code>} <span className="ph-dim">{row.error?.detail}</span>
          </span>
        ),
      },
      {
        id: 'type',
        header: 'Type',
        width: '110px',
        from: 'tablet',
        value: (row) => row.type,
        cell: (row) => typeName(row.type),
      },
      {
        id: 'attempts',
        header: 'Attempts',
        width: '84px',
        align: 'right',
        from: 'desktop',
        value: (row) => row.attempts,
      },
      {
        id: 'by',
        header: 'Asked for by',
        width: '130px',
        from: 'tablet',
        value: (row) => actorText(row.requested_by),
      },
      {
        id: 'ended',
        header: 'Ended',
        width: '110px',
        narrow: '88px',
        align: 'right',
        value: (row) => row.finished_at,
        cell: (row) => <Ago at={row.finished_at} />,
      },
    ],
    [picked],
  );

  return (
    <>
      {error && <ProblemNote error={error} onRetry={retry} />}
      <DataTable
        label="Dead jobs"
        rows={rows}
        rowKey={jobId}
        columns={columns}
        sortable={false}
        loading={pending}
        more={more}
        opened={search.open}
        onOpen={(row) => set({ open: row.job_id })}
        csvName={`${pilot}-dead-jobs`}
        toolbar={<Filters pilot={pilot} search={search} set={set} />}
        note={
          <div className="ph-job-picked">
            <Checkbox
              size="xs"
              label={
                rows.length > MOST_AT_ONCE ? `The newest ${count(MOST_AT_ONCE)}` : `All ${count(rows.length)}`
              }
              checked={all}
              indeterminate={!all && chosen.length > 0}
              disabled={rows.length === 0}
              onChange={() =>
                setPicked(all ? new Set() : new Set(rows.slice(0, MOST_AT_ONCE).map(({ job_id }) => job_id)))
              }
            />
            <span className="ph-dim ph-num" role="status">
              {plural(chosen.length, 'job')} chosen
            </span>
            <Button size="compact-xs" disabled={chosen.length === 0} onClick={() => setDialog('retry')}>
              Retry…
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              disabled={chosen.length === 0}
              onClick={() => setDialog('drop')}
            >
              Drop…
            </Button>
          </div>
        }
        empty={
          error ? null : (
            <Empty title="No job is dead">
              When all attempts of a job have failed it is listed here, until somebody has it done again or
              drops it.
            </Empty>
          )
        }
      />
      <DetailDrawer
        opened={open !== undefined}
        title={<span className="ph-drawer-title">{open?.name}</span>}
        onClose={() => set({ open: undefined })}
      >
        {open && (
          <Look
            pilot={pilot}
            job={open}
            onRetry={() => ask('retry-one')}
            onChange={() => ask('change-one')}
            onDrop={() => ask('drop-one')}
          />
        )}
      </DetailDrawer>
      <RetryJobs pilot={pilot} jobs={chosen} opened={dialog === 'retry'} onClose={close} onDone={done} />
      <DropJobs pilot={pilot} jobs={chosen} opened={dialog === 'drop'} onClose={close} onDone={done} />
      {one && (
        <>
          <RetryJob pilot={pilot} job={one} opened={dialog === 'retry-one'} onClose={close} />
          <RetryChanged pilot={pilot} job={one} opened={dialog === 'change-one'} onClose={close} />
          <DropJobs pilot={pilot} jobs={[one]} opened={dialog === 'drop-one'} onClose={close} onDone={done} />
        </>
      )}
    </>
  );
}

function Look({
  pilot,
  job,
  onRetry,
  onChange,
  onDrop,
}: {
  pilot: string;
  job: Job;
  onRetry: () => void;
  onChange: () => void;
  onDrop: () => void;
}) {
  return (
    <>
      <div className="ph-copy-acts">
        <Button onClick={onRetry}>Retry…</Button>
        <Button variant="default" onClick={onChange}>
          Change and retry…
        </Button>
        <Button variant="default" onClick={onDrop}>
          Drop…
        </Button>
      </div>
      <div className="ph-gap-top">
        <Facts>
          <Fact label="Failed with">
            {job.error ? (
              <>
                {job.error.detail} <code>{job.error.code}</code>
              </>
            ) : (
              '–'
            )}
          </Fact>
          <Fact label="Type">{typeName(job.type)}</Fact>
          <Fact label="Attempts">
            {count(job.attempts)} of {count(job.max_attempts)}
          </Fact>
          <Fact label="Asked for">
            <Time at={job.created_at} /> by {actorText(job.requested_by)}
          </Fact>
          <Fact label="Ended">
            <Time at={job.finished_at} />
          </Fact>
        </Facts>
      </div>
      <p>
        <Link
          className="ph-link"
          to="/p/$pilot/jobs/$job"
          params={{ pilot, job: job.job_id }}
          search={{ tab: 'attempts' }}
        >
          Its attempts and their logs
        </Link>
      </p>
      <h2 className="ph-field-label ph-gap-top">Parameters</h2>
      <pre className="ph-json" tabIndex={0} aria-label="Parameters">
        {JSON.stringify(job.parameters, null, 2)}
      </pre>
    </>
  );
}
