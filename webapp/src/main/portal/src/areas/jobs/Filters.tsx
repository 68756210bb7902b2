import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Job } from '../../api/client';
import { jobTypesQuery } from '../../api/queries';
import { Chip } from '../../parts/Chip';
import { Created } from '../../parts/Created';
import { actorText } from '../../parts/format';
import { Time } from '../../parts/Time';
import { TypedFilter } from '../../parts/TypedFilter';
import type { JobsSearch } from '../../router';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { typeName } from './words';

export interface Listing {
  pilot: string;
  search: JobsSearch;
  set: (change: JobsSearch) => void;
}

export const filterOf = ({ state, type, q, by, from, to }: JobsSearch) => ({
  state,
  type,
  q,
  requested_by: by,
  from,
  to,
});

export const jobId = (row: Job) => row.job_id;

/** What a list is narrowed by, and the conditions that are set. */
export function Filters({ pilot, search, set }: Listing) {
  const session = useSession();
  const zone = useZone();
  const types = useQuery(jobTypesQuery(pilot));
  const me = `person:${session.username}`;
  return (
    <>
      <TypedFilter
        label="Name, or how the id begins"
        value={search.q}
        most={100}
        onChange={(q) => set({ q })}
      />
      <Select
        className="ph-filter-small"
        size="xs"
        aria-label="Type"
        placeholder="Any type"
        data={(types.data ?? []).map(({ name }) => ({ value: name, label: typeName(name) }))}
        value={null}
        onChange={(type) => type && set({ type })}
      />
      <Created
        label="Asked for"
        describedAs="When it was asked for"
        from={search.from}
        to={search.to}
        onPick={set}
      />
      <Button
        size="xs"
        variant={search.by === me ? 'filled' : 'default'}
        aria-pressed={search.by === me}
        onClick={() => set({ by: search.by === me ? undefined : me })}
      >
        Mine
      </Button>
      {search.type && (
        <Chip label="type" onRemove={() => set({ type: undefined })}>
          {typeName(search.type)}
        </Chip>
      )}
      {search.by && (
        <Chip label="person" onRemove={() => set({ by: undefined })}>
          by {actorText(search.by)}
        </Chip>
      )}
      {search.from && (
        <Chip label="beginning" onRemove={() => set({ from: undefined })}>
          since <Time at={search.from} /> {zone.label}
        </Chip>
      )}
      {search.to && (
        <Chip label="end" onRemove={() => set({ to: undefined })}>
          before <Time at={search.to} /> {zone.label}
        </Chip>
      )}
    </>
  );
}
