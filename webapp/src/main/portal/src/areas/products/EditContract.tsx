import {
  ActionIcon,
  Autocomplete,
  Button,
  Checkbox,
  Group,
  Select,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowBackUp, IconArrowForwardUp, IconPlus, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { createContext, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import { api, body, versioned, type JsonObject } from '../../api/client';
import { productQuery, type VersionedProduct } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { count } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import type { ProblemError } from '../../api/problem';
import { same } from '../twins/json';
import {
  AGREEMENTS,
  draftOf,
  edited,
  elsewhere,
  faultAt,
  listAt,
  LOGICAL_TYPES,
  nextVersions,
  redone,
  STATUSES,
  textAt,
  undone,
  type Contract,
  type Draft,
  type Fault,
} from './contract';
import { METRICS, OPERATORS, ruleOf, ruleWith } from './rules';

interface Editing {
  contract: Contract;
  faults: readonly Fault[];
  set: (pointer: string, value: unknown, typing?: boolean) => void;
}

const EditingContext = createContext<Editing>({ contract: {}, faults: [], set: () => undefined });

interface Props {
  pilot: string;
  name: string;
  datasetName: string;
  start: Contract;
  /** null where the product is not there yet. */
  etag: string | null;
  onDone: (saved: boolean) => void;
}

/** A contract as a form. What the form does not show is kept as it is; the platform says at each field what is wrong with it. */
export function EditContract({ pilot, name, datasetName, start, etag, onDone }: Props) {
  const queries = useQueryClient();
  const place = useRef<HTMLDivElement>(null);
  const [base, setBase] = useState({ contract: start, etag });
  const [draft, setDraft] = useState<Draft>(() => draftOf(start));
  const [busy, setBusy] = useState(false);
  const [saved, setSaved] = useState(false);
  const [moved, setMoved] = useState(false);
  const [refused, setRefused] = useState<ProblemError | null>(null);
  const contract = draft.now;
  const isNew = base.etag === null;
  const changed = isNew || !same(contract, base.contract);
  const [rested] = useDebouncedValue(contract, 350);
  const asks = isNew || !same(rested, base.contract);
  const asked = { params: { path: { pilot, product: name } }, body: bodyOf(datasetName, rested) };
  const checked = useQuery({
    queryKey: ['product-check', pilot, name, rested],
    queryFn: async ({ signal }) =>
      (await body(api.POST('/api/v1/pilots/{pilot}/products/{product}/check', { ...asked, signal }))).faults,
    placeholderData: (before) => before,
    gcTime: 0,
    enabled: asks,
  });
  const faults = useMemo(() => (asks ? (checked.data ?? []) : []), [asks, checked.data]);
  const unsaved = !saved && draft.past.length > 0 && !same(contract, base.contract);
  const blocker = useBlocker({
    shouldBlockFn: () => unsaved,
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });
  const editing = useMemo<Editing>(
    () => ({
      contract,
      faults,
      set: (pointer, value, typing) => {
        setRefused(null);
        setDraft((before) => edited(before, pointer, value, typing));
      },
    }),
    [contract, faults],
  );

  const save = async (over: string | null) => {
    setBusy(true);
    setRefused(null);
    setMoved(false);
    try {
      const answer = (await versioned(
        api.PUT('/api/v1/pilots/{pilot}/products/{product}', {
          params: { path: { pilot, product: name }, header: over ? { 'If-Match': over } : {} },
          body: bodyOf(datasetName, contract),
        }),
      )) as VersionedProduct;
      setSaved(true);
      queries.setQueryData(productQuery(pilot, name).queryKey, answer);
      void queries.invalidateQueries({ queryKey: ['products', pilot] });
      void queries.invalidateQueries({ queryKey: ['product', pilot, name, 'revisions'] });
      notify(`${answer.value.title} has its contract, version ${answer.value.version}.`);
      onDone(true);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 412) {
        setMoved(true);
      } else {
        setRefused(problem);
        void checked.refetch();
        requestAnimationFrame(() => {
          const first = place.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
          first?.focus();
        });
      }
    } finally {
      setBusy(false);
    }
  };
  const current = () => queries.fetchQuery({ ...productQuery(pilot, name), staleTime: 0 });
  const unseen = elsewhere(faults, shownPaths(contract));

  return (
    <EditingContext value={editing}>
      <div className="ph-page-scroll" ref={place}>
        <PageHead
          title={isNew ? `New product ${name}` : `Contract of ${textAt(base.contract, '/name') || name}`}
          note={`datasets called ${datasetName}`}
        >
          <Tooltip label="Undo">
            <ActionIcon
              variant="default"
              size={34}
              aria-label="Undo the last change"
              disabled={draft.past.length === 0}
              onClick={() => setDraft(undone)}
            >
              <IconArrowBackUp size={17} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Redo">
            <ActionIcon
              variant="default"
              size={34}
              aria-label="Do the undone change again"
              disabled={draft.future.length === 0}
              onClick={() => setDraft(redone)}
            >
              <IconArrowForwardUp size={17} />
            </ActionIcon>
          </Tooltip>
          <Button variant="default" onClick={() => onDone(false)}>
            Cancel
          </Button>
          <Button loading={busy} disabled={!changed} onClick={() => void save(base.etag)}>
            {isNew ? 'Create' : 'Save'}
          </Button>
        </PageHead>
        {refused && <ProblemNote error={refused} />}
        {moved && (
          <div className="ph-conflict ph-conflict-bar" role="alert">
            <span>
              <strong>Somebody changed the contract meanwhile.</strong> Nothing of yours is saved yet.
            </span>
            <Group gap="xs">
              <Button
                variant="default"
                onClick={async () => {
                  const theirs = await current();
                  setBase({ contract: theirs.value.contract, etag: theirs.etag });
                  setDraft(draftOf(theirs.value.contract));
                  setMoved(false);
                }}
              >
                Take it as it is now
              </Button>
              <Button loading={busy} onClick={async () => save((await current()).etag)}>
                Save mine over it
              </Button>
            </Group>
          </div>
        )}
        <p className="ph-dim ph-small" role="status">
          {checked.isFetching
            ? 'The platform checks it…'
            : faults.length > 0
              ? `${count(faults.length)} ${faults.length === 1 ? 'thing' : 'things'} to mend`
              : changed
                ? 'It keeps to the standard'
                : 'As it is saved'}
        </p>
        {unseen.length > 0 && (
          <ul className="ph-consequences" aria-label="What else is wrong">
            {unseen.map(({ path, detail }) => (
              <li key={`${path} ${detail}`}>{detail}</li>
            ))}
          </ul>
        )}
        <div className="ph-product-form">
          <What />
          <Agreements />
          <Schemas />
          <People />
          <p className="ph-dim ph-small">
            Other parts of the contract (servers, roles, rules in SQL and the like) are kept as they are. The
            YAML file has them all.
          </p>
        </div>
        <Confirm
          opened={blocker.status === 'blocked'}
          title="Leave without saving?"
          action="Leave"
          danger
          onClose={() => blocker.status === 'blocked' && blocker.reset()}
          run={async () => {
            if (blocker.status === 'blocked') blocker.proceed();
          }}
        >
          <p>What you have changed in the contract is not saved and will be lost.</p>
        </Confirm>
      </div>
    </EditingContext>
  );
}

const bodyOf = (dataset_name: string, contract: Contract) => ({
  dataset_name,
  contract: contract as Record<string, never>,
});

/** The pointers whose faults the form shows at their fields. */
function shownPaths(contract: Contract): ReadonlySet<string> {
  const shown = new Set<string>();
  const add = (list: string, members: string[]) =>
    listAt(contract, list).forEach((_, index) => {
      shown.add(`${list}/${index}`);
      members.forEach((member) => shown.add(`${list}/${index}/${member}`));
    });
  ['name', 'version', 'status', 'domain', 'team/name'].forEach((field) => shown.add(`/${field}`));
  ['purpose', 'usage', 'limitations'].forEach((field) => shown.add(`/description/${field}`));
  add('/slaProperties', ['property', 'value', 'unit']);
  add('/support', ['channel', 'tool', 'url']);
  listAt(contract, '/schema').forEach((_, index) => {
    const object = `/schema/${index}`;
    shown.add(`${object}/name`);
    add(`${object}/properties`, [
      'name',
      'logicalType',
      'classification',
      'description',
      'required',
      'unique',
    ]);
    add(`${object}/quality`, ['metric']);
  });
  return shown;
}

function Text({
  at,
  label,
  named = false,
  long = false,
  most = 256,
  placeholder,
}: {
  at: string;
  label: string;
  /** The label is for those who do not see the head of the column. */
  named?: boolean;
  long?: boolean;
  most?: number;
  placeholder?: string;
}) {
  const { contract, faults, set } = useContext(EditingContext);
  const props = {
    ...(named ? { 'aria-label': label } : { label }),
    maxLength: most,
    placeholder,
    value: textAt(contract, at),
    error: faultAt(faults, at),
    onChange: (event: { currentTarget: { value: string } }) =>
      set(at, event.currentTarget.value === '' ? undefined : event.currentTarget.value, true),
  };
  return long ? <Textarea autosize minRows={2} maxRows={8} {...props} /> : <TextInput {...props} />;
}

function Choice({
  at,
  label,
  data,
  named = false,
  clearable = false,
}: {
  at: string;
  label: string;
  data: readonly string[];
  named?: boolean;
  clearable?: boolean;
}) {
  const { contract, faults, set } = useContext(EditingContext);
  return (
    <Select
      {...(named ? { 'aria-label': label } : { label })}
      placeholder={clearable ? 'Not said' : undefined}
      data={[...data]}
      clearable={clearable}
      allowDeselect={false}
      value={textAt(contract, at) || null}
      error={faultAt(faults, at)}
      onChange={(value) => set(at, value ?? undefined)}
    />
  );
}

function Flag({ at, label }: { at: string; label: string }) {
  const { contract, faults, set } = useContext(EditingContext);
  const parent = at.slice(0, at.lastIndexOf('/'));
  const member = at.slice(at.lastIndexOf('/') + 1);
  const object = atObject(contract, parent);
  return (
    <Checkbox
      size="xs"
      label={label}
      checked={object[member] === true}
      error={faultAt(faults, at)}
      onChange={(event) => set(at, event.currentTarget.checked ? true : undefined)}
    />
  );
}

const atObject = (contract: Contract, pointer: string): JsonObject => {
  const list = pointer.slice(0, pointer.lastIndexOf('/'));
  return listAt(contract, list)[Number(pointer.slice(pointer.lastIndexOf('/') + 1))] ?? {};
};

function Part({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <section className="ph-card" aria-label={title}>
      <div className="ph-card-head">
        <h2 className="ph-card-title">{title}</h2>
      </div>
      <div className="ph-product-part">
        {note && <p className="ph-dim ph-small">{note}</p>}
        {children}
      </div>
    </section>
  );
}

function What() {
  const { contract, set } = useContext(EditingContext);
  const next = nextVersions(textAt(contract, '/version'));
  return (
    <Part title="What it is">
      <div className="ph-form-grid">
        <Text at="/name" label="Title" />
        <Text at="/domain" label="Domain" />
        <Text at="/version" label="Version of the contract" most={20} />
        <Choice at="/status" label="Status" data={STATUSES} />
      </div>
      {next && (
        <Group gap={6} mt="xs">
          <Button size="compact-xs" variant="default" onClick={() => set('/version', next.minor)}>
            {next.minor}: promises more
          </Button>
          <Button size="compact-xs" variant="default" onClick={() => set('/version', next.major)}>
            {next.major}: takes something away
          </Button>
        </Group>
      )}
      <div className="ph-product-texts">
        <Text at="/description/purpose" label="Purpose" long most={4096} />
        <Text at="/description/usage" label="Meant for" long most={4096} />
        <Text at="/description/limitations" label="Limits" long most={4096} />
      </div>
    </Part>
  );
}

function Rows({
  at,
  what,
  fresh,
  children,
}: {
  at: string;
  what: string;
  fresh: JsonObject;
  children: (pointer: string, index: number) => ReactNode;
}) {
  const { contract, faults, set } = useContext(EditingContext);
  const list = listAt(contract, at);
  return (
    <>
      {list.map((_, index) => {
        const pointer = `${at}/${index}`;
        const fault = faultAt(faults, pointer);
        return (
          <div key={index} className="ph-product-row" role="group" aria-label={`${what} ${index + 1}`}>
            {children(pointer, index)}
            <ActionIcon
              variant="subtle"
              color="gray"
              className="ph-quiet"
              aria-label={`Take ${what} ${index + 1} away`}
              onClick={() => set(pointer, undefined)}
            >
              <IconX size={16} />
            </ActionIcon>
            {fault && (
              <p className="ph-product-row-fault ph-refused" role="alert">
                {fault}
              </p>
            )}
          </div>
        );
      })}
      <Button
        mt="xs"
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={13} />}
        onClick={() => set(`${at}/${list.length}`, fresh)}
      >
        Add {/^[aeiou]/.test(what) ? 'an' : 'a'} {what}
      </Button>
    </>
  );
}

function Agreements() {
  const { contract, faults, set } = useContext(EditingContext);
  return (
    <Part
      title="Service levels"
      note="Frequency (how old the newest version may be), retention and dates are held against the newest version; others are only written down."
    >
      <Rows at="/slaProperties" what="service level" fresh={{ property: 'frequency', value: 1, unit: 'd' }}>
        {(pointer, index) => (
          <>
            <Autocomplete
              aria-label={`Service level ${index + 1}`}
              data={AGREEMENTS}
              maxLength={128}
              value={textAt(contract, `${pointer}/property`)}
              error={faultAt(faults, `${pointer}/property`)}
              onChange={(value) => set(`${pointer}/property`, value, true)}
            />
            <TextInput
              aria-label={`Value of service level ${index + 1}`}
              placeholder="1, 99.5, 2030-01-01"
              maxLength={256}
              value={textAt(contract, `${pointer}/value`)}
              error={faultAt(faults, `${pointer}/value`)}
              onChange={(event) => {
                const typed = event.currentTarget.value;
                // what would be written otherwise as a number is a text while it is typed
                const number = Number(typed);
                set(`${pointer}/value`, typed !== '' && String(number) === typed ? number : typed, true);
              }}
            />
            <Autocomplete
              aria-label={`Unit of service level ${index + 1}`}
              placeholder="unit"
              data={['min', 'h', 'd', 'w', 'y', '%']}
              maxLength={32}
              value={textAt(contract, `${pointer}/unit`)}
              error={faultAt(faults, `${pointer}/unit`)}
              onChange={(value) => set(`${pointer}/unit`, value === '' ? undefined : value, true)}
            />
          </>
        )}
      </Rows>
    </Part>
  );
}

function Schemas() {
  const { contract, set } = useContext(EditingContext);
  const objects = listAt(contract, '/schema');
  return (
    <Part title="Schema" note="A file holds one object: a table, say. Its properties are the columns.">
      {objects.map((_, index) => (
        <fieldset key={index} className="ph-fieldset">
          <legend>Object {index + 1}</legend>
          <Group align="end" gap="xs">
            <Text at={`/schema/${index}/name`} label="Name" />
            <Button
              size="compact-sm"
              variant="default"
              mb={4}
              onClick={() => set(`/schema/${index}`, undefined)}
            >
              Take the object away
            </Button>
          </Group>
          <Rows
            at={`/schema/${index}/properties`}
            what="property"
            fresh={{ name: '', logicalType: 'string' }}
          >
            {(pointer, at) => (
              <>
                <Text at={`${pointer}/name`} label={`Name of property ${at + 1}`} named placeholder="name" />
                <Choice
                  at={`${pointer}/logicalType`}
                  label={`Type of property ${at + 1}`}
                  named
                  clearable
                  data={LOGICAL_TYPES}
                />
                <Text
                  at={`${pointer}/classification`}
                  label={`Classification of property ${at + 1}`}
                  named
                  most={64}
                  placeholder="classification"
                />
                <Text
                  at={`${pointer}/description`}
                  label={`Meaning of property ${at + 1}`}
                  named
                  most={4096}
                  placeholder="meaning"
                />
                <Flag at={`${pointer}/required`} label="required" />
                <Flag at={`${pointer}/unique`} label="unique" />
              </>
            )}
          </Rows>
          <h3 className="ph-product-sub">Quality</h3>
          <Rows
            at={`/schema/${index}/quality`}
            what="rule"
            fresh={{ metric: 'rowCount', mustBeGreaterThan: 0 }}
          >
            {(pointer, at) => <Rule pointer={pointer} index={at} />}
          </Rows>
        </fieldset>
      ))}
      <Button
        mt="xs"
        size="compact-xs"
        variant="default"
        leftSection={<IconPlus size={13} />}
        onClick={() =>
          set(`/schema/${objects.length}`, {
            name: 'table',
            physicalType: 'file',
            properties: [{ name: '', logicalType: 'string' }],
          })
        }
      >
        Add an object
      </Button>
    </Part>
  );
}

function Rule({ pointer, index }: { pointer: string; index: number }) {
  const { contract, faults, set } = useContext(EditingContext);
  const rule = atObject(contract, pointer);
  const read = ruleOf(rule);
  if (read === null) {
    return (
      <span className="ph-product-row-wide ph-dim">
        {textAt(rule, '/name') || textAt(rule, '/description') || 'A rule that only the file shows'}
      </span>
    );
  }
  return (
    <>
      <Select
        aria-label={`Metric of rule ${index + 1}`}
        allowDeselect={false}
        data={METRICS}
        value={read.metric}
        error={faultAt(faults, `${pointer}/metric`)}
        onChange={(metric) => metric && set(pointer, ruleWith(rule, { ...read, metric }))}
      />
      <Select
        aria-label={`Comparison of rule ${index + 1}`}
        allowDeselect={false}
        data={OPERATORS}
        value={read.operator}
        onChange={(operator) => operator && set(pointer, ruleWith(rule, { ...read, operator }))}
      />
      <TextInput
        aria-label={`Bound of rule ${index + 1}`}
        inputMode="numeric"
        value={String(read.bound)}
        onChange={(event) => {
          const bound = Number(event.currentTarget.value);
          if (Number.isFinite(bound)) set(pointer, ruleWith(rule, { ...read, bound }), true);
        }}
      />
    </>
  );
}

function People() {
  const { contract } = useContext(EditingContext);
  const isOld = Array.isArray(contract.team);
  return (
    <Part title="Who to ask">
      <div className="ph-form-grid">
        {isOld ? (
          <p className="ph-dim ph-small">The team is a list of people, which the file shows.</p>
        ) : (
          <Text at="/team/name" label="Team" />
        )}
      </div>
      <Rows at="/support" what="channel" fresh={{ channel: '', tool: 'email' }}>
        {(pointer, index) => (
          <>
            <Text
              at={`${pointer}/channel`}
              label={`Channel ${index + 1}`}
              named
              placeholder="name of the channel"
            />
            <Text
              at={`${pointer}/tool`}
              label={`Tool of channel ${index + 1}`}
              named
              most={64}
              placeholder="email"
            />
            <Text
              at={`${pointer}/url`}
              label={`Address of channel ${index + 1}`}
              named
              most={2048}
              placeholder="mailto:… or https://…"
            />
          </>
        )}
      </Rows>
    </Part>
  );
}
