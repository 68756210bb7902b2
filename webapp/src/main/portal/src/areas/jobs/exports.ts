import type { ExportColumn, ExportTable, JsonObject } from '../../api/client';
import { bytes, count } from '../../parts/format';
import {
  AGGREGATES,
  COMPRESSIONS,
  EXPORT_FORMATS,
  INTERVALS,
  type Aggregate,
  type Compression,
  type ExportFormat,
  type ExportSearch,
} from '../../router';
import { addDays, dateName, daysBetween } from '../days/calendar';
import { plural } from './words';

export const OPERATORS = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'prefix', 'exists'] as const;
export type Operator = (typeof OPERATORS)[number];

export const OPERATOR_WORDS: Record<Operator, string> = {
  eq: 'is',
  ne: 'is not',
  lt: 'is below',
  lte: 'is at most',
  gt: 'is above',
  gte: 'is at least',
  in: 'is one of',
  prefix: 'begins with',
  exists: 'is there',
};

export type ColumnKind = 'number' | 'text' | 'boolean' | 'time';

/** What a column holds, whatever the engine calls its type. */
export function kindOf(type: string): ColumnKind {
  if (/bool|truth/i.test(type)) return 'boolean';
  if (/time|date/i.test(type)) return 'time';
  if (/int|double|float|decimal|numeric|number|real/i.test(type)) return 'number';
  return 'text';
}

/** What can be asked of a column of that kind. */
export function operatorsOf(kind: ColumnKind): readonly Operator[] {
  switch (kind) {
    case 'boolean':
      return ['eq', 'exists'];
    case 'text':
      return ['eq', 'ne', 'in', 'prefix', 'exists'];
    case 'number':
      return ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'exists'];
    case 'time':
      return ['eq', 'lt', 'lte', 'gt', 'gte', 'exists'];
  }
}

export interface Condition {
  field: string;
  op: Operator;
  /** As it was typed; of `in`, with commas. */
  value: string;
}

/** A condition as it stands in the address: `field:op:value`. */
export const conditionText = ({ field, op, value }: Condition) =>
  `${field.replaceAll('%', '%25').replaceAll(':', '%3A')}:${op}:${value}`;

export function conditionOf(text: string): Condition | null {
  const [, field, op, value] = /^([^:]*):([a-z]+):(.*)$/s.exec(text) ?? [];
  const known = OPERATORS.find((each) => each === op);
  if (field === undefined || value === undefined || !known) return null;
  return { field: field.replaceAll('%3A', ':').replaceAll('%25', '%'), op: known, value };
}

type Value = string | number | boolean;

/** A value as its column has it; null where it is none of that kind. */
function valueOf(text: string, kind: ColumnKind): Value | null {
  const typed = text.trim();
  if (typed === '') return null;
  switch (kind) {
    case 'number': {
      const number = Number(typed);
      return Number.isFinite(number) ? number : null;
    }
    case 'boolean':
      return typed === 'true' ? true : typed === 'false' ? false : null;
    case 'time': {
      const at = Date.parse(typed);
      return Number.isNaN(at) ? null : new Date(at).toISOString();
    }
    case 'text':
      return typed;
  }
}

/** What is wrong with a condition; null where nothing is. */
export function conditionFault({ field, op, value }: Condition, kind: ColumnKind): string | null {
  if (field === '') return 'Which column?';
  if (op === 'exists') return null;
  const values = op === 'in' ? value.split(',') : [value];
  if (values.some((each) => valueOf(each, kind) === null)) {
    switch (kind) {
      case 'number':
        return 'A number';
      case 'boolean':
        return 'true or false';
      case 'time':
        return 'A date and a time';
      case 'text':
        return 'A text';
    }
  }
  return null;
}

/** The place in the form that a field of the parameters is filled in at. */
export type Place =
  'source' | 'model' | 'columns' | 'window' | 'filter' | 'resample' | 'output' | 'sql' | 'name';

export interface Fault {
  place: Place;
  text: string;
}

const PLACES: Record<string, Place> = {
  source: 'source',
  model: 'model',
  twins: 'model',
  properties: 'columns',
  window: 'window',
  filter: 'filter',
  resample: 'resample',
  format: 'output',
  compression: 'output',
  split_bytes: 'output',
  retention_days: 'output',
  sql: 'sql',
  name: 'name',
};

/** Where a refusal belongs: `/parameters/filter/0/value` is the filter's. Null where it is no field of the form. */
export function placeOf(path: string | undefined): Place | null {
  const [, field] = /^\/?(?:parameters\/)?([a-z_]+)/.exec(path ?? '') ?? [];
  return (field && PLACES[field]) || null;
}

/** Of the filter, which of its conditions. */
export function conditionAt(path: string | undefined): number | null {
  const [, index] = /filter\/(\d+)/.exec(path ?? '') ?? [];
  return index === undefined ? null : Number(index);
}

/** What the export reads; null while that is not said. */
export function sourceOf(search: ExportSearch): JsonObject | null {
  switch (search.source ?? 'days') {
    case 'days':
      if (search.last !== undefined) return { closed_days: { last: Number(search.last) } };
      if (search.from === undefined || search.to === undefined || search.from > search.to) return null;
      return { closed_days: { from: search.from, to: search.to } };
    case 'datasets':
      return search.dataset === undefined ? null : { datasets: search.dataset };
    case 'history':
      if (search.from === undefined || search.to === undefined || search.from >= search.to) return null;
      return { history: { from: search.from, to: search.to } };
  }
}

export const formatOf = ({ format }: ExportSearch): ExportFormat => format ?? 'parquet';

/** What a format can be compressed with; the first is usual. */
export function compressionsOf(format: ExportFormat): readonly Compression[] {
  switch (format) {
    case 'parquet':
      return ['zstd', 'gzip', 'none'];
    case 'csv':
    case 'ndjson':
      return ['gzip', 'zstd', 'none'];
    case 'xlsx':
      return ['none'];
  }
}

export function compressionOf(search: ExportSearch): Compression {
  const possible = compressionsOf(formatOf(search));
  return possible.find((each) => each === search.compression) ?? (possible[0] as Compression);
}

/** The conditions of the address, those that are none left out. */
export const conditionsOf = ({ filter }: ExportSearch): Condition[] =>
  (filter ?? []).map(conditionOf).filter((each) => each !== null);

export const aggregatesOf = ({ aggregate }: ExportSearch): readonly Aggregate[] => aggregate ?? ['avg'];

export interface Built {
  parameters: JsonObject;
  faults: Fault[];
}

/** Stands for the table of twins without a model. */
const TIDY = '_tidy';

export const modelName = (model: string) => (model === TIDY ? 'twins without a model' : model);

/** Whether the builder can say all that the parameters do: it reads closed days or live history, not both at once. */
export function isBuildable({ source }: JsonObject): boolean {
  const of = objectOf(source);
  return of.closed_days === undefined || of.history === undefined;
}

/** They say which event a row was; they are written only where somebody asks for them. */
const IDENTITY: ReadonlySet<string> = new Set(['source', 'event_id', 'partition', 'offset']);

/** The columns of all tables that are asked for, each once. */
export function columnsOf(tables: readonly ExportTable[], model: string | undefined): ExportColumn[] {
  const found = new Map<string, ExportColumn>();
  for (const { name, columns } of tables) {
    if (model !== undefined && name !== model) continue;
    for (const column of columns) if (!found.has(column.name)) found.set(column.name, column);
  }
  return [...found.values()];
}

/** What is written where nothing is said of columns. */
export const usualColumns = (tables: readonly ExportTable[], columns: readonly ExportColumn[]): string[] =>
  columns
    .map(({ name }) => name)
    .filter((name) => !IDENTITY.has(name) || tables.every(({ kind }) => kind === 'plain'));

/** What is submitted, and what stands in its way. */
export function build(search: ExportSearch, columns: readonly ExportColumn[], usualName: string): Built {
  const faults: Fault[] = [];
  const source = sourceOf(search);
  if (source === null) faults.push({ place: 'source', text: sourceFault(search) });
  const parameters: JsonObject = { source: source ?? {} };
  if (search.sql !== undefined) {
    parameters.sql = search.sql;
    if (search.sql.trim() === '') faults.push({ place: 'sql', text: 'Write a query.' });
  } else {
    const kinds = new Map(columns.map(({ name, type }) => [name, kindOf(type)]));
    if (search.model !== undefined) parameters.model = search.model;
    if (search.twin !== undefined) parameters.twins = search.twin;
    if (search.column !== undefined) parameters.properties = search.column;
    if (search.since !== undefined || search.until !== undefined) {
      if (search.since === undefined || search.until === undefined)
        faults.push({ place: 'window', text: 'Say both, from when and before when.' });
      else if (search.since >= search.until)
        faults.push({ place: 'window', text: 'The window ends before it begins.' });
      parameters.window = drop({ from: search.since, to: search.until });
    }
    const conditions = conditionsOf(search);
    if (conditions.length > 0) {
      for (const condition of conditions) {
        const fault = conditionFault(condition, kinds.get(condition.field) ?? 'text');
        if (fault !== null)
          faults.push({ place: 'filter', text: `${condition.field || 'A condition'}: ${fault}` });
      }
      parameters.filter = conditions.map(({ field, op, value }) => {
        const kind = kinds.get(field) ?? 'text';
        if (op === 'exists') return { field, op, value: value !== 'false' };
        if (op === 'in')
          return { field, op, value: value.split(',').map((each) => valueOf(each, kind) ?? each) };
        return { field, op, value: valueOf(value, kind) ?? value };
      });
    }
    if (search.every !== undefined)
      parameters.resample = { every: search.every, aggregates: [...aggregatesOf(search)] };
  }
  parameters.format = formatOf(search);
  const compression = compressionOf(search);
  if (formatOf(search) !== 'xlsx') parameters.compression = compression;
  if (search.split !== undefined) parameters.split_bytes = Number(search.split);
  if (search.keep !== undefined) parameters.retention_days = Number(search.keep);
  parameters.name = search.name ?? usualName;
  return { parameters, faults };
}

function sourceFault(search: ExportSearch): string {
  switch (search.source ?? 'days') {
    case 'days':
      return search.from !== undefined && search.to !== undefined
        ? 'The first day lies after the last.'
        : 'Choose the days to export.';
    case 'datasets':
      return 'Choose at least one dataset.';
    case 'history':
      return search.from !== undefined && search.to !== undefined
        ? 'The time ends before it begins.'
        : 'Say from when until when.';
  }
}

const drop = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** What the result is called where nobody says anything else. */
export function usualName(search: ExportSearch): string {
  const what = search.model === undefined || search.model === TIDY ? 'readings' : search.model;
  switch (search.source ?? 'days') {
    case 'days':
      if (search.last !== undefined) return `exports/${what}-last-${search.last}-days`;
      if (search.from === undefined) return `exports/${what}`;
      return search.from === search.to
        ? `exports/${what}-${search.from}`
        : `exports/${what}-${search.from}-to-${search.to ?? ''}`;
    case 'datasets':
      return 'exports/from-datasets';
    case 'history':
      return `exports/${what}-history`;
  }
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const wholeOf = (value: unknown) =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 ? String(value) : undefined;
const textsOf = (value: unknown) => {
  const texts = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  return texts.length === 0 ? undefined : texts;
};
const objectOf = (value: unknown): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};

/** The address of the builder that makes an export like that. */
export function searchOf(parameters: JsonObject): ExportSearch {
  const source = objectOf(parameters.source);
  const days = objectOf(source.closed_days);
  const history = objectOf(source.history);
  const window = objectOf(parameters.window);
  const resample = objectOf(parameters.resample);
  const of: ExportSearch =
    source.datasets !== undefined
      ? { source: 'datasets', dataset: textsOf(source.datasets) }
      : source.history !== undefined
        ? { source: 'history', from: textOf(history.from), to: textOf(history.to) }
        : { from: textOf(days.from), to: textOf(days.to), last: wholeOf(days.last) };
  const conditions = (Array.isArray(parameters.filter) ? parameters.filter : []).map((each) => {
    const { field, op, value } = objectOf(each);
    return conditionText({
      field: String(field),
      op: OPERATORS.find((known) => known === op) ?? 'eq',
      value: Array.isArray(value) ? value.join(',') : String(value ?? ''),
    });
  });
  return drop({
    ...of,
    model: textOf(parameters.model),
    twin: textsOf(parameters.twins),
    column: textsOf(parameters.properties),
    since: textOf(window.from),
    until: textOf(window.to),
    filter: conditions.length === 0 ? undefined : conditions,
    every: INTERVALS.find((each) => each === resample.every),
    aggregate: textsOf(resample.aggregates),
    format: EXPORT_FORMATS.find((each) => each === parameters.format),
    compression: COMPRESSIONS.find((each) => each === parameters.compression),
    split: wholeOf(parameters.split_bytes),
    keep: wholeOf(parameters.retention_days),
    name: textOf(parameters.name),
    sql: textOf(parameters.sql),
  }) as ExportSearch;
}

export const INTERVAL_WORDS: Record<string, string> = {
  PT1S: 'second',
  PT10S: '10 seconds',
  PT1M: 'minute',
  PT5M: '5 minutes',
  PT15M: 'quarter of an hour',
  PT1H: 'hour',
  P1D: 'day',
};

export const AGGREGATE_WORDS: Record<Aggregate, string> = {
  avg: 'mean',
  min: 'least',
  max: 'greatest',
  last: 'last',
  sum: 'sum',
  count: 'how many',
};

export const FORMAT_WORDS: Record<ExportFormat, { name: string; means: string }> = {
  parquet: { name: 'Parquet', means: 'Types and units stay. For DuckDB, pandas, Spark.' },
  csv: { name: 'CSV', means: 'For anything. Cells that a spreadsheet takes for formulas are made harmless.' },
  ndjson: { name: 'NDJSON', means: 'A JSON object a line.' },
  xlsx: { name: 'Excel', means: 'At most 1,048,575 rows a file.' },
};

/** The parameters of an export in plain words, each with what it is. */
export function plainWords(parameters: JsonObject): { label: string; text: string }[] {
  const found: { label: string; text: string }[] = [];
  const say = (label: string, text: string | null | undefined) => {
    if (text) found.push({ label, text });
  };
  const source = objectOf(parameters.source);
  const days = objectOf(source.closed_days);
  const history = objectOf(source.history);
  const datasets = textsOf(source.datasets);
  if (typeof days.last === 'number') say('From', `the last ${plural(days.last, 'closed day')}`);
  else if (textOf(days.from) && textOf(days.to)) say('From', daysText(String(days.from), String(days.to)));
  if (datasets) say('From', plural(datasets.length, 'dataset'));
  if (source.history !== undefined)
    say(
      source.closed_days === undefined ? 'From' : 'And',
      `live history, ${textOf(history.from) ?? '?'} to ${textOf(history.to) ?? '?'}`,
    );
  say('By', parameters.sql === undefined ? null : 'a query of its own');
  const model = textOf(parameters.model);
  say('Model', model && modelName(model));
  const twins = textsOf(parameters.twins);
  if (twins) say('Twins', twins.length > 5 ? plural(twins.length, 'twin') : twins.join(', '));
  const columns = textsOf(parameters.properties);
  if (parameters.sql === undefined)
    say(
      'Columns',
      columns ? (columns.length > 8 ? plural(columns.length, 'column') : columns.join(', ')) : 'all',
    );
  const window = objectOf(parameters.window);
  if (textOf(window.from) || textOf(window.to))
    say('Window', `${textOf(window.from) ?? 'the beginning'} to ${textOf(window.to) ?? 'the end'}`);
  const conditions = Array.isArray(parameters.filter) ? parameters.filter.map(objectOf) : [];
  say('Only where', conditions.map(conditionWords).join(' and '));
  const resample = objectOf(parameters.resample);
  const every = textOf(resample.every);
  if (every) {
    const aggregates = (textsOf(resample.aggregates) ?? [])
      .map((each) => AGGREGATE_WORDS[AGGREGATES.find((known) => known === each) ?? 'avg'])
      .join(', ');
    say('Resampled', `a row each ${INTERVAL_WORDS[every] ?? every}${aggregates && `: ${aggregates}`}`);
  }
  const format = EXPORT_FORMATS.find((each) => each === parameters.format);
  const compression = textOf(parameters.compression);
  if (format)
    say(
      'As',
      `${FORMAT_WORDS[format].name}${compression && compression !== 'none' ? `, ${compression}` : ''}`,
    );
  if (typeof parameters.split_bytes === 'number') say('Files of at most', bytes(parameters.split_bytes));
  if (typeof parameters.retention_days === 'number')
    say('Kept for', plural(parameters.retention_days, 'day'));
  say('Named', textOf(parameters.name));
  return found;
}

export function daysText(from: string, to: string): string {
  if (from === to) return `the closed day ${dateName(from)}`;
  return `${plural(daysBetween(from, to) + 1, 'closed day')}, ${dateName(from)} to ${dateName(to)}`;
}

function conditionWords({ field, op, value }: JsonObject): string {
  const words = OPERATOR_WORDS[OPERATORS.find((each) => each === op) ?? 'eq'];
  if (op === 'exists') return `${String(field)} ${value === false ? 'is not there' : words}`;
  return `${String(field)} ${words} ${Array.isArray(value) ? value.join(', ') : String(value)}`;
}

/** The days of a choice that begins at one and ends at another, whichever was taken first. */
export const ordered = (one: string, other: string): [string, string] =>
  one <= other ? [one, other] : [other, one];

/** The last so many days before today, as dates. */
export const lastDays = (today: string, howMany: number) => ({
  from: addDays(today, -howMany),
  to: addDays(today, -1),
});

/** `about 1.2 million rows` is more than anybody knows of an estimate: two digits, then zeros. */
export function about(value: number): string {
  if (value < 100) return count(value);
  const digits = 10 ** (Math.floor(Math.log10(value)) - 1);
  return count(Math.round(value / digits) * digits);
}
