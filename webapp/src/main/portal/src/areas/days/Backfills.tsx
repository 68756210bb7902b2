import { Button, Progress } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, body, type Backfill } from '../../api/client';
import { backfillsQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { actorText, barValue, count, duration } from '../../parts/format';
import { notify } from '../../parts/notify';
import { ProblemNote } from '../../parts/Problem';
import { State } from '../../parts/State';
import { Ago, Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { useDaysChanged } from './acts';
import { dateName, shortName } from './calendar';
import { BACKFILL_WORDS, backfillText, daysDone, plural } from './words';

const rangeName = ({ from, to }: Pick<Backfill, 'from' | 'to'>) =>
  from === to
    ? dateName(from)
    : `${from.slice(0, 4) === to.slice(0, 4) ? shortName(from) : dateName(from)} to ${dateName(to)}`;

/** Ranges of days that somebody has had closed: the one under way with its bar, the others below. */
export function Backfills({ pilot, may }: { pilot: string; may: boolean }) {
  const query = useQuery(backfillsQuery(pilot));
  const queries = useQueryClient();
  const running = query.data?.find(({ state }) => state === 'running');
  const done = query.data?.filter(({ state }) => state !== 'running') ?? [];
  // each day that comes to its end changes the calendar
  const fingerprint = running ? `${running.id} ${daysDone(running)} ${running.day_now}` : '';
  const before = useRef(fingerprint);
  useEffect(() => {
    if (before.current === fingerprint) return;
    before.current = fingerprint;
    void queries.invalidateQueries({ queryKey: ['dumps', pilot] });
  }, [queries, pilot, fingerprint]);
  if (query.error && !query.data)
    return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      {running && <Running pilot={pilot} backfill={running} may={may} />}
      {done.length > 0 && <Ended backfills={done} />}
    </>
  );
}

function Running({ pilot, backfill, may }: { pilot: string; backfill: Backfill; may: boolean }) {
  const changed = useDaysChanged(pilot);
  const [cancelling, setCancelling] = useState(false);
  const { days, day_now, seconds_left } = backfill;
  const left = days.waiting + days.running;
  return (
    <section className="ph-standing" aria-label="Range being closed">
      <div className="ph-standing-line">
        <span>
          <strong>Closing {rangeName(backfill)}</strong>{' '}
          <span className="ph-num">{backfillText(backfill)}</span>
        </span>
        <span className="ph-num">
          {day_now && (
            <>
              now{' '}
              <Link
                className="ph-link"
                to="/p/$pilot/days/$date"
                params={{ pilot, date: day_now }}
                search={{}}
              >
                {shortName(day_now)}
              </Link>
            </>
          )}
          {seconds_left !== null && ` · ${duration(seconds_left * 1000)} left`}
        </span>
      </div>
      <div className="ph-standing-act">
        <Progress
          value={barValue(daysDone(backfill) / Math.max(1, days.total))}
          size="sm"
          aria-label="Days of the range that are done"
        />
        {may && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPlayerStop size={14} />}
            onClick={() => setCancelling(true)}
          >
            Cancel…
          </Button>
        )}
      </div>
      <Confirm
        opened={cancelling}
        title="Close no more of them?"
        action="Cancel the range"
        dismiss="Go on closing"
        danger
        onClose={() => setCancelling(false)}
        run={async () => {
          const now = await body(
            api.POST('/api/v1/pilots/{pilot}/dumps/backfills/{backfill}/cancel', {
              params: { path: { pilot, backfill: backfill.id } },
            }),
          );
          changed();
          notify(`Cancelled: ${backfillText(now)}.`);
        }}
      >
        <ul className="ph-consequences">
          <li>{plural(days.complete + days.incomplete, 'day')} that it has closed stay closed.</li>
          <li>
            {plural(left, 'day')} {left === 1 ? 'is' : 'are'} left as {left === 1 ? 'it is' : 'they are'};
            {day_now
              ? ` the run of ${dateName(day_now)} is cancelled, and can be restarted.`
              : ' none is begun.'}
          </li>
        </ul>
      </Confirm>
    </section>
  );
}

function Ended({ backfills }: { backfills: readonly Backfill[] }) {
  const zone = useZone();
  const newest = backfills[0] as Backfill;
  return (
    <details className="ph-details ph-ranges">
      <summary>
        Last range: {rangeName(newest)}, {BACKFILL_WORDS[newest.state].name}{' '}
        <Ago at={newest.finished_at ?? newest.created_at} />
      </summary>
      <div className="ph-sideways" role="group" tabIndex={0} aria-label="Ranges that were closed">
        <table className="ph-facts-table ph-roomy">
          <thead>
            <tr>
              <th scope="col">Range</th>
              <th scope="col">State</th>
              <th scope="col" data-align="right">
                Days
              </th>
              <th scope="col">What became of them</th>
              <th scope="col">
                Ended <span className="ph-unit">{zone.label}</span>
              </th>
              <th scope="col">By</th>
            </tr>
          </thead>
          <tbody>
            {backfills.map((each) => (
              <tr key={each.id}>
                <td>{rangeName(each)}</td>
                <td>
                  <State kind={BACKFILL_WORDS[each.state].kind}>{BACKFILL_WORDS[each.state].name}</State>
                </td>
                <td data-align="right" className="ph-num">
                  {count(each.days.total)}
                </td>
                <td className="ph-num">{backfillText(each)}</td>
                <td>
                  <Time at={each.finished_at} />
                </td>
                <td>{actorText(each.requested_by)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
