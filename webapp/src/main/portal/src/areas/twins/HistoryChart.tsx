import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme, useMantineTheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useRef, useState, type CSSProperties, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import { fields } from '../../parts/format';
import { written } from '../live/cloud-event';
import { LANE_PX, MarkLane, type Plot } from './MarkLane';
import type { Mark } from './marks';
import { panned, zoomed, type Window } from './ranges';
import { reach, scalesOf, type Drawn } from './scales';
import { lonely, type Aligned } from './series';

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
  /** Oldest first; those in the window are drawn on its time axis. */
  marks: readonly Mark[];
  active: string | null;
  onActive: (key: string | null) => void;
  onOpenMarks: (marks: readonly Mark[]) => void;
}

const HEIGHT = 360;
/** After the last turn of the wheel the window is asked for. */
const WHEEL_RESTS_MS = 200;
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
  const [plotted, setPlotted] = useState<Plot | null>(null);
  const names = drawn
    .map(({ property, unit, minimum, maximum }) => `${property}\n${unit}\n${minimum}\n${maximum}`)
    .join('\n\n');

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
    const scales = scalesOf(shown);
    const scaleOf = (each: number) => scales.find(({ properties }) => properties.includes(each))?.key ?? 'y0';
    const inkOf = (properties: readonly number[]) =>
      properties.length > 1 || scales.length === 1 ? text : colours[properties[0] ?? 0];
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
            scales.map(({ key, properties }) => [
              key,
              {
                range: (_chart: uPlot, min: number | null, max: number | null): [number, number] =>
                  reach(
                    min,
                    max,
                    properties.flatMap((each) => [
                      shown[each]?.minimum ?? null,
                      shown[each]?.maximum ?? null,
                    ]),
                  ),
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
            // the marks lie between the axis and its figures
            gap: LANE_PX,
            size: 38 + LANE_PX,
            space: 80,
            values: [
              [3600 * 24, '{YYYY}-{MM}-{DD}', null, null, null, null, null, null, 1],
              [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{YYYY}-{MM}-{DD}', null, null, null, 1],
              [1, '{HH}:{mm}:{ss}', '\n{YYYY}-{MM}-{DD}', null, '\n{YYYY}-{MM}-{DD}', null, null, null, 1],
            ],
          },
          ...scales.map(({ key, unit, properties }, each): uPlot.Axis => ({
            scale: key,
            side: each % 2 === 0 ? 3 : 1,
            // a telephone has no room for four scales; the reading and the table have their figures
            show: each === 0 || !narrow,
            stroke: inkOf(properties),
            font,
            grid: each === 0 ? grid : { show: false },
            ticks: { show: false },
            size: (_chart, values) => 14 + 6.5 * Math.max(3, ...(values ?? []).map((value) => value.length)),
            values: (_chart, ticks) =>
              ticks.map((tick, place) =>
                place === ticks.length - 1 && unit !== '' ? `${written(tick)} ${unit}` : written(tick),
              ),
          })),
        ],
        series: [
          {},
          ...shown.flatMap((_, each): uPlot.Series[] => {
            const edge: uPlot.Series = {
              scale: scaleOf(each),
              stroke: 'transparent',
              width: 0,
              spanGaps: false,
              points: { show: false },
            };
            return [
              edge,
              {
                scale: scaleOf(each),
                stroke: colours[each],
                width: 1.5,
                spanGaps: false,
                points: {
                  size: 4,
                  stroke: colours[each],
                  fill: colours[each],
                  // where there are too many for points, those that no line reaches are still seen
                  filter: (chart, place, all) =>
                    all ? null : lonely((chart.data[place] ?? []) as (number | null | undefined)[]),
                },
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
          drawAxes: [
            (chart) =>
              shown.forEach((each, place) =>
                ranges(chart, each, scaleOf(place), {
                  line: shown.length === 1 ? colour('--ph-slow') : (colours[place] as string),
                  outside:
                    shown.length === 1 ? `color-mix(in srgb, ${colour('--ph-slow')} 10%, transparent)` : null,
                }),
              ),
          ],
          draw: [
            (chart) =>
              setPlotted((before) => {
                const next = plotOf(chart);
                return before !== null && same(before, next) ? before : next;
              }),
          ],
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
    const stopWheel = wheel(chart, latest.current.now, (next) => latest.current.onWindow(next));
    const observer = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT }));
    observer.observe(box);
    return () => {
      panning?.();
      stopWheel();
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
          <>
            <span className="ph-dim ph-phone-only">Touch the chart to read it; drag to zoom</span>
            <span className="ph-dim ph-from-tablet">
              Drag or Ctrl with the wheel to zoom, Shift with drag to move, double press to go back
            </span>
          </>
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
      <div className="ph-chart-lane">
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
        {plotted && (
          <MarkLane
            plot={plotted}
            marks={props.marks}
            now={props.now()}
            zone={zone}
            active={props.active}
            onActive={props.onActive}
            onOpen={props.onOpenMarks}
          />
        )}
      </div>
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

function plotOf(chart: uPlot): Plot {
  return {
    left: chart.over.offsetLeft,
    top: chart.over.offsetTop,
    width: chart.over.clientWidth,
    height: chart.over.clientHeight,
    from: (chart.scales.x?.min ?? 0) * 1000,
    to: (chart.scales.x?.max ?? 1) * 1000,
  };
}

const same = (a: Plot, b: Plot) => (Object.keys(a) as (keyof Plot)[]).every((key) => a[key] === b[key]);

/** The bounds of the model as broken lines, and what lies outside of them in a tone. */
function ranges(
  chart: uPlot,
  { minimum, maximum }: Drawn,
  scale: string,
  { line, outside }: { line: string; outside: string | null },
): void {
  const { left, top, width, height } = chart.bbox;
  const draw = chart.ctx;
  draw.save();
  draw.strokeStyle = line;
  draw.lineWidth = devicePixelRatio;
  draw.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const [bound, below] of [
    [minimum, true],
    [maximum, false],
  ] as const) {
    if (bound === null) continue;
    const y = chart.valToPos(bound, scale, true);
    if (!Number.isFinite(y)) continue;
    const at = Math.min(top + height, Math.max(top, y));
    if (outside !== null) {
      draw.fillStyle = outside;
      if (below) draw.fillRect(left, at, width, top + height - at);
      else draw.fillRect(left, top, width, at - top);
    }
    if (at !== y) continue;
    draw.beginPath();
    draw.moveTo(left, y);
    draw.lineTo(left + width, y);
    draw.stroke();
  }
  draw.restore();
}

/** Zooms around the pointer; without Ctrl (a pinch sends it) the wheel scrolls the page. Gives back what ends it. */
function wheel(chart: uPlot, now: () => number, done: (window: Window) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let window: Window | null = null;
  const turn = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const before = window ?? {
      from: (chart.scales.x?.min ?? 0) * 1000,
      to: (chart.scales.x?.max ?? 1) * 1000,
    };
    const share = (event.clientX - chart.over.getBoundingClientRect().left) / chart.over.clientWidth;
    const at = before.from + share * (before.to - before.from);
    window = zoomed(before, event.deltaY > 0 ? 1.25 : 0.8, now(), at);
    chart.setScale('x', { min: window.from / 1000, max: window.to / 1000 });
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (window) done(window);
      window = null;
    }, WHEEL_RESTS_MS);
  };
  chart.over.addEventListener('wheel', turn, { passive: false });
  return () => {
    clearTimeout(timer);
    chart.over.removeEventListener('wheel', turn);
  };
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
