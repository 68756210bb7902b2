import type { JsonObject } from '../../api/client';

export type ValueType = 'number' | 'integer' | 'string' | 'boolean' | 'object' | 'array';

export interface PropertyInfo {
  name: string;
  title: string | null;
  description: string | null;
  type: ValueType | null;
  unit: string | null;
  minimum: number | null;
  maximum: number | null;
  choices: unknown[] | null;
  readOnly: boolean;
}

export interface ActionInfo {
  name: string;
  title: string | null;
  description: string | null;
  input: JsonObject | null;
}

export interface EventInfo {
  name: string;
  title: string | null;
  description: string | null;
}

export interface ThingModel {
  title: string | null;
  description: string | null;
  properties: PropertyInfo[];
  actions: ActionInfo[];
  events: EventInfo[];
}

const TYPES: readonly ValueType[] = ['number', 'integer', 'string', 'boolean', 'object', 'array'];

export const objectOr = (value: unknown): JsonObject | null =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : null;
const textOr = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
const numberOr = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const members = (value: unknown): [string, JsonObject][] =>
  Object.entries(objectOr(value) ?? {}).flatMap(([name, member]) => {
    const found = objectOr(member);
    return found ? [[name, found]] : [];
  });

/** What the portal shows of a Thing Model; parts that it cannot read are passed over, the platform has checked them. */
export function readModel(document: unknown): ThingModel {
  const model = objectOr(document) ?? {};
  return {
    title: textOr(model.title),
    description: textOr(model.description),
    properties: members(model.properties).map(([name, property]) => ({
      name,
      title: textOr(property.title),
      description: textOr(property.description),
      type: TYPES.find((type) => type === property.type) ?? null,
      unit: textOr(property.unit),
      minimum: numberOr(property.minimum),
      maximum: numberOr(property.maximum),
      choices: Array.isArray(property.enum) ? property.enum : null,
      readOnly: property.readOnly === true,
    })),
    actions: members(model.actions).map(([name, action]) => ({
      name,
      title: textOr(action.title),
      description: textOr(action.description),
      input: objectOr(action.input),
    })),
    events: members(model.events).map(([name, event]) => ({
      name,
      title: textOr(event.title),
      description: textOr(event.description),
    })),
  };
}

const UNITS: Record<string, string> = {
  cel: '°C',
  deg_c: '°C',
  degreecelsius: '°C',
  celsius: '°C',
  deg_f: '°F',
  degreefahrenheit: '°F',
  k: 'K',
  kelvin: 'K',
  pa: 'Pa',
  kilopa: 'kPa',
  bar: 'bar',
  percent: '%',
  '%': '%',
  deg: '°',
  degree: '°',
  'rev-per-min': 'rpm',
  rev_per_min: 'rpm',
  rpm: 'rpm',
  '1/min': 'rpm',
  'm-per-sec': 'm/s',
  'm-per-sec2': 'm/s²',
  hz: 'Hz',
  kilow: 'kW',
  kilow_hr: 'kWh',
  'kilow-hr': 'kWh',
  w: 'W',
  v: 'V',
  a: 'A',
  sec: 's',
  min: 'min',
  hr: 'h',
  unitless: '',
  num: '',
};

/** A unit as people write it; names of the QUDT, OM and UCUM vocabularies are turned into symbols where known. */
export function unitText(unit: string | null | undefined): string {
  if (!unit) return '';
  const local = unit.replace(/^.*[#/](?=[A-Za-z_-]+$)/, (prefix) => (prefix.includes(':') ? '' : prefix));
  const name = local.replace(/^(unit|qudt|om|ucum):/i, '');
  return UNITS[name.toLowerCase()] ?? name;
}

/** Up to three figures that tell most of a twin: numbers in the order of the model, else the first by name. */
export function keyNames(
  model: ThingModel | undefined,
  reported: Record<string, { value: unknown }>,
): string[] {
  const isNumber = (name: string) =>
    Object.hasOwn(reported, name) && typeof reported[name]?.value === 'number';
  const modelled = (model?.properties ?? []).map(({ name }) => name).filter(isNumber);
  const rest = Object.keys(reported)
    .filter((name) => isNumber(name) && !modelled.includes(name))
    .sort();
  return [...modelled, ...rest].slice(0, 3);
}

/** Where a value lies between the bounds that the model gives, 0 to 1; nothing where the model gives none. */
export function within(value: unknown, info: PropertyInfo | undefined): number | null {
  if (typeof value !== 'number' || !info || info.minimum === null || info.maximum === null) return null;
  if (info.maximum <= info.minimum) return null;
  return Math.max(0, Math.min(1, (value - info.minimum) / (info.maximum - info.minimum)));
}
