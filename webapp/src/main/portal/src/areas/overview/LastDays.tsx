import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { dumpsQuery, pilotQuery } from '../../api/queries';
import { fields } from '../../parts/format';
import { ProblemNote } from '../../parts/Problem';
import { useNow } from '../../parts/Time';
import { addDays, dayNumber, WEEKDAYS, weekdayOf } from '../days/calendar';
import { DayGlyph } from '../days/DayGlyph';
import { cellText, correctionsOf, lookOf } from '../days/words';

const SHOWN = 7;

/** The last days that are over, as they stand; the room for them is there before they are. */
export function LastDays({ pilot }: { pilot: string }) {
  const zone = useQuery(pilotQuery(pilot)).data?.value.time_zone;
  const today = fields(useNow(60_000), zone ?? 'UTC').date;
  const query = useQuery({
    ...dumpsQuery(pilot, addDays(today, -SHOWN), addDays(today, -1)),
    enabled: zone !== undefined,
  });
  return (
    <section className="ph-card" aria-labelledby="days-title">
      <h2 className="ph-card-title" id="days-title">
        <Link to="/p/$pilot/days" params={{ pilot }} search={{}}>
          Closed days
        </Link>
      </h2>
      {query.error && !query.data ? (
        <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <ol className="ph-last-days">
          {query.data?.map((dump) => (
            <li key={dump.date}>
              <Link
                to="/p/$pilot/days/$date"
                params={{ pilot, date: dump.date }}
                search={{}}
                title={cellText(dump)}
              >
                <span className="ph-hidden">{cellText(dump)}</span>
                <span aria-hidden>
                  {WEEKDAYS[weekdayOf(dump.date)]?.slice(0, 2)} {dayNumber(dump.date)}
                </span>
                <DayGlyph look={lookOf(dump)} corrections={correctionsOf(dump)} size={16} />
              </Link>
            </li>
          ))}
        </ol>
      )}
      {query.data?.length === 0 && <p className="ph-dim">The first day of the pilot is not over yet.</p>}
    </section>
  );
}
