import { Button, Group, Modal, Tabs, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, body, type Device } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { devicesQuery } from '../../api/queries';
import { Command, Copy } from '../../parts/Copy';
import type { Column } from '../../parts/DataTable';
import { DetailDrawer } from '../../parts/DetailDrawer';
import { Confirm } from '../../parts/Dialog';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { count, duration } from '../../parts/format';
import { FormModal } from '../../parts/FormModal';
import { ListPage } from '../../parts/ListPage';
import { notify } from '../../parts/notify';
import { usePages } from '../../parts/pages';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { SecretOnce } from '../../parts/SecretOnce';
import { Ago, Time } from '../../parts/Time';
import { serverNow } from '../../api/clock';
import { mayManageDevices } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';

const route = getRouteApi('/app/p/$pilot/devices');

interface Given {
  device_id: string;
  token: string;
  rotated: boolean;
}

export function DevicesPage() {
  const { pilot } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/devices' });
  const session = useSession();
  const zone = useZone();
  const queries = useQueryClient();
  const query = useInfiniteQuery({ ...devicesQuery(pilot), refetchInterval: 10_000 });
  const list = usePages<Device>(query);
  const [registering, setRegistering] = useState(false);
  const [asking, setAsking] = useState<'rotate' | 'delete' | null>(null);
  const [given, setGiven] = useState<Given | null>(null);
  const manages = mayManageDevices(session);
  const open = list.rows.find((row) => row.device_id === search.open);

  const columns = useMemo<Column<Device>[]>(
    () => [
      {
        id: 'device',
        header: 'Device',
        main: true,
        value: (row) => row.device_id,
        cell: (row) => <span className="ph-id">{row.device_id}</span>,
      },
      {
        id: 'twins',
        header: 'Twins',
        under: true,
        value: (row) => (row.twins.length === 0 ? 'any' : row.twins.join(' ')),
        cell: (row) =>
          row.twins.length === 0 ? (
            <span className="ph-dim">any of the pilot</span>
          ) : (
            <span className="ph-id">{row.twins.join('  ')}</span>
          ),
      },
      {
        id: 'seen',
        header: 'Last seen',
        width: '130px',
        value: (row) => row.last_seen_at,
        cell: (row) => <Ago at={row.last_seen_at} />,
      },
      {
        id: 'created',
        header: 'Registered',
        unit: zone.label,
        width: '190px',
        from: 'desktop',
        value: (row) => row.created_at,
        cell: (row) => <Time at={row.created_at} />,
      },
      {
        id: 'rotated',
        header: 'Token rotated',
        unit: zone.label,
        width: '190px',
        from: 'desktop',
        value: (row) => row.rotated_at,
        cell: (row) => <Time at={row.rotated_at} />,
      },
    ],
    [zone],
  );

  const show = (device: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, open: device }), replace: true });
  const changed = () => queries.invalidateQueries({ queryKey: ['devices', pilot] });

  return (
    <ListPage
      title="Devices"
      note={'What may report telemetry, each with a token of its own'}
      actions={
        manages && (
          <Button leftSection={<IconPlus size={15} />} onClick={() => setRegistering(true)}>
            Register a device
          </Button>
        )
      }
      list={list}
      rowKey={deviceId}
      columns={columns}
      opened={search.open}
      onOpen={(row) => show(deviceId(row))}
      csvName={`${pilot}-devices`}
      filter={{
        label: 'Filter by device or twin',
        value: search.q,
        onChange: (q) => void navigate({ search: (before) => ({ ...before, q }), replace: true }),
        of: searched,
      }}
      noMatch="No device matches the filter"
      empty={
        <Empty
          title="No device is registered"
          action={
            manages ? (
              <Button onClick={() => setRegistering(true)}>Register a device</Button>
            ) : (
              <Command text="./pilothouse demo" />
            )
          }
        >
          A device is whatever sends telemetry: a gateway, a controller, a script. It signs in with a token
          that is bound to this pilot, over HTTP or MQTT.
        </Empty>
      }
    >
      <DetailDrawer
        opened={search.open !== undefined}
        onClose={() => show(undefined)}
        title={<span className="ph-id ph-drawer-title">{search.open}</span>}
      >
        {open ? (
          <>
            <Facts>
              <Fact label="Last seen">
                <Ago at={open.last_seen_at} />
              </Fact>
              <Fact label={`Registered, ${zone.label}`}>
                <Time at={open.created_at} />
              </Fact>
              <Fact label={`Token rotated, ${zone.label}`}>
                <Time at={open.rotated_at} />
              </Fact>
              <Fact label="Twins">
                {open.twins.length === 0 ? (
                  'any of the pilot'
                ) : (
                  <ul className="ph-plain-list">
                    {open.twins.map((twin) => (
                      <li key={twin}>
                        <Link
                          className="ph-link ph-id"
                          to="/p/$pilot/twins/$twin"
                          params={{ pilot, twin }}
                          search={{}}
                        >
                          {twin}
                        </Link>
                      </li>
                    ))}
                  </ul>
                )}
              </Fact>
            </Facts>
            {manages && (
              <Group gap="xs">
                <Button variant="default" onClick={() => setAsking('rotate')}>
                  Rotate the token
                </Button>
                <Button variant="default" className="ph-danger-quiet" onClick={() => setAsking('delete')}>
                  Remove
                </Button>
              </Group>
            )}
            <h2 className="ph-card-title ph-gap-top">How it reports</h2>
            <Recipes
              pilot={pilot}
              device={open.device_id}
              twin={open.twins[0] ?? 'pump-01'}
              token="<token>"
            />
          </>
        ) : (
          !list.pending && (
            <Empty title="This device is not among those loaded">It may have been removed.</Empty>
          )
        )}
      </DetailDrawer>

      <Confirm
        opened={asking === 'rotate' && open !== undefined}
        title="Rotate the token?"
        action="Rotate the token"
        onClose={() => setAsking(null)}
        run={async () => {
          if (!open) return;
          const answer = await body(
            api.POST('/api/v1/pilots/{pilot}/devices/{device}/rotate', {
              params: { path: { pilot, device: open.device_id } },
            }),
          );
          setGiven({ ...answer, rotated: true });
          void changed();
        }}
      >
        <p>
          <span className="ph-id">{open?.device_id}</span> gets a new token, and the old one is refused from
          that moment on. {reporting(open)}
        </p>
      </Confirm>
      <Confirm
        opened={asking === 'delete' && open !== undefined}
        title="Remove the device?"
        action="Remove"
        danger
        typed={open?.device_id}
        onClose={() => setAsking(null)}
        run={async () => {
          if (!open) return;
          await body(
            api.DELETE('/api/v1/pilots/{pilot}/devices/{device}', {
              params: { path: { pilot, device: open.device_id } },
            }),
          );
          show(undefined);
          void changed();
          notify(`${open.device_id} is removed; its token is refused.`);
        }}
      >
        <p>
          The token of <span className="ph-id">{open?.device_id}</span> is refused from that moment on.{' '}
          {reporting(open)} What it has reported stays.
        </p>
      </Confirm>
      <FormModal opened={registering} onClose={() => setRegistering(false)} title="Register a device">
        <Register
          pilot={pilot}
          onDone={(answer) => {
            setRegistering(false);
            setGiven({ ...answer, rotated: false });
            void changed();
          }}
        />
      </FormModal>
      <Modal
        opened={given !== null}
        onClose={() => setGiven(null)}
        title={given?.rotated ? `New token of ${given.device_id}` : `${given?.device_id ?? ''} is registered`}
        size="lg"
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {given && (
          <>
            <p className="ph-prose">
              This is the only time the token is shown: the platform keeps a hash of it. Put it into the
              device now.
            </p>
            <SecretOnce secret={given.token} label="Token" qr={given.token} />
            <Recipes pilot={pilot} device={given.device_id} twin="pump-01" token={given.token} />
            <Group justify="flex-end" mt="md">
              <Button onClick={() => setGiven(null)}>I have kept it</Button>
            </Group>
          </>
        )}
      </Modal>
    </ListPage>
  );
}

const searched = (row: Device) => [row.device_id, ...row.twins];
const deviceId = (row: Device) => row.device_id;

function reporting(device: Device | undefined): string {
  if (!device?.last_seen_at) return 'It has not reported so far.';
  const age = serverNow() - Date.parse(device.last_seen_at);
  return age < 10 * 60_000
    ? `It reported ${duration(age)} ago: its telemetry stops until it has the new credential.`
    : `It last reported ${duration(age)} ago.`;
}

function Register({
  pilot,
  onDone,
}: {
  pilot: string;
  onDone: (answer: { device_id: string; token: string }) => void;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const form = useForm({
    initialValues: { device_id: '', twins: [] as string[] },
    validate: {
      device_id: (value) =>
        /^[a-z0-9][a-z0-9-]{0,62}$/.test(value)
          ? null
          : 'Small letters, digits and hyphens, at most 63; it begins with a letter or digit',
      twins: (values) => {
        const wrong = values.find((value) => !/^[a-z0-9][a-z0-9._-]{0,127}$/.test(value));
        return wrong === undefined ? null : `“${wrong}” is not a twin’s id: small letters, digits, . _ -`;
      },
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(async (values) => {
        setBusy(true);
        setProblem(null);
        try {
          onDone(
            await body(
              api.POST('/api/v1/pilots/{pilot}/devices', { params: { path: { pilot } }, body: values }),
            ),
          );
        } catch (error) {
          setProblem(asProblem(error));
          setBusy(false);
        }
      })}
    >
      <TextInput
        label="Device id"
        description="Also its user name on MQTT; it cannot be changed later"
        placeholder="edge-gateway-3"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        {...form.getInputProps('device_id')}
      />
      <TagsInput
        mt="sm"
        label="Twins"
        description={`The twins it may report for; none means any twin of the pilot. Enter adds one. ${count(form.values.twins.length)} of 1,000`}
        placeholder={form.values.twins.length === 0 ? 'pump-01' : undefined}
        maxTags={1000}
        splitChars={[',', ' ', ';']}
        acceptValueOnBlur
        {...form.getInputProps('twins')}
      />
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group justify="flex-end" mt="lg">
        <Button type="submit" loading={busy}>
          Register
        </Button>
      </Group>
    </form>
  );
}

function Recipes({
  pilot,
  device,
  twin,
  token,
}: {
  pilot: string;
  device: string;
  twin: string;
  token: string;
}) {
  const lineOf = `{"twin":"${twin}","time":"'$(date -u +%FT%TZ)'","values":{"temperature":61.4}}`;
  const http = `curl ${location.origin}/api/v1/pilots/${pilot}/telemetry \\
  -H 'Authorization: Bearer ${token}' \\
  -H 'Content-Type: application/x-ndjson' \\
  --data-binary '${lineOf}'`;
  const mqtt = `mosquitto_pub -h <broker> -p <port> -q 1 \\
  -u ${device} -P '${token}' \\
  -t pilothouse/${pilot}/${device}/telemetry \\
  -m '${lineOf}'`;
  return (
    <Tabs defaultValue="http" keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="http">HTTP</Tabs.Tab>
        <Tabs.Tab value="mqtt">MQTT</Tabs.Tab>
      </Tabs.List>
      {(
        [
          ['http', http],
          ['mqtt', mqtt],
        ] as const
      ).map(([name, text]) => (
        <Tabs.Panel key={name} value={name}>
          <div className="ph-recipe">
            <pre className="ph-json" tabIndex={0} aria-label={`Example over ${name.toUpperCase()}`}>
              {text}
            </pre>
            <Copy value={text.replaceAll('\\\n  ', '')} label="Copy the command" />
          </div>
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
