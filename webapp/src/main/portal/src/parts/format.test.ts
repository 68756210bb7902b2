import { describe, expect, it } from 'vitest';
import {
  barValue,
  actorText,
  bothReadings,
  bytes,
  count,
  csv,
  duration,
  instantOf,
  localText,
  rate,
  since,
  stamp,
  zoneOffset,
} from './format';

const INSTANT = Date.parse('2026-11-21T10:42:07.123Z');

describe('numbers', () => {
  it('separates thousands', () => {
    expect(count(15_100_779)).toBe('15,100,779');
  });

  it('writes bytes with three digits, in decimal units', () => {
    expect([0, 999, 1000, 48_300_112, 999_499, 999_600, 3_812_440_019].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.00 kB',
      '48.3 MB',
      '999 kB',
      '1.00 MB',
      '3.81 GB',
    ]);
    expect([9_996, 99_960, -2_500].map(bytes)).toEqual(['10.0 kB', '100 kB', '−2.50 kB']);
  });

  it('shows a decimal only below ten', () => {
    expect([rate(0), rate(3.14159), rate(9.96), rate(312.4)]).toEqual(['0', '3.1', '10.0', '312']);
  });

  it('says durations in the unit that reads best', () => {
    expect([400, 45_000, 600_000, 7_200_000, 400_000_000].map(duration)).toEqual([
      '0.4 s',
      '45 s',
      '10 min',
      '2 h',
      '5 d',
    ]);
  });
});

describe('times', () => {
  it('writes an instant in the zone asked for', () => {
    expect(stamp(INSTANT, 'UTC')).toBe('2026-11-21 10:42:07');
    expect(stamp(INSTANT, 'Europe/Rome')).toBe('2026-11-21 11:42:07');
  });

  it('knows the offset on both sides of a change of clocks', () => {
    expect(zoneOffset(Date.parse('2026-10-25T00:30:00Z'), 'Europe/Rome')).toBe('+02:00');
    expect(zoneOffset(Date.parse('2026-10-25T01:30:00Z'), 'Europe/Rome')).toBe('+01:00');
    expect(zoneOffset(INSTANT, 'America/St_Johns')).toBe('−03:30');
  });

  it('gives both readings, and one where the pilot lives in UTC', () => {
    expect(bothReadings(INSTANT, 'Europe/Rome')).toBe(
      '2026-11-21 10:42:07.123 UTC\n2026-11-21 11:42:07.123 Europe/Rome (+01:00)',
    );
    expect(bothReadings(INSTANT, 'UTC')).toBe('2026-11-21 10:42:07.123 UTC');
  });

  it('falls back to UTC for a zone that the browser does not know', () => {
    expect(stamp(INSTANT, 'Mars/Olympus')).toBe('2026-11-21 10:42:07');
  });

  it('names the date only of another day', () => {
    expect(since(INSTANT, 'UTC', INSTANT + 3_600_000)).toBe('10:42');
    expect(since(INSTANT, 'UTC', INSTANT + 86_400_000)).toBe('2026-11-21 10:42');
  });
});

describe('csv', () => {
  it('quotes what would break a row', () => {
    expect(csv(['a', 'b'], [['x,y', 'say "z"']])).toBe('a,b\r\n"x,y","say ""z"""\r\n');
  });

  it('neutralises formulas and leaves numbers alone', () => {
    expect(csv(['v'], [['=1+1'], ['@x'], ['-12.5'], [-3], ['-rm']])).toBe(
      "v\r\n'=1+1\r\n'@x\r\n-12.5\r\n-3\r\n'-rm\r\n",
    );
  });
});

describe('a local date and time', () => {
  it('comes back as the instant it was', () => {
    for (const zone of ['UTC', 'Europe/Rome', 'Pacific/Auckland', 'America/St_Johns']) {
      const whole = Math.floor(INSTANT / 1000) * 1000;
      expect(instantOf(localText(whole, zone), zone)).toBe(whole);
    }
    expect(instantOf('2026-11-21T10:42', 'UTC')).toBe(Date.parse('2026-11-21T10:42:00Z'));
    expect(instantOf('tomorrow', 'UTC')).toBeNull();
  });

  it('is the first of two in autumn, and leaps in spring', () => {
    expect(instantOf('2026-10-25T02:30:00', 'Europe/Rome')).toBe(Date.parse('2026-10-25T00:30:00Z'));
    expect(instantOf('2026-03-29T02:30:00', 'Europe/Rome')).toBe(Date.parse('2026-03-29T01:30:00Z'));
  });
});

it('names who did it', () => {
  expect(actorText('person:ada')).toBe('ada');
  expect(actorText('device:aurora/press-1')).toBe('device press-1');
  expect(actorText('rule:hot')).toBe('rule hot');
  expect(actorText('telemetry')).toBe('telemetry');
});

it('moves a bar in tenths, within its ends', () => {
  expect(barValue(1.5e-11)).toBe(0);
  expect(barValue(0.12345)).toBe(12.3);
  expect(barValue(7)).toBe(100);
  expect(barValue(-1)).toBe(0);
});
