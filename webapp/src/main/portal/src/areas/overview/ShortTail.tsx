import { Link } from '@tanstack/react-router';
import { Command } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { ProblemNote } from '../../parts/Problem';
import { bothReadings, fields, rate } from '../../parts/format';
import { useZone } from '../../session/zone';
import { cloudEvent, twinOf } from '../live/cloud-event';
import { Connection } from '../live/Connection';
import { Values } from '../live/Values';
import { useLiveStream } from '../live/use-live-stream';

const SHOWN = 24;
const NO_FILTER = {};

export function ShortTail({ pilot }: { pilot: string }) {
  const { snapshot } = useLiveStream(pilot, NO_FILTER, SHOWN);
  const zone = useZone();
  return (
    <>
      <div className="ph-card-head">
        <h2 className="ph-card-title">
          <Link to="/p/$pilot/live" params={{ pilot }} search={{}}>
            Live events
          </Link>{' '}
          <span className="ph-unit">{zone.label}</span>
        </h2>
        <span className="ph-card-tools ph-num">
          {snapshot.perSecond > 0 && <span className="ph-dim">{rate(snapshot.perSecond)} /s</span>}
          <Connection snapshot={snapshot} />
        </span>
      </div>
      {snapshot.phase.kind === 'refused' && <ProblemNote error={snapshot.phase.problem} />}
      {snapshot.newest.length > 0 || snapshot.phase.kind !== 'live' ? (
        <ol className="ph-tail" aria-label="The newest events">
          {snapshot.newest.map((event) => {
            const twin = twinOf(event);
            const time = Date.parse(cloudEvent(event).time ?? '') || event.receivedAt;
            return (
              <li key={event.seq}>
                <time title={bothReadings(time, zone.pilot)}>{fields(time, zone.shown).time}</time>
                {twin ? (
                  <Link to="/p/$pilot/live" params={{ pilot }} search={{ twin: [twin] }}>
                    {twin}
                  </Link>
                ) : (
                  <span>{event.type}</span>
                )}
                <Values event={event} />
              </li>
            );
          })}
        </ol>
      ) : (
        <div className="ph-tail ph-tail-empty">
          <Empty title="Nothing has come yet" action={<Command text="./pilothouse demo" />}>
            The events of this pilot appear here the moment the backbone has them.
          </Empty>
        </div>
      )}
    </>
  );
}
