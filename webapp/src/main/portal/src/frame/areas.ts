import {
  IconActivity,
  IconBriefcase,
  IconBuildingFactory2,
  IconCalendarCheck,
  IconCpu,
  IconCube,
  IconDatabase,
  IconFileCode,
  IconLayoutDashboard,
  IconListCheck,
  IconMailX,
  IconPackage,
  IconServer2,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';
import { mayUse, type Area } from '../session/access';
import type { Session } from '../api/client';

export interface AreaLink {
  area: Area;
  label: string;
  icon: Icon;
  /** With `$pilot` where the area is one pilot's. */
  to:
    | '/p/$pilot/overview'
    | '/p/$pilot/twins'
    | '/p/$pilot/models'
    | '/p/$pilot/live'
    | '/p/$pilot/datasets'
    | '/p/$pilot/days'
    | '/p/$pilot/jobs'
    | '/p/$pilot/products'
    | '/p/$pilot/rejected'
    | '/p/$pilot/devices'
    | '/admin/pilots'
    | '/admin/people'
    | '/admin/audit'
    | '/admin/engines';
}

export const WATCH: readonly AreaLink[] = [
  { area: 'overview', label: 'Overview', icon: IconLayoutDashboard, to: '/p/$pilot/overview' },
  { area: 'twins', label: 'Twins', icon: IconCube, to: '/p/$pilot/twins' },
  { area: 'live', label: 'Live events', icon: IconActivity, to: '/p/$pilot/live' },
  { area: 'datasets', label: 'Datasets', icon: IconDatabase, to: '/p/$pilot/datasets' },
  { area: 'days', label: 'Closed days', icon: IconCalendarCheck, to: '/p/$pilot/days' },
  { area: 'jobs', label: 'Jobs', icon: IconBriefcase, to: '/p/$pilot/jobs' },
  { area: 'products', label: 'Products', icon: IconPackage, to: '/p/$pilot/products' },
  { area: 'rejected', label: 'Rejected', icon: IconMailX, to: '/p/$pilot/rejected' },
  { area: 'models', label: 'Models', icon: IconFileCode, to: '/p/$pilot/models' },
];

export const ADMINISTRATION: readonly AreaLink[] = [
  { area: 'devices', label: 'Devices', icon: IconCpu, to: '/p/$pilot/devices' },
  { area: 'people', label: 'People', icon: IconUsers, to: '/admin/people' },
  { area: 'pilots', label: 'Pilots', icon: IconBuildingFactory2, to: '/admin/pilots' },
  { area: 'audit', label: 'Audit trail', icon: IconListCheck, to: '/admin/audit' },
  { area: 'engines', label: 'Engines & readers', icon: IconServer2, to: '/admin/engines' },
];

export function usable(areas: readonly AreaLink[], session: Session, pilot: string | null): AreaLink[] {
  return areas.filter(
    (link) => mayUse(link.area, session) && (pilot !== null || !link.to.includes('$pilot')),
  );
}
