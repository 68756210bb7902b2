import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  daysBetween,
  isDate,
  isMonth,
  lastDay,
  longName,
  monthsOf,
  moved,
  shortName,
  weeksOf,
} from './calendar';

describe('days', () => {
  it('are days that there are', () => {
    expect(isDate('2028-02-29')).toBe(true);
    for (const wrong of ['2027-02-29', '2026-11-31', '1999-12-31', '2026-1-1', '2026-11-28T00', undefined]) {
      expect(isDate(wrong)).toBe(false);
    }
    expect(isMonth('2026-12')).toBe(true);
    expect(isMonth('2026-13')).toBe(false);
  });

  it('are counted over months, years and changes of clocks', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2026-10-24', 2)).toBe('2026-10-26');
    expect(daysBetween('2026-03-01', '2026-04-01')).toBe(31);
    expect(daysBetween('2026-11-28', '2026-11-28')).toBe(0);
    expect(addMonths('2026-01', -1)).toBe('2025-12');
    expect(monthsOf('2026-11', '2027-02')).toEqual(['2026-11', '2026-12', '2027-01', '2027-02']);
    expect(lastDay('2028-02')).toBe('2028-02-29');
  });

  it('have names', () => {
    expect(longName('2026-11-28')).toBe('Saturday, 28 November 2026');
    expect(shortName('2026-09-01')).toBe('1 Sep');
  });
});

describe('the weeks of a month', () => {
  it('begin on Mondays and are whole', () => {
    const weeks = weeksOf('2026-11');
    expect(weeks.every((week) => week.length === 7)).toBe(true);
    expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01']);
    expect(weeks.at(-1)?.[0]).toBe('2026-11-30');
    expect(weeks.flat().filter(Boolean)).toHaveLength(30);
  });

  it('are four where a February begins on a Monday', () => {
    expect(weeksOf('2027-02')).toHaveLength(4);
  });
});

describe('keys', () => {
  const go = (key: string, date = '2026-11-28') => moved(date, key, '2026-09-01', '2026-11-30');

  it('move by days, weeks and months', () => {
    expect(go('ArrowLeft')).toBe('2026-11-27');
    expect(go('ArrowUp')).toBe('2026-11-21');
    expect(go('Home')).toBe('2026-11-23');
    expect(go('End')).toBe('2026-11-29');
    expect(go('PageUp')).toBe('2026-10-28');
    expect(go('PageUp', '2026-10-31')).toBe('2026-09-30');
  });

  it('stay inside of what there is', () => {
    expect(go('ArrowDown')).toBe('2026-11-30');
    expect(go('PageUp', '2026-09-03')).toBe('2026-09-01');
  });

  it('are left alone otherwise', () => {
    expect(go('Enter')).toBeNull();
    expect(go('Tab')).toBeNull();
  });
});
