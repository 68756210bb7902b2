import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../live/event-buffer';
import { folded, ticks, valueRows } from './live-values';
import { readModel } from './thing-model';

let seq = 0;
const event = (twin: string, time: string, values: unknown, type = 'telemetry.reported'): LiveEvent => ({
  seq: ++seq,
  position: String(seq),
  type,
  data: JSON.stringify({ type, subject: twin, time, data: { twin, time, values } }),
  receivedAt: 0,
});
const at = (second: number) => `2026-11-21T12:00:${String(second).padStart(2, '0')}Z`;

describe('the state beside the stream', () => {
  const events = [
    event('pump-01', at(9), { a: 9, c: { not: 'a value' } }),
    event('pump-01', at(5), { a: 5, b: 'on' }),
    event('pump-02', at(9), { a: 99 }),
    event('pump-01', at(9), { a: 77 }, 'twin.changed'),
  ];

  it('never lets an older reading win', () => {
    const state = folded(
      { a: { value: 7, time: at(7) }, b: { value: 'off', time: at(8) } },
      events,
      'pump-01',
    );
    expect(state).toEqual({ a: { value: 9, time: at(9) }, b: { value: 'off', time: at(8) } });
  });

  it('gives the numbers of a property to the chart', () => {
    expect(ticks(events, 'pump-01', ['a']).map(({ value }) => value)).toEqual([9, 5]);
  });
});

it('lists what the model names first, reported or not', () => {
  const model = readModel({ properties: { z: { type: 'number' }, y: { type: 'string' } } });
  const state = { y: { value: 1, time: at(1) }, b: { value: 1, time: at(1) }, a: { value: 1, time: at(1) } };
  expect(valueRows(model, state).map(({ name, reported }) => `${name} ${reported !== undefined}`)).toEqual([
    'z false',
    'y true',
    'a true',
    'b true',
  ]);
});
