import type { DumpReject } from '../../api/client';

/** What a record's bytes say: as JSON with indents, as text, or, where it is neither, in hexadecimal. */
export function decoded(data: string): { text: string; form: 'json' | 'text' | 'bytes' } {
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return {
      text: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' '),
      form: 'bytes',
    };
  }
  try {
    return { text: JSON.stringify(JSON.parse(text), null, 2), form: 'json' };
  } catch {
    return { text, form: 'text' };
  }
}

/** Reasons by how many records have them, the most frequent first. */
export function byReason(rejects: readonly Pick<DumpReject, 'reason'>[]): [string, number][] {
  const found = new Map<string, number>();
  for (const { reason } of rejects) found.set(reason, (found.get(reason) ?? 0) + 1);
  return [...found].sort(([, a], [, b]) => b - a);
}
