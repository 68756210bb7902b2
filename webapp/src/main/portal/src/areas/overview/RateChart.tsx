import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import uPlot from 'uplot';
import { count, fields, rate } from '../../parts/format';
import type { Series } from './minutes';
import { lonely } from '../twins/series';

interface Props {
  series: Series;
  zone: string;
  zoneLabel: string;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
  describedBy: string;
}

const HEIGHT = 240;

/** Rate a minute over time: dragged or keyed to zoom, read by pointer or arrow keys. */
export default function RateChart({ series, zone, zoneLabel, onZoom, onReset, describedBy }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ series, onZoom, onReset });
  latest.current = { series, onZoom, onReset };
  const scheme = useComputedColorScheme('light');
  const [at, setAt] = useState<number | null>(null);

  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const style = getComputedStyle(box);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const text = colour('--mantine-color-dimmed');
    const grid = { stroke: colour('--ph-line'), width: 1 };
    const font = "11px 'Inter Variable', sans-serif";
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
          },
        },
        legend: { show: false },
        scales: {
          x: { time: true },
          y: { range: (_chart, _min, max) => [0, Math.max(1, (max ?? 0) * 1.1)] },
        },
        axes: [
          {
            stroke: text,
            font,
            grid: { show: false },
            ticks: { ...grid, size: 4 },
            size: 40,
            space: 70,
            values: [
              [3600 * 24, '{YYYY}-{MM}-{DD}', null, null, null, null, null, null, 1],
              [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{YYYY}-{MM}-{DD}', null, null, null, 1],
            ],
          },
          {
            stroke: text,
            font,
            grid,
            ticks: { show: false },
            size: (_chart, values) => 16 + 7 * Math.max(3, ...(values ?? []).map((value) => value.length)),
            values: (_chart, ticks) => ticks.map((tick) => (tick % 1 === 0 ? count(tick) : rate(tick))),
          },
        ],
        series: [
          {},
          {
            stroke: colour('--ph-accent'),
            width: 1.5,
            fill: `color-mix(in srgb, ${colour('--ph-accent')} 14%, transparent)`,
            spanGaps: false,
            points: {
              show: false,
              size: 4,
              fill: colour('--ph-accent'),
              // a minute that no line reaches is still seen
              filter: (chart, place) => lonely((chart.data[place] ?? []) as (number | null | undefined)[]),
            },
          },
        ],
        hooks: {
          setCursor: [(chart) => setAt(chart.cursor.idx ?? null)],
          setSelect: [
            (chart) => {
              const { left, width } = chart.select;
              if (width < 4) return;
              latest.current.onZoom(chart.posToVal(left, 'x'), chart.posToVal(left + width, 'x'));
              chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
            },
          ],
        },
      },
      data(latest.current.series),
      box,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT }));
    observer.observe(box);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [scheme, zone]);

  useEffect(() => {
    plot.current?.setData(data(series));
  }, [series]);

  const onKeyDown = (event: KeyboardEvent) => {
    const chart = plot.current;
    if (!chart || series.minutes.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const lastIndex = series.minutes.length - 1;
    const step = event.shiftKey ? 30 : 1;
    const here = at ?? lastIndex;
    const moveTo = (index: number) => {
      const bounded = Math.max(0, Math.min(lastIndex, index));
      const x = series.minutes[bounded] as number;
      const y = (series.events[bounded] ?? 0) / 60;
      chart.setCursor({ left: chart.valToPos(x, 'x'), top: chart.valToPos(y, 'y') });
      setAt(bounded);
    };
    const span = (series.minutes[lastIndex] as number) - (series.minutes[0] as number);
    switch (event.key) {
      case 'ArrowLeft':
        moveTo(here - step);
        break;
      case 'ArrowRight':
        moveTo(here + step);
        break;
      case 'Home':
        moveTo(0);
        break;
      case 'End':
        moveTo(lastIndex);
        break;
      case '+':
      case '=': {
        const middle = series.minutes[here] as number;
        if (span > 600) onZoom(middle - span / 4, middle + span / 4);
        break;
      }
      case '-':
      case 'Escape':
        onReset();
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const minute = at === null ? undefined : series.minutes[at];
  const events = at === null ? undefined : series.events[at];
  return (
    <div className="ph-chart">
      <div className="ph-chart-reading ph-num" aria-live="polite">
        {minute === undefined ? (
          <span className="ph-dim">Drag to zoom, double press to go back</span>
        ) : (
          <>
            {fields(minute * 1000, zone).minute} {zoneLabel}
            {'  '}
            {typeof events === 'number' ? (
              <>
                <strong>{rate(events / 60)} /s</strong>{' '}
                <span className="ph-dim">({count(events)} events)</span>
              </>
            ) : (
              <strong>no events</strong>
            )}
          </>
        )}
      </div>
      <div
        ref={place}
        className="ph-chart-place"
        style={{ height: HEIGHT }}
        tabIndex={0}
        role="application"
        aria-label="Events per second, mean of each minute. Arrow keys read, plus zooms in, Escape goes back."
        aria-describedby={describedBy}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

function data(series: Series): uPlot.AlignedData {
  return [series.minutes, series.events.map((events) => (events === null ? null : events / 60))];
}
