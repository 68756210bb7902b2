import { ActionIcon, Button, Group, MultiSelect, Popover, SegmentedControl, Tooltip } from '@mantine/core';
import {
  IconArrowBackUp,
  IconChevronLeft,
  IconChevronRight,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import { serverNow } from '../../api/clock';
import type { Twin, TwinHistory } from '../../api/client';
import { twinHistory } from '../../api/queries';
import { Empty } from '../../parts/Empty';
import { count, duration, fields } from '../../parts/format';
import { InstantInput, useInstantText } from '../../parts/InstantInput';
import { ProblemNote } from '../../parts/Problem';
import { Time, useNow } from '../../parts/Time';
import { MARK_KINDS, RANGES, type MarkKind, type Range } from '../../router';
import { useZone } from '../../session/zone';
import { Connection } from '../live/Connection';
import { written } from '../live/cloud-event';
import { useLiveStream } from '../live/use-live-stream';
import HistoryChart, { colourOf } from './HistoryChart';
import { MarkDrawer, MarkList } from './MarkList';
import { inWindow, type Mark } from './marks';
import { ticks } from './live-values';
import { DEFAULT_RANGE, panned, pollMs, RANGE_LABELS, windowOf, zoomed, type Window } from './ranges';
import { aligned, asTable, summary, withTail, type Summary, type Tick } from './series';
import { rangeText, type Drawn } from './scales';
import { keyNames, unitText, type ThingModel } from './thing-model';
import { useMarks } from './use-marks';

const route = getRouteApi('/app/p/$pilot/twins/$twin');
const MOST = 4;
const TABLE_PARTS = 24;

interface Props {
  pilot: string;
  twin: Twin;
  model: ThingModel | undefined;
}

export function Charts({ pilot, twin, model }: Props) {
  const search = route.useSearch();
  const chartable = useMemo(() => {
    const numbers = (model?.properties ?? [])
      .filter(({ type }) => type === 'number' || type === 'integer')
      .map(({ name }) => name);
    const reported = Object.keys(twin.properties)
      .filter((name) => typeof twin.properties[name]?.value === 'number' && !numbers.includes(name))
      .sort();
    return [...numbers, ...reported];
  }, [model, twin.properties]);
  const first = keyNames(model, twin.properties)[0] ?? chartable[0];
  // a new list each time would start the chart anew with every reading of the twin
  const wanted = (search.property ?? (first === undefined ? [] : [first])).join('\n');
  const properties = useMemo(() => (wanted === '' ? [] : wanted.split('\n')), [wanted]);
  if (chartable.length === 0 && properties.length === 0) {
    return (
      <Empty title="There is nothing to draw">
        A chart needs a property that is a number; this twin has reported none so far.
      </Empty>
    );
  }
  return <Chart pilot={pilot} twin={twin} model={model} properties={properties} chartable={chartable} />;
}

interface Room extends Props {
  properties: string[];
  chartable: string[];
}

const KEPT_EVENTS = 400;

const NO_TICKS: Tick[] = [];

/** Says whether the stream is there, and hands on what it brings: the end of the line until the next answer. */
function Tail({
  pilot,
  twin,
  properties,
  onTicks,
}: {
  pilot: string;
  twin: string;
  properties: string[];
  onTicks: (ticks: Tick[]) => void;
}) {
  const filter = useMemo(() => ({ twin: [twin] }), [twin]);
  const { snapshot } = useLiveStream(pilot, filter, KEPT_EVENTS);
  useEffect(() => {
    onTicks(ticks(snapshot.newest, twin, properties));
  }, [snapshot.newest, twin, properties, onTicks]);
  return <Connection snapshot={snapshot} />;
}

function Chart({ pilot, twin, model, properties, chartable }: Room) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/twins/$twin' });
  const zone = useZone();
  const describedBy = useId();
  const { from, to } = windowOf(search, serverNow());
  const now = useNow(to - from <= 3_600_000 ? 1_000 : 15_000);
  const window = windowOf(search, now);
  const span = window.to - window.from;
  const key = window.follows ? [search.range ?? DEFAULT_RANGE, search.from] : [search.from, search.to];
  const query = useQuery({
    queryKey: ['history', pilot, twin.twin_id, properties, ...key],
    queryFn: ({ signal }) => {
      const asked = windowOf(search, serverNow());
      return twinHistory(pilot, twin.twin_id, { properties, ...asked }, signal);
    },
    placeholderData: keepPreviousData,
    refetchInterval: window.follows ? pollMs(span) : false,
    staleTime: window.follows ? 0 : 30_000,
  });
  const [brought, setBrought] = useState(NO_TICKS);
  const tail = window.follows ? brought : NO_TICKS;
  const history = useMemo(() => {
    if (!query.data) return undefined;
    // the answer's order is the server's; the colours go by what was asked for
    const known = new Map(query.data.series.map((series) => [series.property, series]));
    const ordered: TwinHistory = {
      ...query.data,
      series: properties.map(
        (property) => known.get(property) ?? { property, points: [], truncated: false, unit: null },
      ),
    };
    return withTail(ordered, tail);
  }, [query.data, properties, tail]);
  const data = useMemo(() => (history ? aligned(history) : { x: [], columns: [] }), [history]);
  const unitOf = (property: string, at: number) =>
    unitText(history?.series[at]?.unit ?? model?.properties.find(({ name }) => name === property)?.unit);
  const drawn: Drawn[] = properties.map((property, at) => {
    const info = model?.properties.find(({ name }) => name === property);
    return {
      property,
      unit: unitOf(property, at),
      minimum: info?.minimum ?? null,
      maximum: info?.maximum ?? null,
    };
  });
  const found = useMarks(pilot, twin.twin_id, () => windowOf(search, serverNow()), key);
  const hidden = useMemo(() => new Set(search.hide), [search.hide]);
  const inSight = inWindow(found.marks, window, now);
  const drawnMarks = useKept(
    inSight.filter(({ kind }) => !hidden.has(kind)),
    sameMarks,
  );
  const [active, setActive] = useState<string | null>(null);
  const [chosen, setChosen] = useState<{ key: string } | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const openedMark = opened === null ? null : (found.marks.find(({ key: each }) => each === opened) ?? null);

  const toWindow = (next: Window) =>
    void navigate({
      search: (before) => ({
        ...before,
        from: new Date(next.from).toISOString(),
        to: new Date(next.to).toISOString(),
      }),
    });
  const toRange = (range: Range | undefined) =>
    void navigate({ search: (before) => ({ ...before, range, from: undefined, to: undefined }) });
  const toHide = (kind: MarkKind, hide: boolean) => {
    const next = MARK_KINDS.filter((each) => (each === kind ? hide : hidden.has(each)));
    void navigate({
      search: (before) => ({ ...before, hide: next.length === 0 ? undefined : next }),
      replace: true,
    });
  };
  const reset = () => toRange(search.range);
  const fixed = !window.follows;
  const empty = history !== undefined && history.series.every((series) => series.points.length === 0);
  const titles = new Map(model?.properties.map(({ name, title }) => [name, title ?? name]));

  return (
    <div className="ph-charts">
      <div className="ph-chart-bar">
        <MultiSelect
          size="xs"
          className="ph-chart-properties"
          aria-label={`Properties, up to ${MOST}`}
          placeholder={properties.length < MOST ? 'Compare with…' : undefined}
          searchable
          hidePickedOptions
          maxValues={MOST}
          data={[...new Set([...chartable, ...properties])].map((value) => ({
            value,
            label: titles.get(value) ?? value,
          }))}
          value={properties}
          onChange={(property) => {
            if (property.length > 0)
              void navigate({ search: (before) => ({ ...before, property }), replace: true });
          }}
        />
        <SegmentedControl
          size="xs"
          aria-label="Time range"
          data={RANGES.map((value) => ({ value, label: RANGE_LABELS[value] }))}
          value={fixed || search.from ? '' : (search.range ?? DEFAULT_RANGE)}
          onChange={(value) => toRange(value as Range)}
        />
        <WindowPicker window={window} onPick={toWindow} />
        <Group gap={2} wrap="nowrap">
          <Act label="Earlier" onClick={() => toWindow(panned(window, -0.5, serverNow()))}>
            <IconChevronLeft size={17} />
          </Act>
          <Act label="Later" disabled={!fixed} onClick={() => toWindow(panned(window, 0.5, serverNow()))}>
            <IconChevronRight size={17} />
          </Act>
          <Act label="Zoom in" onClick={() => toWindow(zoomed(window, 0.5, serverNow()))}>
            <IconZoomIn size={17} />
          </Act>
          <Act label="Zoom out" onClick={() => toWindow(zoomed(window, 2, serverNow()))}>
            <IconZoomOut size={17} />
          </Act>
          <Act label="Back to the range that ends now" disabled={!fixed && !search.from} onClick={reset}>
            <IconArrowBackUp size={17} />
          </Act>
        </Group>
        <span className="ph-push">
          {window.follows && (
            <Tail pilot={pilot} twin={twin.twin_id} properties={properties} onTicks={setBrought} />
          )}
        </span>
      </div>
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      <div className="ph-chart-columns">
        <div className="ph-card" data-busy={query.isPlaceholderData || undefined}>
          <div className="ph-chart-over">
            <HistoryChart
              drawn={drawn}
              data={data}
              window={window}
              zone={zone.shown}
              zoneLabel={zone.label}
              onWindow={toWindow}
              onReset={reset}
              now={serverNow}
              describedBy={describedBy}
              marks={drawnMarks}
              active={active}
              onActive={setActive}
              onOpenMarks={(marks) => {
                const newest = marks[marks.length - 1];
                if (marks.length === 1 && newest) setOpened(newest.key);
                else if (newest) setChosen({ key: newest.key });
              }}
            />
            {empty && !query.isPlaceholderData && (
              <p className="ph-chart-nothing">
                No readings in this window.{' '}
                {twin.reported_at && (
                  <>
                    It last reported at <Time at={twin.reported_at} />.
                  </>
                )}
              </p>
            )}
          </div>
          <div
            className="ph-sideways"
            id={describedBy}
            tabIndex={0}
            role="group"
            aria-label="Figures of the window"
          >
            <table className="ph-facts-table ph-figures">
              <thead>
                <tr>
                  <th scope="col">Property</th>
                  {['Lowest', 'Mean', 'Highest', 'Last', 'Range', 'Readings'].map((head) => (
                    <th key={head} scope="col" data-align="right">
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {drawn.map((each, at) => {
                  const { property, unit } = each;
                  const found = history && summary(history.series[at]?.points ?? [], window);
                  const figure = (value: number | null | undefined) =>
                    value == null ? <span className="ph-none">–</span> : `${written(value)} ${unit}`;
                  return (
                    <tr key={property}>
                      <th scope="row">
                        <span className="ph-swatch" style={{ background: colourOf(at) }} />{' '}
                        {titles.get(property) ?? property}
                      </th>
                      <td data-align="right">{figure(found?.min)}</td>
                      <td data-align="right">{figure(found?.avg)}</td>
                      <td data-align="right">{figure(found?.max)}</td>
                      <td data-align="right">{figure(found?.last)}</td>
                      <td data-align="right">
                        {rangeText(each, written) || <span className="ph-none">–</span>}
                        {found && outside(found, each) && <span className="ph-outside"> left</span>}
                      </td>
                      <td data-align="right">{found ? count(found.readings) : '–'}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
          <div className="ph-chart-facts ph-dim">
            <span>
              {fields(window.from, zone.shown).date} {fields(window.from, zone.shown).time} to{' '}
              {fixed ? `${fields(window.to, zone.shown).date} ${fields(window.to, zone.shown).time}` : 'now'}{' '}
              {zone.label}, {duration(span)}
            </span>
            {history && (
              <span>
                {history.step === null
                  ? 'every reading'
                  : `a point sums up ${history.step < 60 ? `${history.step} s` : duration(history.step * 1000)}`}
              </span>
            )}
            {history?.closed_days_until && (
              <span>
                before {fields(Date.parse(history.closed_days_until), zone.shown).date}: from{' '}
                <Link to="/p/$pilot/days" params={{ pilot }}>
                  closed days
                </Link>
              </span>
            )}
            {history?.series.some((series) => series.truncated) && (
              <span className="ph-outside">cut short: zoom in to see every reading</span>
            )}
          </div>
          {history && !empty && <AsTable history={history} window={window} drawn={drawn} />}
        </div>
        <MarkList
          marks={inSight}
          found={found}
          hidden={hidden}
          active={active}
          chosen={chosen}
          onHide={toHide}
          onActive={setActive}
          onOpen={(mark) => setOpened(mark.key)}
        />
      </div>
      <MarkDrawer pilot={pilot} twin={twin.twin_id} mark={openedMark} onClose={() => setOpened(null)} />
    </div>
  );
}

const sameMarks = (a: readonly Mark[], b: readonly Mark[]) =>
  a.length === b.length && a.every((mark, at) => mark === b[at]);

/** The value of before where the new one says the same, so that nothing is laid out anew with each second. */
function useKept<T>(value: T, same: (a: T, b: T) => boolean): T {
  const kept = useRef(value);
  if (!same(kept.current, value)) kept.current = value;
  return kept.current;
}

const outside = ({ min, max }: Summary, { minimum, maximum }: Drawn) =>
  (min !== null && minimum !== null && min < minimum) || (max !== null && maximum !== null && max > maximum);

function Act({
  label,
  children,
  onClick,
  disabled = false,
}: {
  label: string;
  children: ReactNode;
  onClick: () => void;
  disabled?: boolean;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        className="ph-quiet"
        aria-label={label}
        onClick={onClick}
        disabled={disabled}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function WindowPicker({ window, onPick }: { window: Window; onPick: (window: Window) => void }) {
  const { textOf, isoOf } = useInstantText();
  const [opened, setOpened] = useState(false);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const start = isoOf(from);
  const end = isoOf(to);
  const right = start !== undefined && end !== undefined && Date.parse(start) < Date.parse(end);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom" trapFocus shadow="md" withinPortal>
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            setFrom(textOf(window.from));
            setTo(textOf(window.to));
            setOpened((before) => !before);
          }}
        >
          From, to…
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="A fixed time range">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!right) return;
            onPick({ from: Date.parse(start), to: Date.parse(end) });
            setOpened(false);
          }}
        >
          <InstantInput label="From" value={from} onChange={setFrom} autoFocus />
          <InstantInput label="To" value={to} onChange={setTo} />
          {start !== undefined && end !== undefined && !right && (
            <p className="ph-field-error">It ends before it begins.</p>
          )}
          <Group justify="flex-end" mt="sm">
            <Button type="submit" disabled={!right}>
              Show
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

function AsTable({ history, window, drawn }: { history: TwinHistory; window: Window; drawn: Drawn[] }) {
  const zone = useZone();
  const [opened, setOpened] = useState(false);
  const rows = useMemo(
    () => (opened ? asTable(history, window, TABLE_PARTS) : []),
    [opened, history, window.from, window.to],
  );
  return (
    <details className="ph-details" onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>As a table</summary>
      <div className="ph-details-scroll" tabIndex={0} role="group" aria-label="The chart as a table">
        <table className="ph-facts-table">
          <thead>
            <tr>
              <th scope="col">From, {zone.label}</th>
              {drawn.map(({ property, unit }) => (
                <th key={property} scope="col" data-align="right">
                  {property} <span className="ph-unit">{unit}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.from}>
                <td className="ph-num ph-nowrap">
                  {fields(row.from, zone.shown).date} {fields(row.from, zone.shown).time}
                </td>
                {row.summaries.map((found, at) => (
                  <td key={at} data-align="right" className="ph-num">
                    {found.avg === null ? (
                      <span className="ph-none">no readings</span>
                    ) : (
                      <>
                        {written(found.avg)}{' '}
                        <span className="ph-dim">
                          ({written(found.min)} to {written(found.max)})
                        </span>
                      </>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
