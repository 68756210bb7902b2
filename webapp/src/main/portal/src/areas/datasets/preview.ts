import type { Preview } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { bytes, count, csv } from '../../parts/format';

export type Column = Preview['columns'][number];

/** Columns that stand side by side; the others are a page further. */
export const COLUMNS_AT_ONCE = 60;

const DELIMITERS: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' };
const FORMATS: Record<Preview['format'], string> = {
  csv: 'CSV',
  json: 'JSON',
  ndjson: 'NDJSON',
  parquet: 'Parquet',
};

const TITLES: Record<string, string> = {
  empty: 'There is nothing in it',
  unsupported: 'This kind of file is not shown',
  encrypted: 'It is encrypted',
  malformed: 'The file is not what its format asks for',
  beyond_limits: 'To show it would take more than a preview may cost',
  took_too_long: 'It took too long',
};

/** Why nothing is shown: the detail of the problem begins with the reason. */
export function refusalOf({ detail }: Pick<ProblemError, 'detail'>): { title: string; text: string } {
  const [, reason, text] = /^([a-z_]+): (.*)$/s.exec(detail ?? '') ?? [];
  return {
    title: (reason && TITLES[reason]) || 'It cannot be shown',
    text: text ?? detail ?? '',
  };
}

/** How the file is written, in words. */
export function layoutOf({ format, layout }: Pick<Preview, 'format' | 'layout'>): string {
  const delimiter = layout.delimiter;
  return [
    FORMATS[format],
    layout.encoding,
    delimiter && `separated by ${DELIMITERS[delimiter] ?? delimiter}`,
    layout.header === false && 'no header',
    layout.compression && layout.compression !== 'uncompressed' && layout.compression,
    layout.row_groups !== null &&
      `${count(layout.row_groups)} ${layout.row_groups === 1 ? 'row group' : 'row groups'}`,
    layout.created_by && `written by ${layout.created_by}`,
  ]
    .filter(Boolean)
    .join(' · ');
}

/** How much of it is shown, and what the statistics are of. */
export function extentOf(preview: Preview): string {
  const shown = count(preview.rows.length);
  const rows =
    preview.rows_total === null
      ? `the first ${shown} rows`
      : preview.rows.length === preview.rows_total
        ? `all ${shown} rows`
        : `the first ${shown} of ${count(preview.rows_total)} rows`;
  const of =
    preview.statistics_from === 'file'
      ? 'statistics of the whole file'
      : `statistics of the first ${count(preview.rows_read)} rows`;
  return `${rows}, ${of}, ${bytes(preview.bytes_read)} read`;
}

export const typeOf = ({ type, logical }: Column): string => logical ?? type;

/** Of the rows that the statistics are of. */
export function nullShare(column: Column, preview: Preview): number | null {
  const rows = preview.statistics_from === 'file' ? preview.rows_total : preview.rows_read;
  if (column.nulls === null || !rows) return null;
  return Math.min(1, column.nulls / rows);
}

export const percentOf = (share: number): string =>
  share > 0 && share < 0.001 ? '< 0.1 %' : `${Number((share * 100).toFixed(1))} %`;

/** From the smallest to the largest. */
export function rangeOf({ min, max }: Column): string | null {
  if (min === null || max === null) return null;
  return min === max ? min : `${min} – ${max}`;
}

/** What the bars of a histogram say to who does not see them. */
export function histogramWords({ histogram }: Column): string {
  if (!histogram) return '';
  const total = histogram.counts.reduce((sum, each) => sum + each, 0);
  const highest = histogram.counts.indexOf(Math.max(...histogram.counts));
  const width = (histogram.to - histogram.from) / histogram.counts.length;
  const round = (value: number) => Number(value.toPrecision(4));
  const from = round(histogram.from + highest * width);
  const to = round(histogram.from + (highest + 1) * width);
  return `Most of ${count(total)} values, ${count(histogram.counts[highest] ?? 0)}, lie between ${from} and ${to}`;
}

export function previewCsv(preview: Preview): string {
  return csv(
    preview.columns.map(({ name }) => name),
    preview.rows,
  );
}

/** Where a key leads in the table; null where it means nothing there. */
export function moved(
  [row, column]: readonly [number, number],
  key: string,
  rows: number,
  columns: number,
): [number, number] | null {
  const step = 10;
  const to = ((): [number, number] | null => {
    switch (key) {
      case 'ArrowDown':
        return [row + 1, column];
      case 'ArrowUp':
        return [row - 1, column];
      case 'ArrowRight':
        return [row, column + 1];
      case 'ArrowLeft':
        return [row, column - 1];
      case 'PageDown':
        return [row + step, column];
      case 'PageUp':
        return [row - step, column];
      case 'Home':
        return [row, 0];
      case 'End':
        return [row, columns - 1];
      default:
        return null;
    }
  })();
  return to && [Math.min(rows - 1, Math.max(0, to[0])), Math.min(columns - 1, Math.max(0, to[1]))];
}
