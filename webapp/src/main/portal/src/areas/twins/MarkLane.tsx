import { useMemo, useState, type PointerEvent } from 'react';
import { fields } from '../../parts/format';
import { MarkShapes } from './MarkGlyph';
import { endOf, grouped, shapeOf, type Group, type Mark } from './marks';

/** The chart's own place below its curves, in pixels, and the window that it shows, in milliseconds. */
export interface Plot {
  left: number;
  top: number;
  width: number;
  height: number;
  from: number;
  to: number;
}

export const LANE_PX = 22;
const NEAR_PX = 16;
const MOST_NAMED = 6;
const TIP_PX = 300;

interface Props {
  plot: Plot;
  marks: readonly Mark[];
  now: number;
  zone: string;
  active: string | null;
  onActive: (key: string | null) => void;
  onOpen: (marks: readonly Mark[]) => void;
}

/**
 * The marks on the time axis. It is for the pointer; the list beside the chart holds the same for keyboards and screen
 * readers.
 */
export function MarkLane({ plot, marks, now, zone, active, onActive, onOpen }: Props) {
  const groups = useMemo(
    () => grouped(marks, { from: plot.from, to: plot.to }, plot.width),
    [marks, plot.from, plot.to, plot.width],
  );
  const [hovered, setHovered] = useState<string | null>(null);
  const has = (key: string | null) => (group: Group) => group.marks.some((mark) => mark.key === key);
  const shown = groups.find(has(hovered)) ?? groups.find(has(active));
  const x = (at: number) =>
    Math.min(1, Math.max(0, (at - plot.from) / Math.max(1, plot.to - plot.from))) * plot.width;
  const nearest = (event: PointerEvent<HTMLDivElement>): Group | undefined => {
    const at = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const [first] = [...groups].sort((a, b) => Math.abs(a.x - at) - Math.abs(b.x - at));
    return first && Math.abs(first.x - at) <= NEAR_PX ? first : undefined;
  };
  return (
    <div
      className="ph-marks"
      style={{ left: plot.left, top: plot.top, width: plot.width, height: plot.height + LANE_PX }}
      aria-hidden
    >
      <svg width={plot.width} height={plot.height + LANE_PX}>
        {groups
          .filter((group) => group === shown || shapeOf(group.marks) === 'alert')
          .map((group) => (
            <line
              key={group.marks[0]?.key}
              className="ph-marks-line"
              data-alert={shapeOf(group.marks) === 'alert' || undefined}
              x1={group.x}
              x2={group.x}
              y1={0}
              y2={plot.height}
            />
          ))}
        {marks.map((mark) => {
          const length = x(endOf(mark, now)) - x(mark.at);
          return length < 2 ? null : (
            <rect
              key={mark.key}
              className="ph-marks-length"
              data-shape={mark.shape}
              data-active={mark.key === active || undefined}
              x={x(mark.at)}
              y={plot.height + LANE_PX / 2 - 2}
              width={length}
              height={4}
              rx={2}
            />
          );
        })}
        {groups.map((group) => (
          <g
            key={group.marks[0]?.key}
            transform={`translate(${group.x} ${plot.height + LANE_PX / 2})`}
            className="ph-marks-group"
            data-active={group === shown || undefined}
          >
            {group.marks.length === 1 ? (
              <>
                <circle className="ph-marks-halo" r="8.5" />
                <MarkShapes shape={shapeOf(group.marks)} />
              </>
            ) : (
              <>
                <rect className="ph-marks-many" x="-13" y="-8.5" width="26" height="17" rx="8.5" />
                <g transform="translate(-6 0) scale(0.75)">
                  <MarkShapes shape={shapeOf(group.marks)} />
                </g>
                <text x="5" y="3.5" textAnchor="middle">
                  {group.marks.length > 99 ? '99+' : group.marks.length}
                </text>
              </>
            )}
          </g>
        ))}
      </svg>
      <div
        className="ph-marks-touch"
        style={{ top: plot.height - 2, height: LANE_PX + 4 }}
        onPointerMove={(event) => setHovered(nearest(event)?.marks[0]?.key ?? null)}
        onPointerLeave={() => setHovered(null)}
        onClick={(event) => {
          const group = nearest(event as unknown as PointerEvent<HTMLDivElement>);
          if (!group) return;
          onActive(group.marks[group.marks.length - 1]?.key ?? null);
          onOpen(group.marks);
        }}
      />
      {shown && (hovered !== null || active !== null) && (
        <Tip group={shown} only={hovered === null ? active : null} plot={plot} zone={zone} />
      )}
    </div>
  );
}

/** @param only of a group, the one mark that is meant */
function Tip({ group, only, plot, zone }: { group: Group; only: string | null; plot: Plot; zone: string }) {
  const meant = group.marks.filter(({ key }) => only === null || key === only);
  const named = [...meant].reverse().slice(0, MOST_NAMED);
  const left = Math.max(-plot.left, Math.min(plot.width - TIP_PX / 2, group.x) - TIP_PX / 2);
  return (
    <div className="ph-marks-tip" style={{ left, bottom: LANE_PX + 4, maxWidth: TIP_PX }}>
      {named.map((mark) => (
        <div key={mark.key}>
          <span className="ph-num ph-dim">{fields(mark.at, zone).time}</span>
          <svg viewBox="-6 -6 12 12" width="11" height="11">
            <MarkShapes shape={mark.shape} />
          </svg>
          <span>
            <strong>{mark.title}</strong> {mark.line && <span className="ph-dim">{mark.line}</span>}
          </span>
        </div>
      ))}
      {meant.length > named.length && (
        <div className="ph-dim">+{meant.length - named.length} more: zoom in, or see the list</div>
      )}
    </div>
  );
}
