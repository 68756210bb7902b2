import { Button, Drawer, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Copy } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { duration, stampWithMillis, zoneOffset } from '../../parts/format';
import { useZone } from '../../session/zone';
import { cloudEvent, twinOf, valuesOf, written } from './cloud-event';
import type { LiveEvent } from './event-buffer';

interface Props {
  pilot: string;
  event: LiveEvent | undefined;
  asked: string | undefined;
  onClose: () => void;
}

export function EventDrawer({ pilot, event, asked, onClose }: Props) {
  return (
    <Drawer
      opened={asked !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={event ? 'Event' : 'Event not loaded'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {event ? (
        <Detail pilot={pilot} event={event} />
      ) : (
        <Empty title="This event is not among those loaded">
          This page keeps the newest 5,000 events since it was opened; <span className="ph-id">{asked}</span>{' '}
          is not one of them.
        </Empty>
      )}
    </Drawer>
  );
}

function Detail({ pilot, event }: { pilot: string; event: LiveEvent }) {
  const zone = useZone();
  const envelope = cloudEvent(event);
  const twin = twinOf(event);
  const values = Object.entries(valuesOf(event));
  const time = envelope.time ? Date.parse(envelope.time) : Number.NaN;
  const json = JSON.stringify(envelope, null, 2);
  return (
    <>
      <Facts>
        <Fact label="Twin">
          {twin ? (
            <Group gap={4} wrap="nowrap">
              <Link className="ph-link ph-id" to="/p/$pilot/twins/$twin" params={{ pilot, twin }} search={{}}>
                {twin}
              </Link>
              <Copy value={twin} label="Copy the twin’s id" />
            </Group>
          ) : (
            '–'
          )}
        </Fact>
        <Fact label="Type">{event.type}</Fact>
        {!Number.isNaN(time) && (
          <>
            <Fact label="Time, UTC">
              <span className="ph-num">{stampWithMillis(time, 'UTC')}</span>
            </Fact>
            {zone.pilot && zone.pilot !== 'UTC' && (
              <Fact label={`Time, ${zone.pilot}`}>
                <span className="ph-num">
                  {stampWithMillis(time, zone.pilot)} ({zoneOffset(time, zone.pilot)})
                </span>
              </Fact>
            )}
            <Fact label="Seen here">{duration(event.receivedAt - time)} after</Fact>
          </>
        )}
        <Fact label="Source">
          <span className="ph-id">{envelope.source ?? '–'}</span>
        </Fact>
        <Fact label="Event id">
          <Group gap={4} wrap="nowrap">
            <span className="ph-id">{envelope.id ?? '–'}</span>
            {envelope.id && <Copy value={envelope.id} label="Copy the event’s id" />}
          </Group>
        </Fact>
      </Facts>
      {twin && (
        <Button
          component={Link}
          // the list starts anew with the one twin
          to="/p/$pilot/live"
          params={{ pilot } as never}
          search={{ twin: [twin] } as never}
          variant="default"
          mb="md"
        >
          Only this twin
        </Button>
      )}
      {values.length > 0 && (
        <>
          <h2 className="ph-card-title">Values</h2>
          <table className="ph-facts-table ph-value-table">
            <tbody>
              {values.map(([name, value]) => (
                <tr key={name}>
                  <td>{name}</td>
                  <td data-align="right" className="ph-num">
                    {written(value)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      <div className="ph-card-head">
        <h2 className="ph-card-title">CloudEvent</h2>
        <Copy value={json} label="Copy the JSON" />
      </div>
      <pre className="ph-json" tabIndex={0} aria-label="The event as JSON">
        {json}
      </pre>
    </>
  );
}
