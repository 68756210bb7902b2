import { Button, CloseButton, Drawer, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { AuditEntry } from '../../api/client';
import { auditQuery, auditVerdictQuery } from '../../api/queries';
import { usePilots } from '../../frame/PilotSwitcher';
import { Copy } from '../../parts/Copy';
import { DataTable, type Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { bothReadings, count } from '../../parts/format';
import { usePages } from '../../parts/pages';
import { PageHead } from '../../parts/PageHead';
import { ProblemNote } from '../../parts/Problem';
import { State } from '../../parts/State';
import { Time } from '../../parts/Time';
import type { AuditSearch } from '../../router';
import { isPlatformAdmin, isStaff } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';

const route = getRouteApi('/app/admin/audit');

const SINCE = [
  { value: '1', label: 'Last hour' },
  { value: '24', label: 'Last 24 h' },
  { value: '168', label: 'Last 7 days' },
];

export function AuditPage() {
  const { open, ...filter } = route.useSearch();
  const navigate = useNavigate({ from: '/admin/audit' });
  const session = useSession();
  const zone = useZone();
  const pilots = usePilots();
  const query = useInfiniteQuery(auditQuery(filter));
  const { rows, more } = usePages<AuditEntry>(query);
  const columns = useMemo<Column<AuditEntry>[]>(
    () => [
      {
        id: 'sequence',
        header: 'No.',
        width: '90px',
        align: 'right',
        from: 'tablet',
        value: (row) => row.sequence,
        cell: (row) => <span className="ph-num">{count(row.sequence)}</span>,
      },
      {
        id: 'time',
        header: 'Time',
        unit: zone.label,
        width: '172px',
        under: true,
        value: (row) => row.time,
        cell: (row) => <Time at={row.time} />,
      },
      { id: 'actor', header: 'Who', width: '150px', under: true, value: (row) => row.actor },
      { id: 'action', header: 'What', main: true, value: (row) => row.action },
      {
        id: 'resource',
        header: 'On',
        from: 'tablet',
        value: (row) => row.resource,
        cell: (row) => <span className="ph-id">{row.resource ?? '–'}</span>,
      },
      { id: 'pilot', header: 'Pilot', width: '140px', from: 'desktop', value: (row) => row.pilot },
      {
        id: 'outcome',
        header: 'Outcome',
        width: '112px',
        narrow: '96px',
        value: (row) => row.outcome,
        cell: (row) => <Outcome outcome={row.outcome} />,
      },
    ],
    [zone],
  );
  const set = (change: AuditSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const entry = rows.find((row) => String(row.sequence) === open);
  const filtered = Object.values(filter).some((value) => value !== undefined);

  return (
    <div className="ph-page-fill">
      <PageHead title="Audit trail" note="Who did what; nothing in it can be changed or taken out">
        {isPlatformAdmin(session) && <Chain />}
      </PageHead>
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      <DataTable
        label="Audit trail"
        rows={rows}
        rowKey={sequence}
        columns={columns}
        sortable={false}
        loading={query.isPending}
        more={more}
        opened={open}
        onOpen={(row) => set({ open: String(row.sequence) })}
        csvName="audit"
        toolbar={
          <>
            <FilterText label="Who" value={filter.actor} onChange={(actor) => set({ actor })} />
            <FilterText label="What" value={filter.action} onChange={(action) => set({ action })} />
            {isStaff(session) && (
              <Select
                className="ph-filter-small"
                size="xs"
                aria-label="Pilot"
                placeholder="All pilots"
                clearable
                searchable
                data={pilots.map((pilot) => ({ value: pilot.pilot_id, label: pilot.name }))}
                value={filter.pilot ?? null}
                onChange={(pilot) => set({ pilot: pilot ?? undefined })}
              />
            )}
            <Select
              className="ph-filter-small"
              size="xs"
              aria-label="Time range"
              placeholder={filter.from ? 'Since a set time' : 'Any time'}
              clearable
              data={SINCE}
              value={null}
              onChange={(hours) =>
                set({
                  from: hours ? new Date(Date.now() - Number(hours) * 3_600_000).toISOString() : undefined,
                  to: undefined,
                })
              }
            />
            {filter.from && (
              <span className="ph-chip" title={bothReadings(Date.parse(filter.from), zone.pilot)}>
                since <Time at={filter.from} /> {zone.label}
                <CloseButton
                  size="xs"
                  aria-label="Take the time out of the filter"
                  onClick={() => set({ from: undefined, to: undefined })}
                />
              </span>
            )}
          </>
        }
        empty={
          filtered ? (
            <Empty
              title="No entry fits the filter"
              action={
                <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                  Show the whole trail
                </Button>
              }
            >
              The filter is applied to the whole trail, on the server. “Who” and “What” are exact.
            </Empty>
          ) : (
            <Empty title="The trail is empty">Every sign-in, refusal and change is written here.</Empty>
          )
        }
      />
      <Drawer
        opened={open !== undefined}
        onClose={() => set({ open: undefined })}
        position="right"
        size="lg"
        title={entry ? `Entry ${count(entry.sequence)}` : 'Entry'}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {entry ? (
          <>
            <Facts>
              <Fact label={`Time, ${zone.label}`}>
                <Time at={entry.time} millis />
              </Fact>
              <Fact label="Who">
                <button type="button" className="ph-text-button" onClick={() => set({ actor: entry.actor })}>
                  {entry.actor}
                </button>
              </Fact>
              <Fact label="What">
                <button
                  type="button"
                  className="ph-text-button"
                  onClick={() => set({ action: entry.action })}
                >
                  {entry.action}
                </button>
              </Fact>
              <Fact label="On">
                <span className="ph-id">{entry.resource ?? '–'}</span>
              </Fact>
              <Fact label="Pilot">{entry.pilot ?? '–'}</Fact>
              <Fact label="Outcome">
                <Outcome outcome={entry.outcome} />
              </Fact>
              <Fact label="Hash">
                <span className="ph-id">{entry.hash}</span>
                <Copy value={entry.hash} label="Copy the hash" />
              </Fact>
            </Facts>
            {entry.detail && Object.keys(entry.detail).length > 0 && (
              <>
                <h2 className="ph-card-title">Detail</h2>
                <pre className="ph-json" tabIndex={0} aria-label="The entry’s detail">
                  {JSON.stringify(entry.detail, null, 2)}
                </pre>
              </>
            )}
          </>
        ) : (
          !query.isPending && (
            <Empty title="This entry is not among those loaded">Load more, or widen the filter.</Empty>
          )
        )}
      </Drawer>
    </div>
  );
}

const sequence = (row: AuditEntry) => String(row.sequence);

function Outcome({ outcome }: { outcome: AuditEntry['outcome'] }) {
  return (
    <State kind={outcome === 'allowed' ? 'up' : outcome === 'denied' ? 'slow' : 'away'}>{outcome}</State>
  );
}

function FilterText({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const [text, setText] = useState(value ?? '');
  useEffect(() => setText(value ?? ''), [value]);
  const later = useDebouncedCallback((next: string) => onChange(next.trim() || undefined), 350);
  return (
    <TextInput
      className="ph-filter-small"
      size="xs"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
      rightSection={
        value ? (
          <CloseButton size="xs" aria-label={`Clear ${label}`} onClick={() => onChange(undefined)} />
        ) : null
      }
    />
  );
}

/** Whether each entry’s hash follows from the one before. */
function Chain() {
  const { data, error, isFetching, refetch } = useQuery(auditVerdictQuery);
  if (error) return <ProblemNote error={error} onRetry={() => void refetch()} />;
  return (
    <>
      {data && (
        <span className="ph-verdict" data-intact={data.intact} role="status">
          {data.intact ? <IconShieldCheck size={17} aria-hidden /> : <IconShieldX size={17} aria-hidden />}
          {data.intact ? (
            <span className="ph-num">Chain intact, {count(data.entries)} entries</span>
          ) : (
            <span className="ph-num">Chain broken at entry {count(data.broken_at ?? 0)}</span>
          )}
        </span>
      )}
      <Button variant="default" loading={isFetching} onClick={() => void refetch()}>
        Verify
      </Button>
    </>
  );
}
