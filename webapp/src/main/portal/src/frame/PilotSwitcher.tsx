import { Select } from '@mantine/core';
import { IconSelector } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMatchRoute, useNavigate } from '@tanstack/react-router';
import { pilotQuery, pilotsQuery } from '../api/queries';
import { isStaff, mayUse } from '../session/access';
import { useSession } from '../session/session';
import { useCurrentPilot } from './current-pilot';

export function usePilots() {
  const session = useSession();
  const { data } = useInfiniteQuery({ ...pilotsQuery, enabled: isStaff(session) });
  return data?.pages.flatMap((page) => page.items) ?? [];
}

export function PilotSwitcher({ onNavigate }: { onNavigate?: () => void }) {
  const session = useSession();
  const current = useCurrentPilot();
  const pilots = usePilots();
  const navigate = useNavigate();
  const matches = useMatchRoute();
  const { data: own } = useQuery({
    ...pilotQuery(current ?? ''),
    enabled: current !== null && mayUse('overview', session),
  });
  if (!mayUse('overview', session)) return null;
  if (!isStaff(session)) {
    return (
      <div className="ph-pilot" title={own?.value.name}>
        <span className="ph-pilot-name">{own?.value.name ?? current}</span>
        <span className="ph-dim ph-id">{current}</span>
      </div>
    );
  }
  const go = (pilot: string | null) => {
    if (pilot === null) return;
    onNavigate?.();
    const to = (
      [
        '/p/$pilot/live',
        '/p/$pilot/datasets',
        '/p/$pilot/products',
        '/p/$pilot/rejected',
        '/p/$pilot/devices',
      ] as const
    ).find((route) => matches({ to: route, fuzzy: true }));
    void navigate({ to: to ?? '/p/$pilot/overview', params: { pilot }, search: {} });
  };
  return (
    <Select
      className="ph-pilot-select"
      aria-label="Pilot"
      placeholder="Choose a pilot"
      searchable
      allowDeselect={false}
      value={current}
      onChange={go}
      data={pilots.map((pilot) => ({ value: pilot.pilot_id, label: pilot.name }))}
      nothingFoundMessage="No pilot of that name"
      rightSection={<IconSelector size={15} />}
      comboboxProps={{ width: 260, position: 'bottom-start' }}
      renderOption={({ option }) => (
        <span className="ph-option">
          {option.label} <span className="ph-dim ph-id">{option.value}</span>
        </span>
      )}
    />
  );
}
