import type { MarkShape } from './marks';

const TONES: Record<MarkShape, 'up' | 'slow' | 'away' | 'idle' | 'fact'> = {
  pending: 'idle',
  delivered: 'idle',
  succeeded: 'up',
  failed: 'away',
  timed_out: 'slow',
  superseded: 'idle',
  alert: 'away',
  cleared: 'up',
  fact: 'fact',
};

/** A mark by shape and colour, 12 by 12 around its middle. */
export function MarkShapes({ shape }: { shape: MarkShape }) {
  return (
    <g className="ph-glyph" data-tone={TONES[shape]}>
      {shape === 'succeeded' && <circle r="4.5" />}
      {shape === 'failed' && <path d="M-5 -3 -3 -5 0 -2 3 -5 5 -3 2 0 5 3 3 5 0 2 -3 5 -5 3 -2 0Z" />}
      {shape === 'timed_out' && <path d="M0 -5 5.2 4.4H-5.2Z" />}
      {shape === 'pending' && <circle r="4" className="ph-glyph-open" strokeDasharray="2.6 1.6" />}
      {shape === 'delivered' && <circle r="4" className="ph-glyph-open" />}
      {shape === 'superseded' && (
        <path className="ph-glyph-open" d="M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0M-3 3 3 -3" />
      )}
      {shape === 'alert' && <path d="M-4 -5.5H5L2.6 -2.5 5 0.5H-2.4V5.5H-4Z" />}
      {shape === 'cleared' && <path className="ph-glyph-open" d="M-3.2 5.5V-4.8H4.2L2.4 -2.3 4.2 0.2H-3.2" />}
      {shape === 'fact' && <path d="M0 -5.2 5.2 0 0 5.2 -5.2 0Z" />}
    </g>
  );
}

export function MarkGlyph({ shape }: { shape: MarkShape }) {
  return (
    <svg viewBox="-6 -6 12 12" width="12" height="12" aria-hidden className="ph-mark">
      <MarkShapes shape={shape} />
    </svg>
  );
}
