import type { JobSchedule } from '../../api/client';
import { fields } from '../../parts/format';
import { WEEKDAYS } from '../days/calendar';

export const SCHEDULE_DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type ScheduleDay = (typeof SCHEDULE_DAYS)[number];

export const dayName = (day: ScheduleDay): string => WEEKDAYS[SCHEDULE_DAYS.indexOf(day)] as string;

const WORKING_DAYS = SCHEDULE_DAYS.slice(0, 5).join();
const WEEKEND = SCHEDULE_DAYS.slice(5).join();

/** `every Monday and Friday 06:00`, without the zone. */
export function everyText({ days, time }: Pick<JobSchedule, 'days' | 'time'>): string {
  const ordered = SCHEDULE_DAYS.filter((day) => days.includes(day));
  const at = time.slice(0, 5);
  switch (ordered.join()) {
    case '':
      return 'on no day';
    case SCHEDULE_DAYS.join():
      return `every day ${at}`;
    case WORKING_DAYS:
      return `Monday to Friday ${at}`;
    case WEEKEND:
      return `every Saturday and Sunday ${at}`;
  }
  const names = ordered.map(dayName);
  const last = names.pop() as string;
  return `every ${names.length === 0 ? last : `${names.join(', ')} and ${last}`} ${at}`;
}

/** `Monday 30 November 06:00` in the zone. */
export function nextText(at: string, zone: string): string {
  const { date, minute } = fields(Date.parse(at), zone);
  const weekday = WEEKDAYS[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7];
  return `${weekday} ${date} ${minute}`;
}

export const isTime = (text: string) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
