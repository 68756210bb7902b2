import type { Dataset } from '../../api/client';

export interface Snippet {
  id: string;
  title: string;
  language: string;
  note: string;
  text: string;
}

type Kind = 'csv' | 'json' | 'ndjson' | 'parquet' | 'other';

export function kindOf(mediaType: string): Kind {
  const type = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/csv') return 'csv';
  if (type === 'application/json' || type.endsWith('+json')) return 'json';
  if (type === 'application/x-ndjson' || type === 'application/jsonl') return 'ndjson';
  if (type.includes('parquet')) return 'parquet';
  return 'other';
}

const DUCKDB: Record<Exclude<Kind, 'other'>, string> = {
  csv: 'read_csv',
  json: 'read_json',
  ndjson: 'read_json',
  parquet: 'read_parquet',
};

const PANDAS: Record<Exclude<Kind, 'other'>, (from: string) => string> = {
  csv: (from) => `pd.read_csv(${from})`,
  json: (from) => `pd.read_json(${from})`,
  ndjson: (from) => `pd.read_json(${from}, lines=True)`,
  parquet: (from) => `pd.read_parquet(${from})`,
};

/** In single quotes, as a POSIX shell takes it. */
export const shell = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
/** In single quotes, as SQL takes it. */
export const sql = (text: string) => `'${text.replaceAll("'", "''")}'`;
/** As Python takes it: a JSON string is one. */
export const python = (text: string) => JSON.stringify(text);

/** A name without what a file system or a shell could misread. */
export function fileNameOf(name: string): string {
  const safe = name.replace(/[^\p{L}\p{N}._ -]+/gu, '_').replace(/^[.\s-]+/, '');
  return safe === '' ? 'dataset' : safe.slice(0, 120);
}

/** How the bytes are had from the tools that people use; what does not fit the type is left out. */
export function snippets(pilot: string, dataset: Dataset, origin: string): Snippet[] {
  const found: Snippet[] = [];
  const file = fileNameOf(dataset.name);
  const kind = kindOf(dataset.media_type);
  const uri = dataset.object_uri;
  const content = `${origin}/api/v1/pilots/${pilot}/datasets/${dataset.dataset_id}/content`;
  found.push({
    id: 'ctl',
    title: 'Pilothouse ctl',
    language: 'shell',
    note: 'Resumes a broken download, and compares the checksum at the end.',
    text: `./pilothouse ctl datasets download ${pilot} ${dataset.dataset_id} -o ${shell(file)}`,
  });
  found.push({
    id: 'curl',
    title: 'curl',
    language: 'shell',
    note: 'The platform answers with a place in object storage that is good for a few minutes. The last line compares the checksum.',
    text: [
      `curl -fL -o ${shell(file)} -H "Authorization: Bearer $TOKEN" \\`,
      `  ${content}`,
      ...(dataset.checksum
        ? [`echo ${shell(`${dataset.checksum.replace(/^sha256:/, '')}  ${file}`)} | sha256sum -c`]
        : []),
    ].join('\n'),
  });
  if (uri?.startsWith('s3://')) {
    found.push({
      id: 'aws',
      title: 'AWS CLI',
      language: 'shell',
      note: 'With keys of the store of your own; the endpoint is in .pilothouse/endpoints.json on a local stack.',
      text: `aws s3 cp --endpoint-url "$S3_ENDPOINT" ${shell(uri)} ${shell(file)}`,
    });
  }
  if (kind !== 'other') {
    const place = uri?.startsWith('s3://') ? uri : null;
    if (place) {
      found.push({
        id: 'duckdb',
        title: 'DuckDB',
        language: 'sql',
        note: 'Reads only what the query needs. The endpoint is a host and a port, without http://.',
        text: [
          'INSTALL httpfs; LOAD httpfs;',
          "CREATE SECRET (TYPE s3, KEY_ID '…', SECRET '…', ENDPOINT 'host:port', URL_STYLE 'path', USE_SSL false);",
          `SELECT * FROM ${DUCKDB[kind]}(${sql(place)}) LIMIT 100;`,
        ].join('\n'),
      });
    }
    found.push({
      id: 'pandas',
      title: 'pandas',
      language: 'python',
      note: 'The token comes from POST /api/v1/auth/token.',
      text: [
        'import io, os, requests',
        'import pandas as pd',
        '',
        `answer = requests.get(${python(content)},`,
        '                      headers={"Authorization": f"Bearer {os.environ[\'TOKEN\']}"}, timeout=60)',
        'answer.raise_for_status()',
        `frame = ${PANDAS[kind]('io.BytesIO(answer.content)')}`,
        'frame.describe()',
      ].join('\n'),
    });
  }
  return found;
}
