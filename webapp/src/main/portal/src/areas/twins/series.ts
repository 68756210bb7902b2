import type { Point, TwinHistory } from '../../api/client';
import type { Window } from './ranges';

/** Columns beside `x`, three a property: lowest, mean, highest. `null` breaks the line, `undefined` only lies between. */
export interface Aligned {
  x: number[];
  columns: (number | null | undefined)[][];
}

interface Column {
  at: number[];
  values: ([min: number, avg: number, max: number] | null)[];
}

function numeric(points: readonly Point[]): { at: number; values: [number, number, number] }[] {
  return points.flatMap(([time, min, avg, max]) =>
    typeof min === 'number' && typeof avg === 'number' && typeof max === 'number'
      ? [{ at: Date.parse(time) / 1000, values: [min, avg, max] as [number, number, number] }]
      : [],
  );
}

function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** How many distances before and after one say how often the twin reports there. */
const AROUND = 6;

/**
 * Which points do not go on from the one before: a step is missing, measured by how often the twin reports thereabouts.
 * A twin that reports each minute at night and each second by day has no gaps.
 */
export function breaks(at: readonly number[], step: number | null): Set<number> {
  const distances = at.slice(1).map((each, index) => each - (at[index] as number));
  const least = Math.max((step ?? 0) * 1.5, 1);
  const found = new Set<number>();
  distances.forEach((distance, index) => {
    if (distance <= least) return;
    const before = distances.slice(Math.max(0, index - AROUND), index);
    const after = distances.slice(index + 1, index + 1 + AROUND);
    const usual = before.length + after.length === 0 ? distance : Math.max(median(before), median(after));
    if (distance > Math.max(least, 4 * usual)) found.add(index + 1);
  });
  return found;
}

/** The places of values that no line reaches: between two gaps, or alone. */
export function lonely(column: readonly (number | null | undefined)[]): number[] {
  const known = column.flatMap((value, index) => (value === undefined ? [] : [{ value, index }]));
  const isValue = (place: number) => typeof known[place]?.value === 'number';
  return known.flatMap(({ index }, place) =>
    isValue(place) && !isValue(place - 1) && !isValue(place + 1) ? [index] : [],
  );
}

function withGaps(points: readonly Point[], step: number | null): Column {
  const known = numeric(points);
  const apart = breaks(
    known.map(({ at }) => at),
    step,
  );
  const column: Column = { at: [], values: [] };
  known.forEach(({ at, values }, index) => {
    const before = known[index - 1]?.at;
    if (before !== undefined && apart.has(index)) {
      column.at.push((before + at) / 2);
      column.values.push(null);
    }
    column.at.push(at);
    column.values.push(values);
  });
  return column;
}

export function aligned(history: Pick<TwinHistory, 'series' | 'step'>): Aligned {
  const columns = history.series.map((series) => withGaps(series.points, history.step));
  const x = [...new Set(columns.flatMap((column) => column.at))].sort((a, b) => a - b);
  const index = new Map(x.map((at, place) => [at, place]));
  return {
    x,
    columns: columns.flatMap((column) => {
      const three: (number | null | undefined)[][] = [0, 1, 2].map(() =>
        new Array<undefined>(x.length).fill(undefined),
      );
      column.at.forEach((at, place) => {
        const values = column.values[place];
        three.forEach((each, which) => {
          each[index.get(at) as number] = values ? values[which as 0 | 1 | 2] : null;
        });
      });
      return three;
    }),
  };
}

export interface Tick {
  property: string;
  at: number;
  value: number;
}

/** The history with what has come since, so that the line reaches the present before the next answer. */
export function withTail<T extends Pick<TwinHistory, 'series' | 'step'>>(
  history: T,
  ticks: readonly Tick[],
): T {
  if (ticks.length === 0) return history;
  return {
    ...history,
    series: history.series.map((series) => {
      const last = series.points[series.points.length - 1];
      const end = last ? Date.parse(last[0]) + (history.step ?? 0) * 1000 : 0;
      const more = ticks
        .filter((tick) => tick.property === series.property && tick.at > end)
        .sort((a, b) => a.at - b.at)
        .map(({ at, value }): Point => [new Date(at).toISOString(), value, value, value, 1]);
      return more.length === 0 ? series : { ...series, points: [...series.points, ...more] };
    }),
  };
}

export interface Summary {
  min: number | null;
  avg: number | null;
  max: number | null;
  last: number | null;
  lastAt: number | null;
  readings: number;
}

/** Weighed by how many readings a point stands for. */
export function summary(points: readonly Point[], window: Window): Summary {
  const found: Summary = { min: null, avg: null, max: null, last: null, lastAt: null, readings: 0 };
  let sum = 0;
  for (const [time, min, avg, max, readings] of points) {
    const at = Date.parse(time);
    if (at < window.from || at > window.to) continue;
    if (typeof min !== 'number' || typeof avg !== 'number' || typeof max !== 'number') continue;
    found.min = found.min === null ? min : Math.min(found.min, min);
    found.max = found.max === null ? max : Math.max(found.max, max);
    sum += avg * readings;
    found.readings += readings;
    found.last = avg;
    found.lastAt = at;
  }
  if (found.readings > 0) found.avg = sum / found.readings;
  return found;
}

export interface Row {
  from: number;
  summaries: Summary[];
}

/** The chart as a table: the window in equal parts. */
export function asTable(history: Pick<TwinHistory, 'series'>, window: Window, parts: number): Row[] {
  const width = (window.to - window.from) / parts;
  return Array.from({ length: parts }, (_, part) => {
    const from = window.from + part * width;
    return {
      from,
      summaries: history.series.map((series) => summary(series.points, { from, to: from + width - 1 })),
    };
  });
}
