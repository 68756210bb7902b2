import { Button, Drawer } from '@mantine/core';
import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, body, type Rejected } from '../../api/client';
import { rejectedQuery } from '../../api/queries';
import { Copy } from '../../parts/Copy';
import { DataTable, type Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { notify } from '../../parts/notify';
import { matching, usePages } from '../../parts/pages';
import { PageHead } from '../../parts/PageHead';
import { ProblemNote } from '../../parts/Problem';
import { SearchBox } from '../../parts/SearchBox';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';

const route = getRouteApi('/app/p/$pilot/rejected');

export function RejectedPage() {
  const { pilot } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/rejected' });
  const zone = useZone();
  const query = useInfiniteQuery(rejectedQuery(pilot));
  const { rows, more } = usePages<Rejected>(query);
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(
    () =>
      matching(rows, search.q, (row) => [
        row.reason,
        row.detail,
        row.reader,
        row.subject,
        row.event_id,
        row.event_type,
      ]),
    [rows, search.q],
  );
  const columns = useMemo<Column<Rejected>[]>(
    () => [
      {
        id: 'time',
        header: 'Rejected',
        unit: zone.label,
        width: '172px',
        narrow: 'auto',
        main: true,
        value: (row) => row.rejected_at,
        cell: (row) => <Time at={row.rejected_at} />,
      },
      { id: 'reason', header: 'Reason', width: '160px', narrow: '40%', value: (row) => row.reason },
      {
        id: 'subject',
        header: 'Twin',
        width: '170px',
        from: 'tablet',
        value: (row) => row.subject,
        cell: (row) => <span className="ph-id">{row.subject ?? '–'}</span>,
      },
      {
        id: 'reader',
        header: 'Reader',
        width: '160px',
        from: 'desktop',
        value: (row) => row.reader,
      },
      { id: 'detail', header: 'Detail', under: true, value: (row) => row.detail },
      {
        id: 'event',
        header: 'Event id',
        width: '260px',
        hidden: true,
        value: (row) => row.event_id,
        cell: (row) => <span className="ph-id">{row.event_id ?? '–'}</span>,
      },
      {
        id: 'sent',
        header: 'Sent again',
        width: '110px',
        from: 'desktop',
        value: (row) => (sent.has(row.rejection_id) ? 'yes' : null),
      },
    ],
    [zone, sent],
  );
  const open = rows.find((row) => row.rejection_id === search.open);
  const close = () => void navigate({ search: (before) => ({ ...before, open: undefined }), replace: true });

  const redrive = useMutation({
    mutationFn: (rejection: string) =>
      body(
        api.POST('/api/v1/pilots/{pilot}/rejected/{rejection}/redrive', {
          params: { path: { pilot, rejection } },
        }),
      ),
    onSuccess: (_nothing, rejection) => {
      setSent((before) => new Set(before).add(rejection));
      notify('Sent to its origin again.');
    },
  });

  return (
    <div className="ph-page-fill">
      <PageHead title="Rejected" note="Records that a reader could not take; nothing else waits for them" />
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      <DataTable
        label="Rejected records"
        rows={shown}
        rowKey={rejectionId}
        columns={columns}
        loading={query.isPending}
        more={more}
        opened={search.open}
        onOpen={(row) => {
          redrive.reset();
          void navigate({ search: (before) => ({ ...before, open: row.rejection_id }), replace: true });
        }}
        csvName={`${pilot}-rejected`}
        toolbar={
          <SearchBox
            label="Filter by reason, twin, text"
            value={search.q}
            onChange={(q) => void navigate({ search: (before) => ({ ...before, q }), replace: true })}
          />
        }
        empty={
          search.q ? (
            <Empty title="Nothing matches the filter">Only what is loaded is looked through.</Empty>
          ) : (
            <Empty title="Nothing was rejected">
              A record that a reader cannot take (not JSON, not as its schema says, refused by a store) is put
              here with the reason, and the rest goes on. It can be sent again once the cause is mended.
            </Empty>
          )
        }
      />
      <Drawer
        opened={search.open !== undefined}
        onClose={close}
        position="right"
        size="lg"
        title="Rejected record"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {open ? (
          <>
            <p className="ph-lead">{open.detail}</p>
            <Facts>
              <Fact label="Reason">{open.reason}</Fact>
              <Fact label={`Rejected, ${zone.label}`}>
                <Time at={open.rejected_at} millis />
              </Fact>
              <Fact label="Reader">{open.reader ?? 'at the entrance'}</Fact>
              <Fact label="Twin">
                <span className="ph-id">{open.subject ?? '–'}</span>
              </Fact>
              <Fact label="Event type">{open.event_type ?? '–'}</Fact>
              <Fact label="Event id">
                <span className="ph-id">{open.event_id ?? '–'}</span>
                {open.event_id && <Copy value={open.event_id} label="Copy the event’s id" />}
              </Fact>
              <Fact label="Origin">
                <span className="ph-id">{open.origin_topic}</span>
              </Fact>
              <Fact label="Rejection">
                <span className="ph-id">{open.rejection_id}</span>
              </Fact>
            </Facts>
            {redrive.error && <ProblemNote error={redrive.error} />}
            <p className="ph-dim ph-prose">
              Sending again puts the record, with its event id, at the end of <code>{open.origin_topic}</code>
              . Readers that have already taken it know it by its id; the one that refused it tries once more.
              Mend the cause first, or it comes back here.
            </p>
            <Button
              loading={redrive.isPending}
              disabled={sent.has(open.rejection_id)}
              onClick={() => redrive.mutate(open.rejection_id)}
            >
              {sent.has(open.rejection_id) ? 'Sent again' : 'Send again'}
            </Button>
          </>
        ) : (
          !query.isPending && (
            <Empty title="This record is not among those loaded">
              It may be older, or already past its retention.
            </Empty>
          )
        )}
      </Drawer>
    </div>
  );
}

const rejectionId = (row: Rejected) => row.rejection_id;
