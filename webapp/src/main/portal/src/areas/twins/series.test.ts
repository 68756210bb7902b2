import { describe, expect, it } from 'vitest';
import type { Point } from '../../api/client';
import { aligned, asTable, breaks, lonely, summary, withTail } from './series';

const start = Date.parse('2026-11-21T12:00:00Z');
const point = (seconds: number, value: number, count = 1): Point => [
  new Date(start + seconds * 1000).toISOString(),
  value - 1,
  value,
  value + 1,
  count,
];
const series = (property: string, points: Point[]) => ({ property, unit: null, truncated: false, points });

describe('the columns of a chart', () => {
  it('breaks the line where steps are missing', () => {
    const { x, columns } = aligned({
      step: 10,
      series: [series('a', [point(0, 1), point(10, 2), point(20, 3), point(90, 4), point(100, 5)])],
    });
    expect(x.length).toBe(6);
    expect(columns[1]).toEqual([1, 2, 3, null, 4, 5]);
    expect(columns[0]).toEqual([0, 1, 2, null, 3, 4]);
  });

  it('does not take a slow sensor for gaps', () => {
    expect(breaks([0, 60, 120, 180], 5).size).toBe(0);
    const { columns } = aligned({
      step: 5,
      series: [series('a', [point(0, 1), point(60, 2), point(120, 3)])],
    });
    expect(columns[1]).toEqual([1, 2, 3]);
  });

  it('goes by how often the twin reports thereabouts', () => {
    const minutes = Array.from({ length: 10 }, (_, index) => index * 60);
    const seconds = Array.from({ length: 100 }, (_, index) => 600 + index);
    expect(breaks([...minutes, ...seconds], 1).size).toBe(0);
    const quiet = [...minutes, ...seconds, ...seconds.map((at) => at + 200)];
    expect([...breaks(quiet, 1)]).toEqual([minutes.length + seconds.length]);
    expect(breaks([0, 9_000], 1).size).toBe(0);
  });

  it('knows the values that no line reaches', () => {
    expect(lonely([1, null, 2, null, 3, undefined, 4])).toEqual([0, 2]);
    expect(lonely([undefined, 5, undefined])).toEqual([1]);
    expect(lonely([1, undefined, 2])).toEqual([]);
  });

  it('puts properties that report at other times beside each other without breaking them', () => {
    const { x, columns } = aligned({
      step: null,
      series: [series('a', [point(0, 1), point(10, 2)]), series('b', [point(5, 7), point(15, 8)])],
    });
    expect(x.map((at) => at - start / 1000)).toEqual([0, 5, 10, 15]);
    expect(columns[1]).toEqual([1, undefined, 2, undefined]);
    expect(columns[4]).toEqual([undefined, 7, undefined, 8]);
  });

  it('leaves out what is no number', () => {
    const text: Point = [new Date(start).toISOString(), 'idle', 'idle', 'idle', 1];
    expect(aligned({ step: null, series: [series('a', [text])] }).x).toEqual([]);
  });
});

describe('the live tail', () => {
  it('adds only what is newer than the last step', () => {
    const history = { step: 10, series: [series('a', [point(0, 1)])] };
    const ticks = [
      { property: 'a', at: start + 5_000, value: 9 },
      { property: 'a', at: start + 12_000, value: 2 },
      { property: 'b', at: start + 12_000, value: 3 },
    ];
    expect(withTail(history, ticks).series[0]?.points.map((each) => each[2])).toEqual([1, 2]);
    expect(withTail(history, [])).toBe(history);
  });
});

describe('the figures of a window', () => {
  const points = [point(0, 10, 1), point(10, 20, 3), point(100, 99, 1)];

  it('weighs the mean by readings', () => {
    expect(summary(points, { from: start, to: start + 50_000 })).toMatchObject({
      min: 9,
      avg: 17.5,
      max: 21,
      last: 20,
      readings: 4,
    });
  });

  it('says nothing of a part without readings', () => {
    const rows = asTable({ series: [series('a', points)] }, { from: start, to: start + 120_000 }, 4);
    expect(rows.map((row) => row.summaries[0]?.readings)).toEqual([4, 0, 0, 1]);
    expect(rows[1]?.summaries[0]?.avg).toBeNull();
  });
});
