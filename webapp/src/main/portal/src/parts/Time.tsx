import { useEffect, useState } from 'react';
import { serverNow } from '../api/clock';
import { useZone } from '../session/zone';
import { bothReadings, duration, fields, stamp, stampWithMillis } from './format';

/** An instant in the chosen zone; UTC and the pilot's zone are in its title. */
export function Time({ at, millis = false }: { at: string | null | undefined; millis?: boolean }) {
  const zone = useZone();
  if (!at) return <span className="ph-none">never</span>;
  const instant = Date.parse(at);
  if (Number.isNaN(instant)) return <span>{at}</span>;
  return (
    <time dateTime={at} title={bothReadings(instant, zone.pilot)} className="ph-num">
      {millis ? stampWithMillis(instant, zone.shown) : stamp(instant, zone.shown)}
    </time>
  );
}

/** The day of an instant, where its hour matters less than the room; the title has it all. */
export function Day({ at }: { at: string }) {
  const zone = useZone();
  const instant = Date.parse(at);
  if (Number.isNaN(instant)) return <span>{at}</span>;
  return (
    <time dateTime={at} title={bothReadings(instant, zone.pilot)} className="ph-num">
      {fields(instant, zone.shown).date}
    </time>
  );
}

/** The present, once a second. */
export function useNow(everyMs = 1000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

export function Ago({ at }: { at: string | null | undefined }) {
  const now = useNow();
  const zone = useZone();
  if (!at) return <span className="ph-none">never</span>;
  const instant = Date.parse(at);
  const age = now - instant;
  return (
    <time dateTime={at} title={bothReadings(instant, zone.pilot)} className="ph-num">
      {age < 1500 ? 'now' : `${duration(age)} ago`}
    </time>
  );
}
