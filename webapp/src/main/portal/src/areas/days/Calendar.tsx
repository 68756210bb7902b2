import { Link } from '@tanstack/react-router';
import { memo, useRef, useState, type KeyboardEvent } from 'react';
import type { Dump } from '../../api/client';
import { dayNumber, monthName, moved, WEEKDAYS, weeksOf } from './calendar';
import { DayGlyph } from './DayGlyph';
import { cellText, correctionsOf, lookOf, shareOf } from './words';

/** Months with a place for each day: one stop for Tab, then arrow keys over all months, Enter opens. */
export function Calendar({
  pilot,
  months,
  days,
  today,
  quiet,
  onPoint,
}: {
  pilot: string;
  months: readonly string[];
  days: ReadonlyMap<string, Dump>;
  today: string;
  /** Whether the filter leaves the day out. */
  quiet: (dump: Dump) => boolean;
  onPoint: (date: string | null) => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const known = [...days.keys()];
  const first = known[0];
  const last = known[known.length - 1];
  const current = cursor !== null && days.has(cursor) ? cursor : days.has(today) ? today : last;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !first || !last) return;
    const date = (event.target as HTMLElement).closest<HTMLElement>('[data-date]')?.dataset.date;
    const target = date && moved(date, event.key, first, last);
    if (!target) return;
    event.preventDefault();
    // a day that nobody tells of can lie between two that are known
    const reached = days.has(target) ? target : nearest(known, target);
    setCursor(reached);
    place.current?.querySelector<HTMLElement>(`[data-date="${reached}"]`)?.focus();
  };

  return (
    <div
      className="ph-months"
      data-many={months.length > 6 || undefined}
      ref={place}
      onKeyDown={onKeyDown}
      onPointerLeave={() => onPoint(null)}
    >
      {months.map((month) => (
        <table key={month} className="ph-month" role="grid" aria-label={monthName(month)}>
          <caption>{monthName(month)}</caption>
          <thead>
            <tr>
              {WEEKDAYS.map((name) => (
                <th key={name} scope="col">
                  <span aria-hidden>{name.slice(0, 2)}</span>
                  <span className="ph-hidden">{name}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeksOf(month).map((week, index) => (
              <tr key={index}>
                {week.map((date, weekday) => {
                  const dump = date === null ? undefined : days.get(date);
                  return (
                    <td key={weekday}>
                      {dump ? (
                        <DayCell
                          pilot={pilot}
                          dump={dump}
                          today={dump.date === today}
                          quiet={quiet(dump)}
                          reachable={dump.date === current}
                          onFocus={setCursor}
                          onPoint={onPoint}
                        />
                      ) : (
                        date !== null && <span className="ph-day ph-day-none">{dayNumber(date)}</span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}

function nearest(dates: readonly string[], wanted: string): string {
  return dates.find((date) => date >= wanted) ?? (dates[dates.length - 1] as string);
}

const DayCell = memo(function DayCell({
  pilot,
  dump,
  today,
  quiet,
  reachable,
  onFocus,
  onPoint,
}: {
  pilot: string;
  dump: Dump;
  today: boolean;
  quiet: boolean;
  reachable: boolean;
  onFocus: (date: string) => void;
  onPoint: (date: string) => void;
}) {
  const look = lookOf(dump);
  const text = cellText(dump);
  return (
    <Link
      className="ph-day"
      to="/p/$pilot/days/$date"
      params={{ pilot, date: dump.date }}
      search={{}}
      data-date={dump.date}
      data-look={look}
      data-quiet={quiet || undefined}
      tabIndex={reachable ? 0 : -1}
      aria-current={today ? 'date' : undefined}
      title={text}
      onFocus={() => {
        onFocus(dump.date);
        onPoint(dump.date);
      }}
      onPointerEnter={() => onPoint(dump.date)}
    >
      <span className="ph-hidden">{today ? `${text}, today` : text}</span>
      <span className="ph-day-of-month" aria-hidden>
        {dayNumber(dump.date)}
      </span>
      <DayGlyph look={look} corrections={correctionsOf(dump)} />
      {dump.late_waiting > 0 && (
        <span className="ph-day-late" aria-hidden>
          +
        </span>
      )}
      {look === 'running' && (
        <span className="ph-day-bar" aria-hidden>
          <span style={{ width: `${Math.round(shareOf(dump) * 100)}%` }} />
        </span>
      )}
    </Link>
  );
});
