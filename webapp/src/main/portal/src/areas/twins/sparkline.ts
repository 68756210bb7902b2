import type { TwinHistory } from '../../api/client';
import { breaks } from './series';
import type { Window } from './ranges';

/** A curve as an SVG path, and its band from lowest to highest, in a box of the size given. */
export interface Spark {
  line: string;
  band: string;
  /** Of single points that no line reaches. */
  dots: [x: number, y: number][];
}

type Series = TwinHistory['series'][number];

/** Nothing where there is nothing to draw. */
export function spark(
  { points }: Pick<Series, 'points'>,
  step: number | null,
  window: Window,
  width: number,
  height: number,
): Spark | null {
  const known = points.flatMap(([time, min, avg, max]) =>
    typeof min === 'number' && typeof avg === 'number' && typeof max === 'number'
      ? [{ at: Date.parse(time), min, avg, max }]
      : [],
  );
  if (known.length === 0) return null;
  const low = Math.min(...known.map(({ min }) => min));
  const high = Math.max(...known.map(({ max }) => max));
  const room = 2;
  const x = (at: number) =>
    Number((((at - window.from) / Math.max(1, window.to - window.from)) * width).toFixed(1));
  const y = (value: number) =>
    high === low
      ? height / 2
      : Number((height - room - ((value - low) / (high - low)) * (height - 2 * room)).toFixed(1));
  const apart = breaks(
    known.map(({ at }) => at / 1000),
    step,
  );
  const runs: (typeof known)[] = [];
  known.forEach((point, index) => {
    if (index === 0 || apart.has(index)) runs.push([]);
    runs[runs.length - 1]?.push(point);
  });
  const path = (pairs: [number, number][]) => pairs.map(([px, py]) => `${px} ${py}`).join('L');
  const joined = runs.filter((run) => run.length > 1);
  return {
    line: joined.map((run) => `M${path(run.map(({ at, avg }) => [x(at), y(avg)]))}`).join(''),
    band: joined
      .map((run) => {
        const upper = run.map(({ at, max }): [number, number] => [x(at), y(max)]);
        const lower = run.map(({ at, min }): [number, number] => [x(at), y(min)]).reverse();
        return `M${path([...upper, ...lower])}Z`;
      })
      .join(''),
    dots: runs.flatMap((run) => (run.length === 1 && run[0] ? [[x(run[0].at), y(run[0].avg)]] : [])),
  };
}
