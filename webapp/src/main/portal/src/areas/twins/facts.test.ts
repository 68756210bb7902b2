import { expect, it } from 'vitest';
import { byDay, factLine, factTitle } from './facts';

it('says what happened in words', () => {
  expect(factTitle('command.ended')).toBe('Command ended');
  expect(factTitle('alert.raised')).toBe('Alert raised');
  expect(
    factLine({
      data: {
        name: 'stop',
        command_id: 'c-1',
        state: 'failed',
        paths: ['/a', '/b'],
        more: { x: 1 },
        none: null,
      },
    }),
  ).toBe('name stop · state failed · paths /a, /b');
});

it('groups facts by day without changing their order', () => {
  const facts = ['2026-11-21T10:00:00Z', '2026-11-21T01:00:00Z', '2026-11-20T23:00:00Z'].map((time) => ({
    time,
  }));
  const days = byDay(facts, (at) => new Date(at).toISOString().slice(0, 10));
  expect(days.map((day) => [day.date, day.facts.length])).toEqual([
    ['2026-11-21', 2],
    ['2026-11-20', 1],
  ]);
});
