import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme, useMantineTheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import { fields } from '../../parts/format';
import { written } from '../live/cloud-event';
import { panned, zoomed, type Window } from './ranges';
import type { Aligned } from './series';

export interface Drawn {
  property: string;
  unit: string;
}

interface Props {
  drawn: readonly Drawn[];
  data: Aligned;
  window: Window;
  zone: string;
  zoneLabel: string;
  onWindow: (window: Window) => void;
  onReset: () => void;
  now: () => number;
  describedBy: string;
}

const HEIGHT = 340;
export const colourOf = (at: number) => `var(--ph-series-${at + 1})`;

/** A band from lowest to highest and a line of means, a scale of its own for each property. */
export default function HistoryChart(props: Props) {
  const { drawn, data, window, zone } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const scheme = useComputedColorScheme('light');
  const theme = useMantineTheme();
  const narrow = useMediaQuery(`(max-width: ${theme.breakpoints.sm})`, false, {
    getInitialValueInEffect: false,
  });
  const [at, setAt] = useState<number | null>(null);
  const names = drawn.map(({ property, unit }) => `${property}\n${unit}`).join('\n\n');

  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const style = getComputedStyle(box);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const text = colour('--mantine-color-dimmed');
    const grid = { stroke: colour('--ph-line'), width: 1 };
    const font = "11px 'Inter Variable', sans-serif";
    const shown = latest.current.drawn;
    const colours = shown.map((_, each) => colour(`--ph-series-${each + 1}`));
    let panning: (() => void) | null = null;
    const chart = new uPlot(
      {
        width: box.clientWidth || 600,
        height: HEIGHT,
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), zone),
        cursor: {
          drag: { x: true, y: false, setScale: false },
          points: { size: 7 },
          bind: {
            dblclick: () => () => {
              latest.current.onReset();
              return null;
            },
            mousedown: (chart, _target, handler) => (event) => {
              if (!event.shiftKey) {
                handler(event);
                return null;
              }
              event.preventDefault();
              panning = pan(chart, event, (moved) => latest.current.onWindow(moved));
              return null;
            },
          },
        },
        legend: { show: false },
        scales: {
          x: {
            time: true,
            auto: false,
            min: latest.current.window.from / 1000,
            max: latest.current.window.to / 1000,
          },
          ...Object.fromEntries(
            shown.map((_, each) => [
              `y${each}`,
              {
                range: (_chart: uPlot, min: number | null, max: number | null): [number, number] => {
                  if (min === null || max === null) return [0, 1];
                  const room = max > min ? (max - min) * 0.08 : Math.abs(max) * 0.05 || 1;
                  return [min - room, max + room];
                },
              },
            ]),
          ),
        },
        axes: [
          {
            stroke: text,
            font,
            grid: { show: false },
            ticks: { ...grid, size: 4 },
            size: 40,
            space: 80,
            values: [
              [3600 * 24, '{YYYY}-{MM}-{DD}', null, null, null, null, null, null, 1],
              [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{YYYY}-{MM}-{DD}', null, null, null, 1],
              [1, '{HH}:{mm}:{ss}', '\n{YYYY}-{MM}-{DD}', null, '\n{YYYY}-{MM}-{DD}', null, null, null, 1],
            ],
          },
          ...shown.map((_, each): uPlot.Axis => ({
            scale: `y${each}`,
            side: each % 2 === 0 ? 3 : 1,
            // a telephone has no room for four scales; the reading and the table have their figures
            show: each === 0 || !narrow,
            stroke: shown.length === 1 ? text : colours[each],
            font,
            grid: each === 0 ? grid : { show: false },
            ticks: { show: false },
            size: (_chart, values) => 14 + 6.5 * Math.max(3, ...(values ?? []).map((value) => value.length)),
            values: (_chart, ticks) => ticks.map((tick) => written(tick)),
          })),
        ],
        series: [
          {},
          ...shown.flatMap((_, each): uPlot.Series[] => {
            const edge: uPlot.Series = {
              scale: `y${each}`,
              stroke: 'transparent',
              width: 0,
              spanGaps: false,
              points: { show: false },
            };
            return [
              edge,
              {
                scale: `y${each}`,
                stroke: colours[each],
                width: 1.5,
                spanGaps: false,
                points: { size: 4, stroke: colours[each], fill: colours[each] },
              },
              edge,
            ];
          }),
        ],
        bands: shown.map((_, each) => ({
          series: [each * 3 + 3, each * 3 + 1],
          fill: `color-mix(in srgb, ${colours[each]} 22%, transparent)`,
        })),
        hooks: {
          setCursor: [(chart) => setAt(chart.cursor.idx ?? null)],
          setSelect: [
            (chart) => {
              const { left, width } = chart.select;
              if (width < 4) return;
              latest.current.onWindow({
                from: chart.posToVal(left, 'x') * 1000,
                to: chart.posToVal(left + width, 'x') * 1000,
              });
              chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
            },
          ],
        },
      },
      table(latest.current.data, shown.length),
      box,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT }));
    observer.observe(box);
    return () => {
      panning?.();
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [scheme, zone, names, narrow]);

  useEffect(() => {
    const chart = plot.current;
    if (!chart) return;
    chart.batch(() => {
      chart.setData(table(data, drawn.length), false);
      chart.setScale('x', { min: window.from / 1000, max: window.to / 1000 });
    });
  }, [data, drawn.length, window.from, window.to]);

  const onKeyDown = (event: KeyboardEvent) => {
    const chart = plot.current;
    if (!chart || event.ctrlKey || event.metaKey || event.altKey) return;
    const { now, onWindow, onReset } = latest.current;
    const inside = data.x.flatMap((x, index) =>
      x * 1000 >= window.from && x * 1000 <= window.to && hasValue(data, index) ? [index] : [],
    );
    const here = at === null ? -1 : inside.findIndex((index) => index >= at);
    const moveTo = (place: number) => {
      const index = inside[Math.max(0, Math.min(inside.length - 1, place))];
      if (index === undefined) return;
      chart.setCursor({ left: chart.valToPos(data.x[index] as number, 'x'), top: 8 });
      setAt(index);
    };
    const reading = at === null ? undefined : data.x[at];
    switch (event.key) {
      case 'ArrowLeft':
        if (event.shiftKey) onWindow(panned(window, -0.25, now()));
        else moveTo((here < 0 ? inside.length : here) - 1);
        break;
      case 'ArrowRight':
        if (event.shiftKey) onWindow(panned(window, 0.25, now()));
        else moveTo(here < 0 ? inside.length - 1 : here + 1);
        break;
      case 'PageUp':
        moveTo((here < 0 ? inside.length : here) - 30);
        break;
      case 'PageDown':
        moveTo(here + 30);
        break;
      case 'Home':
        moveTo(0);
        break;
      case 'End':
        moveTo(inside.length - 1);
        break;
      case '+':
      case '=':
        onWindow(zoomed(window, 0.5, now(), reading === undefined ? undefined : reading * 1000));
        break;
      case '-':
        onWindow(zoomed(window, 2, now()));
        break;
      case 'Escape':
      case '0':
        onReset();
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const x = at === null ? undefined : data.x[at];
  return (
    <div className="ph-chart">
      <div
        className="ph-chart-reading ph-num"
        aria-live="polite"
        // room for the reading before there is one: what is below must not move
        style={{ '--lines': drawn.length, '--wide-lines': drawn.length > 2 ? 1 : 0 } as CSSProperties}
      >
        {x === undefined ? (
          <span className="ph-dim ph-from-tablet">
            Drag to zoom, drag with Shift to move, double press to go back
          </span>
        ) : (
          <>
            {fields(x * 1000, zone).date} {fields(x * 1000, zone).time} {props.zoneLabel}
            {drawn.map(({ property, unit }, each) => {
              const [min, avg, max] = readAt(data, each, at as number);
              return (
                <span key={property}>
                  <span className="ph-swatch" style={{ background: colourOf(each) }} /> {property}{' '}
                  {avg === null ? (
                    'no readings'
                  ) : (
                    <>
                      <strong>{written(avg)}</strong> {unit}
                      {min !== max && (
                        <span className="ph-dim">
                          {' '}
                          ({written(min)} to {written(max)})
                        </span>
                      )}
                    </>
                  )}
                </span>
              );
            })}
          </>
        )}
      </div>
      <div
        ref={place}
        className="ph-chart-place"
        style={{ height: HEIGHT }}
        tabIndex={0}
        role="application"
        aria-label={`${drawn.map(({ property }) => property).join(', ')} over time. Arrow keys read, with Shift they move the window, plus and minus zoom, Escape goes back.`}
        aria-describedby={props.describedBy}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

const table = (data: Aligned, properties: number): uPlot.AlignedData =>
  // while the properties change the columns are still those of before
  (data.columns.length === properties * 3
    ? [data.x, ...data.columns]
    : [[], ...Array.from({ length: properties * 3 }, () => [])]) as uPlot.AlignedData;

const hasValue = (data: Aligned, index: number) =>
  data.columns.some((column) => typeof column[index] === 'number');

/** The reading of a property at, or closest before or after, a place of the shared axis. */
function readAt(data: Aligned, each: number, index: number): (number | null)[] {
  const column = data.columns[each * 3 + 1] ?? [];
  for (let away = 0; away < 40; away++) {
    for (const place of [index - away, index + away]) {
      if (column[place] === null && away === 0) return [null, null, null];
      if (typeof column[place] === 'number') {
        return [0, 1, 2].map((which) => data.columns[each * 3 + which]?.[place] ?? null);
      }
    }
  }
  return [null, null, null];
}

/** Moves the window with the pointer; gives back what ends it early. */
function pan(chart: uPlot, start: MouseEvent, done: (window: Window) => void): () => void {
  const min = chart.scales.x?.min ?? 0;
  const max = chart.scales.x?.max ?? 1;
  const perPixel = (max - min) / chart.over.clientWidth;
  let by = 0;
  const move = (event: MouseEvent) => {
    by = (start.clientX - event.clientX) * perPixel;
    chart.setScale('x', { min: min + by, max: max + by });
  };
  const end = () => {
    stop();
    if (by !== 0) done({ from: (min + by) * 1000, to: (max + by) * 1000 });
  };
  const stop = () => {
    document.removeEventListener('mousemove', move);
    document.removeEventListener('mouseup', end);
  };
  document.addEventListener('mousemove', move);
  document.addEventListener('mouseup', end);
  return stop;
}
