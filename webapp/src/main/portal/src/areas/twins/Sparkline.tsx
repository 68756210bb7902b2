import { useQuery } from '@tanstack/react-query';
import { memo, useMemo } from 'react';
import { serverNow } from '../../api/clock';
import type { TwinHistory } from '../../api/client';
import { twinHistory } from '../../api/queries';
import type { Window } from './ranges';
import { spark } from './sparkline';

const WIDTH = 120;
const HEIGHT = 26;
const STEP_S = 300;
const STEP_MS = STEP_S * 1000;
export const SPARK_HOURS = 6;
/** As many as one answer holds. */
const AT_ONCE = 16;
const MOST = 2 * AT_ONCE;

export interface Sparks {
  window: Window;
  series: ReadonlyMap<string, TwinHistory['series'][number]>;
}

/**
 * The last hours of the properties, 72 points of each: one call, two for a twin of many properties; the rest has none.
 *
 * @param at where the hours end, default now
 */
export function useSparks(
  pilot: string,
  twin: string,
  properties: readonly string[],
  at: string | undefined,
): Sparks | undefined {
  const asked = properties.slice(0, MOST).join('\n');
  const query = useQuery({
    queryKey: ['sparks', pilot, twin, asked, at ?? 'now'],
    queryFn: async ({ signal }): Promise<Sparks> => {
      const to = Math.ceil((at === undefined ? serverNow() : Date.parse(at)) / STEP_MS) * STEP_MS;
      const window = { from: to - SPARK_HOURS * 3_600_000, to };
      const names = asked.split('\n');
      const parts = Array.from({ length: Math.ceil(names.length / AT_ONCE) }, (_, part) =>
        names.slice(part * AT_ONCE, (part + 1) * AT_ONCE),
      );
      const answers = await Promise.all(
        parts.map((part) => twinHistory(pilot, twin, { properties: part, ...window, step: STEP_S }, signal)),
      );
      return {
        window,
        series: new Map(answers.flatMap(({ series }) => series.map((each) => [each.property, each]))),
      };
    },
    enabled: asked !== '',
    refetchInterval: at === undefined ? 60_000 : false,
    staleTime: 30_000,
  });
  return query.data;
}

export const Sparkline = memo(function Sparkline({
  sparks,
  property,
}: {
  sparks: Sparks | undefined;
  property: string;
}) {
  const series = sparks?.series.get(property);
  const drawn = useMemo(
    () => (sparks && series ? spark(series, STEP_S, sparks.window, WIDTH, HEIGHT) : null),
    [sparks, series],
  );
  // the room is there before the curve is: what is beside it must not move
  return (
    <svg className="ph-spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden>
      {drawn && (
        <>
          <path className="ph-spark-band" d={drawn.band} />
          <path className="ph-spark-line" d={drawn.line} />
          {drawn.dots.map(([x, y]) => (
            <circle key={x} className="ph-spark-dot" cx={x} cy={y} r="1.5" />
          ))}
        </>
      )}
    </svg>
  );
});
