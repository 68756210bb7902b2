import { Button, Group, Menu, Popover, Tabs } from '@mantine/core';
import { IconClockPause, IconDots } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useMemo, useState } from 'react';
import { serverNow } from '../../api/clock';
import { api, body, type Twin } from '../../api/client';
import { twinQuery } from '../../api/queries';
import { Copy } from '../../parts/Copy';
import { DetailTabs } from '../../parts/DetailTabs';
import { Confirm } from '../../parts/Dialog';
import { Empty } from '../../parts/Empty';
import { count } from '../../parts/format';
import { InstantInput, useInstantText } from '../../parts/InstantInput';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { Time } from '../../parts/Time';
import { TWIN_TABS, type TwinTab } from '../../router';
import { mayRetireTwins, maySteerTwins } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { Attributes } from './Attributes';
import { Commands } from './Commands';
import { Desired } from './Desired';
import { Freshness } from './Freshness';
import { Hierarchy } from './Hierarchy';
import { LiveValues } from './LiveValues';
import { Thread } from './Thread';
import { useModels } from './use-models';

const Charts = lazy(() => import('./Charts').then((module) => ({ default: module.Charts })));
const Graph = lazy(() => import('./Graph').then((module) => ({ default: module.Graph })));
const route = getRouteApi('/app/p/$pilot/twins/$twin');

const TAB_NAMES: Record<TwinTab, string> = {
  live: 'Live',
  charts: 'Charts',
  desired: 'Desired',
  commands: 'Commands',
  graph: 'Graph',
  thread: 'Thread',
  attributes: 'Attributes',
};

export function TwinPage() {
  const { pilot, twin: id } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/twins/$twin' });
  const session = useSession();
  const queries = useQueryClient();
  const [retiring, setRetiring] = useState(false);
  const tab = search.tab ?? 'live';
  const query = useQuery({
    ...twinQuery(pilot, id, search.at),
    refetchInterval: search.at ? false : 5_000,
    placeholderData: (before, earlier) =>
      earlier?.queryKey[2] === id ? keepPreviousData(before) : undefined,
  });
  const twin = query.data?.value;
  const modelNames = useMemo(() => (twin?.model ? [twin.model] : []), [twin?.model]);
  const model = useModels(pilot, modelNames).get(twin?.model ?? '');
  const name = typeof twin?.attributes.name === 'string' ? twin.attributes.name : undefined;
  const place = typeof twin?.attributes.place === 'string' ? twin.attributes.place : undefined;
  const missing = query.error && asProblem(query.error).status === 404;

  return (
    <div className="ph-page-scroll">
      <PageHead title={id} note={name}>
        {twin && (
          <>
            {search.at === undefined && <Freshness at={twin.reported_at} word />}
            <AtPicker
              at={search.at}
              onPick={(at) => void navigate({ search: (before) => ({ ...before, at }) })}
            />
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" px={8} aria-label="More about this twin">
                  <IconDots size={16} />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item
                  component={Link}
                  {...({ to: '/p/$pilot/live', params: { pilot }, search: { twin: [id] } } as object)}
                >
                  Watch its events
                </Menu.Item>
                {mayRetireTwins(session) && (
                  <Menu.Item className="ph-danger-quiet" onClick={() => setRetiring(true)}>
                    Retire…
                  </Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
          </>
        )}
      </PageHead>
      {query.error && !missing && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {missing && (
        <Empty
          title="There is no twin of that id"
          action={
            <Button
              component={Link}
              {...({ to: '/p/$pilot/twins', params: { pilot } } as object)}
              variant="default"
            >
              To the twins
            </Button>
          }
        >
          It has not reported so far, or it was retired. What it reports makes it anew.
        </Empty>
      )}
      {query.isPending && <p className="ph-waiting">Loading…</p>}
      {twin && !missing && (
        <>
          <Hierarchy pilot={pilot} twin={id} />
          <dl className="ph-line-facts">
            <div>
              <dt>Model</dt>
              <dd>
                {twin.model ? (
                  <Link
                    className="ph-link"
                    to="/p/$pilot/models/$model"
                    params={{ pilot, model: twin.model }}
                    search={{}}
                  >
                    {twin.model}
                  </Link>
                ) : (
                  'none'
                )}
              </dd>
            </div>
            {place && (
              <div>
                <dt>Place</dt>
                <dd>
                  <Link className="ph-link" to="/p/$pilot/twins" params={{ pilot }} search={{ place }}>
                    {place}
                  </Link>
                </dd>
              </div>
            )}
            <div>
              <dt>Revision</dt>
              <dd className="ph-num">{count(twin.revision)}</dd>
            </div>
            <div>
              <dt>Id</dt>
              <dd>
                <Copy value={id} label="Copy the id" />
              </dd>
            </div>
          </dl>
          {search.at && (
            <AsItWas
              at={search.at}
              onBack={() => void navigate({ search: (before) => ({ ...before, at: undefined }) })}
            />
          )}
          <DetailTabs
            tabs={TWIN_TABS}
            names={TAB_NAMES}
            value={tab}
            onChange={(next) =>
              void navigate({ search: (before) => ({ ...before, tab: next === 'live' ? undefined : next }) })
            }
          >
            <Tabs.Panel value="live">
              <LiveValues key={id} pilot={pilot} twin={twin} model={model} at={search.at} />
            </Tabs.Panel>
            <Tabs.Panel value="charts">
              <Suspense fallback={<p className="ph-waiting">Loading…</p>}>
                <Charts key={id} pilot={pilot} twin={twin} model={model} />
              </Suspense>
            </Tabs.Panel>
            <Tabs.Panel value="desired">
              <Desired key={id} pilot={pilot} twin={twin} model={model} may={maySteerTwins(session)} />
            </Tabs.Panel>
            <Tabs.Panel value="commands">
              <Commands key={id} pilot={pilot} twin={twin} model={model} may={maySteerTwins(session)} />
            </Tabs.Panel>
            <Tabs.Panel value="graph">
              <Suspense fallback={<p className="ph-waiting">Loading…</p>}>
                <Graph key={id} pilot={pilot} twin={twin} may={maySteerTwins(session)} />
              </Suspense>
            </Tabs.Panel>
            <Tabs.Panel value="thread">
              <Thread pilot={pilot} twin={id} />
            </Tabs.Panel>
            <Tabs.Panel value="attributes">
              <Attributes key={id} pilot={pilot} twin={twin} may={maySteerTwins(session)} />
            </Tabs.Panel>
          </DetailTabs>
        </>
      )}
      <Confirm
        opened={retiring}
        title="Retire the twin?"
        action="Retire"
        danger
        typed={id}
        onClose={() => setRetiring(false)}
        run={async () => {
          await body(
            api.DELETE('/api/v1/pilots/{pilot}/twins/{twin}', { params: { path: { pilot, twin: id } } }),
          );
          queries.removeQueries({ queryKey: ['twin', pilot, id] });
          void queries.invalidateQueries({ queryKey: ['twins', pilot] });
          notify(`${id} is retired.`);
          void navigate({ to: '/p/$pilot/twins', params: { pilot }, search: {} });
        }}
      >
        {twin && <WhatRetires twin={twin} />}
      </Confirm>
    </div>
  );
}

function WhatRetires({ twin }: { twin: Twin }) {
  return (
    <p>
      The state of <span className="ph-id">{twin.twin_id}</span> goes:{' '}
      {count(Object.keys(twin.properties).length)} reported and {count(Object.keys(twin.desired).length)}{' '}
      desired properties, its attributes, and its relationships with other twins. Its readings and its thread
      stay as long as they are kept. What it reports later makes a new twin.
    </p>
  );
}

function AtPicker({ at, onPick }: { at: string | undefined; onPick: (at: string | undefined) => void }) {
  const { textOf, isoOf } = useInstantText();
  const [opened, setOpened] = useState(false);
  const [text, setText] = useState('');
  const iso = isoOf(text);
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" trapFocus shadow="md" withinPortal>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<IconClockPause size={15} />}
          onClick={() => {
            setText(textOf(at === undefined ? serverNow() : Date.parse(at)));
            setOpened((before) => !before);
          }}
        >
          As it was…
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="The state at an instant">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (iso === undefined) return;
            onPick(iso);
            setOpened(false);
          }}
        >
          <InstantInput label="Instant" value={text} onChange={setText} autoFocus />
          <Group justify="flex-end" mt="sm" gap="xs">
            {at !== undefined && (
              <Button
                variant="default"
                onClick={() => {
                  onPick(undefined);
                  setOpened(false);
                }}
              >
                Now
              </Button>
            )}
            <Button type="submit" disabled={iso === undefined}>
              Show
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

function AsItWas({ at, onBack }: { at: string; onBack: () => void }) {
  const zone = useZone();
  return (
    <div className="ph-as-it-was" role="status">
      <span>
        The reported properties as they were at <Time at={at} /> {zone.label}, as far as readings are kept
      </span>
      <Button size="compact-xs" variant="default" onClick={onBack}>
        Back to now
      </Button>
    </div>
  );
}
