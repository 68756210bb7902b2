/**
 * The server's clock as seen from here. The Date header has a resolution of one second and arrives late by the
 * network's delay, so that only a difference above two seconds is taken for a wrong clock.
 */
let offset = 0;

export function noteServerDate(header: string | null, now: number = Date.now()): void {
  if (!header) return;
  const server = Date.parse(header);
  if (Number.isNaN(server)) return;
  const difference = server + 500 - now;
  offset = Math.abs(difference) > 2_000 ? difference : 0;
}

export function serverNow(): number {
  return Date.now() + offset;
}
