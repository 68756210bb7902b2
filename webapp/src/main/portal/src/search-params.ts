/** Search parameters in the plain form that people write by hand: `?twin=a&twin=b`. */
export function parseSearch(text: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = found[key];
    if (before === undefined) found[key] = value;
    else if (Array.isArray(before)) before.push(value);
    else found[key] = [before, value];
  }
  return found;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    if (value === undefined || value === null || value === '') continue;
    if (Array.isArray(value)) for (const item of value) parameters.append(key, String(item));
    else parameters.append(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

export function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 256 ? value : undefined;
}

export function listOf(value: unknown, most: number): string[] | undefined {
  const items = (Array.isArray(value) ? value : [value])
    .map(textOrNothing)
    .filter((item) => item !== undefined);
  return items.length === 0 ? undefined : [...new Set(items)].slice(0, most);
}

export function isoOrNothing(value: unknown): string | undefined {
  const text = textOrNothing(value);
  return text !== undefined && !Number.isNaN(Date.parse(text)) ? text : undefined;
}

export function oneOf<T extends string>(value: unknown, known: readonly T[]): T | undefined {
  return known.find((each) => each === value);
}

/** A whole number from 1 to `most`, as it is written. */
export function wholeOrNothing(value: unknown, most: number): string | undefined {
  const text = textOrNothing(value);
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) && Number(text) <= most ? text : undefined;
}
