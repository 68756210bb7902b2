import type { Role, Session } from '../api/client';

export type Area =
  | 'overview'
  | 'twins'
  | 'models'
  | 'live'
  | 'datasets'
  | 'days'
  | 'jobs'
  | 'storage'
  | 'copying'
  | 'products'
  | 'rejected'
  | 'devices'
  | 'people'
  | 'pilots'
  | 'audit'
  | 'engines'
  | 'account';

const EVERYBODY: readonly Role[] = [
  'pilot-operator',
  'pilot-admin',
  'data-steward',
  'support-agent',
  'platform-admin',
];

/** Mirrors `x-access` of the API document. The server decides; this only keeps doors that stay shut out of sight. */
const AREAS: Record<Area, readonly Role[]> = {
  overview: ['pilot-operator', 'pilot-admin', 'data-steward', 'platform-admin'],
  twins: ['pilot-operator', 'pilot-admin', 'data-steward', 'platform-admin'],
  models: ['pilot-operator', 'pilot-admin', 'data-steward', 'platform-admin'],
  live: ['pilot-operator', 'pilot-admin', 'data-steward', 'platform-admin'],
  datasets: ['pilot-operator', 'pilot-admin', 'data-steward', 'platform-admin'],
  days: ['pilot-operator', 'pilot-admin', 'data-steward', 'platform-admin'],
  jobs: ['pilot-operator', 'pilot-admin', 'data-steward', 'platform-admin'],
  products: ['pilot-operator', 'pilot-admin', 'data-steward', 'platform-admin'],
  storage: ['pilot-admin', 'data-steward', 'platform-admin'],
  copying: ['pilot-admin', 'data-steward', 'platform-admin'],
  rejected: ['pilot-admin', 'data-steward', 'platform-admin'],
  devices: ['pilot-operator', 'pilot-admin', 'platform-admin'],
  people: ['pilot-admin', 'platform-admin'],
  pilots: ['pilot-operator', 'pilot-admin', 'data-steward', 'platform-admin'],
  audit: ['pilot-admin', 'data-steward', 'platform-admin'],
  engines: EVERYBODY,
  account: EVERYBODY,
};

const hasAny = (session: Session, roles: readonly Role[]) =>
  session.roles.some((role) => roles.includes(role));

export function mayUse(area: Area, session: Session): boolean {
  return hasAny(session, AREAS[area]);
}

export function mayManageDevices(session: Session): boolean {
  return hasAny(session, ['pilot-admin', 'platform-admin']);
}

/** The pilot's own endpoint and its credentials. */
export function mayKeepSites(session: Session): boolean {
  return hasAny(session, ['pilot-admin', 'platform-admin']);
}

export function mayEditPilots(session: Session): boolean {
  return hasAny(session, ['pilot-admin', 'platform-admin']);
}

/** Attributes, desired properties, relationships and commands. */
export function maySteerTwins(session: Session): boolean {
  return hasAny(session, ['pilot-operator', 'pilot-admin', 'platform-admin']);
}

export function mayRetireTwins(session: Session): boolean {
  return hasAny(session, ['pilot-admin', 'platform-admin']);
}

export function mayEditModels(session: Session): boolean {
  return hasAny(session, ['pilot-admin', 'data-steward', 'platform-admin']);
}

/** Tags and retention, withdrawing and bringing back. */
export function mayGovernDatasets(session: Session): boolean {
  return hasAny(session, ['pilot-admin', 'data-steward', 'platform-admin']);
}

export function maySweep(session: Session): boolean {
  return hasAny(session, ['data-steward', 'platform-admin']);
}

/** Closing, restarting, cancelling and correcting. */
export function mayCloseDays(session: Session): boolean {
  return hasAny(session, ['pilot-admin', 'data-steward', 'platform-admin']);
}

export function maySetCorrections(session: Session): boolean {
  return hasAny(session, ['pilot-admin', 'platform-admin']);
}

/** Exports written as SQL instead of by a form. */
export function mayWriteSql(session: Session): boolean {
  return hasAny(session, ['data-steward', 'platform-admin']);
}

export function isPlatformAdmin(session: Session): boolean {
  return session.roles.includes('platform-admin');
}

/** Whether the person works with more than one pilot. */
export function isStaff(session: Session): boolean {
  return session.pilot === null;
}

const PILOT_ROLES: readonly Role[] = ['pilot-operator', 'pilot-admin', 'data-steward'];

/** The roles that the person may give to others. */
export function grantableRoles(session: Session): readonly Role[] {
  if (isPlatformAdmin(session)) return EVERYBODY;
  return session.roles.includes('pilot-admin') ? PILOT_ROLES : [];
}

/** Where somebody lands after signing in, when no page was asked for. */
export function home(session: Session, rememberedPilot: string | null): string {
  const pilot = session.pilot ?? rememberedPilot;
  if (pilot !== null && mayUse('overview', session)) return `/p/${encodeURIComponent(pilot)}/overview`;
  return isPlatformAdmin(session) ? '/admin/pilots' : '/admin/engines';
}

/** Only a path of this portal is followed after signing in; anything else would be an open redirect. */
export function safeNext(next: unknown): string | undefined {
  if (typeof next !== 'string' || !next.startsWith('/')) return undefined;
  try {
    const target = new URL(next, 'http://portal.invalid');
    if (target.origin !== 'http://portal.invalid' || next.startsWith('//') || next.includes('\\'))
      return undefined;
    if (target.pathname.startsWith('/sign-in') || target.pathname.startsWith('/api/')) return undefined;
    return target.pathname + target.search + target.hash;
  } catch {
    return undefined;
  }
}
