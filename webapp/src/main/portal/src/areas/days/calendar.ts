/*
 * Days of a calendar are texts such as `2026-11-28`, months such as `2026-11`: by the pilot's clock, without an hour.
 * They are counted in UTC, where each has 24 hours.
 */
const DAY_MS = 86_400_000;

export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;
const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

const at = (date: string) => Date.parse(`${date}T00:00:00Z`);
const textOf = (instant: number) => new Date(instant).toISOString().slice(0, 10);

/** Whether it is a day that there is, between the years 2000 and 2999. */
export function isDate(text: unknown): text is string {
  if (typeof text !== 'string' || !/^2\d{3}-\d\d-\d\d$/.test(text)) return false;
  const instant = at(text);
  return !Number.isNaN(instant) && textOf(instant) === text;
}

export function isMonth(text: unknown): text is string {
  return typeof text === 'string' && isDate(`${text}-01`);
}

export function addDays(date: string, days: number): string {
  return textOf(at(date) + days * DAY_MS);
}

/** How many days the second is after the first. */
export function daysBetween(from: string, to: string): number {
  return Math.round((at(to) - at(from)) / DAY_MS);
}

export const monthOf = (date: string) => date.slice(0, 7);

export function addMonths(month: string, months: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return textOf(Date.UTC(year, number - 1 + months, 1)).slice(0, 7);
}

export function monthsBetween(from: string, to: string): number {
  const [fromYear, fromMonth] = from.split('-').map(Number) as [number, number];
  const [toYear, toMonth] = to.split('-').map(Number) as [number, number];
  return (toYear - fromYear) * 12 + toMonth - fromMonth;
}

/** All months from the first to the last, both included. */
export function monthsOf(from: string, to: string): string[] {
  return Array.from({ length: monthsBetween(from, to) + 1 }, (_, index) => addMonths(from, index));
}

export const firstDay = (month: string) => `${month}-01`;
export const lastDay = (month: string) => addDays(firstDay(addMonths(month, 1)), -1);

/** 0 is Monday. */
export function weekdayOf(date: string): number {
  return (new Date(at(date)).getUTCDay() + 6) % 7;
}

/** The weeks of a month from Monday to Sunday, null where a day is another month's. */
export function weeksOf(month: string): (string | null)[][] {
  const first = firstDay(month);
  const cells: (string | null)[] = Array.from({ length: weekdayOf(first) }, () => null);
  const days = daysBetween(first, lastDay(month)) + 1;
  for (let day = 0; day < days; day++) cells.push(addDays(first, day));
  while (cells.length % 7 !== 0) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

export const dayNumber = (date: string) => Number(date.slice(8));

/** `November 2026` */
export function monthName(month: string): string {
  return `${MONTH_NAMES[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`;
}

/** `28 November 2026` */
export function dateName(date: string): string {
  return `${dayNumber(date)} ${monthName(monthOf(date))}`;
}

/** `Saturday, 28 November 2026` */
export function longName(date: string): string {
  return `${WEEKDAYS[weekdayOf(date)]}, ${dateName(date)}`;
}

/** `28 Nov` */
export function shortName(date: string): string {
  return `${dayNumber(date)} ${MONTH_NAMES[Number(date.slice(5, 7)) - 1]?.slice(0, 3)}`;
}

/** Where a key leads to in the calendar; null where it leads nowhere. Days outside of `first` and `last` are not reached. */
export function moved(date: string, key: string, first: string, last: string): string | null {
  const target = targetOf(date, key);
  if (target === null) return null;
  return target < first ? first : target > last ? last : target;
}

function targetOf(date: string, key: string): string | null {
  switch (key) {
    case 'ArrowLeft':
      return addDays(date, -1);
    case 'ArrowRight':
      return addDays(date, 1);
    case 'ArrowUp':
      return addDays(date, -7);
    case 'ArrowDown':
      return addDays(date, 7);
    case 'Home':
      return addDays(date, -weekdayOf(date));
    case 'End':
      return addDays(date, 6 - weekdayOf(date));
    case 'PageUp':
      return sameDay(date, -1);
    case 'PageDown':
      return sameDay(date, 1);
    default:
      return null;
  }
}

/** The same day of another month, or its last where it has none of that number. */
function sameDay(date: string, months: number): string {
  const month = addMonths(monthOf(date), months);
  const wanted = `${month}-${date.slice(8)}`;
  return isDate(wanted) ? wanted : lastDay(month);
}
