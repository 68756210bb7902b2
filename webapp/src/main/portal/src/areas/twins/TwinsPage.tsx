import { Button, Drawer, Select } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconMapPin, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { Twin } from '../../api/client';
import { modelsQuery, twinPage, twinsQuery } from '../../api/queries';
import { Chip } from '../../parts/Chip';
import { Command, Copy } from '../../parts/Copy';
import { DataTable, type Column } from '../../parts/DataTable';
import { Empty } from '../../parts/Empty';
import { count, duration } from '../../parts/format';
import { FormModal } from '../../parts/FormModal';
import { PageHead } from '../../parts/PageHead';
import { ProblemNote } from '../../parts/Problem';
import { TypedFilter } from '../../parts/TypedFilter';
import type { TwinsSearch } from '../../router';
import { maySteerTwins } from '../../session/access';
import { useSession } from '../../session/session';
import { written } from '../live/cloud-event';
import { AddTwin } from './AddTwin';
import { Freshness } from './Freshness';
import { pagesInSight, rowsOf, withPage, type TwinPages } from './pages-in-sight';
import { isWithin, partsOf, treeOf, type PlaceTree } from './places';
import { PlaceTreeView } from './PlaceTreeView';
import { keyNames, unitText, type ThingModel } from './thing-model';
import { useModels } from './use-models';

const route = getRouteApi('/app/p/$pilot/twins');
const POLL_MS = 5_000;
const MOST_MODELS = 24;
const SILENCES = [
  { value: '60', label: 'Silent for 1 min' },
  { value: '300', label: 'Silent for 5 min' },
  { value: '3600', label: 'Silent for 1 h' },
  { value: '86400', label: 'Silent for 1 day' },
  { value: '604800', label: 'Silent for 7 days' },
];

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

export function TwinsPage() {
  const { pilot } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/twins' });
  const session = useSession();
  const queries = useQueryClient();
  const desktop = useMediaQuery('(min-width: 75em)', true, { getInitialValueInEffect: false });
  const [adding, setAdding] = useState(false);
  const [choosingPlace, setChoosingPlace] = useState(false);

  const set = (change: TwinsSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const filter = useMemo(
    () => ({
      // the API looks for one text; where two are asked for, the place is compared here
      q: search.q ?? search.place,
      model: search.model,
      silent_for: search.silent_for === undefined ? undefined : Number(search.silent_for),
    }),
    [search.q, search.place, search.model, search.silent_for],
  );
  const query = useInfiniteQuery(twinsQuery(pilot, filter));
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage, error } = query;
  const rows = useMemo(() => {
    const all = rowsOf(data);
    const { place } = search;
    return place === undefined ? all : all.filter((twin) => isWithin(twin.attributes.place, place));
  }, [data, search.place]);
  useEffect(() => {
    if (rows.length < 50 && hasNextPage && !isFetchingNextPage && !error) void fetchNextPage();
  }, [rows.length, hasNextPage, isFetchingNextPage, fetchNextPage, error]);

  const seen = useRef<readonly Twin[]>([]);
  const [modelNames, setModelNames] = useState<readonly string[]>([]);
  const onSeen = useCallback((now: Twin[]) => {
    seen.current = now;
    // scrolling must not render the page anew as long as it shows the same kinds
    setModelNames((before) => {
      const names = [...new Set(now.flatMap((twin) => twin.model ?? []))].sort().slice(0, MOST_MODELS);
      return names.join(' ') === before.join(' ') ? before : names;
    });
  }, []);
  useVisibleRefresh(pilot, filter, seen);
  const models = useModels(pilot, modelNames);
  const modelList = useInfiniteQuery(modelsQuery(pilot));
  const modelChoices = useMemo(
    () =>
      [
        ...new Set([
          ...(modelList.data?.pages.flatMap((page) => page.items.map((model) => model.model_id)) ?? []),
          ...(search.model ? [search.model] : []),
        ]),
      ].sort(),
    [modelList.data, search.model],
  );

  const places = useQuery({
    queryKey: ['places', pilot],
    queryFn: ({ signal }) => gatherPlaces(pilot, signal),
    enabled: desktop || choosingPlace,
    // the places of assets change seldom, and to gather them reads every twin
    staleTime: 10 * 60_000,
    refetchOnWindowFocus: false,
  });

  const columns = useMemo<Column<Twin>[]>(
    () => [
      {
        id: 'twin',
        header: 'Twin',
        main: true,
        width: '150px',
        narrow: 'auto',
        value: (row) => row.twin_id,
        cell: (row) => <span className="ph-id">{row.twin_id}</span>,
      },
      { id: 'name', header: 'Name', width: '12%', under: true, value: (row) => text(row.attributes.name) },
      {
        id: 'place',
        header: 'Place',
        from: 'desktop',
        value: (row) => text(row.attributes.place),
        cell: (row) => <PlaceText place={text(row.attributes.place)} />,
      },
      { id: 'model', header: 'Model', width: '136px', from: 'tablet', value: (row) => row.model },
      {
        id: 'reported',
        header: 'Last reported',
        width: '124px',
        narrow: '128px',
        value: (row) => row.reported_at,
        cell: (row) => <Freshness at={row.reported_at} />,
      },
      {
        id: 'values',
        header: 'Key values',
        width: '32%',
        under: true,
        value: (row) => valueLine(row, models),
        cell: (row) => <KeyValues twin={row} model={row.model ? models.get(row.model) : undefined} />,
      },
    ],
    [models],
  );

  const filtered = search.q || search.model || search.place || search.silent_for;
  const tree = (
    <Places
      answer={places.data}
      error={places.error}
      chosen={search.place}
      onChoose={(place) => {
        set({ place });
        setChoosingPlace(false);
      }}
    />
  );
  const may = maySteerTwins(session);

  return (
    <div className="ph-page-fill">
      <PageHead title="Twins" note="What is true of the assets now">
        {may && (
          <Button leftSection={<IconPlus size={15} />} onClick={() => setAdding(true)}>
            Add a twin
          </Button>
        )}
      </PageHead>
      {error && <ProblemNote error={error} onRetry={() => void query.refetch()} />}
      <div className="ph-beside">
        {desktop && (
          <aside className="ph-beside-tree" aria-label="Places">
            <h2 className="ph-card-title">Places</h2>
            {tree}
          </aside>
        )}
        <DataTable
          label="Twins"
          rows={rows}
          rowKey={twinId}
          columns={columns}
          loading={query.isPending || (rows.length === 0 && isFetchingNextPage)}
          more={{ has: hasNextPage, loading: isFetchingNextPage, load: () => void fetchNextPage() }}
          onOpen={(row) =>
            void navigate({ to: '/p/$pilot/twins/$twin', params: { pilot, twin: row.twin_id }, search: {} })
          }
          onSeen={onSeen}
          csvName={`${pilot}-twins`}
          toolbar={
            <>
              <TypedFilter label="Id, name or place" value={search.q} onChange={(q) => set({ q })} />
              <Select
                className="ph-filter-small"
                size="xs"
                aria-label="Model"
                placeholder="Any model"
                searchable
                data={modelChoices}
                value={null}
                onChange={(model) => model && set({ model })}
              />
              <Select
                className="ph-filter-small"
                size="xs"
                aria-label="Silence"
                placeholder="Any freshness"
                data={SILENCES}
                value={null}
                onChange={(silent_for) => silent_for && set({ silent_for })}
              />
              {!desktop && (
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconMapPin size={14} />}
                  onClick={() => setChoosingPlace(true)}
                >
                  Places
                </Button>
              )}
              {search.model && (
                <Chip label="model" onRemove={() => set({ model: undefined })}>
                  {search.model}
                </Chip>
              )}
              {search.silent_for && (
                <Chip label="silence" onRemove={() => set({ silent_for: undefined })}>
                  silent for {duration(Number(search.silent_for) * 1000)}
                </Chip>
              )}
              {search.place && (
                <Chip label="place" onRemove={() => set({ place: undefined })}>
                  in {search.place}
                </Chip>
              )}
            </>
          }
          empty={
            filtered ? (
              <Empty
                title="No twin fits the filter"
                action={
                  <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                    Show all twins
                  </Button>
                }
              >
                Text is looked for in the id, the name and the place, on the server.
              </Empty>
            ) : error ? null : (
              <NoTwins pilot={pilot} />
            )
          }
        />
      </div>
      <Drawer
        opened={choosingPlace && !desktop}
        onClose={() => setChoosingPlace(false)}
        title="Places"
        size={300}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {tree}
      </Drawer>
      <FormModal opened={adding} title="Add a twin" onClose={() => setAdding(false)}>
        <AddTwin
          pilot={pilot}
          models={modelChoices}
          place={search.place}
          onDone={(twin) => {
            setAdding(false);
            void queries.invalidateQueries({ queryKey: ['twins', pilot] });
            void queries.invalidateQueries({ queryKey: ['places', pilot] });
            void navigate({ to: '/p/$pilot/twins/$twin', params: { pilot, twin }, search: {} });
          }}
        />
      </FormModal>
    </div>
  );
}

const twinId = (row: Twin) => row.twin_id;

/** Brings the pages on the screen up to date; a page that cannot be had is left as it is until the next time. */
function useVisibleRefresh(
  pilot: string,
  filter: { q?: string; model?: string; silent_for?: number },
  seen: RefObject<readonly Twin[]>,
): void {
  const queries = useQueryClient();
  useEffect(() => {
    const abort = new AbortController();
    let busy = false;
    const { queryKey } = twinsQuery(pilot, filter);
    const refresh = async () => {
      const data = queries.getQueryData(queryKey) as TwinPages | undefined;
      if (busy || !data || document.hidden) return;
      busy = true;
      try {
        const ids = new Set(seen.current.map((twin) => twin.twin_id));
        for (const at of pagesInSight(data, ids, 2)) {
          const now = await twinPage(pilot, filter, data.pageParams[at] as string | undefined, abort.signal);
          queries.setQueryData(
            queryKey,
            (before: TwinPages | undefined) => before && withPage(before, at, now),
          );
        }
      } catch {
        // the freshness of each row says how old it is
      } finally {
        busy = false;
      }
    };
    const timer = setInterval(() => void refresh(), POLL_MS);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [queries, pilot, filter, seen]);
}

interface GatheredPlaces {
  tree: PlaceTree;
  looked: number;
  all: boolean;
}

const MOST_PLACES_PAGES = 10;
const PLACES_PAGE = 500;

async function gatherPlaces(pilot: string, signal: AbortSignal): Promise<GatheredPlaces> {
  const places: unknown[] = [];
  let cursor: string | undefined;
  for (let at = 0; at < MOST_PLACES_PAGES; at++) {
    const page = await twinPage(pilot, {}, cursor, signal, PLACES_PAGE);
    for (const twin of page.items) places.push(twin.attributes.place);
    if (page.next_cursor === null) return { tree: treeOf(places), looked: places.length, all: true };
    cursor = page.next_cursor;
  }
  return { tree: treeOf(places), looked: places.length, all: false };
}

function Places({
  answer,
  error,
  chosen,
  onChoose,
}: {
  answer: GatheredPlaces | undefined;
  error: Error | null;
  chosen: string | undefined;
  onChoose: (path: string | undefined) => void;
}) {
  if (!answer) return <p className="ph-dim ph-small">{error ? 'The places did not come.' : 'Gathering…'}</p>;
  if (answer.tree.placed === 0) {
    return (
      <p className="ph-dim ph-small">
        No twin says where it is. Give it an attribute <code>place</code>, such as{' '}
        <code>aurora/rome/hall-1</code>.
      </p>
    );
  }
  return (
    <>
      <PlaceTreeView tree={answer.tree} chosen={chosen} onChoose={onChoose} />
      {!answer.all && (
        <p className="ph-dim ph-small">Of the first {count(answer.looked)} twins; the filter looks at all.</p>
      )}
    </>
  );
}

/** The end of a long path says more than its beginning. */
function PlaceText({ place }: { place: string | undefined }) {
  if (!place) return <span className="ph-none">–</span>;
  return <span title={place}>{partsOf(place).slice(-2).join('/')}</span>;
}

const short = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 4 });

/** Four digits tell a row from the next; the twin's own page has them all. */
function shortly(value: unknown): string {
  if (typeof value !== 'number') return written(value);
  const size = Math.abs(value);
  if (size >= 1e4 && size < 1e9) return count(value);
  return size !== 0 && (size >= 1e9 || size < 1e-5) ? value.toExponential(2) : short.format(value);
}

function KeyValues({ twin, model }: { twin: Twin; model: ThingModel | undefined }) {
  const names = keyNames(model, twin.properties);
  if (names.length === 0) return <span className="ph-none">–</span>;
  return (
    <span className="ph-values ph-num ph-key-values">
      {names.map((name) => (
        <span key={name}>
          <span className="ph-dim">{titleOf(model, name)}</span> {shortly(twin.properties[name]?.value)}
          <span className="ph-unit"> {unitText(unitOf(model, name))}</span>
        </span>
      ))}
    </span>
  );
}

const titleOf = (model: ThingModel | undefined, name: string) =>
  model?.properties.find((property) => property.name === name)?.title ?? name;
const unitOf = (model: ThingModel | undefined, name: string) =>
  model?.properties.find((property) => property.name === name)?.unit;

function valueLine(twin: Twin, models: ReadonlyMap<string, ThingModel>): string {
  const model = twin.model ? models.get(twin.model) : undefined;
  return keyNames(model, twin.properties)
    .map((name) => `${name} ${String(twin.properties[name]?.value)} ${unitText(unitOf(model, name))}`.trim())
    .join('; ');
}

function NoTwins({ pilot }: { pilot: string }) {
  const curl = `curl ${location.origin}/api/v1/pilots/${pilot}/telemetry -H 'Authorization: Bearer <token>' -H 'Content-Type: application/x-ndjson' --data-binary '{"twin":"pump-01","time":"'$(date -u +%FT%TZ)'","values":{"temperature":61.4}}'`;
  return (
    <Empty title="There is no twin yet" action={<Command text="./pilothouse demo" />}>
      A twin is an asset as the platform knows it: what it is, what it reports, what it should do. The first
      reading of an asset makes its twin. To feed a simulated consortium run the command below, or report with
      a device’s token:
      <span className="ph-recipe">
        <pre className="ph-json ph-left ph-wrap" tabIndex={0} aria-label="Example of a report over HTTP">
          {curl}
        </pre>
        <Copy value={curl} label="Copy the command" />
      </span>
    </Empty>
  );
}
