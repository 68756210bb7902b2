import '@mantine/spotlight/styles.css';
import { useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import {
  Spotlight,
  spotlight,
  type SpotlightActionData,
  type SpotlightActionGroupData,
} from '@mantine/spotlight';
import {
  IconActivity,
  IconBriefcase,
  IconBuildingFactory2,
  IconCalendarEvent,
  IconCalendarTime,
  IconClock,
  IconCpu,
  IconCube,
  IconDatabase,
  IconChartPie,
  IconFileExport,
  IconLogout,
  IconMoon,
  IconSearch,
  IconShieldCheck,
  IconSun,
  IconUserCircle,
} from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { isDate, longName } from '../areas/days/calendar';
import { datasetNamesQuery, devicesQuery, jobsQuery, twinNamesQuery } from '../api/queries';
import { mayUse } from '../session/access';
import { useSession } from '../session/session';
import { useSignOut } from '../session/sign-out';
import { useZone } from '../session/zone';
import { ADMINISTRATION, usable, WATCH } from './areas';
import { useCurrentPilot } from './current-pilot';
import { usePilots } from './PilotSwitcher';

/** As the platform makes them: long enough that no word of a language is taken for one. */
const DATASET = /^(?=.*\d)[a-z0-9][a-z0-9-]{11,62}$/;
const TWIN = /^[a-z0-9][a-z0-9._-]{0,127}$/;

const MOST_JOBS = 6;

/** Ctrl K: goes anywhere, finds pilots, devices, twins, datasets, jobs and days, and watches any twin whose id is typed. */
export function Palette({ wishes }: { wishes: number }) {
  const session = useSession();
  const pilot = useCurrentPilot();
  const pilots = usePilots();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const zone = useZone();
  const { setColorScheme } = useMantineColorScheme();
  const [query, setQuery] = useState('');
  useEffect(() => spotlight.open(), [wishes]);
  const { data: devices } = useInfiniteQuery({
    ...devicesQuery(pilot ?? ''),
    enabled: pilot !== null && query.length > 0 && mayUse('devices', session),
  });
  const typed = query.trim().toLowerCase();
  const [looked] = useDebouncedValue(typed, 150);
  const { data: twins } = useQuery({
    ...twinNamesQuery(pilot ?? '', looked),
    enabled: pilot !== null && looked !== '' && looked.length <= 128 && mayUse('twins', session),
    placeholderData: (before) => before,
  });
  // a dataset's name keeps its capitals; what is looked for is how it begins
  const [named] = useDebouncedValue(query.trim(), 150);
  const { data: datasets } = useQuery({
    ...datasetNamesQuery(pilot ?? '', named),
    enabled: pilot !== null && named !== '' && named.length <= 256 && mayUse('datasets', session),
    placeholderData: (before) => before,
  });
  const { data: jobs } = useInfiniteQuery({
    ...jobsQuery(pilot ?? '', { q: named }),
    enabled: pilot !== null && named !== '' && named.length <= 100 && mayUse('jobs', session),
    refetchInterval: false,
    placeholderData: (before) => before,
  });
  const icon = { size: 18, stroke: 1.6 };

  const openDataset = (dataset: string) =>
    void navigate({
      to: '/p/$pilot/datasets/$dataset',
      params: { pilot: pilot ?? '', dataset },
      search: {},
    });

  const areas: SpotlightActionData[] = [
    ...usable(WATCH, session, pilot),
    ...usable(ADMINISTRATION, session, pilot),
  ].map(({ to, label, icon: AreaIcon }) => ({
    id: to,
    label,
    leftSection: <AreaIcon {...icon} />,
    onClick: () => void navigate({ to, params: { pilot: pilot ?? '' }, search: {} }),
  }));
  if (pilot !== null && mayUse('storage', session)) {
    areas.push({
      id: 'storage',
      label: 'Storage',
      description: 'Quota and sweep of the datasets',
      leftSection: <IconChartPie {...icon} />,
      onClick: () => void navigate({ to: '/p/$pilot/datasets/storage', params: { pilot } }),
    });
  }
  if (pilot !== null && mayUse('jobs', session)) {
    areas.push(
      {
        id: 'export',
        label: 'New export',
        description: 'Closed days, datasets or live history into files',
        leftSection: <IconFileExport {...icon} />,
        onClick: () => void navigate({ to: '/p/$pilot/jobs/new', params: { pilot }, search: {} }),
      },
      {
        id: 'schedules',
        label: 'Schedules',
        description: 'Jobs that are asked for again and again',
        leftSection: <IconCalendarTime {...icon} />,
        onClick: () => void navigate({ to: '/p/$pilot/jobs/schedules', params: { pilot }, search: {} }),
      },
      {
        id: 'verify',
        label: 'Verify stored datasets',
        leftSection: <IconShieldCheck {...icon} />,
        onClick: () => void navigate({ to: '/p/$pilot/jobs/verify', params: { pilot }, search: {} }),
      },
      {
        id: 'dead',
        label: 'Dead jobs',
        description: 'Jobs whose attempts are used up',
        leftSection: <IconBriefcase {...icon} />,
        onClick: () => void navigate({ to: '/p/$pilot/jobs', params: { pilot }, search: { state: 'dead' } }),
      },
    );
  }
  areas.push({
    id: 'account',
    label: 'Own account',
    description: 'Password, one-time codes',
    leftSection: <IconUserCircle {...icon} />,
    onClick: () => void navigate({ to: '/account' }),
  });

  const found: SpotlightActionGroupData[] = [{ group: 'Go to', actions: areas }];
  if (pilot !== null && isDate(typed) && mayUse('days', session)) {
    found.push({
      group: 'Closed days',
      actions: [
        {
          id: `day ${typed}`,
          label: typed,
          description: longName(typed),
          leftSection: <IconCalendarEvent {...icon} />,
          onClick: () =>
            void navigate({ to: '/p/$pilot/days/$date', params: { pilot, date: typed }, search: {} }),
        },
      ],
    });
  }
  if (pilots.length > 0 && mayUse('overview', session)) {
    found.push({
      group: 'Pilots',
      actions: pilots.map((each) => ({
        id: `pilot ${each.pilot_id}`,
        label: each.name,
        description: each.pilot_id,
        keywords: [each.pilot_id, each.time_zone],
        leftSection: <IconBuildingFactory2 {...icon} />,
        onClick: () =>
          void navigate({ to: '/p/$pilot/overview', params: { pilot: each.pilot_id }, search: {} }),
      })),
    });
  }
  if (pilot !== null && typed !== '') {
    const actions: SpotlightActionData[] = (twins ?? []).map((twin) => ({
      id: `twin ${twin.twin_id}`,
      label: twin.twin_id,
      description: [twin.attributes.name, twin.attributes.place].filter(Boolean).join(' · '),
      leftSection: <IconCube {...icon} />,
      onClick: () =>
        void navigate({ to: '/p/$pilot/twins/$twin', params: { pilot, twin: twin.twin_id }, search: {} }),
    }));
    if (TWIN.test(typed) && mayUse('live', session)) {
      actions.push({
        id: 'twin',
        label: `Watch twin ${typed} live`,
        leftSection: <IconActivity {...icon} />,
        onClick: () => void navigate({ to: '/p/$pilot/live', params: { pilot }, search: { twin: [typed] } }),
      });
    }
    if (actions.length > 0) found.push({ group: 'Twins', actions });
  }
  if (pilot !== null && typed !== '') {
    const actions: SpotlightActionData[] = (datasets ?? []).map((dataset) => ({
      id: `dataset ${dataset.dataset_id}`,
      label: dataset.name,
      description: `version ${dataset.version} · ${dataset.dataset_id}`,
      leftSection: <IconDatabase {...icon} />,
      onClick: () => openDataset(dataset.dataset_id),
    }));
    if (DATASET.test(typed) && mayUse('datasets', session)) {
      actions.push({
        id: 'dataset',
        label: `Open dataset ${typed}`,
        leftSection: <IconDatabase {...icon} />,
        onClick: () => openDataset(typed),
      });
    }
    if (actions.length > 0) found.push({ group: 'Datasets', actions });
  }
  const foundJobs = jobs?.pages.flatMap((page) => page.items).slice(0, MOST_JOBS) ?? [];
  if (pilot !== null && typed !== '' && foundJobs.length > 0) {
    found.push({
      group: 'Jobs',
      actions: foundJobs.map((job) => ({
        id: `job ${job.job_id}`,
        label: job.name,
        description: `${job.state} · ${job.job_id}`,
        keywords: [job.job_id],
        leftSection: <IconBriefcase {...icon} />,
        onClick: () =>
          void navigate({ to: '/p/$pilot/jobs/$job', params: { pilot, job: job.job_id }, search: {} }),
      })),
    });
  }
  const known = devices?.pages.flatMap((page) => page.items) ?? [];
  if (pilot !== null && query !== '' && known.length > 0) {
    found.push({
      group: `Devices of ${pilot}`,
      actions: known.map((device) => ({
        id: `device ${device.device_id}`,
        label: device.device_id,
        keywords: device.twins,
        leftSection: <IconCpu {...icon} />,
        onClick: () =>
          void navigate({ to: '/p/$pilot/devices', params: { pilot }, search: { open: device.device_id } }),
      })),
    });
  }
  found.push({
    group: 'Settings',
    actions: [
      {
        id: 'light',
        label: 'Light theme',
        leftSection: <IconSun {...icon} />,
        onClick: () => setColorScheme('light'),
      },
      {
        id: 'dark',
        label: 'Dark theme',
        leftSection: <IconMoon {...icon} />,
        onClick: () => setColorScheme('dark'),
      },
      {
        id: 'zone',
        label: zone.shown === 'UTC' && zone.pilot ? `Write times in ${zone.pilot}` : 'Write times in UTC',
        leftSection: <IconClock {...icon} />,
        onClick: zone.toggle,
      },
      { id: 'out', label: 'Sign out', leftSection: <IconLogout {...icon} />, onClick: () => void signOut() },
    ],
  });

  return (
    <Spotlight
      actions={found}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      centered={false}
      overlayProps={{ backgroundOpacity: 0.4, blur: 0 }}
      limit={12}
      scrollable
      maxHeight={420}
      attributes={{ content: { 'aria-label': 'Go to' } }}
      nothingFound="Nothing of that name"
      searchProps={{
        leftSection: <IconSearch size={17} />,
        placeholder: 'An area, a pilot, a device, a twin’s id, a dataset, a job, a day',
        'aria-label': 'Go to an area, a pilot, a device, a twin, a dataset or a day',
      }}
    />
  );
}
