import { ActionIcon, Button, Checkbox, Select, TagsInput, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ExportColumn } from '../../api/client';
import { twinNamesQuery } from '../../api/queries';
import { count } from '../../parts/format';
import { InstantInput, useInstantText } from '../../parts/InstantInput';
import { SearchBox } from '../../parts/SearchBox';
import { AGGREGATES, INTERVALS, MOST_COLUMNS, MOST_FILTERS, MOST_TWINS, type Aggregate } from '../../router';
import {
  AGGREGATE_WORDS,
  aggregatesOf,
  conditionFault,
  conditionOf,
  conditionText,
  INTERVAL_WORDS,
  kindOf,
  modelName,
  OPERATOR_WORDS,
  operatorsOf,
  type Condition,
  type Operator,
} from './exports';
import type { Step } from './SourceStep';
import { useTyped } from './Typed';

/** Which kind of twin, and which of them. */
export function ModelStep({ pilot, search, set, models }: Step & { models: readonly string[] }) {
  const [typed, setTyped] = useState('');
  const [looked] = useDebouncedValue(typed.trim().toLowerCase(), 150);
  const { data: twins } = useQuery({ ...twinNamesQuery(pilot, looked), enabled: looked !== '' });
  const known = search.model !== undefined && !models.includes(search.model) ? [search.model] : [];
  return (
    <div className="ph-form-grid">
      <Select
        label="Model"
        description="One table of the files"
        placeholder={models.length === 0 ? 'None known yet' : 'All of them'}
        clearable
        data={[...models, ...known].map((value) => ({ value, label: modelName(value) }))}
        value={search.model ?? null}
        onChange={(model) => set({ model: model ?? undefined, column: undefined, filter: undefined })}
        clearButtonProps={{ 'aria-label': 'All models' }}
      />
      <TagsInput
        label="Twins"
        description="By their ids"
        placeholder={search.twin ? undefined : 'All of them'}
        data={twins?.map(({ twin_id }) => twin_id) ?? []}
        filter={({ options }) => options}
        maxTags={MOST_TWINS}
        searchValue={typed}
        onSearchChange={setTyped}
        value={search.twin ?? []}
        onChange={(twin) => set({ twin: twin.length === 0 ? undefined : twin })}
      />
    </div>
  );
}

/** Which columns, from the files themselves; where nothing is said, also those that come later. */
export function ColumnStep({
  search,
  set,
  columns,
  usual,
}: Omit<Step, 'pilot'> & {
  columns: readonly ExportColumn[];
  /** Those that are written where nothing is said of columns. */
  usual: readonly string[];
}) {
  const [q, setQ] = useState<string>();
  const wanted = q?.trim().toLowerCase() ?? '';
  const shown = useMemo(
    () => columns.filter(({ name }) => wanted === '' || name.toLowerCase().includes(wanted)),
    [columns, wanted],
  );
  const chosen = new Set(search.column ?? usual);
  const choose = (names: ReadonlySet<string>) => {
    const inOrder = columns.map(({ name }) => name).filter((name) => names.has(name));
    set({ column: inOrder.join() === usual.join() ? undefined : inOrder.slice(0, MOST_COLUMNS) });
  };
  // what a row is of; where no column says that, one has to stay all the same
  const named = columns.map(({ name }) => name).filter((name) => name === 'twin' || name === 'time');
  const keys = named.length > 0 ? named : columns.slice(0, 1).map(({ name }) => name);
  return (
    <>
      <div className="ph-copy-acts">
        <SearchBox label="Find a column" value={q} onChange={setQ} />
        <span className="ph-dim ph-small ph-num" role="status">
          {count(chosen.size)} of {count(columns.length)}
        </span>
        <Button size="compact-xs" variant="default" onClick={() => set({ column: undefined })}>
          The usual
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          disabled={columns.length > MOST_COLUMNS}
          onClick={() => choose(new Set(columns.map(({ name }) => name)))}
        >
          All
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => choose(new Set(keys))}>
          Only {keys.join(' and ')}
        </Button>
      </div>
      <ul className="ph-job-columns" aria-label="Columns">
        {shown.map(({ name, type, unit, title }) => (
          <li key={name}>
            <Checkbox
              size="xs"
              checked={chosen.has(name)}
              disabled={chosen.size === 1 && chosen.has(name)}
              onChange={(event) => {
                const next = new Set(chosen);
                if (event.currentTarget.checked) next.add(name);
                else next.delete(name);
                choose(next);
              }}
              label={
                <span className="ph-job-column">
                  <span className="ph-clip" title={title ? `${name}: ${title}` : name}>
                    {name}
                  </span>
                  <span className="ph-dim">
                    {type}
                    {unit && ` · ${unit}`}
                  </span>
                </span>
              }
            />
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="ph-dim ph-small">No column is called so.</p>}
    </>
  );
}

export function WindowStep({ search, set }: Omit<Step, 'pilot'>) {
  const { textOf, isoOf } = useInstantText();
  const write = (iso: string | undefined) => (iso === undefined ? '' : textOf(Date.parse(iso)));
  const since = useTyped(write(search.since), (text) => set({ since: isoOf(text) }));
  const until = useTyped(write(search.until), (text) => set({ until: isoOf(text) }));
  return (
    <div className="ph-form-grid">
      <InstantInput label="Not before" value={since.typed} onChange={since.type} />
      <InstantInput label="Before" value={until.typed} onChange={until.type} />
    </div>
  );
}

/** Conditions that all have to hold. */
export function FilterStep({
  search,
  set,
  columns,
  refused,
}: Omit<Step, 'pilot'> & {
  columns: readonly ExportColumn[];
  /** What the platform says of which of them. */
  refused: { at: number | null; text: string } | null;
}) {
  const conditions = (search.filter ?? []).map(
    (text) => conditionOf(text) ?? ({ field: '', op: 'eq', value: '' } as Condition),
  );
  const put = (next: readonly Condition[]) =>
    set({ filter: next.length === 0 ? undefined : next.map(conditionText) });
  return (
    <>
      {conditions.map((condition, at) => (
        <Row
          key={at}
          condition={condition}
          columns={columns}
          refused={refused?.at === at ? refused.text : null}
          onChange={(next) => put(conditions.map((each, index) => (index === at ? next : each)))}
          onRemove={() => put(conditions.filter((_, index) => index !== at))}
        />
      ))}
      {refused !== null && refused.at === null && <p className="ph-field-error">{refused.text}</p>}
      <div>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={13} />}
          disabled={conditions.length >= MOST_FILTERS || conditions.some(({ field }) => field === '')}
          onClick={() => put([...conditions, { field: '', op: 'eq', value: '' }])}
        >
          Add a condition
        </Button>
      </div>
    </>
  );
}

function Row({
  condition,
  columns,
  refused,
  onChange,
  onRemove,
}: {
  condition: Condition;
  columns: readonly ExportColumn[];
  refused: string | null;
  onChange: (next: Condition) => void;
  onRemove: () => void;
}) {
  const column = columns.find(({ name }) => name === condition.field);
  const kind = kindOf(column?.type ?? 'text');
  const { typed, type } = useTyped(condition.value, (value) => onChange({ ...condition, value }));
  const names = columns.map(({ name }) => name);
  const possible = operatorsOf(kind);
  const fault = typed === '' ? null : conditionFault({ ...condition, value: typed }, kind);
  const label = condition.field === '' ? 'Value' : `Value of ${condition.field}`;
  return (
    <div className="ph-job-condition">
      <Select
        size="xs"
        aria-label="Column"
        placeholder="Which column?"
        searchable
        data={
          condition.field !== '' && !names.includes(condition.field) ? [...names, condition.field] : names
        }
        value={condition.field || null}
        onChange={(field) => {
          const next = kindOf(columns.find(({ name }) => name === field)?.type ?? 'text');
          onChange({
            field: field ?? '',
            op: operatorsOf(next).includes(condition.op) ? condition.op : 'eq',
            value: next === kind ? condition.value : next === 'boolean' ? 'true' : '',
          });
        }}
      />
      <Select
        size="xs"
        aria-label="How"
        allowDeselect={false}
        data={possible.map((op) => ({ value: op, label: OPERATOR_WORDS[op] }))}
        value={condition.op}
        onChange={(op) =>
          op &&
          onChange({ ...condition, op: op as Operator, value: op === 'exists' ? 'true' : condition.value })
        }
      />
      {kind === 'boolean' || condition.op === 'exists' ? (
        <Select
          size="xs"
          aria-label={label}
          allowDeselect={false}
          data={[
            { value: 'true', label: 'yes' },
            { value: 'false', label: 'no' },
          ]}
          value={condition.value === 'false' ? 'false' : 'true'}
          error={refused}
          onChange={(value) => onChange({ ...condition, value: value ?? 'true' })}
        />
      ) : (
        <TextInput
          size="xs"
          aria-label={label}
          placeholder={
            condition.op === 'in' ? 'a, b, c' : kind === 'time' ? '2026-01-31T06:00:00Z' : undefined
          }
          inputMode={kind === 'number' && condition.op !== 'in' ? 'decimal' : undefined}
          rightSection={column?.unit ? <span className="ph-dim ph-small">{column.unit}</span> : undefined}
          rightSectionWidth={column?.unit ? 54 : undefined}
          value={typed}
          maxLength={200}
          error={refused ?? fault}
          onChange={(event) => type(event.currentTarget.value)}
        />
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        className="ph-quiet"
        aria-label={
          condition.field === '' ? 'Remove the condition' : `Remove the condition on ${condition.field}`
        }
        onClick={onRemove}
      >
        <IconTrash size={15} />
      </ActionIcon>
    </div>
  );
}

export function ResampleStep({ search, set }: Omit<Step, 'pilot'>) {
  return (
    <>
      <div className="ph-form-grid">
        <Select
          label="A row each"
          placeholder="Every reading as it is"
          clearable
          clearButtonProps={{ 'aria-label': 'Do not resample' }}
          data={INTERVALS.map((value) => ({ value, label: INTERVAL_WORDS[value] ?? value }))}
          value={search.every ?? null}
          onChange={(every) => set(every === null ? { every: undefined, aggregate: undefined } : { every })}
        />
        <Checkbox.Group
          label="Of the values in it"
          value={[...aggregatesOf(search)]}
          onChange={(next) => {
            if (next.length > 0) set({ aggregate: AGGREGATES.filter((each) => next.includes(each)) });
          }}
        >
          <div className="ph-job-aggregates">
            {AGGREGATES.map((each: Aggregate) => (
              <Checkbox
                key={each}
                size="xs"
                value={each}
                label={AGGREGATE_WORDS[each]}
                disabled={search.every === undefined}
              />
            ))}
          </div>
        </Checkbox.Group>
      </div>
      {search.every !== undefined && (
        <p className="ph-dim ph-small">Where nothing was told, there is no row: gaps stay gaps.</p>
      )}
    </>
  );
}
