import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { dumpsQuery } from '../../api/queries';
import { count } from '../../parts/format';
import { InstantInput, useInstantText } from '../../parts/InstantInput';
import type { ExportSearch, ExportSource } from '../../router';
import { addDays, daysBetween, isDate } from '../days/calendar';
import { isClosed } from '../days/words';
import { DatasetPicker } from './DatasetPicker';
import { lastDays } from './exports';
import { RangeCalendar } from './RangeCalendar';
import { useTyped } from './Typed';
import { plural } from './words';

/** Of one look at the calendar's days. */
const MOST_COUNTED = 400;

export interface Step {
  pilot: string;
  search: ExportSearch;
  set: (change: ExportSearch) => void;
}

const SOURCES: { value: ExportSource; label: string }[] = [
  { value: 'days', label: 'Closed days' },
  { value: 'datasets', label: 'Datasets' },
  { value: 'history', label: 'Live history' },
];

/** What is read. */
export function SourceStep({ pilot, search, set, today }: Step & { today: string }) {
  const source = search.source ?? 'days';
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="What is read"
        data={SOURCES}
        value={source}
        onChange={(value) =>
          set({
            source: value === 'days' ? undefined : (value as ExportSource),
            from: undefined,
            to: undefined,
            last: undefined,
            dataset: undefined,
            model: undefined,
            column: undefined,
            filter: undefined,
          })
        }
      />
      {source === 'days' && <Days pilot={pilot} search={search} set={set} today={today} />}
      {source === 'datasets' && (
        <DatasetPicker
          pilot={pilot}
          chosen={search.dataset}
          onChange={(dataset) => set({ dataset, column: undefined, filter: undefined })}
        />
      )}
      {source === 'history' && <History key={`${search.from} ${search.to}`} search={search} set={set} />}
    </>
  );
}

function Days({ pilot, search, set, today }: Step & { today: string }) {
  const rolling = search.last !== undefined;
  const { from, to } = rolling ? lastDays(today, Number(search.last)) : search;
  const choose = (first: string, last: string) => set({ from: first, to: last, last: undefined });
  return (
    <>
      <div className="ph-copy-acts">
        {[1, 7, 30].map((howMany) => (
          <Button
            key={howMany}
            size="compact-xs"
            variant={search.last === String(howMany) ? 'filled' : 'default'}
            aria-pressed={search.last === String(howMany)}
            onClick={() => set({ last: String(howMany), from: undefined, to: undefined })}
          >
            {howMany === 1 ? 'Yesterday' : `Last ${howMany} days`}
          </Button>
        ))}
        <span className="ph-dim ph-small">
          {rolling ? 'counted back from the day on which it runs' : 'or from the calendar'}
        </span>
      </div>
      <RangeCalendar pilot={pilot} today={today} from={from} to={to} onChange={choose} />
      <div className="ph-form-grid">
        <DateInput
          label="First day"
          value={from}
          max={addDays(today, -1)}
          onChange={(first) => choose(first, to !== undefined && to >= first ? to : first)}
        />
        <DateInput
          label="Last day"
          value={to}
          max={addDays(today, -1)}
          onChange={(last) => choose(from !== undefined && from <= last ? from : last, last)}
        />
      </div>
      {from !== undefined && to !== undefined && <Counted pilot={pilot} from={from} to={to} />}
    </>
  );
}

function DateInput({
  label,
  value,
  max,
  onChange,
}: {
  label: string;
  value: string | undefined;
  max: string;
  onChange: (date: string) => void;
}) {
  const { typed, type } = useTyped(value ?? '', (date) => {
    if (isDate(date)) onChange(date);
  });
  return (
    <TextInput
      type="date"
      label={label}
      value={typed}
      max={max}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}

/** How many of the days are closed, and how many rows that is. */
function Counted({ pilot, from, to }: { pilot: string; from: string; to: string }) {
  const askable = from <= to && daysBetween(from, to) < MOST_COUNTED;
  const { data } = useQuery({ ...dumpsQuery(pilot, from, to), enabled: askable });
  const all = daysBetween(from, to) + 1;
  const closed = data?.filter(isClosed) ?? [];
  const rows = closed.reduce((sum, { day_rows }) => sum + day_rows, 0);
  return (
    <p className="ph-job-counted" role="status" data-lacking={(data && closed.length < all) || undefined}>
      {data ? (
        <>
          <strong>{count(closed.length)}</strong> of {plural(all, 'day')} {closed.length === 1 ? 'is' : 'are'}{' '}
          closed, {plural(rows, 'row')} in all.
          {closed.length < all && ' Days that are not closed have no files to read.'}
        </>
      ) : (
        ' '
      )}
    </p>
  );
}

function History({ search, set }: Pick<Step, 'search' | 'set'>) {
  const { textOf, isoOf } = useInstantText();
  const write = (iso: string | undefined) => (iso === undefined ? '' : textOf(Date.parse(iso)));
  const from = useTyped(write(search.from), (text) => set({ from: isoOf(text) }));
  const to = useTyped(write(search.to), (text) => set({ to: isoOf(text) }));
  return (
    <>
      <p className="ph-prose ph-dim">What the twins have told and is in no closed day yet.</p>
      <div className="ph-form-grid">
        <InstantInput label="From" value={from.typed} onChange={from.type} />
        <InstantInput label="Before" value={to.typed} onChange={to.type} />
      </div>
    </>
  );
}
