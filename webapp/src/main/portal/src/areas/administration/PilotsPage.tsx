import { Button, Group, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, body, versioned, type Pilot, type Schema } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { pilotQuery, pilotsQuery } from '../../api/queries';
import { Conflict } from '../../parts/Conflict';
import type { Column } from '../../parts/DataTable';
import { DetailDrawer } from '../../parts/DetailDrawer';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { FormModal } from '../../parts/FormModal';
import { ListPage } from '../../parts/ListPage';
import { notify } from '../../parts/notify';
import { usePages } from '../../parts/pages';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { Time } from '../../parts/Time';
import { isPlatformAdmin, mayEditPilots } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';

const route = getRouteApi('/app/admin/pilots');

export function PilotsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/admin/pilots' });
  const session = useSession();
  const zone = useZone();
  const queries = useQueryClient();
  const query = useInfiniteQuery(pilotsQuery);
  const list = usePages<Pilot>(query);
  const [adding, setAdding] = useState(false);
  const columns = useMemo<Column<Pilot>[]>(
    () => [
      { id: 'name', header: 'Name', main: true, value: (row) => row.name },
      {
        id: 'id',
        header: 'Id',
        width: '170px',
        narrow: '40%',
        value: (row) => row.pilot_id,
        cell: (row) => <span className="ph-id">{row.pilot_id}</span>,
      },
      { id: 'zone', header: 'Time zone', width: '190px', under: true, value: (row) => row.time_zone },
      {
        id: 'storage',
        header: 'Storage',
        width: '130px',
        from: 'tablet',
        value: (row) => row.storage.model,
      },
      {
        id: 'retention',
        header: 'Telemetry kept',
        unit: 'days',
        width: '170px',
        align: 'right',
        from: 'desktop',
        value: (row) => row.retention.telemetry_days,
        cell: (row) => <span className="ph-num">{row.retention.telemetry_days ?? 7}</span>,
      },
      {
        id: 'updated',
        header: 'Changed',
        unit: zone.label,
        width: '190px',
        from: 'desktop',
        value: (row) => row.updated_at,
        cell: (row) => <Time at={row.updated_at} />,
      },
    ],
    [zone],
  );
  const show = (pilot: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, open: pilot }), replace: true });
  const changed = () => queries.invalidateQueries({ queryKey: pilotsQuery.queryKey });

  return (
    <ListPage
      title="Pilots"
      note={'The partners of the consortium'}
      actions={
        isPlatformAdmin(session) && (
          <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
            Add a pilot
          </Button>
        )
      }
      list={list}
      rowKey={pilotId}
      columns={columns}
      opened={search.open}
      onOpen={(row) => show(pilotId(row))}
      csvName={'pilots'}
      filter={{
        label: 'Filter by name, id, zone',
        value: search.q,
        onChange: (q) => void navigate({ search: (before) => ({ ...before, q }), replace: true }),
        of: searched,
      }}
      noMatch="No pilot matches the filter"
      empty={
        <Empty title="There is no pilot yet">
          A pilot is one partner: a factory, a hospital, a wind farm. Its people, devices and data are its
          own.
        </Empty>
      }
    >
      <DetailDrawer
        opened={search.open !== undefined}
        onClose={() => show(undefined)}
        title={list.rows.find((row) => row.pilot_id === search.open)?.name ?? search.open}
      >
        {search.open && <Detail key={search.open} pilot={search.open} onChanged={changed} />}
      </DetailDrawer>
      <FormModal opened={adding} onClose={() => setAdding(false)} title="Add a pilot">
        <Add
          onDone={(pilot) => {
            setAdding(false);
            void changed();
            notify(`${pilot.name} is added, with its topics.`);
            show(pilot.pilot_id);
          }}
        />
      </FormModal>
    </ListPage>
  );
}

const searched = (row: Pilot) => [row.pilot_id, row.name, row.time_zone];
const pilotId = (row: Pilot) => row.pilot_id;

interface Fields {
  name: string;
  time_zone: string;
  model: 'centralized' | 'federated';
  endpoint: string;
  bucket: string;
  telemetry_days: number;
}

const FIELD_NAMES: Record<keyof Fields, string> = {
  name: 'Name',
  time_zone: 'Time zone',
  model: 'Storage',
  endpoint: 'Endpoint',
  bucket: 'Bucket',
  telemetry_days: 'Telemetry kept, days',
};

const fieldsOf = (pilot: Pilot): Fields => ({
  name: pilot.name,
  time_zone: pilot.time_zone,
  model: pilot.storage.model,
  endpoint: pilot.storage.endpoint ?? '',
  bucket: pilot.storage.bucket ?? '',
  telemetry_days: pilot.retention.telemetry_days ?? 7,
});

function patchOf(before: Fields, after: Fields): Schema['PilotPatch'] {
  const storageChanged = (['model', 'endpoint', 'bucket'] as const).some((key) => before[key] !== after[key]);
  return {
    ...(before.name === after.name ? {} : { name: after.name }),
    ...(before.time_zone === after.time_zone ? {} : { time_zone: after.time_zone }),
    ...(storageChanged ? { storage: storageOf(after) } : {}),
    ...(before.telemetry_days === after.telemetry_days
      ? {}
      : { retention: { telemetry_days: after.telemetry_days } }),
  };
}

const storageOf = (values: Fields): Schema['Storage'] =>
  values.model === 'federated'
    ? { model: 'federated', endpoint: values.endpoint || null, bucket: values.bucket || null }
    : { model: 'centralized', endpoint: null, bucket: null };

const ZONES = Intl.supportedValuesOf('timeZone');
const zones = (current: string) => [...new Set(['UTC', current, ...ZONES])].filter(Boolean);

function usePilotForm(initialValues: Fields) {
  return useForm<Fields>({
    initialValues,
    validate: {
      name: (value) => (value.trim() === '' ? 'A name is needed' : null),
      time_zone: (value) => (value === '' ? 'Choose the zone in which the pilot’s days begin' : null),
      endpoint: (value, values) =>
        values.model === 'federated' && !/^https?:\/\/\S+$/.test(value)
          ? 'The https address of the store'
          : null,
      bucket: (value, values) => (values.model === 'federated' && value === '' ? 'The bucket’s name' : null),
      telemetry_days: (value) => (value >= 1 && value <= 3650 ? null : 'From 1 to 3,650 days'),
    },
  });
}

function PilotFields({
  form,
  disabled = false,
}: {
  form: ReturnType<typeof usePilotForm>;
  disabled?: boolean;
}) {
  return (
    <>
      <TextInput label="Name" disabled={disabled} {...form.getInputProps('name')} />
      <Select
        mt="sm"
        label="Time zone"
        description="A closed day is a day of this zone"
        searchable
        allowDeselect={false}
        limit={60}
        disabled={disabled}
        data={zones(form.values.time_zone)}
        {...form.getInputProps('time_zone')}
      />
      <div className="ph-field">
        <div className="ph-field-label" id="storage-label">
          Storage
        </div>
        <SegmentedControl
          aria-labelledby="storage-label"
          disabled={disabled}
          data={[
            { value: 'centralized', label: 'Centralized' },
            { value: 'federated', label: 'Federated' },
          ]}
          {...form.getInputProps('model')}
        />
        <div className="ph-dim ph-small">
          {form.values.model === 'centralized'
            ? 'Datasets rest in the consortium’s bucket.'
            : 'Datasets stay in the pilot’s own bucket; only what is curated or asked for leaves it.'}
        </div>
      </div>
      {form.values.model === 'federated' && (
        <>
          <TextInput mt="sm" label="Endpoint" disabled={disabled} {...form.getInputProps('endpoint')} />
          <TextInput mt="sm" label="Bucket" disabled={disabled} {...form.getInputProps('bucket')} />
        </>
      )}
      <NumberInput
        mt="sm"
        label="Telemetry kept on the backbone"
        suffix=" days"
        min={1}
        max={3650}
        allowDecimal={false}
        disabled={disabled}
        {...form.getInputProps('telemetry_days')}
      />
    </>
  );
}

function Detail({ pilot, onChanged }: { pilot: string; onChanged: () => void }) {
  const zone = useZone();
  const { data, error, refetch } = useQuery({ ...pilotQuery(pilot), staleTime: 0 });
  if (error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <p className="ph-waiting">Loading…</p>;
  return (
    <>
      <Facts>
        <Fact label="Id">
          <span className="ph-id">{data.value.pilot_id}</span>
        </Fact>
        <Fact label={`Added, ${zone.label}`}>
          <Time at={data.value.created_at} />
        </Fact>
        <Fact label={`Changed, ${zone.label}`}>
          <Time at={data.value.updated_at} />
        </Fact>
      </Facts>
      <Group gap="md" mb="md">
        <Link className="ph-link" to="/p/$pilot/overview" params={{ pilot }} search={{}}>
          Overview
        </Link>
        <Link className="ph-link" to="/p/$pilot/live" params={{ pilot }} search={{}}>
          Live events
        </Link>
        <Link className="ph-link" to="/p/$pilot/devices" params={{ pilot }} search={{}}>
          Devices
        </Link>
      </Group>
      <Edit start={data} onChanged={onChanged} />
    </>
  );
}

interface Versioned {
  value: Pilot;
  etag: string | null;
}

/** The form keeps the version that it began with: a change by somebody else is shown, never overwritten unseen. */
function Edit({ start, onChanged }: { start: Versioned; onChanged: () => void }) {
  const session = useSession();
  const queries = useQueryClient();
  const [base, setBase] = useState(start);
  const [theirs, setTheirs] = useState<Versioned | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const form = usePilotForm(fieldsOf(start.value));
  const mine = form.values;
  const id = start.value.pilot_id;
  const may = mayEditPilots(session);

  const save = async (from: Versioned) => {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await versioned(
        api.PATCH('/api/v1/pilots/{pilot}', {
          params: { path: { pilot: id }, header: { 'If-Match': from.etag ?? '' } },
          body: patchOf(fieldsOf(from.value), mine),
        }),
      );
      queries.setQueryData(pilotQuery(id).queryKey, answer);
      setBase(answer);
      setTheirs(null);
      form.setValues(fieldsOf(answer.value));
      form.resetDirty(fieldsOf(answer.value));
      onChanged();
      notify(`${answer.value.name} is changed.`);
    } catch (error) {
      const refused = asProblem(error);
      if (refused.status === 412) {
        setTheirs(await queries.fetchQuery({ ...pilotQuery(id), staleTime: 0 }));
      } else {
        setProblem(refused);
      }
    } finally {
      setBusy(false);
    }
  };

  const differing = theirs
    ? (Object.keys(FIELD_NAMES) as (keyof Fields)[]).filter(
        (key) => fieldsOf(theirs.value)[key] !== mine[key],
      )
    : [];

  return (
    <form onSubmit={form.onSubmit(() => save(base))} noValidate>
      <PilotFields form={form} disabled={!may} />
      {theirs && (
        <Conflict
          what="this pilot"
          differing={differing.map((key) => ({
            name: FIELD_NAMES[key],
            theirs: String(fieldsOf(theirs.value)[key]),
            mine: String(mine[key]),
          }))}
          busy={busy}
          onTake={() => {
            setBase(theirs);
            form.setValues(fieldsOf(theirs.value));
            form.resetDirty(fieldsOf(theirs.value));
            setTheirs(null);
          }}
          onOverwrite={() => void save(theirs)}
        />
      )}
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      {may && !theirs && (
        <Button type="submit" mt="md" loading={busy} disabled={!form.isDirty()}>
          Save
        </Button>
      )}
    </form>
  );
}

function Add({ onDone }: { onDone: (pilot: Pilot) => void }) {
  const [id, setId] = useState('');
  const [idError, setIdError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const form = usePilotForm({
    name: '',
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    model: 'centralized',
    endpoint: '',
    bucket: '',
    telemetry_days: 7,
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(async (values) => {
        if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id)) {
          setIdError('Small letters, digits and hyphens, at most 63');
          return;
        }
        setBusy(true);
        setProblem(null);
        try {
          onDone(
            await body(
              api.POST('/api/v1/pilots', {
                body: {
                  pilot_id: id,
                  name: values.name,
                  time_zone: values.time_zone,
                  storage: storageOf(values),
                  retention: { telemetry_days: values.telemetry_days },
                },
              }),
            ),
          );
        } catch (error) {
          setProblem(asProblem(error));
          setBusy(false);
        }
      })}
    >
      <TextInput
        mb="sm"
        label="Id"
        description="Part of its topics, keys and addresses; it cannot be changed later"
        placeholder="north-yard"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        value={id}
        error={idError}
        onChange={(event) => {
          setId(event.currentTarget.value);
          setIdError(null);
        }}
      />
      <PilotFields form={form} />
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group justify="flex-end" mt="lg">
        <Button type="submit" loading={busy}>
          Add
        </Button>
      </Group>
    </form>
  );
}
