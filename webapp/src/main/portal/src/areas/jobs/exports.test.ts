import { describe, expect, it } from 'vitest';
import type { ExportColumn, ExportTable } from '../../api/client';
import type { ExportSearch } from '../../router';
import {
  about,
  build,
  columnsOf,
  compressionOf,
  conditionAt,
  conditionFault,
  conditionOf,
  conditionText,
  isBuildable,
  kindOf,
  operatorsOf,
  placeOf,
  plainWords,
  searchOf,
  sourceOf,
  usualColumns,
  usualName,
} from './exports';

const column = (name: string, type: string) => ({ name, type }) as ExportColumn;
const COLUMNS = [
  column('time', 'time'),
  column('twin', 'text'),
  column('temperature', 'number'),
  column('running', 'truth'),
];
const WEEK: ExportSearch = { from: '2026-11-23', to: '2026-11-27' };
const built = (search: ExportSearch) => build(search, COLUMNS, usualName(search));

describe('a condition', () => {
  it('is read as it was written, whatever its column is called', () => {
    for (const field of ['temperature', 'a:eq:b', '100%', 'x%3Ay', 'ä ö']) {
      const condition = { field, op: 'in', value: 'a:b,c' } as const;
      expect(conditionOf(conditionText(condition))).toEqual(condition);
    }
  });

  it('is none when its operator is not known', () => {
    expect(conditionOf('temperature:like:6')).toBeNull();
    expect(conditionOf('temperature')).toBeNull();
  });

  it('has a value of the kind of its column', () => {
    const of = (op: 'eq' | 'in' | 'exists', value: string, kind: Parameters<typeof conditionFault>[1]) =>
      conditionFault({ field: 'x', op, value }, kind);
    expect(of('eq', '60.5', 'number')).toBeNull();
    expect(of('eq', 'warm', 'number')).toBe('A number');
    expect(of('in', '1, 2,', 'number')).toBe('A number');
    expect(of('eq', 'yes', 'boolean')).toBe('true or false');
    expect(of('eq', 'tomorrow', 'time')).toBe('A date and a time');
    expect(of('exists', '', 'number')).toBeNull();
    expect(conditionFault({ field: '', op: 'eq', value: '1' }, 'number')).toBe('Which column?');
  });

  it('is asked as its column allows', () => {
    expect(operatorsOf(kindOf('BOOLEAN'))).toEqual(['eq', 'exists']);
    expect(operatorsOf(kindOf('VARCHAR'))).toContain('prefix');
    expect(operatorsOf(kindOf('DOUBLE'))).not.toContain('prefix');
    expect(kindOf('TIMESTAMP WITH TIME ZONE')).toBe('time');
    expect(kindOf('DECIMAL(18,3)')).toBe('number');
  });
});

describe('what is read', () => {
  it('is not said before there are a first and a last in their order', () => {
    expect(sourceOf({})).toBeNull();
    expect(sourceOf({ from: '2026-11-27' })).toBeNull();
    expect(sourceOf({ from: '2026-11-27', to: '2026-11-23' })).toBeNull();
    expect(sourceOf({ source: 'datasets' })).toBeNull();
    expect(
      sourceOf({ source: 'history', from: '2026-11-27T00:00:00Z', to: '2026-11-27T00:00:00Z' }),
    ).toBeNull();
  });

  it('is days, the last days, datasets or history', () => {
    expect(sourceOf(WEEK)).toEqual({ closed_days: WEEK });
    expect(sourceOf({ last: '7' })).toEqual({ closed_days: { last: 7 } });
    expect(sourceOf({ source: 'datasets', dataset: ['a', 'b'] })).toEqual({ datasets: ['a', 'b'] });
  });
});

describe('the parameters', () => {
  it('hold what the address says, with values of their types', () => {
    const { parameters, faults } = built({
      ...WEEK,
      model: 'pump',
      twin: ['pump-01'],
      column: ['time', 'temperature'],
      since: '2026-11-23T06:00:00.000Z',
      until: '2026-11-24T06:00:00.000Z',
      filter: ['temperature:gt:60', 'running:eq:true', 'twin:in:a,b', 'temperature:exists:false'],
      every: 'PT1M',
      aggregate: ['min', 'max'],
      format: 'csv',
      split: '500000000',
      keep: '30',
    });
    expect(faults).toEqual([]);
    expect(parameters).toEqual({
      source: { closed_days: WEEK },
      model: 'pump',
      twins: ['pump-01'],
      properties: ['time', 'temperature'],
      window: { from: '2026-11-23T06:00:00.000Z', to: '2026-11-24T06:00:00.000Z' },
      filter: [
        { field: 'temperature', op: 'gt', value: 60 },
        { field: 'running', op: 'eq', value: true },
        { field: 'twin', op: 'in', value: ['a', 'b'] },
        { field: 'temperature', op: 'exists', value: false },
      ],
      resample: { every: 'PT1M', aggregates: ['min', 'max'] },
      format: 'csv',
      compression: 'gzip',
      split_bytes: 500_000_000,
      retention_days: 30,
      name: 'exports/pump-2026-11-23-to-2026-11-27',
    });
  });

  it('become the same address again', () => {
    const search: ExportSearch = {
      ...WEEK,
      model: 'pump',
      twin: ['pump-01'],
      column: ['time', 'temperature'],
      filter: ['temperature:gt:60', 'twin:in:a,b'],
      every: 'PT1M',
      aggregate: ['avg'],
      format: 'csv',
      compression: 'gzip',
      name: 'mine',
    };
    expect(searchOf(built(search).parameters)).toEqual(search);
    expect(searchOf(built({ last: '7' }).parameters)).toMatchObject({ last: '7' });
    expect(searchOf({ source: { datasets: ['a'] } })).toEqual({ source: 'datasets', dataset: ['a'] });
    expect(searchOf({})).toEqual({});
  });

  it('leave out what a query says itself', () => {
    const { parameters, faults } = built({ ...WEEK, model: 'pump', filter: ['x:eq:1'], sql: 'SELECT 1' });
    expect(faults).toEqual([]);
    expect(parameters).toMatchObject({ sql: 'SELECT 1' });
    expect(parameters).not.toHaveProperty('filter');
    expect(parameters).not.toHaveProperty('model');
    expect(built({ ...WEEK, sql: '  ' }).faults).toEqual([{ place: 'sql', text: 'Write a query.' }]);
  });

  it('say where something is lacking', () => {
    expect(built({}).faults).toEqual([{ place: 'source', text: 'Choose the days to export.' }]);
    expect(built({ ...WEEK, filter: ['temperature:gt:warm'] }).faults).toEqual([
      { place: 'filter', text: 'temperature: A number' },
    ]);
    const window = { since: '2026-11-24T00:00:00Z', until: '2026-11-23T00:00:00Z' };
    expect(built({ ...WEEK, ...window }).faults[0]?.place).toBe('window');
    expect(built({ ...WEEK, since: window.since }).faults[0]?.place).toBe('window');
  });

  it('have no compression where the format has none', () => {
    expect(built({ ...WEEK, format: 'xlsx' }).parameters).not.toHaveProperty('compression');
    expect(compressionOf({ format: 'csv', compression: 'zstd' })).toBe('zstd');
    expect(compressionOf({ format: 'xlsx', compression: 'zstd' })).toBe('none');
  });
});

it('shows each column of the tables once, and takes the usual ones where nothing is said', () => {
  const table = (name: string, kind: ExportTable['kind'], columns: string[]): ExportTable => ({
    name,
    kind,
    bytes: 1,
    columns: columns.map((each) => column(each, 'text')),
  });
  const tables = [
    table('pump', 'model', ['twin', 'time', 'speed', 'source']),
    table('fan', 'model', ['twin', 'time', 'pitch', 'source']),
  ];
  const names = (model?: string) => columnsOf(tables, model).map(({ name }) => name);
  expect(names()).toEqual(['twin', 'time', 'speed', 'source', 'pitch']);
  expect(names('fan')).toEqual(['twin', 'time', 'pitch', 'source']);
  expect(usualColumns(tables, columnsOf(tables, 'fan'))).toEqual(['twin', 'time', 'pitch']);
  const plain = [table('dataset_1', 'plain', ['source', 'amount'])];
  expect(usualColumns(plain, columnsOf(plain, undefined))).toEqual(['source', 'amount']);
});

it('leaves to others what reads closed days and live history at once', () => {
  expect(isBuildable({ source: { closed_days: { last: 7 } } })).toBe(true);
  expect(isBuildable({ source: { closed_days: { last: 7 }, history: {} } })).toBe(false);
});

it('finds the place of a refusal in the form', () => {
  expect(placeOf('/parameters/filter/2/value')).toBe('filter');
  expect(conditionAt('/parameters/filter/2/value')).toBe(2);
  expect(placeOf('/parameters/properties/0')).toBe('columns');
  expect(placeOf('/parameters/split_bytes')).toBe('output');
  expect(placeOf('/source/datasets/0')).toBe('source');
  expect(placeOf('/parameters/something')).toBeNull();
  expect(placeOf(undefined)).toBeNull();
});

it('tells an export in plain words', () => {
  const words = plainWords(
    built({
      ...WEEK,
      model: 'pump',
      column: ['time', 'temperature'],
      filter: ['temperature:gt:60', 'running:eq:true'],
      every: 'PT1H',
      format: 'csv',
    }).parameters,
  );
  expect(Object.fromEntries(words.map(({ label, text }) => [label, text]))).toMatchObject({
    From: '5 closed days, 23 November 2026 to 27 November 2026',
    Model: 'pump',
    Columns: 'time, temperature',
    'Only where': 'temperature is above 60 and running is true',
    Resampled: 'a row each hour: mean',
    As: 'CSV, gzip',
  });
  // what other people have written by hand is told as far as it is understood
  expect(plainWords({ source: 7, filter: 'x', properties: null })).toEqual([
    { label: 'Columns', text: 'all' },
  ]);
});

it('says of an estimate no more than is known', () => {
  expect(about(42)).toBe('42');
  expect(about(1_234)).toBe('1,200');
  expect(about(8_260_000)).toBe('8,300,000');
});
