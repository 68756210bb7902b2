import { ActionIcon } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { Dump } from '../../api/client';
import { dumpsQuery } from '../../api/queries';
import {
  addMonths,
  dateName,
  dayNumber,
  firstDay,
  lastDay,
  monthName,
  monthOf,
  moved,
  WEEKDAYS,
  weeksOf,
} from '../days/calendar';
import { DayGlyph } from '../days/DayGlyph';
import { correctionsOf, isClosed, LOOK_WORDS, lookOf } from '../days/words';
import { ordered } from './exports';

const FIRST = '2000-01-01';

/** Two months to take a first and a last day from; each day says whether it is closed. */
export function RangeCalendar({
  pilot,
  today,
  from,
  to,
  onChange,
}: {
  pilot: string;
  today: string;
  from: string | undefined;
  to: string | undefined;
  onChange: (from: string, to: string) => void;
}) {
  const one = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const [last, setLast] = useState(monthOf(to ?? today));
  // the first of two clicks, until the second says where the range ends
  const [begun, setBegun] = useState<string | null>(null);
  const [cursor, setCursor] = useState(to ?? today);
  const place = useRef<HTMLDivElement>(null);
  const months = one ? [last] : [addMonths(last, -1), last];
  const query = useQuery({
    ...dumpsQuery(pilot, firstDay(months[0] as string), lastDay(last)),
    placeholderData: keepPreviousData,
  });
  const days = new Map(query.data?.map((dump) => [dump.date, dump]));
  const inSight = months.includes(monthOf(cursor)) ? cursor : lastDay(last) < today ? lastDay(last) : today;

  const take = (date: string) => {
    setCursor(date);
    if (begun === null) {
      setBegun(date);
      onChange(date, date);
    } else {
      setBegun(null);
      onChange(...ordered(begun, date));
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const date = (event.target as HTMLElement).closest<HTMLElement>('[data-date]')?.dataset.date;
    const target = date && moved(date, event.key, FIRST, today);
    if (!target) return;
    event.preventDefault();
    setCursor(target);
    if (!months.includes(monthOf(target)))
      setLast(
        target < firstDay(months[0] as string) && !one ? addMonths(monthOf(target), 1) : monthOf(target),
      );
    // the month may have to be drawn first
    requestAnimationFrame(() =>
      place.current?.querySelector<HTMLElement>(`[data-date="${target}"]`)?.focus(),
    );
  };

  return (
    <div className="ph-range-calendar" ref={place} onKeyDown={onKeyDown}>
      <div className="ph-range-months">
        {months.map((month, index) => (
          <div key={month}>
            <div className="ph-range-head">
              {index === 0 && (
                <Move label="Earlier" onClick={() => setLast(addMonths(last, -1))}>
                  <IconChevronLeft size={16} />
                </Move>
              )}
              {monthName(month)}
              {index === months.length - 1 && (
                <Move
                  label="Later"
                  disabled={last >= monthOf(today)}
                  onClick={() => setLast(addMonths(last, 1))}
                >
                  <IconChevronRight size={16} />
                </Move>
              )}
            </div>
            <table className="ph-range-month" role="grid" aria-label={monthName(month)}>
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
                {weeksOf(month).map((week, row) => (
                  <tr key={row}>
                    {week.map((date, weekday) => (
                      <td key={weekday}>
                        {date !== null && (
                          <Cell
                            date={date}
                            dump={days.get(date)}
                            future={date >= today}
                            chosen={from !== undefined && to !== undefined && date >= from && date <= to}
                            edge={date === from || date === to}
                            reachable={date === inSight}
                            onTake={take}
                          />
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </div>
      <p className="ph-dim ph-small" role="status">
        {begun === null
          ? 'Choose the first day, then the last.'
          : `From ${dateName(begun)}: now the last day.`}
      </p>
    </div>
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
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      className="ph-quiet"
      aria-label={label}
      disabled={disabled}
      onClick={onClick}
    >
      {children}
    </ActionIcon>
  );
}

function Cell({
  date,
  dump,
  future,
  chosen,
  edge,
  reachable,
  onTake,
}: {
  date: string;
  dump: Dump | undefined;
  future: boolean;
  chosen: boolean;
  edge: boolean;
  reachable: boolean;
  onTake: (date: string) => void;
}) {
  const look = dump && lookOf(dump);
  const closed = dump !== undefined && isClosed(dump);
  const says = look ? LOOK_WORDS[look].name : 'not closed';
  return (
    <button
      type="button"
      className="ph-range-day"
      data-date={date}
      data-chosen={chosen || undefined}
      data-edge={edge || undefined}
      data-closed={closed || undefined}
      tabIndex={reachable ? 0 : -1}
      aria-pressed={chosen}
      aria-disabled={future || undefined}
      title={`${dateName(date)}, ${says}`}
      onClick={() => !future && onTake(date)}
    >
      <span className="ph-hidden">{`${dateName(date)}, ${says}`}</span>
      <span aria-hidden>{dayNumber(date)}</span>
      {look && look !== 'open' ? (
        <DayGlyph look={look} corrections={dump ? correctionsOf(dump) : 0} size={8} />
      ) : (
        <span className="ph-range-none" />
      )}
    </button>
  );
}
