const BY_ENDING: Record<string, string> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  jsonl: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  avro: 'application/vnd.apache.avro',
  arrow: 'application/vnd.apache.arrow.file',
  zip: 'application/zip',
  gz: 'application/gzip',
  zst: 'application/zstd',
  tar: 'application/x-tar',
  pdf: 'application/pdf',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  h5: 'application/x-hdf5',
  hdf5: 'application/x-hdf5',
  nc: 'application/x-netcdf',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

export const MEDIA_TYPES = [...new Set(Object.values(BY_ENDING)), 'application/octet-stream'];

/** What the file is by its name; the browser's own guess differs from one machine to the next. */
export function mediaTypeOf(file: { name: string; type: string }): string {
  const ending = /\.([a-z0-9]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? '';
  return BY_ENDING[ending] ?? (file.type || 'application/octet-stream');
}

export const isMediaType = (text: string) =>
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;.*)?$/.test(text) && text.length <= 127;
