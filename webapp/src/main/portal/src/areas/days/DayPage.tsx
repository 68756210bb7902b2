import './days.css';
import { ActionIcon, Button, Progress, Tabs, Tooltip } from '@mantine/core';
import {
  IconChevronLeft,
  IconChevronRight,
  IconFileExport,
  IconPlayerStop,
  IconRefresh,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { Dump, DumpPartition } from '../../api/client';
import { dumpDayQuery, dumpPolicyQuery, dumpRevisionQuery, dumpsQuery } from '../../api/queries';
import { Command } from '../../parts/Copy';
import { DetailTabs } from '../../parts/DetailTabs';
import { Empty } from '../../parts/Empty';
import { actorText, barValue, count, duration, fields } from '../../parts/format';
import { PageHead } from '../../parts/PageHead';
import { ProblemNote } from '../../parts/Problem';
import { Ago, Time, useNow } from '../../parts/Time';
import { DAY_TABS, type DayTab } from '../../router';
import { mayCloseDays } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { CancelRun, CloseNow, Correct, Restart } from './acts';
import { addDays, dateName, isDate, longName } from './calendar';
import { DayGlyph } from './DayGlyph';
import { FilesTab } from './FilesTab';
import { LogTab } from './LogTab';
import { ManifestTab } from './ManifestTab';
import { PartitionsTab } from './PartitionsTab';
import { RejectsTab } from './RejectsTab';
import {
  closeReason,
  correctionsOf,
  foundNothing,
  isClosed,
  LOOK_WORDS,
  lookOf,
  missingOf,
  oddLength,
  plural,
  policyText,
  progressText,
  shareOf,
  stepText,
  type Look,
} from './words';

const route = getRouteApi('/app/p/$pilot/days/$date');

const TAB_NAMES: Record<DayTab, string> = {
  partitions: 'Partitions',
  files: 'Files',
  rejects: 'Rejects',
  manifest: 'Manifest',
  log: 'Log',
};

type Dialog = 'close' | 'restart' | 'cancel' | 'correct' | 'redrive';

/** One day: its revisions, and of the chosen one how it went and what it has. */
export function DayPage() {
  const { pilot, date } = route.useParams();
  const known = isDate(date);
  const day = useQuery({ ...dumpDayQuery(pilot, date), enabled: known });
  const absent = !known || day.data === null;
  return (
    <div className="ph-page-scroll">
      {absent && (
        <>
          <PageHead title={known ? longName(date) : date} note={<AllDays pilot={pilot} date={date} />} />
          <Empty title={known ? 'There is nothing of that day' : 'That is no day'}>
            {known
              ? 'It is still to come, or it lies before the pilot was there.'
              : 'A day is written like 2026-01-31.'}
          </Empty>
        </>
      )}
      {!absent && (
        <>
          {day.error && !day.data && (
            <>
              <PageHead title={longName(date)} note={<AllDays pilot={pilot} date={date} />} />
              <ProblemNote error={day.error} onRetry={() => void day.refetch()} />
            </>
          )}
          {day.isPending && !day.error && (
            <>
              <PageHead title={longName(date)} note={<AllDays pilot={pilot} date={date} />} />
              <p className="ph-waiting">Loading…</p>
            </>
          )}
          {day.data && day.data.revisions.length === 0 && (
            <OpenDay key={date} pilot={pilot} date={date} interval={day.data.interval} />
          )}
          {day.data && day.data.revisions.length > 0 && (
            <ClosedDay
              key={date}
              pilot={pilot}
              date={date}
              revisions={day.data.revisions}
              newestPartitions={day.data.partitions}
            />
          )}
        </>
      )}
    </div>
  );
}

function AllDays({ pilot, date }: { pilot: string; date: string }) {
  return (
    <span className="ph-day-nav">
      {isDate(date) && (
        <Step
          pilot={pilot}
          date={addDays(date, -1)}
          label="The day before"
          icon={<IconChevronLeft size={16} />}
        />
      )}
      <Link className="ph-link" to="/p/$pilot/days" params={{ pilot }} search={{}}>
        All days
      </Link>
      {isDate(date) && (
        <Step
          pilot={pilot}
          date={addDays(date, 1)}
          label="The day after"
          icon={<IconChevronRight size={16} />}
        />
      )}
    </span>
  );
}

function Step({ pilot, date, label, icon }: { pilot: string; date: string; label: string; icon: ReactNode }) {
  const search = route.useSearch();
  return (
    <Tooltip label={`${label}, ${dateName(date)}`}>
      <ActionIcon
        component={Link}
        {...({ to: '/p/$pilot/days/$date', params: { pilot, date }, search: { tab: search.tab } } as object)}
        variant="subtle"
        color="gray"
        size="sm"
        className="ph-quiet"
        aria-label={label}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

function OpenDay({ pilot, date, interval }: { pilot: string; date: string; interval: Dump['interval'] }) {
  const session = useSession();
  const now = useNow();
  const zone = useZone();
  const [closing, setClosing] = useState(false);
  const list = useQuery(dumpsQuery(pilot, date, date)).data;
  const listed = list?.[0];
  // days of the time before the pilot are told of only where somebody has closed them
  const before = list !== undefined && listed === undefined;
  const over = Date.parse(interval.end) <= now;
  const look = listed?.missed ? 'missed' : 'open';
  return (
    <>
      <PageHead title={longName(date)} note={<AllDays pilot={pilot} date={date} />}>
        {over && mayCloseDays(session) && (
          <Button onClick={() => setClosing(true)}>Close this day now…</Button>
        )}
      </PageHead>
      <dl className="ph-line-facts ph-day-facts">
        <StateFact look={look} />
        <IntervalFact interval={interval} />
      </dl>
      <section className="ph-card" aria-label="Not closed">
        <Empty
          title={openTitle(over, look === 'missed', before)}
          action={over ? <Command text={`./pilothouse ctl dumps run ${pilot} ${date}`} /> : undefined}
        >
          {!over && (
            <>
              It ends at <Time at={interval.end} /> {zone.label}, and closes by itself in the night.
            </>
          )}
          {over &&
            (before
              ? 'Nobody closes it by itself. What telemetry of it was brought in afterwards can be written.'
              : look === 'missed'
                ? 'Its deadline has passed. It can be closed for as long as the backbone keeps its telemetry; what is gone by then is named in its manifest.'
                : 'It closes by itself as soon as every partition has told of later times, or is silent, and at its deadline at the latest.')}
        </Empty>
      </section>
      <CloseNow pilot={pilot} date={date} opened={closing} onClose={() => setClosing(false)} />
    </>
  );
}

function openTitle(over: boolean, missed: boolean, before: boolean): string {
  if (!over) return 'The day is not over';
  if (before) return 'The pilot was not there yet';
  return missed ? 'Nobody has closed this day' : 'It is over, and closes soon';
}

function StateFact({ look, corrections = 0, what }: { look: Look; corrections?: number; what?: string }) {
  return (
    <div>
      <dt className="ph-hidden">State</dt>
      <dd title={LOOK_WORDS[look].means}>
        <span className="ph-state">
          <DayGlyph look={look} corrections={corrections} size={14} />
          <strong>{what ?? LOOK_WORDS[look].name}</strong>
        </span>
      </dd>
    </div>
  );
}

function IntervalFact({ interval }: { interval: Dump['interval'] }) {
  const zone = useZone();
  const odd = oddLength(interval);
  const end = fields(Date.parse(interval.end), zone.shown);
  return (
    <div>
      <dt>Events from</dt>
      <dd className="ph-num ph-day-interval">
        <span className="ph-nowrap">
          <Time at={interval.start} />
        </span>{' '}
        to{' '}
        <span className="ph-nowrap" title={interval.end}>
          {end.date} {end.time}
        </span>{' '}
        <span className="ph-dim">{zone.label}</span>
        {odd && (
          <span className="ph-tag" data-grave>
            {odd.hours}: {odd.why}
          </span>
        )}
      </dd>
    </div>
  );
}

function ClosedDay({
  pilot,
  date,
  revisions,
  newestPartitions,
}: {
  pilot: string;
  date: string;
  revisions: readonly Dump[];
  newestPartitions: readonly DumpPartition[];
}) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/days/$date' });
  const session = useSession();
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const newest = revisions[0] as Dump;
  const wanted = search.revision === undefined ? newest.revision : Number(search.revision);
  const chosen = revisions.find(({ revision }) => revision === wanted);
  const detail = useQuery({ ...dumpRevisionQuery(pilot, date, wanted), enabled: chosen !== undefined });
  // of the two answers, the one that was asked for last is nearer to the truth
  const dump = detail.data && chosen?.state === detail.data.dump.state ? detail.data.dump : chosen;
  const partitions = detail.data?.partitions ?? [];
  const running = dump?.state === 'running';
  const may = mayCloseDays(session);
  const tab = search.tab ?? 'partitions';
  const state = newest.state;
  const before = useRef(state);
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    // what a run leaves behind is there when it has ended, and not before
    void queries.invalidateQueries({ queryKey: ['dump', pilot, date] });
    void queries.invalidateQueries({ queryKey: ['dumps', pilot] });
  }, [queries, pilot, date, state]);

  const close = () => setDialog(null);
  const readable = state === 'complete' || state === 'incomplete';

  return (
    <>
      <PageHead title={longName(date)} note={<AllDays pilot={pilot} date={date} />}>
        {isClosed(newest) && (
          <Button
            component={Link}
            {...({ to: '/p/$pilot/jobs/new', params: { pilot }, search: { from: date, to: date } } as object)}
            variant="default"
            leftSection={<IconFileExport size={15} />}
          >
            Export this day…
          </Button>
        )}
        {may && (
          <>
            {newest.cancellable && (
              <Button
                variant="default"
                leftSection={<IconPlayerStop size={15} />}
                onClick={() => setDialog('cancel')}
              >
                Cancel…
              </Button>
            )}
            {state === 'failed' && (
              <Button leftSection={<IconRefresh size={15} />} onClick={() => setDialog('restart')}>
                Restart what failed…
              </Button>
            )}
            {readable && newest.rejects_waiting > 0 && (
              <Button variant="default" onClick={() => setDialog('redrive')}>
                Redrive {plural(newest.rejects_waiting, 'reject')}…
              </Button>
            )}
            {readable && (
              <Button
                variant={newest.late_waiting > 0 ? 'filled' : 'default'}
                onClick={() => setDialog('correct')}
              >
                Make a correction…
              </Button>
            )}
          </>
        )}
      </PageHead>
      {!dump && (
        <Empty
          title={`There is no revision ${count(wanted)} of this day`}
          action={
            <Button
              component={Link}
              {...({ to: '/p/$pilot/days/$date', params: { pilot, date }, search: {} } as object)}
              variant="default"
            >
              To the newest
            </Button>
          }
        >
          Its newest is {count(newest.revision)}.
        </Empty>
      )}
      {dump && (
        <>
          <Facts dump={dump} revisions={revisions} />
          <Standing dump={dump} partitions={partitions} />
          <Timeline pilot={pilot} date={date} revisions={revisions} chosen={dump.revision} />
          {detail.error && !detail.data && (
            <ProblemNote error={detail.error} onRetry={() => void detail.refetch()} />
          )}
          <DetailTabs
            tabs={DAY_TABS}
            names={TAB_NAMES}
            value={tab}
            onChange={(next) =>
              void navigate({
                search: (now) => ({ ...now, tab: next === 'partitions' ? undefined : next }),
              })
            }
          >
            <Tabs.Panel value="partitions">
              {detail.data ? (
                <PartitionsTab dump={dump} partitions={partitions} />
              ) : (
                !detail.error && <p className="ph-waiting">Loading…</p>
              )}
            </Tabs.Panel>
            <Tabs.Panel value="files">
              {detail.data ? (
                <FilesTab pilot={pilot} dump={dump} parts={detail.data.parts} revisions={revisions} />
              ) : (
                !detail.error && <p className="ph-waiting">Loading…</p>
              )}
            </Tabs.Panel>
            <Tabs.Panel value="rejects">
              <RejectsTab key={dump.revision} pilot={pilot} dump={dump} />
            </Tabs.Panel>
            <Tabs.Panel value="manifest">
              <ManifestTab key={dump.revision} pilot={pilot} dump={dump} />
            </Tabs.Panel>
            <Tabs.Panel value="log">
              <LogTab key={dump.revision} pilot={pilot} dump={dump} running={running} />
            </Tabs.Panel>
          </DetailTabs>
        </>
      )}
      <Restart
        pilot={pilot}
        dump={newest}
        partitions={newestPartitions}
        opened={dialog === 'restart'}
        onClose={close}
      />
      <CancelRun
        pilot={pilot}
        dump={newest}
        partitions={newestPartitions}
        opened={dialog === 'cancel'}
        onClose={close}
      />
      <Correct
        pilot={pilot}
        dump={newest}
        redrive={dialog === 'redrive'}
        opened={dialog === 'correct' || dialog === 'redrive'}
        onClose={close}
      />
    </>
  );
}

function Facts({ dump, revisions }: { dump: Dump; revisions: readonly Dump[] }) {
  const newest = revisions[0] as Dump;
  const isNewest = dump.revision === newest.revision;
  const look = lookOf(isNewest ? dump : { ...dump, day_incomplete: false });
  const corrections = isNewest ? correctionsOf(dump) : 0;
  return (
    <dl className="ph-line-facts ph-day-facts">
      <StateFact
        look={isNewest ? look : look === 'corrected' ? 'complete' : look}
        corrections={corrections}
        what={foundNothing(dump) ? 'nothing to correct' : undefined}
      />
      <div>
        <dt>Revision</dt>
        <dd className="ph-num">
          {count(dump.revision)} of {count(newest.revision)}
          {dump.amends && <span className="ph-dim">amends {count(dump.amends.revision)}</span>}
        </dd>
      </div>
      <div>
        <dt>Rows</dt>
        <dd className="ph-num">
          {count(dump.rows)}
          {revisions.length > 1 && <span className="ph-dim">of {count(dump.day_rows)} of the day</span>}
        </dd>
      </div>
      <div>
        <dt>Late</dt>
        <dd className="ph-num">{count(dump.late)}</dd>
      </div>
      <div>
        <dt>Rejected</dt>
        <dd className="ph-num">{count(dump.rejected)}</dd>
      </div>
      <div>
        <dt>Repeats</dt>
        <dd className="ph-num">{count(dump.repeats)}</dd>
      </div>
      {dump.redrive_rejects && (
        <div>
          <dt>Redriven</dt>
          <dd className="ph-num">{count(dump.redriven)}</dd>
        </div>
      )}
      <IntervalFact interval={dump.interval} />
      {dump.close_reason && (
        <div>
          <dt>Closed, because</dt>
          <dd>{closeReason(dump.close_reason)}</dd>
        </div>
      )}
      {dump.frozen_at && (
        <div>
          <dt>Frozen</dt>
          <dd title="When it was decided which offsets are read">
            <Time at={dump.frozen_at} />
          </dd>
        </div>
      )}
      {dump.requested_by && (
        <div>
          <dt>Asked for by</dt>
          <dd>{dump.requested_by === 'platform' ? 'the platform itself' : actorText(dump.requested_by)}</dd>
        </div>
      )}
      {dump.created_at && dump.finished_at && (
        <div>
          <dt>Took</dt>
          <dd className="ph-num">
            {duration(Date.parse(dump.finished_at) - Date.parse(dump.created_at))}
            {dump.attempts > 1 && <span className="ph-dim">in {count(dump.attempts)} attempts</span>}
          </dd>
        </div>
      )}
    </dl>
  );
}

/** How far it is, why it ended, or what it lacks. */
function Standing({ dump, partitions }: { dump: Dump; partitions: readonly DumpPartition[] }) {
  switch (dump.state) {
    case 'running':
      return (
        <div className="ph-standing" role="status">
          <div className="ph-standing-line">
            <span>
              {stepText(dump.step)}
              {dump.attempts > 1 && <span className="ph-dim">, attempt {count(dump.attempts)}</span>}
            </span>
            <span className="ph-num">{progressText(dump)}</span>
          </div>
          <Progress value={barValue(shareOf(dump))} size="sm" aria-label="Records that are read" />
        </div>
      );
    case 'failed': {
      const cancelled = dump.failure?.code === 'cancelled';
      const done = partitions.filter(({ state }) => state === 'done').length;
      return (
        <div className="ph-standing" data-kind={cancelled ? 'slow' : 'away'} role="status">
          <strong>
            {cancelled ? 'It was cancelled' : `It failed in attempt ${count(dump.attempts)}`}
            {dump.finished_at && (
              <>
                {', '}
                <Ago at={dump.finished_at} />
              </>
            )}
          </strong>
          {dump.failure && !cancelled && (
            <span>
              {dump.failure.detail} <code>{dump.failure.code}</code>
            </span>
          )}
          {partitions.length > 0 && (
            <span className="ph-dim">
              {count(done)} of {plural(partitions.length, 'partition')} {done === 1 ? 'is' : 'are'} written
              and kept; a restart reads the others from the same offsets.
            </span>
          )}
        </div>
      );
    }
    case 'incomplete': {
      const lacking = partitions.filter(({ missing }) => missing.length > 0);
      const offsets = lacking.reduce((sum, each) => sum + missingOf(each), 0);
      return (
        <div className="ph-standing" data-kind="slow" role="status">
          <strong>
            {lacking.length === 0
              ? 'The backbone no longer had all of it'
              : `The backbone no longer had ${plural(offsets, 'offset')} of ${plural(lacking.length, 'partition')}`}
          </strong>
          <span className="ph-dim">
            What is missing is named below, in the manifest and in the tags of the pointer. All else of the
            day is there.
          </span>
        </div>
      );
    }
    case 'open':
    case 'complete':
      return null;
  }
}

/** The revisions of the day in their order, and what waits for the next. */
function Timeline({
  pilot,
  date,
  revisions,
  chosen,
}: {
  pilot: string;
  date: string;
  revisions: readonly Dump[];
  chosen: number;
}) {
  const search = route.useSearch();
  const policy = useQuery(dumpPolicyQuery(pilot));
  const newest = revisions[0] as Dump;
  const waiting = newest.late_waiting;
  if (revisions.length === 1 && waiting === 0 && newest.rejects_waiting === 0) return null;
  return (
    <nav className="ph-revisions" aria-label="Revisions of the day">
      <ol>
        {revisions.toReversed().map((each) => (
          <li key={each.revision} data-chosen={each.revision === chosen || undefined}>
            <Link
              to="/p/$pilot/days/$date"
              params={{ pilot, date }}
              search={{
                tab: search.tab,
                revision: each.revision === newest.revision ? undefined : String(each.revision),
              }}
              aria-current={each.revision === chosen ? 'page' : undefined}
            >
              <span className="ph-revision-name">
                <DayGlyph
                  look={lookOf({
                    ...each,
                    revision: Math.min(1, each.revision),
                    amends: null,
                    day_incomplete: false,
                  })}
                />
                {each.revision === 1 ? 'The day' : `Correction ${count(each.revision - 1)}`}
              </span>
              <span className="ph-num">
                {each.state === 'running' && `${Math.floor(shareOf(each) * 100)} %`}
                {each.state === 'failed' && (each.failure?.code === 'cancelled' ? 'cancelled' : 'failed')}
                {(each.state === 'complete' || each.state === 'incomplete') &&
                  (foundNothing(each)
                    ? 'nothing to correct'
                    : `${each.revision > 1 ? '+' : ''}${plural(each.rows, 'row')}`)}
              </span>
              <span className="ph-dim ph-small ph-num">
                <Time at={each.finished_at ?? each.created_at} />
              </span>
            </Link>
          </li>
        ))}
        {(waiting > 0 || newest.rejects_waiting > 0) && (
          <li className="ph-revision-next">
            <span className="ph-revision-name">
              <span className="ph-day-late" aria-hidden>
                +
              </span>
              Waiting
            </span>
            <span className="ph-num">
              {[
                waiting > 0 && `${count(waiting)} late`,
                newest.rejects_waiting > 0 && plural(newest.rejects_waiting, 'reject'),
              ]
                .filter(Boolean)
                .join(', ')}
            </span>
            <span className="ph-dim ph-small">
              {waiting === 0
                ? 'until they are redriven'
                : policy.data
                  ? policy.data.value.corrections === 'manual'
                    ? 'until somebody corrects the day'
                    : `corrected ${policyText(policy.data.value)}`
                  : ' '}
            </span>
          </li>
        )}
      </ol>
    </nav>
  );
}
