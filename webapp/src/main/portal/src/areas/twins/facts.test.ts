import { expect, it } from 'vitest';
import { byDay, factLine, factTitle } from './facts';

it('says what happened in words', () => {
  expect(factTitle({ type: 'command.ended' })).toBe('Command ended');
  expect(factTitle({ type: 'alert.raised' })).toBe('Alert raised');
  expect(factTitle({ type: 'twin.maintained' })).toBe('Maintained');
  expect(factTitle({ type: 'twin.changed', data: { changed: ['desired'] } })).toBe('Changed');
  expect(factTitle({ type: 'twin.changed', data: { changed: ['model', 'desired'] } })).toBe('Model changed');
  expect(
    factLine({
      data: {
        name: 'stop',
        state: 'failed',
        paths: ['/a', '/b'],
        more: { x: 1 },
        none: null,
      },
    }),
  ).toBe('name stop · state failed · paths /a, /b');
});

it('does not say twice that the model was changed', () => {
  expect(factLine({ data: { changed: ['model'], model: 'pump', revision: 4 } })).toBe('model pump');
  expect(factLine({ data: { changed: ['desired'], model: 'pump' } })).toBe('changed desired · model pump');
});

it('tells of a command by its name and state', () => {
  const told = { command_id: 'c-1', device: 'press-1', expires_at: '2026-11-21T18:31:55Z' };
  expect(factLine({ data: { ...told, name: 'stop' } })).toBe('stop');
  expect(factLine({ data: { ...told, name: '$desired', state: 'timed_out' } })).toBe(
    'desired properties · timed out',
  );
});

it('tells of a relationship in its direction', () => {
  expect(factTitle({ type: 'twin.related', data: { revision: 1 } })).toBe('Related');
  expect(factTitle({ type: 'twin.related', data: { revision: 2 } })).toBe('Relationship changed');
  expect(factTitle({ type: 'twin.unrelated', data: { revision: 2 } })).toBe('No longer related');
  expect(
    factLine({
      data: { relationship_id: 'r-1', type: 'feeds', source: 'tank-1', target: 'pump-1', revision: 1 },
    }),
  ).toBe('tank-1 feeds pump-1');
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
