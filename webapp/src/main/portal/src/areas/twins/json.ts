import type { JsonObject } from '../../api/client';

const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, at) => same(value, b[at]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]))
  );
}

/** What turns one object into the other by RFC 7396: null takes a member out, arrays are replaced as a whole. */
export function mergePatch(before: JsonObject, after: JsonObject): JsonObject {
  const patch: [string, unknown][] = [];
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) patch.push([name, null]);
  for (const [name, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (Object.hasOwn(before, name) && same(old, value)) continue;
    patch.push([name, isObject(old) && isObject(value) ? mergePatch(old, value) : value]);
  }
  // an assignment would lose a member that is called `__proto__`
  return Object.fromEntries(patch);
}

export type Read = { value: JsonObject; error: null } | { value: null; error: string };

/** The object that somebody has typed, or what is wrong with it, with its line. */
export function readObject(text: string, most: number): Read {
  if (new TextEncoder().encode(text).length > most) {
    return { value: null, error: `At most ${most / 1024} KiB` };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { value: null, error: syntax(text, error) };
  }
  if (!isObject(value)) return { value: null, error: 'It must be an object: { … }' };
  const nothing = nullIn(value, '');
  if (nothing !== null) return { value: null, error: `${nothing} is null: leave the member out instead` };
  return { value, error: null };
}

function nullIn(value: unknown, path: string): string | null {
  if (value === null) return path;
  if (!isObject(value)) return null;
  for (const [name, member] of Object.entries(value)) {
    const found = nullIn(member, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    if (found !== null) return found;
  }
  return null;
}

/** The engines of browsers name the place each in its own way. */
export function syntax(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const at = syntaxPosition(text, message);
  if (at === null) return `This is not JSON: ${message}`;
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `This is not JSON: line ${line}, column ${at - before.lastIndexOf('\n')}`;
}

export function syntaxPosition(text: string, message: string): number | null {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  const place = /line (\d+) column (\d+)/.exec(message);
  if (place) {
    const lines = text.split('\n').slice(0, Number(place[1]) - 1);
    return lines.reduce((sum, line) => sum + line.length + 1, 0) + Number(place[2]) - 1;
  }
  return /end of (JSON )?input|unexpected end/i.test(message) ? text.length : null;
}

export interface Difference {
  property: string;
  desired: unknown;
  reported: unknown;
  reportedAt: string | null;
  state: 'in line' | 'differs' | 'not reported';
}

/** Desired beside reported; what differs first. */
export function differences(
  desired: JsonObject,
  reported: Record<string, { value: unknown; time: string }>,
): Difference[] {
  const order = { differs: 0, 'not reported': 1, 'in line': 2 };
  return Object.entries(desired)
    .map(([property, wanted]): Difference => {
      const known = Object.hasOwn(reported, property) ? reported[property] : undefined;
      return {
        property,
        desired: wanted,
        reported: known?.value,
        reportedAt: known?.time ?? null,
        state: known === undefined ? 'not reported' : same(wanted, known.value) ? 'in line' : 'differs',
      };
    })
    .sort((a, b) => order[a.state] - order[b.state] || (a.property < b.property ? -1 : 1));
}

export interface Change {
  member: string;
  theirs: unknown;
  mine: unknown;
}

/** The members in which two versions of an object differ. */
export function changes(theirs: JsonObject, mine: JsonObject): Change[] {
  return [...new Set([...Object.keys(theirs), ...Object.keys(mine)])].sort().flatMap((member) => {
    const a = Object.hasOwn(theirs, member) ? theirs[member] : undefined;
    const b = Object.hasOwn(mine, member) ? mine[member] : undefined;
    return same(a, b) ? [] : [{ member, theirs: a, mine: b }];
  });
}

export const pretty = (value: unknown) => JSON.stringify(value, null, 2);
