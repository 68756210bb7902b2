import { Button, Checkbox, Group, Modal, PasswordInput, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, body, versioned, type Person, type Role, type Schema } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { peopleQuery, personQuery } from '../../api/queries';
import { usePilots } from '../../frame/PilotSwitcher';
import type { Column } from '../../parts/DataTable';
import { DetailDrawer } from '../../parts/DetailDrawer';
import { Confirm } from '../../parts/Dialog';
import { Fact, Facts } from '../../parts/Facts';
import { FormModal } from '../../parts/FormModal';
import { ListPage } from '../../parts/ListPage';
import { notify } from '../../parts/notify';
import { usePages } from '../../parts/pages';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { SecretOnce } from '../../parts/SecretOnce';
import { State } from '../../parts/State';
import { Ago, Time } from '../../parts/Time';
import { grantableRoles, isStaff } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { firstPassword } from './passwords';
import { ROLE_NOTES } from './roles';

const route = getRouteApi('/app/admin/people');

export function PeoplePage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/admin/people' });
  const session = useSession();
  const zone = useZone();
  const queries = useQueryClient();
  const query = useInfiniteQuery(peopleQuery);
  const list = usePages<Person>(query);
  const [adding, setAdding] = useState(false);
  const [given, setGiven] = useState<{ username: string; password: string } | null>(null);
  const columns = useMemo<Column<Person>[]>(
    () => [
      {
        id: 'username',
        header: 'User name',
        width: '190px',
        narrow: 'auto',
        main: true,
        value: (row) => row.username,
        cell: (row) => <span className="ph-id">{row.username}</span>,
      },
      { id: 'name', header: 'Name', from: 'tablet', value: (row) => row.display_name },
      { id: 'roles', header: 'Roles', under: true, value: (row) => row.roles.join(', ') },
      {
        id: 'pilot',
        header: 'Pilot',
        width: '140px',
        from: 'tablet',
        value: (row) => row.pilot ?? 'consortium',
      },
      {
        id: 'totp',
        header: 'One-time codes',
        width: '140px',
        from: 'desktop',
        value: (row) => (row.totp_enrolled ? 'enrolled' : 'not enrolled'),
      },
      {
        id: 'signin',
        header: 'Last sign-in',
        width: '130px',
        from: 'desktop',
        value: (row) => row.last_sign_in_at,
        cell: (row) => <Ago at={row.last_sign_in_at} />,
      },
      {
        id: 'state',
        header: 'State',
        width: '112px',
        value: (row) => (row.disabled ? 'disabled' : 'active'),
        cell: (row) => (
          <State kind={row.disabled ? 'idle' : 'up'}>{row.disabled ? 'disabled' : 'active'}</State>
        ),
      },
    ],
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [zone],
  );
  const show = (username: string | undefined) =>
    void navigate({ search: (before) => ({ ...before, open: username }), replace: true });
  const changed = () => queries.invalidateQueries({ queryKey: peopleQuery.queryKey });

  return (
    <ListPage
      title="People"
      note={isStaff(session) ? 'of all pilots and the consortium' : `of ${session.pilot}`}
      actions={
        <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
          Add a person
        </Button>
      }
      list={list}
      rowKey={username}
      columns={columns}
      opened={search.open}
      onOpen={(row) => show(username(row))}
      csvName="people"
      filter={{
        label: 'Filter by name, role, pilot',
        value: search.q,
        onChange: (q) => void navigate({ search: (before) => ({ ...before, q }), replace: true }),
        of: searched,
      }}
      noMatch="Nobody matches the filter"
    >
      <DetailDrawer
        opened={search.open !== undefined}
        onClose={() => show(undefined)}
        title={<span className="ph-id ph-drawer-title">{search.open}</span>}
      >
        {search.open && (
          <Detail key={search.open} username={search.open} onChanged={changed} onPassword={setGiven} />
        )}
      </DetailDrawer>
      <FormModal opened={adding} onClose={() => setAdding(false)} title="Add a person">
        <Add
          onDone={(answer) => {
            setAdding(false);
            setGiven(answer);
            void changed();
          }}
        />
      </FormModal>
      <Modal
        opened={given !== null}
        onClose={() => setGiven(null)}
        title={`First password of ${given?.username ?? ''}`}
        closeOnClickOutside={false}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {given && (
          <>
            <p className="ph-prose">
              Hand it over now: it is not shown again. The person changes it under “Own account”.
            </p>
            <SecretOnce secret={given.password} label="Password" />
            <Group justify="flex-end">
              <Button onClick={() => setGiven(null)}>I have kept it</Button>
            </Group>
          </>
        )}
      </Modal>
    </ListPage>
  );
}

const searched = (row: Person) => [row.username, row.display_name, row.pilot, ...row.roles];
const username = (row: Person) => row.username;

type Change = Schema['PersonPatch'];

function Detail({
  username,
  onChanged,
  onPassword,
}: {
  username: string;
  onChanged: () => void;
  onPassword: (given: { username: string; password: string }) => void;
}) {
  const session = useSession();
  const zone = useZone();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ ...personQuery(username), staleTime: 0 });
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState<'password' | 'totp' | null>(null);
  if (error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  if (!data) return <p className="ph-waiting">Loading…</p>;
  const person = data.value;
  const self = person.username === session.username;

  const change = async (body: Change): Promise<void> => {
    const answer = await versioned(
      api.PATCH('/api/v1/people/{username}', {
        params: { path: { username }, header: { 'If-Match': data.etag ?? '*' } },
        body,
      }),
    );
    queries.setQueryData(personQuery(username).queryKey, answer);
    onChanged();
  };
  const attempt = async (body: Change, said: string): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await change(body);
      notify(said);
    } catch (refused) {
      setProblem(asProblem(refused));
      void refetch();
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <Facts>
        <Fact label="State">
          <State kind={person.disabled ? 'idle' : 'up'}>{person.disabled ? 'disabled' : 'active'}</State>
        </Fact>
        <Fact label="Pilot">{person.pilot ?? 'the consortium'}</Fact>
        <Fact label="One-time codes">{person.totp_enrolled ? 'enrolled' : 'not enrolled'}</Fact>
        <Fact label="Last sign-in">
          <Ago at={person.last_sign_in_at} />
        </Fact>
        <Fact label={`Added, ${zone.label}`}>
          <Time at={person.created_at} />
        </Fact>
      </Facts>
      {problem && <ProblemNote error={problem} />}
      <EditPerson
        key={data.etag ?? person.username}
        person={person}
        busy={busy}
        onSave={(body) => attempt(body, `${person.username} is changed.`)}
      />
      <h2 className="ph-card-title ph-gap-top">Access</h2>
      {self ? (
        <p className="ph-dim">
          Nobody disables the own account; the password is changed under “Own account”.
        </p>
      ) : (
        <Group gap="xs" mt={6}>
          <Button
            variant="default"
            loading={busy}
            onClick={() =>
              void attempt(
                { disabled: !person.disabled },
                person.disabled
                  ? `${person.username} may sign in again.`
                  : `${person.username} is disabled; open sessions have ended. “Enable” takes it back.`,
              )
            }
          >
            {person.disabled ? 'Enable' : 'Disable'}
          </Button>
          <Button variant="default" onClick={() => setAsking('password')}>
            Reset the password
          </Button>
          <Button variant="default" disabled={!person.totp_enrolled} onClick={() => setAsking('totp')}>
            Remove the one-time codes
          </Button>
        </Group>
      )}
      <Confirm
        opened={asking === 'password'}
        title="Reset the password?"
        action="Reset the password"
        onClose={() => setAsking(null)}
        run={async () => {
          const password = firstPassword();
          await change({ password });
          onPassword({ username, password });
        }}
      >
        <p>
          {person.username} gets a new random password, which you see once. The old one and all open sessions
          end now.
        </p>
      </Confirm>
      <Confirm
        opened={asking === 'totp'}
        title="Remove the one-time codes?"
        action="Remove the one-time codes"
        danger
        onClose={() => setAsking(null)}
        run={async () => {
          await change({ totp_enrolled: false });
          notify(`${person.username} signs in with the password alone until a new generator is enrolled.`);
        }}
      >
        <p>
          Until {person.username} enrols a new generator, the password alone opens the account. Do this only
          after you have made sure who is asking.
        </p>
      </Confirm>
    </>
  );
}

function EditPerson({
  person,
  busy,
  onSave,
}: {
  person: Person;
  busy: boolean;
  onSave: (body: Change) => void;
}) {
  const session = useSession();
  const form = useForm({
    initialValues: { display_name: person.display_name, roles: person.roles as string[] },
    validate: { roles: (value) => (value.length === 0 ? 'At least one role' : null) },
  });
  return (
    <form
      onSubmit={form.onSubmit((values) =>
        onSave({
          ...(values.display_name === person.display_name ? {} : { display_name: values.display_name }),
          ...(same(values.roles, person.roles) ? {} : { roles: values.roles as Role[] }),
        }),
      )}
    >
      <TextInput label="Name" {...form.getInputProps('display_name')} />
      <RoleChoice
        roles={union(grantableFor(grantableRoles(session), person.pilot), person.roles)}
        {...form.getInputProps('roles')}
      />
      <Button type="submit" mt="sm" disabled={!form.isDirty()} loading={busy}>
        Save
      </Button>
    </form>
  );
}

const same = (one: readonly string[], other: readonly string[]) =>
  [...one].sort().join() === [...other].sort().join();
const union = (one: readonly Role[], other: readonly Role[]) => [...new Set([...one, ...other])];

const STAFF: readonly Role[] = ['support-agent', 'platform-admin'];

/** Staff roles are the consortium's; a person of a pilot has the pilot's. */
function grantableFor(roles: readonly Role[], pilot: string | null): readonly Role[] {
  return pilot === null
    ? roles.filter((role) => STAFF.includes(role) || role === 'data-steward')
    : roles.filter((role) => !STAFF.includes(role));
}

function RoleChoice({
  roles,
  ...input
}: {
  roles: readonly Role[];
  value?: string[];
  onChange?: (value: string[]) => void;
  error?: React.ReactNode;
}) {
  return (
    <Checkbox.Group label="Roles" mt="sm" {...input}>
      <div className="ph-choices">
        {roles.map((role) => (
          <Checkbox key={role} value={role} label={role} description={ROLE_NOTES[role]} size="sm" />
        ))}
      </div>
    </Checkbox.Group>
  );
}

const CONSORTIUM = '\u0000consortium';

function Add({ onDone }: { onDone: (given: { username: string; password: string }) => void }) {
  const session = useSession();
  const pilots = usePilots();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const form = useForm({
    initialValues: {
      username: '',
      display_name: '',
      pilot: session.pilot ?? pilots[0]?.pilot_id ?? CONSORTIUM,
      roles: ['pilot-operator'] as string[],
      password: firstPassword(),
    },
    validate: {
      username: (value) =>
        /^[a-z0-9][a-z0-9._-]{0,62}$/.test(value) ? null : 'Small letters, digits, . _ -, at most 63',
      roles: (value) => (value.length === 0 ? 'At least one role' : null),
      password: (value) => (value.length < 12 ? 'At least 12 characters' : null),
    },
  });
  const pilot = form.values.pilot === CONSORTIUM ? null : form.values.pilot;
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(async (values) => {
        setBusy(true);
        setProblem(null);
        try {
          await body(
            api.POST('/api/v1/people', {
              body: {
                username: values.username,
                ...(values.display_name ? { display_name: values.display_name } : {}),
                roles: values.roles as Role[],
                pilot,
                password: values.password,
              },
            }),
          );
          onDone({ username: values.username, password: values.password });
        } catch (error) {
          setProblem(asProblem(error));
          setBusy(false);
        }
      })}
    >
      <TextInput
        label="User name"
        description="It cannot be changed later"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        {...form.getInputProps('username')}
      />
      <TextInput mt="sm" label="Name" autoComplete="off" {...form.getInputProps('display_name')} />
      {isStaff(session) && (
        <Select
          mt="sm"
          label="Pilot"
          searchable
          allowDeselect={false}
          data={[
            { value: CONSORTIUM, label: 'None: staff of the consortium' },
            ...pilots.map((each) => ({ value: each.pilot_id, label: `${each.name} (${each.pilot_id})` })),
          ]}
          value={form.values.pilot}
          onChange={(value) => {
            form.setValues({
              pilot: value ?? CONSORTIUM,
              roles: value === CONSORTIUM ? ['support-agent'] : ['pilot-operator'],
            });
          }}
        />
      )}
      <RoleChoice roles={grantableFor(grantableRoles(session), pilot)} {...form.getInputProps('roles')} />
      <PasswordInput
        mt="sm"
        label="First password"
        description="Made at random; shown once more after adding"
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password', tabIndex: 0 }}
        {...form.getInputProps('password')}
      />
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
