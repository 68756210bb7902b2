import type { Look } from './words';

/** How a day stands, by shape as well as by colour. */
export function DayGlyph({
  look,
  corrections = 0,
  size = 12,
}: {
  look: Look;
  corrections?: number;
  size?: number;
}) {
  return (
    <svg className="ph-day-glyph" data-look={look} viewBox="0 0 12 12" width={size} height={size} aria-hidden>
      <Shape look={look} corrections={corrections} />
    </svg>
  );
}

function Shape({ look, corrections }: { look: Look; corrections: number }) {
  switch (look) {
    case 'complete':
      return (
        <>
          <circle cx="6" cy="6" r="5.5" />
          <path className="ph-day-ink" d="m3.4 6.2 1.8 1.8 3.4-3.7" />
        </>
      );
    case 'corrected':
      return (
        <>
          <rect x="0.5" y="0.5" width="11" height="11" rx="2.5" />
          {corrections > 0 && (
            <text className="ph-day-number" x="6" y="9.2">
              {corrections > 9 ? '+' : corrections}
            </text>
          )}
          {corrections === 0 && <path className="ph-day-ink" d="M6 3.2v5.6M3.2 6h5.6" />}
        </>
      );
    case 'incomplete':
      return (
        <>
          <circle className="ph-day-line" cx="6" cy="6" r="4.9" />
          <path d="M6 1.1a4.9 4.9 0 0 1 0 9.8Z" />
        </>
      );
    case 'failed':
      return <path d="M1 3 3 1l3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3Z" />;
    case 'missed':
      return (
        <>
          <path className="ph-day-line" d="M6 1.2 11.2 10.8H0.8Z" />
          <path className="ph-day-line" d="M6 4.8v2.6M6 8.8v.4" />
        </>
      );
    case 'running':
      return <path className="ph-day-line" d="M6 1.2A4.8 4.8 0 1 1 1.2 6" />;
    case 'open':
      return <circle className="ph-day-line" cx="6" cy="6" r="4.2" />;
  }
}
