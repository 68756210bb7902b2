export interface Series {
  /** Start of each minute, in seconds since 1970. */
  readonly minutes: number[];
  /** Events of that minute; null where nothing is known to have come. */
  readonly events: (number | null)[];
}

export interface Reading {
  minute: number;
  perSecond: number;
}

export interface Facts {
  min: Reading | null;
  max: Reading | null;
  mean: number | null;
  total: number;
  gapMinutes: number;
}

/**
 * A value for every minute between `from` and `to`, nulls included, so that a missing minute is seen as a gap and not
 * bridged by a line. The running minute is left out: its count still grows and would look like a fall.
 */
export function everyMinute(
  minutes: readonly (readonly [string, number])[],
  asOf: number,
  from: number,
  to: number,
): Series {
  const known = new Map(minutes.map(([minute, events]) => [Math.floor(Date.parse(minute) / 60_000), events]));
  const first = Math.floor(from / 60_000);
  const last = Math.min(Math.ceil(to / 60_000), Math.floor(asOf / 60_000)) - 1;
  const series: Series = { minutes: [], events: [] };
  for (let minute = first; minute <= last; minute++) {
    series.minutes.push(minute * 60);
    series.events.push(known.get(minute) ?? null);
  }
  return series;
}

export function facts(series: Series): Facts {
  let min: Reading | null = null;
  let max: Reading | null = null;
  let total = 0;
  let gapMinutes = 0;
  series.events.forEach((events, index) => {
    if (events === null) {
      gapMinutes += 1;
      return;
    }
    const reading = { minute: series.minutes[index] as number, perSecond: events / 60 };
    total += events;
    if (min === null || reading.perSecond < min.perSecond) min = reading;
    if (max === null || reading.perSecond > max.perSecond) max = reading;
  });
  const known = series.events.length - gapMinutes;
  return { min, max, mean: known === 0 ? null : total / known / 60, total, gapMinutes };
}

export interface HourRow extends Facts {
  hour: number;
}

export function byHour(series: Series): HourRow[] {
  const hours = new Map<number, Series>();
  series.minutes.forEach((minute, index) => {
    const hour = Math.floor(minute / 3600) * 3600;
    const part = hours.get(hour) ?? { minutes: [], events: [] };
    part.minutes.push(minute);
    part.events.push(series.events[index] ?? null);
    hours.set(hour, part);
  });
  return [...hours].map(([hour, part]) => ({ hour, ...facts(part) }));
}
