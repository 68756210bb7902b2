import { State } from '../../parts/State';
import { duration } from '../../parts/format';
import { useNow } from '../../parts/Time';
import type { LiveSnapshot } from './live-stream';

export const BEHIND_MS = 3_000;

/** Whether what is seen is the present, and if not, by how much. */
export function Connection({ snapshot }: { snapshot: LiveSnapshot }) {
  const now = useNow();
  const { phase, lag, lastEventAt } = snapshot;
  switch (phase.kind) {
    case 'connecting':
      return <State kind="idle">connecting</State>;
    case 'live': {
      const quiet = lastEventAt === null ? now - phase.since : now - lastEventAt;
      if (quiet > 10_000) return <State kind="up">live, nothing came for {duration(quiet)}</State>;
      if (lag !== null && lag > BEHIND_MS) return <State kind="slow">{duration(lag)} behind</State>;
      return <State kind="up">live</State>;
    }
    case 'reconnecting':
      return (
        <State kind="away">
          away for {duration(now - phase.since)}, next try{' '}
          {phase.retryAt > now ? `in ${duration(phase.retryAt - now)}` : 'now'}
        </State>
      );
    case 'refused':
      return <State kind="away">refused</State>;
    case 'closed':
      return <State kind="idle">closed</State>;
  }
}
