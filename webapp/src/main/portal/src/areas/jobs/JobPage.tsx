import './jobs.css';
import { Button, Menu, Tabs } from '@mantine/core';
import { IconCopyPlus, IconDots, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { api, body, type Job, type JsonObject } from '../../api/client';
import { jobAttemptsQuery, jobQuery, jobScheduleQuery } from '../../api/queries';
import { Copy } from '../../parts/Copy';
import { DetailTabs } from '../../parts/DetailTabs';
import { Empty } from '../../parts/Empty';
import { actorText, count, duration } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { ProblemNote } from '../../parts/Problem';
import { Ago, Time, useNow } from '../../parts/Time';
import { JOB_TABS, type JobTab } from '../../router';
import { useZone } from '../../session/zone';
import { CancelJob, DropJobs, EditParameters, RetryChanged, RetryJob, useJobsChanged } from './acts';
import { AttemptsTab } from './AttemptsTab';
import { isBuildable, searchOf } from './exports';
import { JobStateMark } from './JobGlyph';
import { JobBar, ProgressLine } from './JobProgress';
import { LogTab } from './LogTab';
import { ParametersTab } from './ParametersTab';
import { ResultTab } from './ResultTab';
import { verifySearch } from './verify';
import { isEnded, plural, tookMs, typeName } from './words';

const route = getRouteApi('/app/p/$pilot/jobs/$job');

const TAB_NAMES: Record<JobTab, string> = {
  result: 'Result',
  parameters: 'Parameters',
  attempts: 'Attempts',
  log: 'Log',
};

type Dialog = 'cancel' | 'retry' | 'change' | 'drop' | 'clone';

/** One job: how it stands, what it was asked for, each attempt and what that told of itself. */
export function JobPage() {
  const { pilot, job: id } = route.useParams();
  const query = useQuery(jobQuery(pilot, id));
  return (
    <div className="ph-page-scroll">
      {query.data === null && (
        <>
          <PageHead title="Job" note={<AllJobs pilot={pilot} />} />
          <Empty title="There is no job of that id">
            The id may be mistyped, or it belongs to another pilot. Jobs that ended long ago are not kept for
            ever; the datasets that they made are.
          </Empty>
        </>
      )}
      {query.error && !query.data && (
        <>
          <PageHead title="Job" note={<AllJobs pilot={pilot} />} />
          <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
        </>
      )}
      {query.isPending && !query.error && (
        <>
          <PageHead title="Job" note={<AllJobs pilot={pilot} />} />
          <p className="ph-waiting">Loading…</p>
        </>
      )}
      {query.data && <Known key={id} pilot={pilot} job={query.data} lookedAt={query.dataUpdatedAt} />}
    </div>
  );
}

function AllJobs({ pilot }: { pilot: string }) {
  return (
    <Link className="ph-link" to="/p/$pilot/jobs" params={{ pilot }} search={{}}>
      All jobs
    </Link>
  );
}

function Known({ pilot, job, lookedAt }: { pilot: string; job: Job; lookedAt: number }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/jobs/$job' });
  const changed = useJobsChanged(pilot);
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const ended = isEnded(job);
  const attempts = useQuery(jobAttemptsQuery(pilot, job.job_id, !ended));
  // the attempts are asked for again when the job is another than it was
  const { refetch } = attempts;
  const standing = `${job.state} ${job.attempts}`;
  const before = useRef(standing);
  useEffect(() => {
    if (before.current === standing) return;
    before.current = standing;
    void refetch();
  }, [standing, refetch]);
  const tab = search.tab ?? (ended ? (job.result ? 'result' : 'attempts') : 'log');
  const close = () => setDialog(null);
  const again = job.state === 'failed' || job.state === 'dead' || job.state === 'cancelled';

  return (
    <>
      <PageHead title={job.name} note={<AllJobs pilot={pilot} />}>
        {!ended && (
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={15} />}
            disabled={job.cancel_requested}
            onClick={() => setDialog('cancel')}
          >
            {job.cancel_requested ? 'Stopping' : 'Cancel…'}
          </Button>
        )}
        {again && (
          <Button leftSection={<IconRefresh size={15} />} onClick={() => setDialog('retry')}>
            Retry…
          </Button>
        )}
        <Clone pilot={pilot} job={job} onOther={() => setDialog('clone')} />
        {again && (
          <Menu position="bottom-end">
            <Menu.Target>
              <Button variant="default" px={8} aria-label="More about this job">
                <IconDots size={16} />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => setDialog('change')}>Change the parameters and retry…</Menu.Item>
              {job.state === 'dead' && (
                <Menu.Item className="ph-danger-quiet" onClick={() => setDialog('drop')}>
                  Drop…
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        )}
      </PageHead>
      <Line pilot={pilot} job={job} />
      <Standing job={job} lookedAt={lookedAt} />
      <DetailTabs
        tabs={JOB_TABS}
        names={TAB_NAMES}
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next } })}
      >
        <Tabs.Panel value="result">
          <ResultTab pilot={pilot} job={job} />
        </Tabs.Panel>
        <Tabs.Panel value="parameters">
          <ParametersTab pilot={pilot} job={job} />
        </Tabs.Panel>
        <Tabs.Panel value="attempts">
          <OfAttempts query={attempts}>
            <AttemptsTab pilot={pilot} job={job} attempts={attempts.data ?? []} />
          </OfAttempts>
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <OfAttempts query={attempts}>
            <LogTab
              pilot={pilot}
              job={job}
              attempts={attempts.data ?? []}
              chosen={search.attempt === undefined ? undefined : Number(search.attempt)}
              onChoose={(attempt) =>
                void navigate({
                  search: { tab: 'log', attempt: attempt === undefined ? undefined : String(attempt) },
                })
              }
            />
          </OfAttempts>
        </Tabs.Panel>
      </DetailTabs>
      <CancelJob pilot={pilot} job={job} opened={dialog === 'cancel'} onClose={close} />
      <RetryJob pilot={pilot} job={job} opened={dialog === 'retry'} onClose={close} />
      <RetryChanged pilot={pilot} job={job} opened={dialog === 'change'} onClose={close} />
      <DropJobs pilot={pilot} jobs={[job]} opened={dialog === 'drop'} onClose={close} />
      <EditParameters
        title="Another job like this"
        action="Submit"
        lead="A job of its own of the same type, with what stands here. This one stays as it is."
        parameters={job.parameters}
        opened={dialog === 'clone'}
        onClose={close}
        run={async (parameters: JsonObject) => {
          const made = (await body(
            api.POST('/api/v1/pilots/{pilot}/jobs', {
              params: { path: { pilot } },
              body: {
                type: job.type,
                name: job.name,
                priority: job.priority,
                parameters: parameters as Record<string, never>,
              },
            }),
          )) as Job;
          changed(made);
          notify('The job is in line.');
          void navigate({ to: '/p/$pilot/jobs/$job', params: { pilot, job: made.job_id }, search: {} });
        }}
      />
    </>
  );
}

function OfAttempts({
  query,
  children,
}: {
  query: { data?: unknown; error: Error | null; refetch: () => unknown };
  children: ReactNode;
}) {
  if (query.error && !query.data)
    return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />;
  return query.data === undefined ? <p className="ph-waiting">Loading…</p> : children;
}

/** To the form that the job was asked for by, filled in with what it had. */
function Clone({ pilot, job, onOther }: { pilot: string; job: Job; onOther: () => void }) {
  const look = { variant: 'default', leftSection: <IconCopyPlus size={15} /> } as const;
  switch (job.type) {
    case 'export':
      if (!isBuildable(job.parameters)) break;
      return (
        <Button
          component={Link}
          {...({ to: '/p/$pilot/jobs/new', params: { pilot }, search: searchOf(job.parameters) } as object)}
          {...look}
        >
          Clone…
        </Button>
      );
    case 'verify':
      return (
        <Button
          component={Link}
          {...({
            to: '/p/$pilot/jobs/verify',
            params: { pilot },
            search: verifySearch(job.parameters),
          } as object)}
          {...look}
        >
          Clone…
        </Button>
      );
  }
  return (
    <Button {...look} onClick={onOther}>
      Clone…
    </Button>
  );
}

function Line({ pilot, job }: { pilot: string; job: Job }) {
  const zone = useZone();
  const now = useNow();
  const took = job.state === 'queued' ? null : tookMs(job, now);
  return (
    <dl className="ph-line-facts ph-job-facts">
      <div>
        <dt className="ph-hidden">State</dt>
        <dd>
          <JobStateMark job={job} strong />
        </dd>
      </div>
      <div>
        <dt>Type</dt>
        <dd>{typeName(job.type)}</dd>
      </div>
      <div>
        <dt>Priority</dt>
        <dd>{job.priority}</dd>
      </div>
      <div>
        <dt>Asked for</dt>
        <dd>
          <Ago at={job.created_at} /> <span className="ph-dim">by {actorText(job.requested_by)}</span>
        </dd>
      </div>
      {job.schedule_id && <OfSchedule pilot={pilot} schedule={job.schedule_id} />}
      {took !== null && (
        <div>
          <dt>{isEnded(job) ? 'Took' : 'Runs for'}</dt>
          <dd className="ph-num">{duration(took)}</dd>
        </div>
      )}
      {job.finished_at && (
        <div>
          <dt>Ended</dt>
          <dd>
            <Time at={job.finished_at} /> <span className="ph-dim">{zone.label}</span>
          </dd>
        </div>
      )}
      {job.attempts > 0 && (
        <div>
          <dt>Attempts</dt>
          <dd className="ph-num">
            {count(job.attempts)} of {count(job.max_attempts)}
          </dd>
        </div>
      )}
      {job.deadline && (
        <div>
          <dt>To be done by</dt>
          <dd>
            <Time at={job.deadline} /> <span className="ph-dim">{zone.label}</span>
          </dd>
        </div>
      )}
      <div>
        <dt>Id</dt>
        <dd>
          <span className="ph-id">{job.job_id}</span> <Copy value={job.job_id} label="Copy the id" />
        </dd>
      </div>
    </dl>
  );
}

function OfSchedule({ pilot, schedule }: { pilot: string; schedule: string }) {
  const { data } = useQuery({ ...jobScheduleQuery(pilot, schedule), retry: 0 });
  return (
    <div>
      <dt>Schedule</dt>
      <dd>
        <Link
          className="ph-link"
          to="/p/$pilot/jobs/schedules"
          params={{ pilot }}
          search={{ open: schedule }}
        >
          {data?.value.name ?? 'one that is gone'}
        </Link>
      </dd>
    </div>
  );
}

/** How far it is, what it waits for, or why it ended. */
function Standing({ job, lookedAt }: { job: Job; lookedAt: number }) {
  const zone = useZone();
  switch (job.state) {
    case 'running':
      return (
        <div className="ph-standing" role="status">
          <div className="ph-standing-line">
            <span>
              {job.cancel_requested ? 'Asked to stop' : job.progress.message || 'It has begun'}
              {job.attempts > 1 && <span className="ph-dim">, attempt {count(job.attempts)}</span>}
            </span>
            <ProgressLine job={job} lookedAt={lookedAt} />
          </div>
          <JobBar job={job} />
        </div>
      );
    case 'queued':
      return (
        <div className="ph-standing" data-kind={job.error ? 'slow' : undefined} role="status">
          <span>
            {job.attempts === 0 ? (
              'It waits for a worker.'
            ) : (
              <>
                Attempt {count(job.attempts)} of {count(job.max_attempts)} failed; the next begins
                {job.not_before ? (
                  <>
                    {' '}
                    at <Time at={job.not_before} /> {zone.label} at the earliest.
                  </>
                ) : (
                  ' as soon as a worker is free.'
                )}
              </>
            )}
          </span>
          {job.error && (
            <span>
              {job.error.detail} <code>{job.error.code}</code>
            </span>
          )}
        </div>
      );
    case 'failed':
    case 'dead':
      return (
        <div className="ph-standing" data-kind="away" role="status">
          <strong>
            {job.state === 'dead'
              ? `All its ${plural(job.attempts, 'attempt')} failed, and nobody tries it again by itself`
              : 'It cannot be done as it was asked for'}
          </strong>
          {job.error && (
            <span>
              {job.error.detail} <code>{job.error.code}</code>
            </span>
          )}
        </div>
      );
    case 'cancelled':
      return (
        <div className="ph-standing" data-kind="slow" role="status">
          <strong>{job.error?.code === 'dropped' ? 'It was dropped' : 'It was cancelled'}</strong>
          {job.error && <span>{job.error.detail}</span>}
        </div>
      );
    case 'succeeded':
      return null;
  }
}
