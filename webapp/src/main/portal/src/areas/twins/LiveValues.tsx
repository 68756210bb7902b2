import { Link } from '@tanstack/react-router';
import { memo, useEffect, useMemo, useRef } from 'react';
import type { Twin } from '../../api/client';
import { Command } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { Ago, Time } from '../../parts/Time';
import { Connection } from '../live/Connection';
import { written } from '../live/cloud-event';
import { useLiveStream } from '../live/use-live-stream';
import { ProblemNote } from '../../parts/Problem';
import { Sparkline, SPARK_HOURS, useSparks, type Sparks } from './Sparkline';
import { folded, valueRows, type ValueRow } from './live-values';
import { unitText, within, type ThingModel } from './thing-model';

interface Props {
  pilot: string;
  twin: Twin;
  model: ThingModel | undefined;
  at: string | undefined;
}

export function LiveValues(props: Props) {
  return props.at === undefined ? (
    <Ticking {...props} />
  ) : (
    <Values {...props} state={props.twin.properties} />
  );
}

/** Between two readings of the state the stream brings what is new, so that values tick as they come. */
const KEPT_EVENTS = 200;

function Ticking(props: Props) {
  const { pilot, twin } = props;
  const filter = useMemo(() => ({ twin: [twin.twin_id] }), [twin.twin_id]);
  const { snapshot } = useLiveStream(pilot, filter, KEPT_EVENTS);
  const state = useMemo(
    () => folded(twin.properties, snapshot.newest, twin.twin_id),
    [twin.properties, snapshot.newest, twin.twin_id],
  );
  return (
    <>
      <div className="ph-tab-bar">
        <Connection snapshot={snapshot} />
      </div>
      {snapshot.phase.kind === 'refused' && <ProblemNote error={snapshot.phase.problem} />}
      <Values {...props} state={state} />
    </>
  );
}

function Values({ pilot, twin, model, at, state }: Props & { state: Twin['properties'] }) {
  const rows = valueRows(model, state);
  const numbers = rows.filter(({ reported }) => typeof reported?.value === 'number').map(({ name }) => name);
  const sparks = useSparks(pilot, twin.twin_id, numbers, at);
  if (rows.length === 0) {
    return (
      <Empty title="It has not reported anything" action={<Command text="./pilothouse demo" />}>
        Its values stand here the moment a device reports them: see how on the page of the device, or feed a
        simulated consortium.
      </Empty>
    );
  }
  return (
    <div className="ph-sideways" tabIndex={0} role="group" aria-label="Values">
      <table className="ph-facts-table ph-live-table">
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col" data-align="right">
              Value
            </th>
            <th scope="col" className="ph-from-tablet">
              {at === undefined ? 'Last' : 'Before,'} {SPARK_HOURS} h
            </th>
            <th scope="col" className="ph-from-tablet">
              Within its range
            </th>
            <th scope="col">Measured</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row
              key={row.name}
              pilot={pilot}
              twin={twin.twin_id}
              row={row}
              past={at !== undefined}
              sparks={sparks}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Row = memo(function Row({
  pilot,
  twin,
  row: { name, info, reported },
  past,
  sparks,
}: {
  pilot: string;
  twin: string;
  row: ValueRow;
  past: boolean;
  sparks: Sparks | undefined;
}) {
  const unit = unitText(info?.unit);
  const chartable = typeof reported?.value === 'number';
  return (
    <tr data-none={reported === undefined || undefined}>
      <td>
        {chartable ? (
          <Link
            className="ph-link"
            to="/p/$pilot/twins/$twin"
            params={{ pilot, twin }}
            search={{ tab: 'charts', property: [name] }}
            title="To the chart"
          >
            {info?.title ?? name}
          </Link>
        ) : (
          (info?.title ?? name)
        )}
        {info?.title && <div className="ph-id ph-dim">{name}</div>}
      </td>
      <td data-align="right">
        {reported === undefined ? (
          <span className="ph-none">not reported</span>
        ) : (
          <>
            <Value value={reported.value} /> <span className="ph-unit">{unit}</span>
          </>
        )}
      </td>
      <td className="ph-from-tablet">{chartable && <Sparkline sparks={sparks} property={name} />}</td>
      <td className="ph-from-tablet">
        <RangeBar row={{ name, info, reported }} unit={unit} />
      </td>
      <td className={past ? undefined : 'ph-nowrap'}>
        {reported && (past ? <Time at={reported.time} /> : <Ago at={reported.time} />)}
      </td>
    </tr>
  );
});

/** Lights up for a moment when it becomes another. */
function Value({ value }: { value: number | string | boolean }) {
  const place = useRef<HTMLSpanElement>(null);
  const before = useRef(value);
  useEffect(() => {
    if (before.current === value) return;
    before.current = value;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    place.current?.animate(
      [{ backgroundColor: 'var(--ph-accent-soft)' }, { backgroundColor: 'transparent' }],
      { duration: 900, easing: 'ease-out' },
    );
  }, [value]);
  return (
    <span ref={place} className="ph-live-value ph-num">
      {written(value)}
    </span>
  );
}

function RangeBar({ row: { info, reported }, unit }: { row: ValueRow; unit: string }) {
  if (info?.choices) return <span className="ph-dim">{info.choices.map(String).join(', ')}</span>;
  const share = within(reported?.value, info);
  if (info?.minimum == null && info?.maximum == null) return <span className="ph-none">–</span>;
  const value = reported?.value;
  const oneSided = info.minimum === null || info.maximum === null;
  const outside =
    typeof value === 'number' &&
    ((info.minimum !== null && value < info.minimum) || (info.maximum !== null && value > info.maximum));
  const bound = (each: number | null) => (each === null ? '' : written(each));
  return (
    <span
      className="ph-range"
      title={`From ${bound(info.minimum) || '…'} to ${bound(info.maximum) || '…'} ${unit}`}
    >
      {oneSided ? (
        <span className="ph-dim ph-num">
          {info.minimum === null ? `up to ${bound(info.maximum)}` : `from ${bound(info.minimum)}`}
        </span>
      ) : (
        <>
          <span className="ph-dim ph-num">{bound(info.minimum)}</span>
          <span className="ph-range-track" aria-hidden>
            {share !== null && (
              <span
                className="ph-range-mark"
                data-outside={outside || undefined}
                style={{ left: `${share * 100}%` }}
              />
            )}
          </span>
          <span className="ph-dim ph-num">{bound(info.maximum)}</span>
        </>
      )}
      {outside && <span className="ph-outside">outside</span>}
    </span>
  );
}
