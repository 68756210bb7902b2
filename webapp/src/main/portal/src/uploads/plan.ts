import type { Schema } from '../api/client';

export type PartPlace = Schema['Upload']['parts'][number];

/** Object storage refuses a URL that is older; one that says nothing of its age is asked for anew after this. */
const UNSAID_LIFE_MS = 3 * 60_000;
/** A part must begin while its URL is still good, and not in its last second. */
const SHARE_OF_LIFE = 0.8;

export interface Layout {
  size: number;
  part_size: number;
  part_count: number;
}

/** Where a part lies in the file. */
export function rangeOf(number: number, { size, part_size }: Layout): { start: number; end: number } {
  const start = (number - 1) * part_size;
  return { start: Math.min(start, size), end: Math.min(start + part_size, size) };
}

export function sizeOf(number: number, layout: Layout): number {
  const { start, end } = rangeOf(number, layout);
  return end - start;
}

/** The numbers of the parts that are still to be sent. */
export function missing(stored: ReadonlyMap<number, string>, { part_count }: Layout): number[] {
  const found: number[] = [];
  for (let number = 1; number <= part_count; number++) if (!stored.has(number)) found.push(number);
  return found;
}

/** Every part but the last has the same size, so that none has to be looked at. */
export function storedBytes(stored: ReadonlyMap<number, string>, layout: Layout): number {
  const { part_count, part_size } = layout;
  const short = stored.has(part_count) ? part_size - sizeOf(part_count, layout) : 0;
  return stored.size * part_size - short;
}

/** What completes an upload: every part by number, without a gap. */
export function completion(
  stored: ReadonlyMap<number, string>,
  { part_count }: Layout,
): { number: number; etag: string }[] {
  return Array.from({ length: part_count }, (_, at) => {
    const etag = stored.get(at + 1);
    if (etag === undefined) throw new Error(`part ${at + 1} is not stored`);
    return { number: at + 1, etag };
  });
}

/** Until when a presigned URL is used, by the clock that it was received at. */
export function goodUntil(url: string, receivedAt: number): number {
  let seconds = Number.NaN;
  try {
    seconds = Number(new URL(url).searchParams.get('X-Amz-Expires') ?? Number.NaN);
  } catch {
    // a URL that cannot be read fails where it is used, with an error that says so
  }
  const life = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : UNSAID_LIFE_MS;
  return receivedAt + life * SHARE_OF_LIFE;
}

export interface Known {
  file_name: string;
  size: number;
  last_modified: number | null;
}

/** Why a file is not the one that an upload began with; null where it is, as far as can be seen from outside. */
export function otherFile(
  known: Known,
  file: { name: string; size: number; lastModified: number },
): string | null {
  if (file.size !== known.size) {
    return `It has ${file.size.toLocaleString('en-GB')} bytes, the upload began with ${known.size.toLocaleString('en-GB')}.`;
  }
  // an upload that another browser began says nothing of when its file was changed
  if (known.last_modified === null) return null;
  if (file.name !== known.file_name)
    return `It is called ${file.name}, the upload began with ${known.file_name}.`;
  if (file.lastModified !== known.last_modified) return 'It was changed after the upload began.';
  return null;
}
