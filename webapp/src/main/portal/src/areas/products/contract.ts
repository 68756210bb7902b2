import type { JsonObject } from '../../api/client';

/** The parts of a data contract (Open Data Contract Standard v3.1.0) that the portal shows; others are kept as they are. */
export type Contract = JsonObject;

export interface Property {
  name: string;
  logicalType?: string;
  physicalType?: string;
  required?: boolean;
  unique?: boolean;
  primaryKey?: boolean;
  classification?: string;
  description?: string;
}

export const LOGICAL_TYPES = [
  'string',
  'date',
  'timestamp',
  'time',
  'number',
  'integer',
  'object',
  'array',
  'boolean',
];
export const STATUSES = ['proposed', 'draft', 'active', 'deprecated', 'retired'];
export const AGREEMENTS = [
  'frequency',
  'latency',
  'retention',
  'availability',
  'generalAvailability',
  'endOfSupport',
  'endOfLife',
  'timeToDetect',
  'timeToNotify',
  'timeToRepair',
];

const parts = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** What stands at an RFC 6901 pointer; nothing where the document has no such place. */
export function at(document: unknown, pointer: string): unknown {
  return parts(pointer).reduce<unknown>((value, part) => {
    if (value === null || typeof value !== 'object') return undefined;
    if (Array.isArray(value)) return (value as unknown[])[Number(part)];
    return Object.hasOwn(value, part) ? (value as JsonObject)[part] : undefined;
  }, document);
}

export const textAt = (document: unknown, pointer: string): string => {
  const value = at(document, pointer);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

export const listAt = (document: unknown, pointer: string): JsonObject[] => {
  const value = at(document, pointer);
  return Array.isArray(value) ? (value as JsonObject[]) : [];
};

/** A copy with another value at the pointer; `undefined` takes the member out, and objects and lists that are empty then. */
export function put(document: Contract, pointer: string, value: unknown): Contract {
  return (place(document, parts(pointer), value) ?? {}) as Contract;
}

function place(before: unknown, path: string[], value: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  const isList = Array.isArray(before) || (before === undefined && /^\d+$/.test(part));
  if (isList) {
    const list = [...((before as unknown[] | undefined) ?? [])];
    const next = place(list[Number(part)], rest, value);
    if (next !== undefined) list[Number(part)] = next;
    else if (rest.length === 0) list.splice(Number(part), 1);
    // a row whose last field is emptied stays where it is
    else list[Number(part)] = {};
    return list.length === 0 ? undefined : list;
  }
  const members = Object.entries((before ?? {}) as JsonObject);
  const next = place(members.find(([name]) => name === part)?.[1], rest, value);
  const others = members.filter(([name]) => name !== part);
  if (next === undefined)
    return others.length === 0 && members.length > 0 ? undefined : Object.fromEntries(others);
  return members.some(([name]) => name === part)
    ? Object.fromEntries(members.map(([name, old]) => [name, name === part ? next : old]))
    : { ...((before ?? {}) as JsonObject), [part]: next };
}

/** What is typed, and what was before it. */
export interface Draft {
  now: Contract;
  past: Contract[];
  future: Contract[];
  /** Where the last change was made: typing goes on there without a step for each letter. */
  last: string | null;
}

const MOST_STEPS = 200;

export const draftOf = (contract: Contract): Draft => ({ now: contract, past: [], future: [], last: null });

export function edited(draft: Draft, pointer: string, value: unknown, typing = false): Draft {
  const now = put(draft.now, pointer, value);
  const goesOn = typing && draft.last === pointer && draft.past.length > 0;
  return {
    now,
    past: goesOn ? draft.past : [...draft.past, draft.now].slice(-MOST_STEPS),
    future: [],
    last: typing ? pointer : null,
  };
}

export function undone(draft: Draft): Draft {
  const before = draft.past.at(-1);
  return before === undefined
    ? draft
    : { now: before, past: draft.past.slice(0, -1), future: [draft.now, ...draft.future], last: null };
}

export function redone(draft: Draft): Draft {
  const [after, ...rest] = draft.future;
  return after === undefined
    ? draft
    : { now: after, past: [...draft.past, draft.now], future: rest, last: null };
}

export interface Fault {
  path: string;
  detail: string;
}

/** What is said of one field; `deep` takes in what is said of its members, too. */
export function faultAt(faults: readonly Fault[], pointer: string, deep = false): string | undefined {
  const found = faults.filter(({ path }) => path === pointer || (deep && path.startsWith(`${pointer}/`)));
  return found.length === 0
    ? undefined
    : found
        .map(({ detail }) => detail.replace(/^\/\S+ /, '').replace(/^./, (first) => first.toUpperCase()))
        .join(' ');
}

/** Those that stand at none of the fields shown. */
export function elsewhere(faults: readonly Fault[], shown: ReadonlySet<string>): Fault[] {
  return faults.filter(({ path }) => !shown.has(path));
}

/** A contract to begin with. */
export const beginning = (title: string): Contract => ({
  apiVersion: 'v3.1.0',
  kind: 'DataContract',
  name: title,
  version: '0.1.0',
  status: 'draft',
});

/** A name of the form that products have, out of any text. */
export function nameOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/\.[a-z0-9]{1,8}$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
}

/** The next version of each kind, or none where there is no version. */
export function nextVersions(version: string): { minor: string; major: string } | null {
  const read = /^(\d+)\.(\d+)\.(\d+)$/.exec(version);
  if (!read) return null;
  return {
    minor: `${read[1]}.${Number(read[2]) + 1}.0`,
    major: `${Number(read[1]) + 1}.0.0`,
  };
}
