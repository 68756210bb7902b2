import { describe, expect, it } from 'vitest';
import type { Command, Fact } from '../../api/client';
import { countsOf, endOf, grouped, inWindow, marksOf, shapeOf, type Mark } from './marks';

const iso = (second: number) => new Date(second * 1000).toISOString();

function command(id: string, sent: number, more: Partial<Command> = {}): Command {
  return {
    command_id: id,
    twin: 'press-1',
    device: 'press-1',
    name: 'stop',
    input: null,
    state: 'succeeded',
    output: null,
    error: null,
    sent_by: 'person:ada',
    created_at: iso(sent),
    delivered_at: null,
    ended_at: iso(sent + 2),
    expires_at: iso(sent + 60),
    ...more,
  };
}

const fact = (id: string, at: number, type: string, data: Fact['data'] = {}): Fact => ({
  id,
  time: iso(at),
  type,
  actor: null,
  data,
});

describe('what is marked', () => {
  it('is a command from its sending to its end, and not the facts of both once more', () => {
    const marks = marksOf(
      [command('c-1', 10)],
      [
        fact('f-2', 12, 'command.ended', { command_id: 'c-1', state: 'succeeded' }),
        fact('f-1', 10, 'command.sent', { command_id: 'c-1' }),
      ],
    );
    expect(marks).toHaveLength(1);
    expect(marks[0]).toMatchObject({ kind: 'commands', shape: 'succeeded', at: 10_000, end: 12_000 });
  });

  it('is the fact of a command that is forgotten', () => {
    const marks = marksOf([], [fact('f-1', 10, 'command.ended', { command_id: 'c-1', state: 'failed' })]);
    expect(marks[0]).toMatchObject({ kind: 'commands', shape: 'failed' });
  });

  it.each([
    ['alert.opened', 'alerts', 'alert'],
    ['alert.cleared', 'alerts', 'cleared'],
    ['twin.alerted', 'alerts', 'alert'],
    ['alerted', 'alerts', 'alert'],
    ['twin.maintained', 'facts', 'fact'],
    ['twin.retired', 'facts', 'fact'],
    ['something.new', 'facts', 'fact'],
  ])('is a fact of the type %s', (type, kind, shape) => {
    expect(marksOf([], [fact('f-1', 1, type)])[0]).toMatchObject({ kind, shape });
  });

  it('is in the order of time, and counted by kind', () => {
    const marks = marksOf(
      [command('c-1', 30)],
      [fact('f-2', 40, 'alert.opened'), fact('f-1', 20, 'twin.created')],
    );
    expect(marks.map(({ at }) => at)).toEqual([20_000, 30_000, 40_000]);
    expect(countsOf(marks)).toEqual({ commands: 1, alerts: 1, facts: 1 });
  });

  it('has the words of the device where it failed, and none of the platform’s own names', () => {
    const [failed, desired] = marksOf(
      [
        command('c-1', 1, { state: 'failed', error: 'jammed' }),
        command('c-2', 2, { name: '$desired', state: 'superseded' }),
      ],
      [],
    );
    expect(failed?.line).toBe('failed: jammed');
    expect(desired?.title).toBe('Desired properties');
  });
});

describe('the window', () => {
  const marks = marksOf(
    [command('long', 10, { ended_at: iso(100) }), command('open', 5, { state: 'pending', ended_at: null })],
    [fact('f-1', 50, 'twin.changed')],
  );

  it('holds what began before it and was not over', () => {
    const keys = (from: number, to: number) =>
      inWindow(marks, { from: from * 1000, to: to * 1000 }, 200_000).map(({ key }) => key);
    expect(keys(90, 95)).toEqual(['command open', 'command long']);
    expect(keys(101, 150)).toEqual(['command open']);
    expect(keys(0, 4)).toEqual([]);
    expect(keys(45, 55)).toContain('fact f-1');
  });

  it('lets an open command reach to the present', () => {
    expect(endOf(marks[0] as Mark, 200_000)).toBe(200_000);
    expect(endOf(marks[1] as Mark, 200_000)).toBe(100_000);
  });
});

describe('marks on the axis', () => {
  const at = (...seconds: number[]) =>
    marksOf(
      [],
      seconds.map((second, index) => fact(`f-${index}`, second, 'twin.changed')),
    );
  const window = { from: 0, to: 1_000_000 };

  it('stand alone where there is room', () => {
    const groups = grouped(at(100, 200, 900), window, 1000);
    expect(groups.map(({ x, marks }) => [x, marks.length])).toEqual([
      [100, 1],
      [200, 1],
      [900, 1],
    ]);
  });

  it('are one where they would lie on top of one another, and apart again when zoomed in', () => {
    expect(grouped(at(100, 104, 900), window, 1000).map(({ marks }) => marks.length)).toEqual([2, 1]);
    expect(grouped(at(100, 104), { from: 90_000, to: 110_000 }, 1000)).toHaveLength(2);
  });

  it('never overlap, however many they are', () => {
    const groups = grouped(at(...Array.from({ length: 400 }, (_, index) => index * 2.5)), window, 360);
    expect(groups.flatMap(({ marks }) => marks)).toHaveLength(400);
    groups.slice(1).forEach((group, index) => {
      expect(group.x - (groups[index]?.x ?? 0)).toBeGreaterThanOrEqual(24);
    });
  });

  it('stand at the edge where they began before it', () => {
    expect(grouped(at(100), { from: 200_000, to: 300_000 }, 1000)[0]?.x).toBe(0);
    expect(grouped(at(100), window, 0)).toEqual([]);
  });

  it('show the worst of a group', () => {
    const marks = marksOf(
      [command('c-1', 1), command('c-2', 2, { state: 'timed_out' })],
      [fact('f-1', 3, 'twin.changed')],
    );
    expect(shapeOf(marks)).toBe('timed_out');
    expect(shapeOf([...marks, ...marksOf([], [fact('f-2', 4, 'alert.opened')])])).toBe('alert');
  });
});
