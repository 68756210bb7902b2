import type { ReactNode } from 'react';

export type StateKind = 'up' | 'slow' | 'away' | 'idle';

/** A state by shape, word and colour, so that none of the three has to be seen to know it. */
export function State({ kind, children }: { kind: StateKind; children?: ReactNode }) {
  return (
    <span className="ph-state" data-kind={kind}>
      <StateMark kind={kind} />
      {children}
    </span>
  );
}

export function StateMark({ kind }: { kind: StateKind }) {
  return (
    <svg className="ph-mark" data-kind={kind} viewBox="0 0 12 12" width="10" height="10" aria-hidden>
      {kind === 'up' && <circle cx="6" cy="6" r="5" />}
      {kind === 'slow' && <path d="M6 0.8 11.6 11H0.4Z" />}
      {kind === 'away' && <path d="M1 3 3 1l3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3Z" />}
      {kind === 'idle' && <circle cx="6" cy="6" r="4" fill="none" strokeWidth="2" />}
    </svg>
  );
}
