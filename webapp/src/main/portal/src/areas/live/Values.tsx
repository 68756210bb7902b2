import { gapText, valuesOf, written } from './cloud-event';
import type { LiveEvent } from './event-buffer';

const SHOWN = 12;

/** The values of an event in one line; their names are quieter than what they say. */
export function Values({ event }: { event: LiveEvent }) {
  if (event.type === 'gap') return <span className="ph-values">{gapText(event)}</span>;
  return (
    <span className="ph-mono ph-values">
      {Object.entries(valuesOf(event))
        .slice(0, SHOWN)
        .map(([name, value]) => (
          <span key={name}>
            <span className="ph-dim">{name}</span> {written(value)}
          </span>
        ))}
    </span>
  );
}
