import { describe, expect, it } from 'vitest';
import { byHour, everyMinute, facts } from './minutes';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 10, minute)).toISOString();

describe('the minutes of a chart', () => {
  const given: [string, number][] = [
    [at(0), 60],
    [at(1), 600],
    [at(4), 120],
    [at(5), 7],
  ];
  const series = everyMinute(given, Date.parse(at(5)) + 20_000, Date.parse(at(0)), Date.parse(at(30)));

  it('hold a null where nothing came, and leave out the minute that still runs', () => {
    expect(series.events).toEqual([60, 600, null, null, 120]);
  });

  it('have extremes, a mean over what is known, and counted gaps', () => {
    expect(facts(series)).toEqual({
      min: { minute: Date.parse(at(0)) / 1000, perSecond: 1 },
      max: { minute: Date.parse(at(1)) / 1000, perSecond: 10 },
      mean: 780 / 3 / 60,
      total: 780,
      gapMinutes: 2,
    });
  });

  it('are summed by the hour', () => {
    expect(byHour(series).map((hour) => hour.total)).toEqual([780]);
  });

  it('are none when nothing is known', () => {
    expect(facts(everyMinute([], Date.parse(at(2)), Date.parse(at(0)), Date.parse(at(2)))).mean).toBeNull();
  });
});
