import { State } from '../../parts/State';
import { Ago, useNow } from '../../parts/Time';

/** Silence from which a twin counts as stale. */
export const STALE_MS = 5 * 60_000;

export function isStale(reportedAt: string | null, now: number): boolean {
  return reportedAt !== null && now - Date.parse(reportedAt) > STALE_MS;
}

/** When the twin last reported; silence is marked by shape and word too. */
export function Freshness({ at, word = false }: { at: string | null; word?: boolean }) {
  const now = useNow(5_000);
  if (at === null) return <State kind="idle">never</State>;
  const stale = isStale(at, now);
  return (
    <State kind={stale ? 'slow' : 'up'}>
      <span>
        {word && (stale ? 'silent, ' : 'reporting, ')}
        <Ago at={at} />
        {stale && !word && <span className="ph-hidden">, stale</span>}
      </span>
    </State>
  );
}
