import type { Dump, DumpPart } from '../../api/client';
import { python, shell, sql, type Snippet } from '../datasets/snippets';

export interface TableOfFiles {
  /** `model=pump`, `tidy` or `_rejects`: what its files stand in. */
  directory: string;
  name: string;
  kind: DumpPart['kind'];
  rows: number;
  bytes: number;
  parts: DumpPart[];
}

/** The tables in the order of their sizes; rejects, which are none, come last. */
export function tablesOf(parts: readonly DumpPart[]): TableOfFiles[] {
  const found = new Map<string, TableOfFiles>();
  for (const part of parts) {
    const directory = part.path.slice(0, Math.max(0, part.path.lastIndexOf('/')));
    const table = found.get(directory) ?? {
      directory,
      name: part.model ?? (part.kind === 'tidy' ? 'twins without a model' : 'rejects'),
      kind: part.kind,
      rows: 0,
      bytes: 0,
      parts: [],
    };
    table.rows += part.rows;
    table.bytes += part.size_bytes;
    table.parts.push(part);
    found.set(directory, table);
  }
  return [...found.values()].sort(
    (a, b) => Number(a.kind === 'rejects') - Number(b.kind === 'rejects') || b.bytes - a.bytes,
  );
}

/** Where the files of a revision rest: the directory of the manifest, with the slash at its end; null where unknown. */
export function directoryOf(manifestUri: string | null | undefined): string | null {
  return manifestUri?.endsWith('/_manifest.json') ? manifestUri.slice(0, -'_manifest.json'.length) : null;
}

/** What a revision's files are called on somebody's own disk. */
const local = (date: string, revision: number) => `day-${date}/revision-${revision}/`;

/** A revision that can be read, and where. */
export interface Place {
  revision: number;
  directory: string;
}

/**
 * How a table is read with the tools that people use: first to the own disk, then in one line. A corrected day is all
 * of its revisions together.
 */
export function daySnippets(
  date: string,
  places: readonly Place[],
  table: Pick<TableOfFiles, 'directory' | 'kind'> | undefined,
): Snippet[] {
  if (places.length === 0) return [];
  const found: Snippet[] = [
    {
      id: 'aws',
      title: 'AWS CLI',
      language: 'shell',
      note: 'With keys of the store of your own; the endpoint is in .pilothouse/endpoints.json on a local stack.',
      text: places
        .map(
          ({ revision, directory }) =>
            `aws s3 cp --recursive --endpoint-url "$S3_ENDPOINT" ${shell(directory)} ${shell(local(date, revision))}`,
        )
        .join('\n'),
    },
  ];
  if (table === undefined || table.kind === 'rejects') return found;
  const own = `${table.directory}/*.parquet`;
  const one = places.length === 1;
  const files = places.map(({ revision }) => `${local(date, revision)}${own}`);
  const direct = places.map(({ directory }) => `${directory}${own}`);
  // a correction may have been written under a later revision of the model, with other columns
  const read = (globs: readonly string[]) =>
    one && globs[0] !== undefined
      ? `read_parquet(${sql(globs[0])})`
      : `read_parquet([${globs.map(sql).join(', ')}], union_by_name = true)`;
  found.push(
    {
      id: 'duckdb',
      title: 'DuckDB',
      language: 'sql',
      note: one ? 'On the files of your own disk.' : 'All revisions together are the day.',
      text: `SELECT twin, count(*), min(time), max(time) FROM ${read(files)} GROUP BY twin;`,
    },
    {
      id: 'duckdb-s3',
      title: 'DuckDB, from the store',
      language: 'sql',
      note: 'Reads only what the query needs. The endpoint is a host and a port, without http://.',
      text: [
        'INSTALL httpfs; LOAD httpfs;',
        "CREATE SECRET (TYPE s3, KEY_ID '…', SECRET '…', ENDPOINT 'host:port', URL_STYLE 'path', USE_SSL false);",
        `SELECT * FROM ${read(direct)} LIMIT 100;`,
      ].join('\n'),
    },
    {
      id: 'pandas',
      title: 'pandas',
      language: 'python',
      note: 'On the files of your own disk; pyarrow reads them.',
      text: [
        'import pandas as pd',
        '',
        one
          ? `frame = pd.read_parquet(${python(`${local(date, places[0]?.revision ?? 1)}${table.directory}`)}, partitioning=None)`
          : [
              'frame = pd.concat(',
              `    pd.read_parquet(f"day-${date}/revision-{revision}/${table.directory}", partitioning=None)`,
              `    for revision in (${places.map(({ revision }) => revision).join(', ')})`,
              ')',
            ].join('\n'),
        'frame.groupby("twin").describe()',
      ].join('\n'),
    },
  );
  return found;
}

/** The revisions that have files. */
export const withFiles = (revisions: readonly Dump[]) =>
  revisions
    .filter(
      ({ state, dataset_id, parts }) =>
        (state === 'complete' || state === 'incomplete') && dataset_id !== null && parts > 0,
    )
    .toReversed();
