import { Button, SegmentedControl } from '@mantine/core';
import { IconZoomReset } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import type { Overview } from '../../api/client';
import { enginesQuery, overviewQuery, pilotQuery } from '../../api/queries';
import { ENGINE_NAMES } from '../../frame/engine-summary';
import { Command } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { EngineRows } from '../../parts/EngineRows';
import { count, duration, fields, rate, since } from '../../parts/format';
import { PageHead } from '../../parts/PageHead';
import { ProblemNote } from '../../parts/Problem';
import { ReaderRows } from '../../parts/ReaderRows';
import { State } from '../../parts/State';
import { useNow } from '../../parts/Time';
import { mayUse } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { JobsNow } from './JobsNow';
import { LastDays } from './LastDays';
import { byHour, everyMinute, facts, type Reading } from './minutes';
import { ShortTail } from './ShortTail';

const RateChart = lazy(() => import('./RateChart'));
const route = getRouteApi('/app/p/$pilot/overview');

const HOURS = { '1h': 1, '6h': 6, '24h': 24 } as const;

export function OverviewPage() {
  const { pilot } = route.useParams();
  const session = useSession();
  const { data: facts } = useQuery(pilotQuery(pilot));
  const overview = useQuery(overviewQuery(pilot));
  const mayReject = mayUse('rejected', session);
  const mayDevices = mayUse('devices', session);
  const { data } = overview;

  return (
    <>
      <PageHead
        title="Overview"
        note={
          <>
            {facts?.value.name ?? pilot} <span className="ph-id">{pilot}</span>
            {facts && (
              <span className="ph-from-tablet">{` · ${facts.value.time_zone} · ${facts.value.storage.model} storage`}</span>
            )}
          </>
        }
      >
        <Freshness asOf={data?.as_of} failing={overview.isError} />
      </PageHead>
      {!data && overview.error && (
        <ProblemNote error={overview.error} onRetry={() => void overview.refetch()} />
      )}
      <div className="ph-tiles">
        <Tile
          label="Events now"
          value={data && rate(data.events_per_second)}
          unit="/s"
          note="mean of the last 10 s"
          to={<Link to="/p/$pilot/live" params={{ pilot }} search={{}} />}
        />
        <Tile
          label="Events, 24 h"
          value={data && count(data.total_24h)}
          note={data && `${rate(data.total_24h / 86_400)} /s in the mean`}
          to={<Link to="/p/$pilot/live" params={{ pilot }} search={{}} />}
        />
        <Tile
          label="Twins seen, 24 h"
          value={data && count(data.twins_seen)}
          note="with at least one event"
          to={<Link to="/p/$pilot/live" params={{ pilot }} search={{}} />}
        />
        <Tile
          label="Devices"
          value={data && count(data.devices)}
          note="registered"
          to={mayDevices ? <Link to="/p/$pilot/devices" params={{ pilot }} search={{}} /> : undefined}
        />
        <Tile
          label="Rejected, 24 h"
          value={data && count(data.rejected_24h ?? 0)}
          note={data && share(data.rejected_24h ?? 0, data.total_24h)}
          bad={(data?.rejected_24h ?? 0) > 0}
          to={mayReject ? <Link to="/p/$pilot/rejected" params={{ pilot }} search={{}} /> : undefined}
        />
      </div>
      <History data={data} />
      <div className="ph-columns">
        <section className="ph-card ph-tail-card">
          <ShortTail pilot={pilot} />
        </section>
        <div className="ph-stack">
          <LastDays pilot={pilot} />
          <JobsNow pilot={pilot} />
          <section className="ph-card" aria-labelledby="readers-title">
            <h2 className="ph-card-title" id="readers-title">
              <Link to="/admin/engines">Readers of the backbone</Link>
            </h2>
            <ReaderRows />
          </section>
          <section className="ph-card" aria-labelledby="engines-title">
            <h2 className="ph-card-title" id="engines-title">
              <Link to="/admin/engines">Engines</Link>
            </h2>
            <EngineRows />
          </section>
        </div>
      </div>
    </>
  );
}

function share(part: number, whole: number): string {
  if (part === 0) return 'none';
  const percent = (100 * part) / Math.max(1, part + whole);
  return percent < 0.01 ? 'less than 0.01 %' : `${percent.toFixed(2)} %`;
}

function Tile({
  label,
  value,
  unit,
  note,
  bad = false,
  to,
}: {
  label: string;
  value: string | undefined;
  unit?: string;
  note?: string;
  bad?: boolean;
  to?: ReactNode;
}) {
  const inner = (
    <>
      <span className="ph-tile-label">{label}</span>
      <span className="ph-tile-value ph-num" data-bad={bad || undefined}>
        {value ?? '–'}
        {unit && value !== undefined && <small>{unit}</small>}
      </span>
      <span className="ph-tile-note">{note ?? '\u00a0'}</span>
    </>
  );
  return to ? <TileLink link={to}>{inner}</TileLink> : <div className="ph-tile">{inner}</div>;
}

function TileLink({ link, children }: { link: ReactNode; children: ReactNode }) {
  const element = link as React.ReactElement<{ className?: string; children?: ReactNode }>;
  const LinkType = element.type as React.ElementType;
  return (
    <LinkType {...element.props} className="ph-tile">
      {children}
    </LinkType>
  );
}

/** Says how old the figures are once they are older than they should be, and whose fault it is. */
function Freshness({ asOf, failing }: { asOf: string | undefined; failing: boolean }) {
  const now = useNow();
  const zone = useZone();
  const { data: engines } = useQuery(enginesQuery);
  if (!asOf) return null;
  const age = now - Date.parse(asOf);
  const kafka = engines?.find((engine) => engine.name === 'kafka');
  if (kafka?.state === 'away') {
    const from = kafka.since ? ` since ${since(Date.parse(kafka.since), zone.shown)} ${zone.label}` : '';
    return (
      <State kind="away">
        {ENGINE_NAMES.kafka} away{from}
      </State>
    );
  }
  if (failing || age > 10_000) return <State kind="slow">{duration(age)} behind</State>;
  return <State kind="up">live</State>;
}

function History({ data }: { data: Overview | undefined }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/overview' });
  const zone = useZone();
  const asOf = data ? Date.parse(data.as_of) : 0;
  const minute = Math.floor(asOf / 60_000);
  const zoomed = search.from !== undefined && search.to !== undefined;
  const range = search.range ?? '24h';
  const minutes = data?.minutes;
  // figures of past minutes do not change with every poll, the chart needs new data only once a minute
  const fingerprint = `${minute} ${minutes?.length} ${minutes?.[minutes.length - 2]?.[1] ?? ''}`;
  const series = useMemo(() => {
    if (!minutes) return null;
    const from = zoomed ? Date.parse(search.from as string) : asOf - HOURS[range] * 3_600_000;
    const to = zoomed ? Date.parse(search.to as string) : asOf;
    return everyMinute(minutes, asOf, from, to);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [fingerprint, range, zoomed, search.from, search.to]);
  const known = series ? facts(series) : null;

  const zoom = (from: number, to: number) =>
    void navigate({
      search: { from: new Date(from * 1000).toISOString(), to: new Date(to * 1000).toISOString() },
    });
  const reset = () => void navigate({ search: { range: search.range } });

  return (
    <section className="ph-card ph-history" aria-labelledby="history-title">
      <div className="ph-card-head">
        <h2 className="ph-card-title" id="history-title">
          Events per second <span className="ph-unit">mean of each minute, {zone.label}</span>
        </h2>
        <div className="ph-card-tools">
          {zoomed && (
            <Button
              size="compact-xs"
              variant="default"
              leftSection={<IconZoomReset size={14} />}
              onClick={reset}
            >
              Whole range
            </Button>
          )}
          <SegmentedControl
            size="xs"
            aria-label="Time range"
            value={zoomed ? '' : range}
            onChange={(value) =>
              void navigate({ search: { range: value === '24h' ? undefined : (value as '1h' | '6h') } })
            }
            data={Object.keys(HOURS).map((value) => ({ value, label: value.replace('h', ' h') }))}
          />
        </div>
      </div>
      <div className="ph-chart-room">
        {series && known && known.total > 0 ? (
          <Suspense>
            <RateChart
              series={series}
              zone={zone.shown}
              zoneLabel={zone.label}
              onZoom={zoom}
              onReset={reset}
              describedBy="history-facts"
            />
          </Suspense>
        ) : series ? (
          <Empty title="No events in this time" action={<Command text="./pilothouse demo" />}>
            Each minute’s events are drawn here as soon as a device reports. To feed a simulated consortium:
          </Empty>
        ) : null}
      </div>
      <div className="ph-chart-facts ph-num" id="history-facts">
        {known && known.total > 0 ? (
          <>
            <Extreme label="min" reading={known.min} /> <Extreme label="max" reading={known.max} />
            <span>
              <span className="ph-dim">mean</span> {rate(known.mean ?? 0)} /s
            </span>
            <span>
              <span className="ph-dim">total</span> {count(known.total)}
            </span>
            {known.gapMinutes > 0 && (
              <span>
                <span className="ph-dim">without events</span> {count(known.gapMinutes)} min
              </span>
            )}
          </>
        ) : (
          '\u00a0'
        )}
      </div>
      {series && known && known.total > 0 && (
        <details className="ph-details">
          <summary>As a table</summary>
          <div className="ph-details-scroll" tabIndex={0} role="group" aria-label="Events by hour">
            <table className="ph-facts-table">
              <thead>
                <tr>
                  <th scope="col">Hour ({zone.label})</th>
                  <th scope="col" data-align="right">
                    Events
                  </th>
                  <th scope="col" data-align="right">
                    Min /s
                  </th>
                  <th scope="col" data-align="right">
                    Mean /s
                  </th>
                  <th scope="col" data-align="right">
                    Max /s
                  </th>
                </tr>
              </thead>
              <tbody className="ph-num">
                {byHour(series).map((hour) => {
                  const { date, minute: start } = fields(hour.hour * 1000, zone.shown);
                  return (
                    <tr key={hour.hour}>
                      <td>
                        {date} {start}
                      </td>
                      <td data-align="right">{count(hour.total)}</td>
                      <td data-align="right">{hour.min ? rate(hour.min.perSecond) : '–'}</td>
                      <td data-align="right">{hour.mean === null ? '–' : rate(hour.mean)}</td>
                      <td data-align="right">{hour.max ? rate(hour.max.perSecond) : '–'}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </section>
  );
}

function Extreme({ label, reading }: { label: string; reading: Reading | null }) {
  const zone = useZone();
  if (!reading) return null;
  return (
    <span>
      <span className="ph-dim">{label}</span> {rate(reading.perSecond)} /s{' '}
      <span className="ph-dim">at {fields(reading.minute * 1000, zone.shown).minute}</span>
    </span>
  );
}
