import type { JsonObject } from '../../api/client';
import { objectOr } from './thing-model';

export type FieldKind = 'number' | 'integer' | 'string' | 'boolean' | 'choice' | 'object';

export interface Field {
  name: string;
  /** JSON pointer below the input. */
  pointer: string;
  label: string;
  description: string | null;
  unit: string | null;
  kind: FieldKind;
  required: boolean;
  choices: (string | number | boolean)[];
  minimum: number | null;
  maximum: number | null;
  exclusiveMinimum: number | null;
  exclusiveMaximum: number | null;
  multipleOf: number | null;
  minLength: number | null;
  maxLength: number | null;
  pattern: string | null;
  fallback: unknown;
  below: Field[];
}

const DEEPEST = 4;
const numberOr = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const textOr = (value: unknown) => (typeof value === 'string' && value !== '' ? value : null);
const step = (name: string) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/**
 * The form that a schema asks for, or nothing where the schema says something that a form of these kinds could not
 * keep to (lists, alternatives, free members): the input is then typed as JSON.
 */
export function fieldOf(
  schema: JsonObject,
  name = '',
  pointer = '',
  required = true,
  depth = 0,
): Field | null {
  if (depth > DEEPEST) return null;
  const unknown = ['oneOf', 'anyOf', 'allOf', 'not', 'if', '$ref', 'tm:ref', 'patternProperties'];
  if (unknown.some((word) => Object.hasOwn(schema, word))) return null;
  const choices = Array.isArray(schema.enum)
    ? schema.enum
    : schema.const === undefined
      ? null
      : [schema.const];
  const field: Field = {
    name,
    pointer,
    label: textOr(schema.title) ?? (name === '' ? 'Input' : name),
    description: textOr(schema.description),
    unit: textOr(schema.unit),
    kind: 'string',
    required,
    choices: [],
    minimum: numberOr(schema.minimum),
    maximum: numberOr(schema.maximum),
    exclusiveMinimum: numberOr(schema.exclusiveMinimum),
    exclusiveMaximum: numberOr(schema.exclusiveMaximum),
    multipleOf: numberOr(schema.multipleOf),
    minLength: numberOr(schema.minLength),
    maxLength: numberOr(schema.maxLength),
    pattern: textOr(schema.pattern),
    fallback: schema.default,
    below: [],
  };
  if (choices) {
    const plain = choices.filter((each) => ['string', 'number', 'boolean'].includes(typeof each));
    if (plain.length !== choices.length || plain.length === 0) return null;
    return { ...field, kind: 'choice', choices: plain as Field['choices'] };
  }
  if (schema.type === 'object') {
    const members = objectOr(schema.properties);
    if (!members || Object.keys(members).length === 0) return null;
    const needed = Array.isArray(schema.required) ? schema.required : [];
    const below: Field[] = [];
    for (const [member, value] of Object.entries(members)) {
      const inner = objectOr(value);
      const found =
        inner && fieldOf(inner, member, pointer + step(member), needed.includes(member), depth + 1);
      if (!found) return null;
      below.push(found);
    }
    return { ...field, kind: 'object', below };
  }
  const { type } = schema;
  if (type === 'number' || type === 'integer' || type === 'string' || type === 'boolean') {
    return { ...field, kind: type };
  }
  return null;
}

/** What stands in the fields, by pointer; an empty field is absent. */
export type Filled = Readonly<Record<string, string | number | boolean | undefined>>;

export function initial(field: Field): Filled {
  if (field.kind === 'object') {
    return Object.assign({}, ...field.below.map(initial)) as Filled;
  }
  const { fallback } = field;
  if (['string', 'number', 'boolean'].includes(typeof fallback)) {
    return { [field.pointer]: fallback as string };
  }
  if (field.kind === 'boolean' && field.required) return { [field.pointer]: false };
  if (field.kind === 'choice' && field.required && field.choices.length === 1) {
    return { [field.pointer]: field.choices[0] };
  }
  return {};
}

/** The input that the fields make; an object of which nothing is filled in and nothing is needed is left out. */
export function valueOf(field: Field, filled: Filled): unknown {
  if (field.kind !== 'object') return filled[field.pointer];
  const members = field.below.flatMap((each): [string, unknown][] => {
    const value = valueOf(each, filled);
    return value === undefined ? [] : [[each.name, value]];
  });
  return members.length === 0 && !field.required ? undefined : Object.fromEntries(members);
}

/** What is wrong, by pointer. The server checks again; this only spares the way. */
export function faults(field: Field, filled: Filled): Record<string, string> {
  if (field.kind === 'object') {
    // what is below an optional object is needed only once something of it is filled in
    if (!field.required && valueOf(field, filled) === undefined) return {};
    return Object.assign({}, ...field.below.map((each) => faults(each, filled))) as Record<string, string>;
  }
  const fault = faultOf(field, filled[field.pointer]);
  return fault === null ? {} : { [field.pointer]: fault };
}

function faultOf(field: Field, value: unknown): string | null {
  if (value === undefined) return field.required ? 'This is needed' : null;
  const unit = field.unit ? ` ${field.unit}` : '';
  if (field.kind === 'choice')
    return field.choices.includes(value as string) ? null : 'Choose one of the list';
  if (field.kind === 'number' || field.kind === 'integer') {
    if (typeof value !== 'number' || !Number.isFinite(value)) return 'A number is needed';
    if (field.kind === 'integer' && !Number.isInteger(value)) return 'A whole number is needed';
    if (field.minimum !== null && value < field.minimum) return `At least ${field.minimum}${unit}`;
    if (field.maximum !== null && value > field.maximum) return `At most ${field.maximum}${unit}`;
    if (field.exclusiveMinimum !== null && value <= field.exclusiveMinimum)
      return `More than ${field.exclusiveMinimum}${unit}`;
    if (field.exclusiveMaximum !== null && value >= field.exclusiveMaximum)
      return `Less than ${field.exclusiveMaximum}${unit}`;
    if (field.multipleOf !== null && field.multipleOf > 0) {
      const times = value / field.multipleOf;
      if (Math.abs(times - Math.round(times)) > 1e-9 * Math.max(1, Math.abs(times)))
        return `A multiple of ${field.multipleOf}`;
    }
    return null;
  }
  if (field.kind === 'string' && typeof value === 'string') {
    const length = [...value].length;
    if (field.minLength !== null && length < field.minLength) return `At least ${field.minLength} characters`;
    if (field.maxLength !== null && length > field.maxLength) return `At most ${field.maxLength} characters`;
    if (field.pattern !== null && !fits(field.pattern, value)) return `It must fit ${field.pattern}`;
  }
  return null;
}

function fits(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    // a pattern of another dialect is left to the server
    return true;
  }
}
