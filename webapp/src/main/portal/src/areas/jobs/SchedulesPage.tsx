import './jobs.css';
import { Button, Menu, Switch } from '@mantine/core';
import { IconDots, IconFileExport } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, body, versioned, type JobSchedule } from '../../api/client';
import { jobScheduleQuery, jobSchedulesQuery } from '../../api/queries';
import { Command } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { FormModal } from '../../parts/FormModal';
import { actorText, bothReadings } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { Time } from '../../parts/Time';
import { Undo } from '../../parts/Undo';
import { plainWords, searchOf } from './exports';
import { ScheduleForm } from './ScheduleForm';
import { everyText, nextText } from './schedules';
import { verifyWords } from './verify';
import { typeName } from './words';

const route = getRouteApi('/app/p/$pilot/jobs/schedules');

/** Jobs that are asked for again and again, by the pilot's clock. */
export function SchedulesPage() {
  const { pilot } = route.useParams();
  const { open } = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/jobs/schedules' });
  const query = useQuery(jobSchedulesQuery(pilot));
  const opened = query.data?.find(({ schedule_id: id }) => id === open);
  const close = () => void navigate({ search: {}, replace: true });
  return (
    <div className="ph-page-scroll">
      <PageHead
        title="Schedules"
        note={
          <Link className="ph-link" to="/p/$pilot/jobs" params={{ pilot }} search={{}}>
            All jobs
          </Link>
        }
      >
        <Button
          component={Link}
          {...({ to: '/p/$pilot/jobs/new', params: { pilot }, search: { last: '7' } } as object)}
          leftSection={<IconFileExport size={15} />}
        >
          Schedule an export
        </Button>
      </PageHead>
      {query.error && !query.data && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && !query.error && <p className="ph-waiting">Loading…</p>}
      {query.data?.length === 0 && (
        <section className="ph-card">
          <Empty
            title="Nothing is scheduled"
            action={
              <div className="ph-empty-ways">
                <Button
                  component={Link}
                  {...({ to: '/p/$pilot/jobs/new', params: { pilot }, search: { last: '7' } } as object)}
                  leftSection={<IconFileExport size={15} />}
                >
                  Build an export
                </Button>
                <Command text={`./pilothouse ctl schedules list ${pilot}`} />
              </div>
            }
          >
            A schedule asks for a job on days of the week at a time of the pilot’s clock, such as every Monday
            06:00. Build an export of the last days, and choose <em>Schedule…</em> instead of exporting at
            once.
          </Empty>
        </section>
      )}
      {query.data && query.data.length > 0 && (
        <ul className="ph-schedules" aria-label="Schedules">
          {query.data.map((schedule) => (
            <Row
              key={schedule.schedule_id}
              pilot={pilot}
              schedule={schedule}
              onEdit={() => void navigate({ search: { open: schedule.schedule_id }, replace: true })}
            />
          ))}
        </ul>
      )}
      <FormModal opened={opened !== undefined} title="Change the schedule" size="lg" onClose={close}>
        {opened && <Edit pilot={pilot} id={opened.schedule_id} onClose={close} />}
      </FormModal>
    </div>
  );
}

function Edit({ pilot, id, onClose }: { pilot: string; id: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(jobScheduleQuery(pilot, id));
  // what was read when the form was opened: what somebody else writes meanwhile is not written over
  const [first, setFirst] = useState(data);
  if (first === undefined && data !== undefined) setFirst(data);
  if (error && !data) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (first === undefined) return <p className="ph-waiting">Loading…</p>;
  const { value, etag } = first;
  return (
    <ScheduleForm
      pilot={pilot}
      type={value.type}
      name={value.name}
      parameters={value.parameters}
      schedule={value}
      etag={etag}
      onClose={onClose}
    />
  );
}

/** What is sent to have a schedule as it is. */
const asWanted = ({ name, type, parameters, days, time, priority, enabled }: JobSchedule) => ({
  name,
  type,
  parameters: parameters as Record<string, never>,
  days,
  time,
  priority,
  enabled,
});

function Row({ pilot, schedule, onEdit }: { pilot: string; schedule: JobSchedule; onEdit: () => void }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const changed = () => void queries.invalidateQueries({ queryKey: ['job-schedules', pilot] });
  const id = schedule.schedule_id;
  const words =
    schedule.type === 'verify' ? verifyWords(schedule.parameters) : plainWords(schedule.parameters);

  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(asProblem(error));
    } finally {
      setBusy(false);
      changed();
    }
  };

  const enable = (enabled: boolean) =>
    attempt(async () => {
      const { etag } = await versioned(
        api.GET('/api/v1/pilots/{pilot}/job-schedules/{schedule}', {
          params: { path: { pilot, schedule: id } },
        }),
      );
      await body(
        api.PUT('/api/v1/pilots/{pilot}/job-schedules/{schedule}', {
          params: { path: { pilot, schedule: id }, header: { 'If-Match': etag ?? '' } },
          body: { ...asWanted(schedule), enabled },
        }),
      );
    });

  const remove = () =>
    attempt(async () => {
      await body(
        api.DELETE('/api/v1/pilots/{pilot}/job-schedules/{schedule}', {
          params: { path: { pilot, schedule: id } },
        }),
      );
      notify(
        <Undo
          done={`${schedule.name} is removed.`}
          undo={async () => {
            await body(
              api.POST('/api/v1/pilots/{pilot}/job-schedules', {
                params: { path: { pilot } },
                body: asWanted(schedule),
              }),
            );
          }}
          undone={`${schedule.name} is there again.`}
          failed="It could not be made again."
          onUndone={changed}
        />,
      );
    });

  return (
    <li className="ph-card ph-schedule" data-off={!schedule.enabled || undefined}>
      <div className="ph-schedule-head">
        <h2 className="ph-card-title">{schedule.name}</h2>
        <span className="ph-tag">{typeName(schedule.type)}</span>
        {schedule.priority === 'urgent' && <span className="ph-tag">urgent</span>}
        <span className="ph-push" />
        <Switch
          size="sm"
          label={schedule.enabled ? 'on' : 'paused'}
          aria-label={`${schedule.name} is on`}
          checked={schedule.enabled}
          disabled={busy}
          onChange={(event) => void enable(event.currentTarget.checked)}
        />
        <Button size="compact-sm" variant="default" onClick={onEdit}>
          Change…
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button size="compact-sm" variant="default" px={6} aria-label={`More about ${schedule.name}`}>
              <IconDots size={16} />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {schedule.type === 'export' && (
              <Menu.Item
                component={Link}
                {...({
                  to: '/p/$pilot/jobs/new',
                  params: { pilot },
                  search: { ...searchOf(schedule.parameters), schedule: id },
                } as object)}
              >
                Change what is exported…
              </Menu.Item>
            )}
            <Menu.Item className="ph-danger-quiet" onClick={() => void remove()}>
              Remove
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <p>
        <strong>
          {everyText(schedule)} {schedule.time_zone}
        </strong>
        {schedule.next_at ? (
          <time
            dateTime={schedule.next_at}
            title={bothReadings(Date.parse(schedule.next_at), schedule.time_zone)}
          >
            {' '}
            · next {nextText(schedule.next_at, schedule.time_zone)}
          </time>
        ) : (
          <span className="ph-dim"> · paused: nothing is asked for</span>
        )}
      </p>
      <p className="ph-dim ph-schedule-words">
        {words.map(({ label, text }) => `${label} ${text}`).join(' · ')}
      </p>
      {schedule.last_error && (
        <p className="ph-refused">
          The last time no job was asked for: {schedule.last_error.detail}{' '}
          <code>{schedule.last_error.code}</code>
        </p>
      )}
      <p className="ph-small">
        {schedule.last_job_id ? (
          <Link
            className="ph-link"
            to="/p/$pilot/jobs/$job"
            params={{ pilot, job: schedule.last_job_id }}
            search={{}}
          >
            its last job
          </Link>
        ) : (
          <span className="ph-dim">it has not asked for a job yet</span>
        )}{' '}
        <span className="ph-dim">
          · in the name of {actorText(schedule.requested_by)} · made <Time at={schedule.created_at} />
        </span>
      </p>
      {problem !== null && <ProblemNote error={problem} />}
    </li>
  );
}
