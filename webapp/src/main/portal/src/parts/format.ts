const grouped = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function count(value: number): string {
  return grouped.format(value);
}

/** One decimal below ten, whole above: a ticking figure must not jitter in width without need. */
export function rate(value: number): string {
  return value > 0 && value < 10 ? oneDecimal.format(value) : grouped.format(value);
}

export function latency(milliseconds: number): string {
  return `${milliseconds < 10 ? oneDecimal.format(milliseconds) : grouped.format(milliseconds)} ms`;
}

export function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${oneDecimal.format(seconds)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 90) return `${Math.round(minutes)} min`;
  const hours = minutes / 60;
  if (hours < 36) return `${Math.round(hours)} h`;
  return `${grouped.format(Math.round(hours / 24))} d`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal units, three digits: `1.46 GB`. */
export function bytes(value: number): string {
  let size = Math.abs(value);
  let unit = 0;
  // 999.6 kB would be written 1000 kB
  while (size >= 999.5 && unit < BYTE_UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return `${value < 0 ? '−' : ''}${size.toFixed(digits)} ${BYTE_UNITS[unit] ?? ''}`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  let found = formatters.get(zone);
  if (!found) {
    const options: Intl.DateTimeFormatOptions = {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    };
    try {
      found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
    } catch {
      found = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' });
    }
    formatters.set(zone, found);
  }
  return found;
}

interface Fields {
  date: string;
  time: string;
  minute: string;
}

export function fields(at: number | Date, zone: string): Fields {
  const parts: Record<string, string> = {};
  for (const part of formatter(zone).formatToParts(at)) parts[part.type] = part.value;
  const minute = `${parts.hour}:${parts.minute}`;
  return { date: `${parts.year}-${parts.month}-${parts.day}`, minute, time: `${minute}:${parts.second}` };
}

/** `2026-11-21 10:42:07`, in the zone given; the zone itself stands in the column's head or on hover. */
export function stamp(at: number | Date, zone: string): string {
  const { date, time } = fields(at, zone);
  return `${date} ${time}`;
}

export function stampWithMillis(at: number | Date, zone: string): string {
  return `${stamp(at, zone)}.${String(new Date(at).getUTCMilliseconds()).padStart(3, '0')}`;
}

/** The minute of today, with the date where it was another day. */
export function since(at: number, zone: string, now: number = Date.now()): string {
  const then = fields(at, zone);
  return then.date === fields(now, zone).date ? then.minute : `${then.date} ${then.minute}`;
}

/** `+01:00` of the zone at that instant. */
export function zoneOffset(at: number | Date, zone: string): string {
  const instant = Math.floor(new Date(at).getTime() / 1000) * 1000;
  const { date, time } = fields(instant, zone);
  const minutes = Math.round((Date.parse(`${date}T${time}Z`) - instant) / 60_000);
  const sign = minutes < 0 ? '−' : '+';
  const absolute = Math.abs(minutes);
  return `${sign}${String(Math.floor(absolute / 60)).padStart(2, '0')}:${String(absolute % 60).padStart(2, '0')}`;
}

/** Both readings of an instant, for titles: the UTC one and, where it differs, the pilot's. */
export function bothReadings(at: number | Date, pilotZone: string | null): string {
  const utc = `${stampWithMillis(at, 'UTC')} UTC`;
  return pilotZone && pilotZone !== 'UTC'
    ? `${utc}\n${stampWithMillis(at, pilotZone)} ${pilotZone} (${zoneOffset(at, pilotZone)})`
    : utc;
}

/** A spreadsheet takes a cell that begins like this for a formula. */
const FORMULA = /^[=+\-@\t\r]/;
const PLAIN_NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

export function csv(
  header: string[],
  rows: Iterable<(string | number | boolean | null | undefined)[]>,
): string {
  const cell = (value: string | number | boolean | null | undefined): string => {
    if (value === null || value === undefined) return '';
    let text = String(value);
    if (FORMULA.test(text) && !PLAIN_NUMBER.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [header.map(cell).join(',')];
  for (const row of rows) lines.push(row.map(cell).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

/** As an input of a local date and time takes it: `2026-11-21T10:42:07`. */
export function localText(at: number, zone: string): string {
  const { date, time } = fields(at, zone);
  return `${date}T${time}`;
}

/** The instant that a wall clock of the zone shows like that; where it shows it twice, the first. */
export function instantOf(text: string, zone: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text)) return null;
  const wall = Date.parse(`${text.length === 16 ? `${text}:00` : text}Z`);
  if (Number.isNaN(wall)) return null;
  const offsetAt = (at: number) => Date.parse(`${localText(at, zone)}Z`) - at;
  const day = 86_400_000;
  const found = [offsetAt(wall - day), offsetAt(wall + day)].map((offset) => wall - offset);
  // an hour that the clock leaps over in spring is none of the two; the reading after the leap is meant
  const exact = found.filter((at) => at + offsetAt(at) === wall);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...found);
}

/** Who did it, as people say it: the kind stands before what is no person. */
export function actorText(actor: string): string {
  const [, kind, name] = /^([a-z]+):(.+)$/.exec(actor) ?? [];
  if (kind === undefined || name === undefined) return actor;
  if (kind === 'person') return name;
  return `${kind} ${kind === 'device' ? name.replace(/^[^/]*\//, '') : name}`;
}

/** What a progress bar shows, 0 to 100; in tenths, because smaller steps are neither seen nor valid ARIA values. */
export function barValue(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
}
