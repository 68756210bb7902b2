import { Button, TagsInput } from '@mantine/core';
import { IconArrowUp, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import { Command } from '../../parts/Copy';
import { DataTable, type Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { bothReadings, count, rate, stampWithMillis, fields } from '../../parts/format';
import { PageHead } from '../../parts/PageHead';
import { ProblemNote } from '../../parts/Problem';
import { useZone } from '../../session/zone';
import { cloudEvent, line, twinOf } from './cloud-event';
import { Connection } from './Connection';
import { Values } from './Values';
import { EventDrawer } from './EventDrawer';
import type { LiveEvent } from './event-buffer';
import type { LiveSnapshot } from './live-stream';
import { useLiveStream } from './use-live-stream';

const route = getRouteApi('/app/p/$pilot/live');

export function LivePage() {
  const { pilot } = route.useParams();
  const filter = route.useSearch();
  // the key starts the page anew for other filters: what was held or opened belongs to the list before
  return <Tail key={JSON.stringify([pilot, filter.twin, filter.type])} pilot={pilot} />;
}

function Tail({ pilot }: { pilot: string }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/live' });
  const zone = useZone();
  const { stream, snapshot } = useLiveStream(pilot, search);
  const [held, setHeld] = useState<LiveSnapshot | null>(null);
  const [paused, setPaused] = useState(false);
  const seen = useDeferredValue(held ?? snapshot);
  const waiting = held ? snapshot.received - held.received : 0;

  const columns = useMemo<Column<LiveEvent>[]>(
    () => [
      {
        id: 'time',
        header: 'Time',
        unit: zone.label,
        width: '118px',
        narrow: '108px',
        value: (event) => cloudEvent(event).time ?? '',
        cell: (event) => {
          const at = Date.parse(cloudEvent(event).time ?? '') || event.receivedAt;
          return (
            <time className="ph-num" title={bothReadings(at, zone.pilot)}>
              {stampWithMillis(at, zone.shown).slice(11)}
            </time>
          );
        },
      },
      {
        id: 'twin',
        header: 'Twin',
        width: '210px',
        narrow: 'auto',
        main: true,
        value: (event) => twinOf(event) ?? event.type,
        cell: (event) => <span className="ph-id">{twinOf(event) ?? event.type}</span>,
      },
      {
        id: 'type',
        header: 'Type',
        width: '170px',
        from: 'tablet',
        value: (event) => event.type,
      },
      {
        id: 'values',
        header: 'Values',
        under: true,
        value: line,
        cell: (event) => <Values event={event} />,
      },
      {
        id: 'source',
        header: 'Source',
        width: '200px',
        hidden: true,
        value: (event) => cloudEvent(event).source,
      },
      {
        id: 'id',
        header: 'Event id',
        width: '290px',
        hidden: true,
        value: (event) => cloudEvent(event).id,
        cell: (event) => <span className="ph-id">{cloudEvent(event).id}</span>,
      },
    ],
    [zone],
  );

  const hold = useCallback(
    (away: boolean) => {
      if (away) setHeld((before) => before ?? stream.snapshot());
      else setHeld((before) => (paused ? before : null));
    },
    [stream, paused],
  );

  const pause = () => {
    setPaused(true);
    setHeld((before) => before ?? stream.snapshot());
  };
  const resume = () => {
    setPaused(false);
    setHeld(null);
    document.querySelector('.ph-scroll')?.scrollTo({ top: 0 });
  };

  const setFilter = (change: { twin?: string[]; type?: string[] }) =>
    void navigate({ search: (before) => ({ ...before, event: undefined, ...change }), replace: true });
  const open = useCallback(
    (event: LiveEvent) =>
      void navigate({
        search: (before) => ({ ...before, event: keyOf(event) }),
        replace: true,
      }),
    [navigate],
  );

  const twinsSeen = useMemo(
    () =>
      [...new Set(seen.newest.slice(0, 500).flatMap((event) => twinOf(event) ?? []))].sort().slice(0, 100),
    [seen],
  );
  const typesSeen = useMemo(
    () => [
      ...new Set([
        'telemetry.reported',
        ...seen.newest.map((event) => event.type).filter((type) => type !== 'gap'),
      ]),
    ],
    [seen],
  );

  return (
    <div className="ph-page-fill">
      <PageHead title="Live events" note={<Tempo snapshot={snapshot} />}>
        <Connection snapshot={snapshot} />
        {snapshot.phase.kind === 'reconnecting' && (
          <Button variant="default" onClick={stream.tryNow}>
            Try now
          </Button>
        )}
        <Button
          variant="default"
          leftSection={paused ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
          onClick={paused ? resume : pause}
        >
          {paused ? 'Resume' : 'Pause'}
        </Button>
      </PageHead>
      {snapshot.phase.kind === 'refused' && <ProblemNote error={snapshot.phase.problem} />}
      <DataTable
        label="Live events"
        rows={seen.newest}
        rowKey={rowKey}
        columns={columns}
        sortable={false}
        onOpen={open}
        opened={search.event && seen.newest.find((event) => keyOf(event) === search.event)?.seq.toString()}
        csvName={`${pilot}-events-${fields(Date.now(), 'UTC').time.replaceAll(':', '')}`}
        onScrolledAway={hold}
        rowClass={rowClass}
        toolbar={
          <>
            <TagsInput
              className="ph-filter"
              size="xs"
              aria-label="Only these twins"
              placeholder={search.twin ? undefined : 'All twins'}
              data={twinsSeen}
              maxTags={50}
              value={search.twin ?? []}
              onChange={(twin) => setFilter({ twin: twin.length > 0 ? twin : undefined })}
            />
            <TagsInput
              className="ph-filter"
              size="xs"
              aria-label="Only these types"
              placeholder={search.type ? undefined : 'All types'}
              data={typesSeen}
              maxTags={20}
              value={search.type ?? []}
              onChange={(type) => setFilter({ type: type.length > 0 ? type : undefined })}
            />
          </>
        }
        note={
          held &&
          (waiting > 0 || paused) && (
            <div className="ph-new" role="status">
              <Button size="compact-xs" leftSection={<IconArrowUp size={13} />} onClick={resume}>
                {count(waiting)} new
              </Button>
            </div>
          )
        }
        empty={
          snapshot.phase.kind === 'live' ? (
            search.twin || search.type ? (
              <Empty
                title="Nothing of that kind has come since this page was opened"
                action={
                  <Button variant="default" onClick={() => setFilter({ twin: undefined, type: undefined })}>
                    Show everything
                  </Button>
                }
              >
                The filter is applied on the server; matching events appear here as they pass.
              </Empty>
            ) : (
              <Empty title="Nothing has come yet" action={<Command text="./pilothouse demo" />}>
                Every event of the pilot appears here the moment the backbone has it. To feed a simulated
                consortium:
              </Empty>
            )
          ) : (
            <p className="ph-waiting">{snapshot.phase.kind === 'connecting' ? 'Connecting…' : '\u00a0'}</p>
          )
        }
      />
      <EventDrawer
        pilot={pilot}
        event={
          search.event
            ? snapshot.newest.concat(held?.newest ?? []).find((event) => keyOf(event) === search.event)
            : undefined
        }
        asked={search.event}
        onClose={() =>
          void navigate({ search: (before) => ({ ...before, event: undefined }), replace: true })
        }
      />
    </div>
  );
}

const rowKey = (event: LiveEvent) => String(event.seq);
const keyOf = (event: LiveEvent) => cloudEvent(event).id ?? String(event.seq);
const rowClass = (event: LiveEvent) => (event.type === 'gap' ? 'ph-gap' : undefined);

function Tempo({ snapshot }: { snapshot: LiveSnapshot }) {
  return (
    <span className="ph-num">
      {rate(snapshot.perSecond)} /s · {count(snapshot.received)} since this page was opened
      {snapshot.passedOver > 0 && ` · ${count(snapshot.passedOver)} gaps: what came before is no longer kept`}
    </span>
  );
}
