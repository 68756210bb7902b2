import { useNavigate } from '@tanstack/react-router';
import type { MouseEvent, PointerEvent } from 'react';
import type { Dump } from '../../api/client';
import { count } from '../../parts/format';
import { addDays, dateName, dayNumber, daysBetween, monthName, monthOf, shortName } from './calendar';
import { cellText, lookOf } from './words';

interface Props {
  pilot: string;
  first: string;
  last: string;
  days: ReadonlyMap<string, Dump>;
  quiet: (dump: Dump) => boolean;
  /** The day that is pointed at, here or in the calendar. */
  pointed: string | null;
  onPoint: (date: string | null) => void;
}

/** Rows of each day beside each other: a day that is short, or not there, is seen before anything is read. */
export function RowsChart({ pilot, first, last, days, quiet, pointed, onPoint }: Props) {
  const navigate = useNavigate();
  const dates = Array.from({ length: daysBetween(first, last) + 1 }, (_, index) => addDays(first, index));
  const most = Math.max(1, ...[...days.values()].map(({ day_rows }) => day_rows));
  const largest = [...days.values()].find(({ day_rows }) => day_rows === most);
  const seen = pointed === null ? undefined : days.get(pointed);
  const months = [...new Set(dates.map(monthOf))];

  const dateAt = (event: MouseEvent | PointerEvent) =>
    (event.target as HTMLElement).closest<HTMLElement>('[data-bar]')?.dataset.bar ?? null;

  return (
    <div className="ph-rows-chart">
      <div className="ph-chart-reading ph-num" aria-hidden>
        {seen ? (
          <span>{cellText(seen)}</span>
        ) : (
          <span className="ph-dim">
            {largest ? `at most ${count(most)} on ${dateName(largest.date)}` : ' '}
          </span>
        )}
      </div>
      <div
        className="ph-rows-bars"
        data-many={dates.length > 190 || undefined}
        role="img"
        aria-label={
          largest
            ? `Rows a day from ${dateName(first)} to ${dateName(last)}; at most ${count(most)}, on ${dateName(largest.date)}. The list has all of them.`
            : `No rows from ${dateName(first)} to ${dateName(last)}`
        }
        onPointerMove={(event) => onPoint(dateAt(event))}
        onPointerLeave={() => onPoint(null)}
        onClick={(event) => {
          const date = dateAt(event);
          if (date && days.has(date))
            void navigate({ to: '/p/$pilot/days/$date', params: { pilot, date }, search: {} });
        }}
      >
        {dates.map((date) => {
          const dump = days.get(date);
          return (
            <span
              key={date}
              className="ph-rows-day"
              data-bar={dump ? date : undefined}
              data-look={dump && lookOf(dump)}
              data-quiet={(dump && quiet(dump)) || undefined}
              data-pointed={date === pointed || undefined}
              data-first={dayNumber(date) === 1 || undefined}
            >
              {dump && <span style={{ height: `${(100 * dump.day_rows) / most}%` }} />}
            </span>
          );
        })}
      </div>
      <div className="ph-rows-months" aria-hidden>
        {months.map((month) => {
          const howMany = dates.filter((date) => monthOf(date) === month).length;
          return (
            <span key={month} style={{ flexGrow: howMany }}>
              {months.length > 6 ? shortName(`${month}-01`).slice(2) : monthName(month)}
            </span>
          );
        })}
      </div>
    </div>
  );
}
