import type { Reported } from '../../api/client';
import { cloudEvent, twinOf, valuesOf } from '../live/cloud-event';
import type { LiveEvent } from '../live/event-buffer';
import type { PropertyInfo, ThingModel } from './thing-model';
import type { Tick } from './series';

const isValue = (value: unknown): value is Reported['value'] =>
  typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';

function readings(events: readonly LiveEvent[], twin: string) {
  return events.flatMap((event) => {
    if (event.type !== 'telemetry.reported' || twinOf(event) !== twin) return [];
    const { data, time } = cloudEvent(event);
    const own = (data as { time?: unknown } | null | undefined)?.time;
    const at = typeof own === 'string' ? own : time;
    if (at === undefined || Number.isNaN(Date.parse(at))) return [];
    return [{ at, values: valuesOf(event) }];
  });
}

/** The state with what the stream has brought since; a reading that is older than what is known changes nothing. */
export function folded(
  state: Record<string, Reported>,
  events: readonly LiveEvent[],
  twin: string,
): Record<string, Reported> {
  const found = new Map(Object.entries(state));
  for (const { at, values } of readings(events, twin)) {
    for (const [name, value] of Object.entries(values)) {
      const known = found.get(name);
      if (isValue(value) && (!known || Date.parse(known.time) < Date.parse(at))) {
        found.set(name, { value, time: at });
      }
    }
  }
  return Object.fromEntries(found);
}

export function ticks(events: readonly LiveEvent[], twin: string, properties: readonly string[]): Tick[] {
  return readings(events, twin).flatMap(({ at, values }) =>
    properties.flatMap((property) => {
      const value = Object.hasOwn(values, property) ? values[property] : undefined;
      return typeof value === 'number' ? [{ property, at: Date.parse(at), value }] : [];
    }),
  );
}

export interface ValueRow {
  name: string;
  info: PropertyInfo | undefined;
  reported: Reported | undefined;
}

/** What the model names, in its order, reported or not; then what came besides, by name. */
export function valueRows(model: ThingModel | undefined, state: Record<string, Reported>): ValueRow[] {
  const known = new Set(model?.properties.map(({ name }) => name));
  return [
    ...(model?.properties ?? []).map((info) => ({
      name: info.name,
      info,
      reported: Object.hasOwn(state, info.name) ? state[info.name] : undefined,
    })),
    ...Object.keys(state)
      .filter((name) => !known.has(name))
      .sort()
      .map((name) => ({ name, info: undefined, reported: state[name] })),
  ];
}
