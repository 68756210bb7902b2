import { expect, it } from 'vitest';
import type { Point } from '../../api/client';
import { spark } from './sparkline';

const at = (minute: number) => new Date(minute * 60_000).toISOString();
const point = (minute: number, value: number): Point => [at(minute), value - 1, value, value + 1, 5];
const hour = { from: 0, to: 3_600_000 };

it('draws a line and its band over the whole window', () => {
  const found = spark({ points: [point(0, 1), point(5, 3)] }, 300, { from: 0, to: 300_000 }, 100, 20);
  expect(found?.line).toBe('M0 14L100 6');
  expect(found?.band).toMatch(/^M0 .*L100 .*Z$/);
  expect(found?.dots).toEqual([]);
});

it('breaks where readings are missing, and keeps a single one as a dot', () => {
  const points = [point(0, 1), point(5, 2), point(10, 1), point(50, 2)];
  const found = spark({ points }, 300, hour, 120, 20);
  expect(found?.line.match(/M/g)).toHaveLength(1);
  expect(found?.dots).toHaveLength(1);
  expect(found?.dots[0]?.[0]).toBe(100);
});

it('lays a value that never changes into the middle, and draws nothing of nothing', () => {
  expect(
    spark(
      {
        points: [
          [at(0), 4, 4, 4, 1],
          [at(5), 4, 4, 4, 1],
        ],
      },
      300,
      hour,
      100,
      20,
    )?.line,
  ).toBe('M0 10L8.3 10');
  expect(spark({ points: [] }, 300, hour, 100, 20)).toBeNull();
  expect(spark({ points: [[at(0), 'on', 'on', 'on', 1]] }, 300, hour, 100, 20)).toBeNull();
});
