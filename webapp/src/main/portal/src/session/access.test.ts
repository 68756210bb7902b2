import { describe, expect, it } from 'vitest';
import type { Role, Session } from '../api/client';
import { grantableRoles, home, mayUse, safeNext, type Area } from './access';

const AREAS: Area[] = [
  'overview',
  'twins',
  'models',
  'live',
  'datasets',
  'days',
  'products',
  'storage',
  'rejected',
  'devices',
  'people',
  'pilots',
  'audit',
  'engines',
  'account',
];

function signedIn(role: Role, pilot: string | null): Session {
  return { username: 'somebody', roles: [role], pilot, expires_at: '2026-11-21T10:00:00Z' };
}

describe('areas', () => {
  it.each<[Role, Area[]]>([
    [
      'pilot-operator',
      [
        'overview',
        'twins',
        'models',
        'live',
        'datasets',
        'days',
        'products',
        'devices',
        'pilots',
        'engines',
        'account',
      ],
    ],
    ['pilot-admin', AREAS],
    [
      'data-steward',
      [
        'overview',
        'twins',
        'models',
        'live',
        'datasets',
        'days',
        'products',
        'storage',
        'rejected',
        'pilots',
        'audit',
        'engines',
        'account',
      ],
    ],
    ['support-agent', ['engines', 'account']],
    ['platform-admin', AREAS],
  ])('shows a %s what the role may use', (role, areas) => {
    expect(AREAS.filter((area) => mayUse(area, signedIn(role, null)))).toEqual(areas);
  });

  it('lets a pilot admin give pilot roles only', () => {
    expect(grantableRoles(signedIn('pilot-admin', 'aurora'))).not.toContain('platform-admin');
    expect(grantableRoles(signedIn('pilot-operator', 'aurora'))).toEqual([]);
  });
});

describe('where a person lands', () => {
  it('is the own pilot, else the one looked at last, else a page of the platform', () => {
    expect(home(signedIn('pilot-operator', 'aurora'), 'other')).toBe('/p/aurora/overview');
    expect(home(signedIn('platform-admin', null), 'other')).toBe('/p/other/overview');
    expect(home(signedIn('platform-admin', null), null)).toBe('/admin/pilots');
    expect(home(signedIn('support-agent', null), 'other')).toBe('/admin/engines');
  });

  it('follows paths of the portal only', () => {
    expect(safeNext('/p/aurora/live?twin=a')).toBe('/p/aurora/live?twin=a');
    for (const elsewhere of [
      'https://evil.example',
      '//evil.example/x',
      '/\\evil.example',
      'javascript:alert(1)',
      '/sign-in?next=/',
      '/api/v1/pilots',
      undefined,
      7,
    ]) {
      expect(safeNext(elsewhere)).toBeUndefined();
    }
  });
});
