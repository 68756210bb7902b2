export interface Part {
  from: number;
  part: string;
  found: boolean;
}

/** The text cut where it holds what is sought, in any case of letters. */
export function markedParts(text: string, sought: string | undefined): Part[] {
  const wanted = sought?.trim().toLowerCase() ?? '';
  const lower = text.toLowerCase();
  // some letters have more of them in small: then the places would be others
  if (wanted === '' || lower.length !== text.length) return [{ from: 0, part: text, found: false }];
  const parts: Part[] = [];
  let from = 0;
  for (let next = lower.indexOf(wanted); next >= 0; next = lower.indexOf(wanted, from)) {
    if (next > from) parts.push({ from, part: text.slice(from, next), found: false });
    parts.push({ from: next, part: text.slice(next, next + wanted.length), found: true });
    from = next + wanted.length;
  }
  if (from < text.length || parts.length === 0) parts.push({ from, part: text.slice(from), found: false });
  return parts;
}
