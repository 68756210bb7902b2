import { Link } from '@tanstack/react-router';

export function Brand() {
  return (
    <Link to="/" className="ph-brand">
      <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden>
        <g fill="none" stroke="currentColor" strokeLinecap="round">
          <circle cx="16" cy="16" r="8" strokeWidth="2.6" />
          <path d="M16 2v28M2 16h28M6.1 6.1l19.8 19.8M25.9 6.1 6.1 25.9" strokeWidth="2" />
        </g>
        <circle cx="16" cy="16" r="3" fill="currentColor" />
      </svg>
      Pilothouse
    </Link>
  );
}
