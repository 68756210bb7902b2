import type { LiveEvent } from './event-buffer';

export interface CloudEvent {
  id?: string;
  source?: string;
  type?: string;
  subject?: string;
  time?: string;
  data?: unknown;
  [extension: string]: unknown;
}

const parsed = new WeakMap<LiveEvent, CloudEvent>();

export function cloudEvent(event: LiveEvent): CloudEvent {
  let found = parsed.get(event);
  if (!found) {
    try {
      const value: unknown = JSON.parse(event.data);
      found = value !== null && typeof value === 'object' ? (value as CloudEvent) : { data: value };
    } catch {
      found = { data: event.data };
    }
    parsed.set(event, found);
  }
  return found;
}

export function twinOf(event: LiveEvent): string | undefined {
  const { subject, data } = cloudEvent(event);
  if (subject) return subject;
  const twin = (data as { twin?: unknown } | undefined)?.twin;
  return typeof twin === 'string' ? twin : undefined;
}

export function valuesOf(event: LiveEvent): Record<string, unknown> {
  const { data } = cloudEvent(event);
  if (data === null || typeof data !== 'object') return {};
  const values = (data as { values?: unknown }).values;
  return (values !== null && typeof values === 'object' ? values : data) as Record<string, unknown>;
}

const significant = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 6, useGrouping: true });

export function written(value: unknown): string {
  if (typeof value === 'number') {
    const size = Math.abs(value);
    return size !== 0 && (size >= 1e9 || size < 1e-4) ? value.toExponential(4) : significant.format(value);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function line(event: LiveEvent): string {
  if (event.type === 'gap') return gapText(event);
  return Object.entries(valuesOf(event))
    .slice(0, 24)
    .map(([name, value]) => `${name} ${written(value)}`)
    .join('   ');
}

/** How many events a `gap` message says are no longer kept, where it says it. */
export function gapSize(event: LiveEvent): number | undefined {
  const { data, ...own } = cloudEvent(event);
  const places = [own, data].filter((place) => place !== null && typeof place === 'object');
  for (const place of places) {
    for (const value of Object.values(place as object)) if (typeof value === 'number') return value;
  }
  return typeof data === 'number' ? data : undefined;
}

export function gapText(event: LiveEvent): string {
  const size = gapSize(event);
  return `${size === undefined ? 'Some' : significant.format(size)} events before this one are no longer kept.`;
}
