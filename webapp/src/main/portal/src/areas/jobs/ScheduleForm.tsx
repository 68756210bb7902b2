import { Button, Checkbox, Group, SegmentedControl, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, versioned, type JobSchedule, type JsonObject } from '../../api/client';
import { jobScheduleQuery, pilotQuery } from '../../api/queries';
import { JsonText } from '../../parts/JsonText';
import { notify } from '../../parts/notify';
import { asProblem, ProblemNote } from '../../parts/Problem';
import type { ProblemError } from '../../api/problem';
import { readObject } from '../twins/json';
import { MOST_PARAMETERS } from './acts';
import { dayName, everyText, isTime, SCHEDULE_DAYS, type ScheduleDay } from './schedules';
import { typeName } from './words';

const MOST_NAME = 200;

/** When a job is asked for again and again; with a schedule, a change of it. */
export function ScheduleForm({
  pilot,
  type,
  name: usual,
  parameters,
  schedule,
  etag,
  onClose,
}: {
  pilot: string;
  type: string;
  name: string;
  parameters: JsonObject;
  schedule?: JobSchedule;
  etag?: string | null;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const zone = useQuery(pilotQuery(pilot)).data?.value.time_zone;
  const [name, setName] = useState(schedule?.name ?? usual);
  const [days, setDays] = useState<readonly ScheduleDay[]>(schedule?.days ?? ['mon']);
  const [time, setTime] = useState(schedule?.time ?? '06:00');
  const [priority, setPriority] = useState(schedule?.priority ?? 'normal');
  const [text, setText] = useState(() => JSON.stringify(parameters, null, 2));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const read = readObject(text, MOST_PARAMETERS);
  const fault = name.trim() === '' || days.length === 0 || !isTime(time) || read.value === null;
  const refused = problem?.path?.includes('parameters') ? problem : null;

  return (
    <form
      onSubmit={async (event) => {
        event.preventDefault();
        if (read.value === null) return;
        setBusy(true);
        setProblem(null);
        try {
          const wanted = {
            name: name.trim(),
            type,
            parameters: read.value as Record<string, never>,
            days: SCHEDULE_DAYS.filter((day) => days.includes(day)),
            time,
            priority,
            enabled: schedule?.enabled ?? true,
          };
          const now = await versioned(
            schedule
              ? api.PUT('/api/v1/pilots/{pilot}/job-schedules/{schedule}', {
                  params: {
                    path: { pilot, schedule: schedule.schedule_id },
                    header: { 'If-Match': etag ?? '' },
                  },
                  body: wanted,
                })
              : api.POST('/api/v1/pilots/{pilot}/job-schedules', {
                  params: { path: { pilot } },
                  body: wanted,
                }),
          );
          void queries.invalidateQueries({ queryKey: ['job-schedules', pilot] });
          notify(`${now.value.name}: ${everyText(now.value)}.`);
          onClose();
        } catch (error) {
          const caught = asProblem(error);
          setProblem(caught);
          if (caught.status === 412 && schedule)
            void queries.invalidateQueries({
              queryKey: jobScheduleQuery(pilot, schedule.schedule_id).queryKey,
            });
        } finally {
          setBusy(false);
        }
      }}
    >
      <TextInput
        label="Name"
        value={name}
        maxLength={MOST_NAME}
        error={name.trim() === '' ? 'What is it called?' : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <fieldset className="ph-fieldset">
        <legend>When</legend>
        <Checkbox.Group value={[...days]} onChange={(next) => setDays(next as ScheduleDay[])}>
          <div className="ph-schedule-days">
            {SCHEDULE_DAYS.map((day) => (
              <Checkbox key={day} size="xs" value={day} label={dayName(day)} />
            ))}
          </div>
        </Checkbox.Group>
        <div className="ph-schedule-time">
          <TextInput
            type="time"
            label={zone ? `Time, ${zone}` : 'Time'}
            value={time}
            error={isTime(time) ? undefined : 'An hour and a minute'}
            onChange={(event) => setTime(event.currentTarget.value.slice(0, 5))}
          />
          <div>
            <div className="ph-field-label" id="schedule-priority">
              Priority
            </div>
            <SegmentedControl
              size="xs"
              aria-labelledby="schedule-priority"
              data={['normal', 'urgent']}
              value={priority}
              onChange={(value) => setPriority(value as JobSchedule['priority'])}
            />
          </div>
        </div>
        <p className="ph-dim ph-small ph-gap-top-small" role="status">
          {days.length === 0
            ? 'Choose at least one day.'
            : `${typeName(type)} ${everyText({ days: [...days], time })}${zone ? ` ${zone}` : ''}. A time that was missed is made up for once.`}
        </p>
      </fieldset>
      <details className="ph-details" open={refused !== null || undefined}>
        <summary>Parameters</summary>
        <JsonText
          label="Parameters as JSON"
          value={text}
          rows={8}
          error={
            read.error ??
            (refused ? `${refused.path ? `${refused.path}: ` : ''}${refused.detail ?? refused.title}` : null)
          }
          onChange={(next) => {
            setText(next);
            setProblem(null);
          }}
        />
      </details>
      {problem && !refused && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={fault}>
          {schedule ? 'Save' : 'Make the schedule'}
        </Button>
      </Group>
    </form>
  );
}
