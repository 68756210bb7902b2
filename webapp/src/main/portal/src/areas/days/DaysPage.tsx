import './days.css';
import { ActionIcon, Button, SegmentedControl, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCalendarPlus, IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import type { Dump } from '../../api/client';
import { backfillsQuery, dumpsQuery, pilotQuery } from '../../api/queries';
import { Command } from '../../parts/Copy';
import { DataTable, type Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { actorText, count, duration, fields } from '../../parts/format';
import { PageHead } from '../../parts/PageHead';
import { ProblemNote } from '../../parts/Problem';
import { Time, useNow } from '../../parts/Time';
import { MOST_MONTHS, type DaysSearch } from '../../router';
import { mayCloseDays } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { CloseNow, CloseRange } from './acts';
import { Backfills } from './Backfills';
import { Calendar } from './Calendar';
import {
  addDays,
  addMonths,
  firstDay,
  lastDay,
  monthName,
  monthOf,
  monthsBetween,
  monthsOf,
  shortName,
} from './calendar';
import { DayGlyph } from './DayGlyph';
import { HowItWorks } from './HowItWorks';
import { fits, Legend } from './Legend';
import { Policy } from './Policy';
import { RowsChart } from './RowsChart';
import { closeReason, correctionsOf, isClosed, LOOK_WORDS, lookOf, plural } from './words';

const route = getRouteApi('/app/p/$pilot/days');
const USUAL_MONTHS = 3;
const SPANS = [1, 3, 6, 12];

/** A pilot's days and where each stands. */
export function DaysPage() {
  const { pilot } = route.useParams();
  const facts = useQuery(pilotQuery(pilot));
  const zone = facts.data?.value.time_zone;
  return (
    <div className="ph-page-scroll">
      {facts.error && !facts.data && (
        <>
          <PageHead title="Closed days" />
          <ProblemNote error={facts.error} onRetry={() => void facts.refetch()} />
        </>
      )}
      {zone === undefined && !facts.error && (
        <>
          <PageHead title="Closed days" />
          <p className="ph-waiting">Loading…</p>
        </>
      )}
      {zone !== undefined && (
        <Days
          key={pilot}
          pilot={pilot}
          zone={zone}
          federated={facts.data?.value.storage.model === 'federated'}
        />
      )}
    </div>
  );
}

function Days({ pilot, zone, federated }: { pilot: string; zone: string; federated: boolean }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/days' });
  const session = useSession();
  const today = fields(useNow(30_000), zone).date;
  // on a telephone months stand below each other: the newest is the one that is looked at
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const [pointed, setPointed] = useState<string | null>(null);
  const [dialog, setDialog] = useState<'range' | 'yesterday' | 'guide' | null>(null);
  const to = search.to ?? monthOf(today);
  const from = search.from ?? addMonths(to, 1 - USUAL_MONTHS);
  const months = useMemo(() => monthsOf(from, to), [from, to]);
  const query = useQuery({
    ...dumpsQuery(pilot, firstDay(from), lastDay(to)),
    placeholderData: keepPreviousData,
  });
  const ranges = useQuery(backfillsQuery(pilot));
  const items = useMemo(
    // while another range is loaded, what is known of the one before is not taken for its days
    () => (query.data ?? []).filter(({ date }) => date >= firstDay(from) && date <= lastDay(to)),
    [query.data, from, to],
  );
  const days = useMemo(() => new Map(items.map((dump) => [dump.date, dump])), [items]);
  const quiet = useCallback((dump: Dump) => !fits(dump, search.show), [search.show]);
  // all of it at once, so that nothing that is read moves when the rest comes
  const settled = query.data !== undefined && !ranges.isPending;
  const may = mayCloseDays(session) && !federated;
  const closing = ranges.data?.some(({ state }) => state === 'running') ?? false;
  const never = query.data !== undefined && items.length > 0 && items.every(({ revision }) => revision === 0);
  const yesterday = addDays(today, -1);
  const openYesterday = days.get(yesterday)?.state === 'open';
  const missed = items.filter(({ missed: is }) => is).map(({ date }) => date);

  const change = (next: DaysSearch) => void navigate({ search: (before) => ({ ...before, ...next }) });
  const span = monthsBetween(from, to) + 1;
  const goTo = (last: string, howMany: number) => {
    const usual = last === monthOf(today) && howMany === USUAL_MONTHS;
    change({ from: usual ? undefined : addMonths(last, 1 - howMany), to: usual ? undefined : last });
  };

  return (
    <>
      <PageHead
        title="Closed days"
        note={
          <>
            by the clock of {zone} ·{' '}
            <button type="button" className="ph-text-button" onClick={() => setDialog('guide')}>
              how it works
            </button>
          </>
        }
      >
        <Policy pilot={pilot} />
        {may && (
          <Button
            leftSection={<IconCalendarPlus size={15} />}
            disabled={closing}
            onClick={() => setDialog('range')}
          >
            Close a range…
          </Button>
        )}
      </PageHead>
      {federated && (
        <div className="ph-standing" role="status">
          <span>
            This pilot’s storage is federated: its bulk data stays at its own endpoint, and its days are not
            closed at the centre. Days that were closed before stay readable.
          </span>
        </div>
      )}
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      <div className="ph-days-bar">
        <div className="ph-days-move">
          <Move label="Earlier" onClick={() => goTo(addMonths(to, -span), span)}>
            <IconChevronLeft size={17} />
          </Move>
          <h2 className="ph-days-range">
            {from === to
              ? monthName(to)
              : from.slice(0, 4) === to.slice(0, 4)
                ? `${monthName(from).slice(0, -5)} – ${monthName(to)}`
                : `${monthName(from)} – ${monthName(to)}`}
          </h2>
          <Move
            label="Later"
            disabled={to >= monthOf(today)}
            onClick={() => {
              const next = addMonths(to, span);
              goTo(next > monthOf(today) ? monthOf(today) : next, span);
            }}
          >
            <IconChevronRight size={17} />
          </Move>
          {to !== monthOf(today) && (
            <Button size="compact-xs" variant="default" onClick={() => goTo(monthOf(today), span)}>
              Today
            </Button>
          )}
        </div>
        <SegmentedControl
          size="xs"
          aria-label="How many months"
          value={SPANS.includes(span) ? String(span) : ''}
          data={SPANS.map((each) => ({
            value: String(each),
            label: each === 1 ? '1 month' : String(each),
          }))}
          onChange={(value) => goTo(to, Math.min(MOST_MONTHS, Number(value)))}
        />
        <span className="ph-push" />
        <SegmentedControl
          size="xs"
          aria-label="How the days are shown"
          value={search.view ?? 'calendar'}
          data={[
            { value: 'calendar', label: 'Calendar' },
            { value: 'list', label: 'List' },
          ]}
          onChange={(value) => change({ view: value === 'list' ? 'list' : undefined })}
        />
      </div>
      {!settled && !query.error && <p className="ph-waiting">Loading…</p>}
      {settled && (
        <>
          <Backfills pilot={pilot} may={may} />
          {never ? (
            <Never
              pilot={pilot}
              yesterday={yesterday}
              federated={federated}
              onGuide={() => setDialog('guide')}
            />
          ) : (
            <section className="ph-card ph-days-summary" aria-label="Rows a day">
              <Totals items={items}>
                {openYesterday && (
                  <Total label={shortName(yesterday)}>
                    open
                    {may && <Do onClick={() => setDialog('yesterday')}>close it now…</Do>}
                  </Total>
                )}
                {missed.length > 0 && (
                  <Total label="Missed">
                    {plural(missed.length, 'day')}
                    {may && !closing && <Do onClick={() => setDialog('range')}>close them…</Do>}
                  </Total>
                )}
              </Totals>
              <RowsChart
                pilot={pilot}
                first={firstDay(from)}
                last={lastDay(to)}
                days={days}
                quiet={quiet}
                pointed={pointed}
                onPoint={setPointed}
              />
            </section>
          )}
          <Legend days={items} show={search.show} onChange={(show) => change({ show })} />
          {search.view === 'list' ? (
            <DayList pilot={pilot} items={items} quiet={quiet} />
          ) : (
            <Calendar
              pilot={pilot}
              months={narrow ? months.toReversed() : months}
              days={days}
              today={today}
              quiet={quiet}
              onPoint={setPointed}
            />
          )}
        </>
      )}
      <CloseRange
        pilot={pilot}
        today={today}
        begin={{ from: missed[0] ?? addDays(today, -7), to: missed[missed.length - 1] ?? yesterday }}
        opened={dialog === 'range'}
        onClose={() => setDialog(null)}
      />
      <CloseNow
        pilot={pilot}
        date={yesterday}
        opened={dialog === 'yesterday'}
        onClose={() => setDialog(null)}
      />
      <HowItWorks
        pilot={pilot}
        example={yesterday}
        opened={dialog === 'guide'}
        onClose={() => setDialog(null)}
      />
    </>
  );
}

function Move({
  label,
  disabled = false,
  onClick,
  children,
}: {
  label: string;
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        className="ph-quiet"
        aria-label={label}
        disabled={disabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function Totals({ items, children }: { items: readonly Dump[]; children: ReactNode }) {
  const closed = items.filter(isClosed);
  const sum = (of: (dump: Dump) => number) => items.reduce((total, dump) => total + of(dump), 0);
  return (
    <dl className="ph-line-facts ph-days-totals ph-num">
      <Total label="Closed">
        {count(closed.length)} of {plural(items.length, 'day')}
      </Total>
      <Total label="Rows">{count(sum(({ day_rows }) => day_rows))}</Total>
      <Total label="Late waiting">{count(sum(({ late_waiting }) => late_waiting))}</Total>
      <Total label="Rejects waiting">{count(sum(({ rejects_waiting }) => rejects_waiting))}</Total>
      {children}
    </dl>
  );
}

function Total({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Do({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <button type="button" className="ph-text-button" onClick={onClick}>
      {children}
    </button>
  );
}

function Never({
  pilot,
  yesterday,
  federated,
  onGuide,
}: {
  pilot: string;
  yesterday: string;
  federated: boolean;
  onGuide: () => void;
}) {
  return (
    <section className="ph-card ph-days-never" aria-label="Nothing is closed yet">
      <Empty
        title="No day of this time is closed yet"
        action={
          <div className="ph-empty-ways">
            {!federated && <Command text={`./pilothouse ctl dumps run ${pilot} ${yesterday}`} />}
            <Button variant="default" onClick={onGuide}>
              How closed days work
            </Button>
          </div>
        }
      >
        A closed day is all of a pilot’s telemetry of that day as sorted Parquet files with a manifest:
        complete, or not there. Days close by themselves in the night; one that is over can be closed at once.
      </Empty>
    </section>
  );
}

const dateOf = (dump: Dump) => dump.date;

function DayList({
  pilot,
  items,
  quiet,
}: {
  pilot: string;
  items: readonly Dump[];
  quiet: (dump: Dump) => boolean;
}) {
  const navigate = useNavigate({ from: '/p/$pilot/days' });
  const zone = useZone();
  const rows = useMemo(() => items.filter((dump) => !quiet(dump)).toReversed(), [items, quiet]);
  const columns = useMemo<Column<Dump>[]>(
    () => [
      { id: 'date', header: 'Day', width: '120px', narrow: '112px', main: true, value: (row) => row.date },
      {
        id: 'state',
        header: 'State',
        width: '190px',
        narrow: 'auto',
        value: (row) => LOOK_WORDS[lookOf(row)].name,
        cell: (row) => (
          <span className="ph-state">
            <DayGlyph look={lookOf(row)} corrections={correctionsOf(row)} />
            {LOOK_WORDS[lookOf(row)].name}
          </span>
        ),
      },
      number('rows', 'Rows', (row) => row.day_rows),
      { ...number('late', 'Late', (row) => row.late), from: 'tablet' },
      { ...number('rejected', 'Rejected', (row) => row.rejected), from: 'tablet' },
      { ...number('repeats', 'Repeats', (row) => row.repeats), from: 'desktop' },
      { ...number('waiting', 'Late waiting', (row) => row.late_waiting), from: 'tablet', width: '116px' },
      {
        id: 'why',
        header: 'Closed, because',
        width: '280px',
        hidden: true,
        value: (row) => (row.close_reason === null ? null : closeReason(row.close_reason)),
      },
      {
        id: 'finished',
        header: 'Closed',
        unit: zone.label,
        width: '190px',
        from: 'tablet',
        value: (row) => row.finished_at,
        cell: (row) => (row.finished_at ? <Time at={row.finished_at} /> : <span className="ph-none">–</span>),
      },
      {
        id: 'took',
        header: 'Took',
        width: '90px',
        align: 'right',
        from: 'desktop',
        value: (row) => took(row),
        cell: (row) => <span className="ph-num">{took(row) ?? <span className="ph-none">–</span>}</span>,
      },
      {
        id: 'by',
        header: 'By',
        width: '130px',
        hidden: true,
        value: (row) => (row.requested_by === null ? null : actorText(row.requested_by)),
      },
    ],
    [zone.label],
  );
  return (
    <div className="ph-days-list">
      <DataTable
        label="Days"
        rows={rows}
        rowKey={dateOf}
        columns={columns}
        csvName={`${pilot}-days`}
        onOpen={(row) =>
          void navigate({ to: '/p/$pilot/days/$date', params: { pilot, date: row.date }, search: {} })
        }
        empty={<Empty title="No day fits the filter">The filter above leaves all of them out.</Empty>}
      />
    </div>
  );
}

function number(id: string, header: string, of: (row: Dump) => number): Column<Dump> {
  return {
    id,
    header,
    width: '104px',
    align: 'right',
    value: of,
    cell: (row) => <span className="ph-num">{row.revision === 0 ? '–' : count(of(row))}</span>,
  };
}

function took({ created_at, finished_at }: Dump): string | null {
  return created_at && finished_at ? duration(Date.parse(finished_at) - Date.parse(created_at)) : null;
}
