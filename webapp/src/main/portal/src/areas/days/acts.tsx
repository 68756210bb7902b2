import { Button, Checkbox, Group, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body, type Dump, type DumpPartition } from '../../api/client';
import { dumpsQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { FormModal } from '../../parts/FormModal';
import { count } from '../../parts/format';
import { notify } from '../../parts/notify';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { addDays, dateName, daysBetween, isDate } from './calendar';
import { MOST_DAYS, plural, rangePlan, type RangePlan } from './words';

/** What a change of a day makes stale. */
export function useDaysChanged(pilot: string) {
  const queries = useQueryClient();
  return () => {
    for (const key of ['dumps', 'dump', 'backfills'])
      void queries.invalidateQueries({ queryKey: [key, pilot] });
  };
}

interface Act {
  pilot: string;
  opened: boolean;
  onClose: () => void;
}

export function CloseNow({ pilot, date, opened, onClose }: Act & { date: string }) {
  const changed = useDaysChanged(pilot);
  return (
    <Confirm
      opened={opened}
      title={`Close ${dateName(date)} now?`}
      action="Close the day"
      onClose={onClose}
      run={async () => {
        await body(api.POST('/api/v1/pilots/{pilot}/dumps', { params: { path: { pilot } }, body: { date } }));
        changed();
        notify(`${dateName(date)} is being closed.`);
      }}
    >
      <ul className="ph-consequences">
        <li>What the backbone has of the day now is read and written; nobody waits for silent devices.</li>
        <li>What comes of it afterwards is late, and goes into a correction.</li>
        <li>It can be cancelled until its pointer is out.</li>
      </ul>
    </Confirm>
  );
}

export function Restart({
  pilot,
  dump,
  partitions,
  opened,
  onClose,
}: Act & { dump: Dump; partitions: readonly DumpPartition[] }) {
  const changed = useDaysChanged(pilot);
  const left = partitions.filter(({ state }) => state !== 'done');
  const offsets = left.reduce((sum, { from_offset, to_offset }) => sum + to_offset - from_offset, 0);
  return (
    <Confirm
      opened={opened}
      title="Restart what has failed?"
      action="Restart"
      onClose={onClose}
      run={async () => {
        await body(
          api.POST('/api/v1/pilots/{pilot}/dumps/{date}/restart', {
            params: { path: { pilot, date: dump.date } },
          }),
        );
        changed();
        notify('The run goes on.');
      }}
    >
      <ul className="ph-consequences">
        {partitions.length === 0 ? (
          <li>It had not frozen yet what it reads: it begins anew.</li>
        ) : (
          <>
            <li>
              {count(partitions.length - left.length)} of {plural(partitions.length, 'partition')}{' '}
              {partitions.length - left.length === 1 ? 'is' : 'are'} written and not written again.
            </li>
            <li>
              {left.length === 0
                ? 'Only the verification and the pointer are left.'
                : `${plural(left.length, 'partition')} ${left.length === 1 ? 'is' : 'are'} read from the same offsets as before: ${plural(offsets, 'offset')}.`}
            </li>
          </>
        )}
        <li>It is attempt {count(dump.attempts + 1)}.</li>
      </ul>
    </Confirm>
  );
}

export function CancelRun({
  pilot,
  dump,
  partitions,
  opened,
  onClose,
}: Act & { dump: Dump; partitions: readonly DumpPartition[] }) {
  const changed = useDaysChanged(pilot);
  const done = partitions.filter(({ state }) => state === 'done').length;
  return (
    <Confirm
      opened={opened}
      title="Cancel the run?"
      action="Cancel the run"
      dismiss="Let it go on"
      danger
      onClose={onClose}
      run={async () => {
        await body(
          api.POST('/api/v1/pilots/{pilot}/dumps/{date}/cancel', {
            params: { path: { pilot, date: dump.date } },
          }),
        );
        changed();
        notify('The run is cancelled. It can be restarted.');
      }}
    >
      <ul className="ph-consequences">
        {partitions.length > 0 && (
          <li>
            {count(done)} of {plural(partitions.length, 'partition')} {done === 1 ? 'is' : 'are'} written and{' '}
            {done === 1 ? 'stays' : 'stay'} for a restart; {count(partitions.length - done)}{' '}
            {partitions.length - done === 1 ? 'is' : 'are'} read anew then.
          </li>
        )}
        <li>
          {dump.kind === 'correction'
            ? 'The revisions before it stay as they are.'
            : 'Nobody outside has seen anything of the day.'}{' '}
          No pointer goes out.
        </li>
      </ul>
    </Confirm>
  );
}

export function Correct({
  pilot,
  dump,
  redrive,
  opened,
  onClose,
}: Act & { dump: Dump; /** Whether the rejects are wanted from the beginning. */ redrive: boolean }) {
  const changed = useDaysChanged(pilot);
  const [again, setAgain] = useState<boolean | null>(null);
  const wanted = (again ?? redrive) && dump.rejects_waiting > 0;
  const close = () => {
    setAgain(null);
    onClose();
  };
  return (
    <Confirm
      opened={opened}
      title={`Make correction ${count(dump.revision)} of ${dateName(dump.date)}?`}
      action="Make the correction"
      onClose={close}
      run={async () => {
        await body(
          api.POST('/api/v1/pilots/{pilot}/dumps/{date}/corrections', {
            params: { path: { pilot, date: dump.date } },
            body: { redrive_rejects: wanted },
          }),
        );
        changed();
        notify('The correction has begun.');
      }}
    >
      <ul className="ph-consequences">
        <li>
          {dump.late_waiting > 0
            ? `${plural(dump.late_waiting, 'record')} ${dump.late_waiting === 1 ? 'has' : 'have'} come late so far; what of them is new becomes rows of revision ${count(dump.revision + 1)}.`
            : `No late record was seen so far; what came in the last minutes is looked for, and becomes revision ${count(dump.revision + 1)}.`}
        </li>
        {wanted && (
          <li>
            {plural(dump.rejects_waiting, 'rejected record')} {dump.rejects_waiting === 1 ? 'is' : 'are'} read
            again under the models of now. What still fits no column stays rejected, and is counted once.
          </li>
        )}
        <li>
          The files that are there stay as they are. The revision has files and a manifest of its own, and{' '}
          <code>dataset.revised</code> goes out on <code>pilot.{pilot}.datasets</code>.
        </li>
      </ul>
      {dump.rejects_waiting > 0 && (
        <Checkbox
          label={`Read the ${plural(dump.rejects_waiting, 'reject')} again`}
          checked={wanted}
          onChange={(event) => setAgain(event.currentTarget.checked)}
        />
      )}
    </Confirm>
  );
}

/** Closes many days, one after the other, after saying how many. */
export function CloseRange({
  pilot,
  today,
  begin,
  opened,
  onClose,
}: Act & { today: string; /** What the form begins with. */ begin: { from: string; to: string } }) {
  return (
    <FormModal opened={opened} title="Close a range of days" onClose={onClose}>
      <RangeForm pilot={pilot} today={today} begin={begin} onClose={onClose} />
    </FormModal>
  );
}

function RangeForm({
  pilot,
  today,
  begin,
  onClose,
}: {
  pilot: string;
  today: string;
  begin: { from: string; to: string };
  onClose: () => void;
}) {
  const changed = useDaysChanged(pilot);
  const [from, setFrom] = useState(begin.from);
  const [to, setTo] = useState(begin.to);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const valid = isDate(from) && isDate(to);
  const askable = valid && from <= to && daysBetween(from, to) < MOST_DAYS;
  // a date that is being typed is asked for when typing rests
  const [asked] = useDebouncedValue(`${from} ${to}`, 250);
  const settled = asked === `${from} ${to}`;
  const known = useQuery({ ...dumpsQuery(pilot, from, to), enabled: askable && settled });
  const plan =
    !valid || (askable && !known.data)
      ? null
      : rangePlan(from, to, today, new Map(known.data?.map((dump) => [dump.date, dump])));

  return (
    <form
      onSubmit={async (event) => {
        event.preventDefault();
        setBusy(true);
        setProblem(null);
        try {
          await body(
            api.POST('/api/v1/pilots/{pilot}/dumps/backfills', {
              params: { path: { pilot } },
              body: { from, to },
            }),
          );
          changed();
          notify(`The days from ${dateName(from)} to ${dateName(to)} are being closed.`);
          onClose();
        } catch (error) {
          setProblem(asProblem(error));
        } finally {
          setBusy(false);
        }
      }}
    >
      <div className="ph-form-grid">
        <TextInput
          type="date"
          label="First day"
          value={from}
          max={addDays(today, -1)}
          onChange={(event) => setFrom(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          type="date"
          label="Last day"
          value={to}
          max={addDays(today, -1)}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
      </div>
      <div className="ph-range-plan" role="status">
        {!valid && <p className="ph-dim">Two days, both included.</p>}
        {known.error && askable && <ProblemNote error={known.error} onRetry={() => void known.refetch()} />}
        {valid && !plan && !known.error && <p className="ph-dim">Counting…</p>}
        {plan && <PlanText plan={plan} />}
      </div>
      {problem !== null && <ProblemNote error={problem} />}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={!plan || plan.fault !== null || !settled}>
          {plan && plan.toClose > 0 ? `Close ${plural(plan.toClose, 'day')}` : 'Close the days'}
        </Button>
      </Group>
    </form>
  );
}

function PlanText({ plan }: { plan: RangePlan }) {
  return (
    <>
      {plan.fault !== null && <p className="ph-field-error">{plan.fault}</p>}
      {plan.days > 0 && (
        <ul className="ph-consequences">
          {plan.toClose > 0 && (
            <li>
              <strong>{plural(plan.toClose, 'day')}</strong> {plan.toClose === 1 ? 'is' : 'are'} closed, one
              after the other, the oldest first. One that fails does not stop the rest.
            </li>
          )}
          {plan.failed > 0 && (
            <li>
              {count(plan.failed)} of them failed before, and {plan.failed === 1 ? 'goes' : 'go'} on.
            </li>
          )}
          {plan.closed > 0 && (
            <li>
              {plural(plan.closed, 'day')} {plan.closed === 1 ? 'is' : 'are'} closed already and left as{' '}
              {plan.closed === 1 ? 'it is' : 'they are'}.
            </li>
          )}
          {plan.running > 0 && (
            <li>
              {plural(plan.running, 'day')} {plan.running === 1 ? 'is' : 'are'} being closed already.
            </li>
          )}
          {plan.unknown > 0 && (
            <li>
              {plural(plan.unknown, 'day')} {plan.unknown === 1 ? 'lies' : 'lie'} before the pilot was there:
              telemetry that was brought in of {plan.unknown === 1 ? 'it' : 'them'} is written.
            </li>
          )}
        </ul>
      )}
    </>
  );
}
