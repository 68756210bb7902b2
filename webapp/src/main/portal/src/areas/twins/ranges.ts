import type { Range } from '../../router';

export interface Window {
  /** Milliseconds since 1970. */
  from: number;
  to: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const RANGE_MS: Record<Range, number> = {
  '15m': 15 * MINUTE,
  '1h': HOUR,
  '24h': DAY,
  '7d': 7 * DAY,
  '30d': 30 * DAY,
};

export const RANGE_LABELS: Record<Range, string> = {
  '15m': '15 min',
  '1h': '1 h',
  '24h': '24 h',
  '7d': '7 d',
  '30d': '30 d',
};

export const DEFAULT_RANGE: Range = '1h';
const SHORTEST_MS = 10_000;
const LONGEST_MS = 400 * DAY;

/** A window that makes sense: not too short, not too long, and not all in the future. */
export function bounded(window: Window, now: number): Window {
  const middle = (window.from + window.to) / 2;
  const span = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, window.to - window.from));
  const from = Math.round(middle - span / 2);
  const ahead = Math.max(0, from - (now - span / 10));
  return { from: Math.round(from - ahead), to: Math.round(from - ahead + span) };
}

export interface Asked {
  range?: Range;
  from?: string;
  to?: string;
}

/** What the address asks for: a fixed window, or one that ends now. */
export function windowOf(asked: Asked, now: number): Window & { follows: boolean } {
  const from = asked.from === undefined ? NaN : Date.parse(asked.from);
  const to = asked.to === undefined ? NaN : Date.parse(asked.to);
  if (to > from) return { ...bounded({ from, to }, now), follows: false };
  const span = RANGE_MS[asked.range ?? DEFAULT_RANGE];
  // a start without an end reaches to the present
  if (!Number.isNaN(from) && from < now) return { from, to: now, follows: true };
  return { from: now - span, to: now, follows: true };
}

/** Around a middle; a factor below 1 shows less, above 1 more. */
export function zoomed(window: Window, factor: number, now: number, at?: number): Window {
  const middle = at ?? (window.from + window.to) / 2;
  const left = (middle - window.from) * factor;
  const right = (window.to - middle) * factor;
  return bounded({ from: middle - left, to: middle + right }, now);
}

export function panned(window: Window, share: number, now: number): Window {
  const by = (window.to - window.from) * share;
  return bounded({ from: window.from + by, to: window.to + by }, now);
}

/** How often a window that follows the present is asked for anew: a new point is worth it, no more. */
export function pollMs(span: number): number {
  return Math.max(5_000, Math.min(5 * MINUTE, Math.round(span / 720)));
}
