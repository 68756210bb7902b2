import { Button, Group, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body, type Job, type JsonObject } from '../../api/client';
import { jobQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { FormModal } from '../../parts/FormModal';
import { count } from '../../parts/format';
import { JsonText } from '../../parts/JsonText';
import { notify } from '../../parts/notify';
import { asProblem, ProblemNote } from '../../parts/Problem';
import type { ProblemError } from '../../api/problem';
import { readObject } from '../twins/json';
import { plural } from './words';

export const MOST_REASON = 500;
/** As the platform takes them. */
export const MOST_PARAMETERS = 65_536;

/** What a change of jobs makes stale; a job that is known as it is now is shown so at once. */
export function useJobsChanged(pilot: string) {
  const queries = useQueryClient();
  return (now?: Job) => {
    if (now) queries.setQueryData(jobQuery(pilot, now.job_id).queryKey, now);
    void queries.invalidateQueries({ queryKey: ['jobs', pilot] });
    void queries.invalidateQueries({ queryKey: ['job', pilot] });
  };
}

interface Act {
  pilot: string;
  opened: boolean;
  onClose: () => void;
}

export function CancelJob({ pilot, job, opened, onClose }: Act & { job: Job }) {
  const changed = useJobsChanged(pilot);
  const runs = job.state === 'running';
  return (
    <Confirm
      opened={opened}
      title="Cancel the job?"
      action="Cancel the job"
      dismiss="Let it go on"
      danger
      onClose={onClose}
      run={async () => {
        const now = (await body(
          api.POST('/api/v1/pilots/{pilot}/jobs/{job}/cancel', {
            params: { path: { pilot, job: job.job_id } },
          }),
        )) as Job;
        changed(now);
        notify(now.state === 'cancelled' ? 'The job is cancelled.' : 'The job is asked to stop.');
      }}
    >
      <ul className="ph-consequences">
        {runs ? (
          <li>Its worker stops within two seconds; what it has done so far is given up.</li>
        ) : (
          <li>No worker has taken it: it is cancelled at once.</li>
        )}
        <li>No dataset is published, and what was written so far is removed.</li>
        <li>It can be retried afterwards: it begins anew then.</li>
      </ul>
    </Confirm>
  );
}

export function RetryJob({ pilot, job, opened, onClose }: Act & { job: Job }) {
  const changed = useJobsChanged(pilot);
  return (
    <Confirm
      opened={opened}
      title="Do it again?"
      action="Retry"
      onClose={onClose}
      run={async () => {
        changed(
          (await body(
            api.POST('/api/v1/pilots/{pilot}/jobs/{job}/retry', {
              params: { path: { pilot, job: job.job_id } },
            }),
          )) as Job,
        );
        notify('The job is in line again.');
      }}
    >
      <ul className="ph-consequences">
        <li>
          The same job with the same parameters waits for a worker again, and has{' '}
          {plural(job.max_attempts, 'attempt')} more.
        </li>
        {job.state === 'failed' && (
          <li>
            It failed because of what was asked for: unless that has changed since, it ends the same way.
          </li>
        )}
        <li>The attempts so far and their logs stay.</li>
      </ul>
    </Confirm>
  );
}

/** The same with several; each by itself. */
export function RetryJobs({
  pilot,
  jobs,
  opened,
  onClose,
  onDone,
}: Act & { jobs: readonly Job[]; onDone: () => void }) {
  const changed = useJobsChanged(pilot);
  return (
    <Confirm
      opened={opened}
      title={`Retry ${plural(jobs.length, 'job')}?`}
      action={`Retry ${plural(jobs.length, 'job')}`}
      onClose={onClose}
      run={async () => {
        const { items } = await body(
          api.POST('/api/v1/pilots/{pilot}/jobs/retries', {
            params: { path: { pilot } },
            body: { job_ids: jobs.map(({ job_id }) => job_id) },
          }),
        );
        const refused = items.filter(({ state }) => state === null);
        changed();
        onDone();
        notify(
          refused.length === 0
            ? `${plural(items.length, 'job')} in line again.`
            : `${count(items.length - refused.length)} of ${plural(items.length, 'job')} in line again. ${count(refused.length)} not: ${refused[0]?.error?.detail ?? ''}`,
        );
      }}
    >
      <ul className="ph-consequences">
        <li>Each waits for a worker again with the parameters that it has, and has all its attempts anew.</li>
        <li>One that somebody else has retried or dropped meanwhile is left as it is.</li>
      </ul>
    </Confirm>
  );
}

/** Gives up what is dead; the reason stands in the audit trail. */
export function DropJobs({
  pilot,
  jobs,
  opened,
  onClose,
  onDone,
}: Act & { jobs: readonly Job[]; onDone?: () => void }) {
  const changed = useJobsChanged(pilot);
  const [reason, setReason] = useState('');
  const said = reason.trim();
  const one = jobs.length === 1;
  const close = () => {
    setReason('');
    onClose();
  };
  return (
    <Confirm
      opened={opened}
      title={one ? 'Drop the job?' : `Drop ${plural(jobs.length, 'job')}?`}
      action={one ? 'Drop it' : `Drop ${plural(jobs.length, 'job')}`}
      danger
      blocked={said === ''}
      onClose={close}
      run={async () => {
        let first: ProblemError | null = null;
        let dropped = 0;
        // one after the other: a refusal of one is no reason to leave the others
        for (const { job_id } of jobs) {
          try {
            await body(
              api.POST('/api/v1/pilots/{pilot}/jobs/{job}/drop', {
                params: { path: { pilot, job: job_id } },
                body: { reason: said },
              }),
            );
            dropped += 1;
          } catch (error) {
            first ??= asProblem(error);
          }
        }
        changed();
        if (first && dropped === 0) throw first;
        onDone?.();
        notify(
          first
            ? `${count(dropped)} of ${plural(jobs.length, 'job')} dropped. The others not: ${first.title}`
            : `${plural(dropped, 'job')} dropped.`,
        );
      }}
    >
      <ul className="ph-consequences">
        <li>
          {one ? 'It is' : 'They are'} listed as cancelled, with the reason, and nobody tries{' '}
          {one ? 'it' : 'them'} again by {one ? 'itself' : 'themselves'}.
        </li>
        <li>The reason stands in the audit trail, with your name.</li>
        <li>{one ? 'It' : 'Each'} can still be retried from its page.</li>
      </ul>
      <Textarea
        mt="sm"
        label="Reason"
        value={reason}
        maxLength={MOST_REASON}
        autosize
        minRows={2}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  );
}

/** Parameters as JSON, checked while they are typed and by the platform when they are sent. */
export function EditParameters({
  title,
  action,
  lead,
  parameters,
  opened,
  run,
  onClose,
}: {
  title: string;
  action: string;
  lead: string;
  parameters: JsonObject;
  opened: boolean;
  run: (parameters: JsonObject) => Promise<void>;
  onClose: () => void;
}) {
  return (
    <FormModal opened={opened} title={title} size="lg" onClose={onClose}>
      <ParametersForm action={action} lead={lead} parameters={parameters} run={run} onClose={onClose} />
    </FormModal>
  );
}

function ParametersForm({
  action,
  lead,
  parameters,
  run,
  onClose,
}: {
  action: string;
  lead: string;
  parameters: JsonObject;
  run: (parameters: JsonObject) => Promise<void>;
  onClose: () => void;
}) {
  const [text, setText] = useState(() => JSON.stringify(parameters, null, 2));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const read = readObject(text, MOST_PARAMETERS);
  const at = problem?.path;
  const invalid = problem?.path !== undefined;
  return (
    <form
      onSubmit={async (event) => {
        event.preventDefault();
        if (read.value === null) return;
        setBusy(true);
        setProblem(null);
        try {
          await run(read.value);
          onClose();
        } catch (error) {
          setProblem(asProblem(error));
        } finally {
          setBusy(false);
        }
      }}
    >
      <p className="ph-prose ph-dim">{lead}</p>
      <JsonText
        label="Parameters"
        value={text}
        rows={12}
        error={read.error ?? (invalid ? `${at ? `${at}: ` : ''}${problem.detail ?? problem.title}` : null)}
        onChange={(next) => {
          setText(next);
          setProblem(null);
        }}
      />
      {problem && !invalid && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={read.value === null}>
          {action}
        </Button>
      </Group>
    </form>
  );
}

/** Has a job done again with other parameters. */
export function RetryChanged({ pilot, job, opened, onClose }: Act & { job: Job }) {
  const changed = useJobsChanged(pilot);
  return (
    <EditParameters
      title="Change the parameters and retry"
      action="Retry with these"
      lead="The job waits for a worker again with what stands here instead of what it had. Its attempts are counted anew."
      parameters={job.parameters}
      opened={opened}
      onClose={onClose}
      run={async (parameters) => {
        changed(
          (await body(
            api.POST('/api/v1/pilots/{pilot}/jobs/{job}/revise', {
              params: { path: { pilot, job: job.job_id } },
              body: { parameters: parameters as Record<string, never> },
            }),
          )) as Job,
        );
        notify('The job is in line again, with other parameters.');
      }}
    />
  );
}
