import { describe, expect, it } from 'vitest';
import { bounded, panned, pollMs, windowOf, zoomed } from './ranges';

const now = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3_600_000;

describe('the window of a chart', () => {
  it('ends now unless both ends are given', () => {
    expect(windowOf({}, now)).toEqual({ from: now - HOUR, to: now, follows: true });
    expect(windowOf({ range: '24h' }, now).from).toBe(now - 24 * HOUR);
    expect(windowOf({ from: '2026-11-21T10:00:00Z' }, now)).toEqual({
      from: now - 2 * HOUR,
      to: now,
      follows: true,
    });
    expect(windowOf({ from: '2026-11-21T10:00:00Z', to: '2026-11-21T11:00:00Z' }, now)).toEqual({
      from: now - 2 * HOUR,
      to: now - HOUR,
      follows: false,
    });
  });

  it('takes no window that ends before it begins', () => {
    expect(windowOf({ from: '2026-11-21T11:00:00Z', to: '2026-11-21T10:00:00Z' }, now).follows).toBe(true);
  });

  it('zooms around a point, not below ten seconds', () => {
    const window = { from: now - 2 * HOUR, to: now - HOUR };
    expect(zoomed(window, 0.5, now)).toEqual({ from: now - 1.75 * HOUR, to: now - 1.25 * HOUR });
    expect(zoomed(window, 0.5, now, window.from)).toEqual({ from: now - 2 * HOUR, to: now - 1.5 * HOUR });
    const least = zoomed(window, 1e-9, now);
    expect(least.to - least.from).toBe(10_000);
  });

  it('does not leave for the future', () => {
    const ahead = panned({ from: now - HOUR, to: now }, 50, now);
    expect(ahead.from).toBeLessThan(now);
    expect(ahead.to - ahead.from).toBe(HOUR);
    expect(bounded({ from: now - HOUR, to: now }, now)).toEqual({ from: now - HOUR, to: now });
  });

  it('asks anew seldom where a point stands for long', () => {
    expect([pollMs(15 * 60_000), pollMs(HOUR), pollMs(24 * HOUR), pollMs(720 * HOUR)]).toEqual([
      5_000, 5_000, 120_000, 300_000,
    ]);
  });
});
