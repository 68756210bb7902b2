import type { Dataset, Schema, Tags } from '../../api/client';
import { same } from '../twins/json';

type Value = string | number | boolean;

/** The tags with a meaning of their own; others are told of as they are. */
export const KNOWN_TAGS = [
  'classification',
  'licence',
  'owner',
  'purpose',
  'personal_data',
  'legal_hold',
] as const;

export const TAG_NAME = /^[a-z][a-z0-9_-]{0,62}$/;

/** What may be changed of a dataset, as a form holds it. */
export interface Said {
  classification: string;
  licence: string;
  owner: string;
  purpose: string;
  personal_data: boolean;
  legal_hold: boolean;
  retention_days: number | '';
  schema_ref: string;
  others: { name: string; value: string }[];
}

export const SAID_NAMES: Record<keyof Said, string> = {
  classification: 'Classification',
  licence: 'Licence',
  owner: 'Owner',
  purpose: 'Purpose',
  personal_data: 'Personal data',
  legal_hold: 'Legal hold',
  retention_days: 'Kept for, days',
  schema_ref: 'Schema',
  others: 'Other tags',
};

export function saidOf({ tags, retention_days, schema_ref }: Dataset): Said {
  const text = (name: string) => (typeof tags[name] === 'string' ? tags[name] : '');
  return {
    classification: text('classification'),
    licence: text('licence'),
    owner: text('owner'),
    purpose: text('purpose'),
    personal_data: tags.personal_data === true,
    legal_hold: tags.legal_hold === true,
    retention_days: retention_days ?? '',
    schema_ref: schema_ref ?? '',
    others: otherTags(tags).map(([name, value]) => ({ name, value: String(value) })),
  };
}

export function otherTags(tags: Tags): [string, Value][] {
  return Object.entries(tags)
    .filter(([name]) => !(KNOWN_TAGS as readonly string[]).includes(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** `true`, `false` and what is written like a number are no texts. */
export function valueOf(text: string): Value {
  const trimmed = text.trim();
  if (trimmed === 'true') return true;
  if (trimmed === 'false') return false;
  return /^-?(0|[1-9]\d{0,14})(\.\d{1,10})?$/.test(trimmed) ? Number(trimmed) : trimmed;
}

/** What turns the dataset into what is said now, by RFC 7396; a switch that was never said and is off stays unsaid. */
export function patchOf(before: Dataset, said: Said): Schema['DatasetPatch'] {
  const wanted = new Map<string, Value>();
  for (const name of ['classification', 'licence', 'owner', 'purpose'] as const) {
    const text = said[name].trim();
    if (text !== '') wanted.set(name, text);
  }
  for (const name of ['personal_data', 'legal_hold'] as const) {
    if (said[name] || before.tags[name] !== undefined) wanted.set(name, said[name]);
  }
  for (const { name, value } of said.others) {
    if (name.trim() === '') continue;
    const old = before.tags[name.trim()];
    // what was a text stays one, also where it looks like a number
    wanted.set(name.trim(), typeof old === 'string' && old === value ? old : valueOf(value));
  }
  const tags: [string, Value | null][] = [];
  for (const name of Object.keys(before.tags)) if (!wanted.has(name)) tags.push([name, null]);
  for (const [name, value] of wanted) {
    if (!Object.hasOwn(before.tags, name) || !same(before.tags[name], value)) tags.push([name, value]);
  }
  const retention = said.retention_days === '' ? null : said.retention_days;
  const schema = said.schema_ref.trim() === '' ? null : said.schema_ref.trim();
  return {
    ...(tags.length === 0 ? {} : { tags: Object.fromEntries(tags) as Record<string, never> }),
    ...(retention === before.retention_days ? {} : { retention_days: retention }),
    ...(schema === before.schema_ref ? {} : { schema_ref: schema }),
  };
}

export interface Difference {
  key: keyof Said;
  theirs: string;
  mine: string;
}

/** In what two sayings differ, for people. */
export function differences(theirs: Said, mine: Said): Difference[] {
  return (Object.keys(SAID_NAMES) as (keyof Said)[])
    .filter((key) => !same(theirs[key], mine[key]))
    .map((key) => ({ key, theirs: told(theirs[key]), mine: told(mine[key]) }));
}

function told(value: Said[keyof Said]): string {
  if (Array.isArray(value)) return value.map(({ name, value: of }) => `${name}: ${of}`).join(', ') || 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value) || 'none';
}

/** When it expires if it is kept for so long; null where it is for ever, or was never available. */
export function expiry(availableAt: string | null, days: number | ''): Date | null {
  return availableAt === null || days === '' ? null : new Date(Date.parse(availableAt) + days * 86_400_000);
}
