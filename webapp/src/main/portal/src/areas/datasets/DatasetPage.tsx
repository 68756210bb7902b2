import { Button, Menu, Progress, Tabs } from '@mantine/core';
import { IconDots, IconDownload, IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { api, body, type Dataset } from '../../api/client';
import { datasetQuery, productOfQuery, referencesQuery, storageQuery, uploadQuery } from '../../api/queries';
import { Copy } from '../../parts/Copy';
import { DetailTabs } from '../../parts/DetailTabs';
import { Confirm } from '../../parts/Dialog';
import { Empty } from '../../parts/Empty';
import { FormModal } from '../../parts/FormModal';
import { barValue, bytes, count, duration } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { Ago, Time } from '../../parts/Time';
import { Undo } from '../../parts/Undo';
import { DATASET_TABS, type DatasetTab } from '../../router';
import { mayGovernDatasets } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { chooseFiles } from '../../uploads/files';
import { isRunning } from '../../uploads/upload';
import { uploads } from '../../uploads/uploads';
import { useUploads } from '../../uploads/use-uploads';
import { nameOf } from '../products/contract';
import { canBeCopied } from './copies';
import { EditDataset } from './EditDataset';
import { FactsTab } from './FactsTab';
import { DatasetStateMark, Marks, ReplayMark } from './Marks';
import { PointerTab } from './PointerTab';
import { PreviewTab } from './PreviewTab';
import { References } from './References';
import { UseIt } from './UseIt';
import { Versions } from './Versions';
import { dayOf, jobOf, REFERENCE_WORDS, REPLAY_WORDS, STATE_MEANS } from './words';

const LineageTab = lazy(() => import('./LineageTab').then((module) => ({ default: module.LineageTab })));
const route = getRouteApi('/app/p/$pilot/datasets/$dataset');

const TAB_NAMES: Record<DatasetTab, string> = {
  facts: 'Facts',
  preview: 'Preview',
  versions: 'Versions',
  lineage: 'Lineage',
  references: 'References',
  pointer: 'Pointer event',
  use: 'Use it',
};

export function DatasetPage() {
  const { pilot, dataset: id } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/datasets/$dataset' });
  const session = useSession();
  const [withdrawing, setWithdrawing] = useState(false);
  const [editing, setEditing] = useState(false);
  const query = useQuery(datasetQuery(pilot, id));
  const changed = useChanged(pilot, id);
  const [restoring, setRestoring] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const dataset = query.data?.value;
  const tab = search.tab ?? 'facts';
  const missing = query.error && asProblem(query.error).status === 404;
  const may = mayGovernDatasets(session);
  const back = dataset && canComeBack(dataset);
  // who may not govern datasets may still give up what they are sending themselves
  const own = dataset?.state === 'uploading' && dataset.created_by === `person:${session.username}`;

  const restore = async () => {
    setRestoring(true);
    setProblem(null);
    try {
      await bringBack(pilot, id);
      notify(`${dataset?.name ?? id} is available again, and so is its pointer.`);
      changed();
    } catch (error) {
      setProblem(error);
    } finally {
      setRestoring(false);
    }
  };

  return (
    <div className="ph-page-scroll">
      <PageHead
        title={dataset?.name ?? id}
        note={dataset && <span className="ph-num">version {count(dataset.version)}</span>}
      >
        {dataset && !missing && (
          <>
            {dataset.state === 'available' && (
              <Button
                component="a"
                href={contentOf(pilot, id)}
                target="_blank"
                rel="noopener"
                leftSection={<IconDownload size={15} />}
              >
                Download
              </Button>
            )}
            {dataset.state === 'uploading' && <ResumeUpload pilot={pilot} dataset={dataset} />}
            {may && back && (
              <Button loading={restoring} onClick={() => void restore()}>
                Bring back
              </Button>
            )}
            {(may || own) && dataset.state !== 'deleted' && (
              <Menu position="bottom-end">
                <Menu.Target>
                  <Button variant="default" px={8} aria-label="More about this dataset">
                    <IconDots size={16} />
                  </Button>
                </Menu.Target>
                <Menu.Dropdown>
                  {may && <Menu.Item onClick={() => setEditing(true)}>Edit tags and retention…</Menu.Item>}
                  {dataset.state === 'available' && (
                    <Menu.Item
                      component={Link}
                      {...({
                        to: '/p/$pilot/jobs/new',
                        params: { pilot },
                        search: { source: 'datasets', dataset: [id] },
                      } as object)}
                    >
                      Export of it…
                    </Menu.Item>
                  )}
                  {may && canBeCopied(dataset) && (
                    <Menu.Item
                      component={Link}
                      {...({
                        to: '/p/$pilot/datasets/copies/new',
                        params: { pilot },
                        search: { dataset: [id] },
                      } as object)}
                    >
                      Copy to the centre…
                    </Menu.Item>
                  )}
                  {dataset.state !== 'deleting' && dataset.state !== 'verifying' && (
                    <Menu.Item className="ph-danger-quiet" onClick={() => setWithdrawing(true)}>
                      {dataset.state === 'uploading' ? 'Give the upload up…' : 'Withdraw…'}
                    </Menu.Item>
                  )}
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        )}
      </PageHead>
      {problem !== null && <ProblemNote error={problem} />}
      {query.error && !missing && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {missing && (
        <Empty
          title="There is no dataset of that id"
          action={
            <Button
              component={Link}
              {...({ to: '/p/$pilot/datasets', params: { pilot } } as object)}
              variant="default"
            >
              To the datasets
            </Button>
          }
        >
          The id may be mistyped, or it belongs to another pilot.
        </Empty>
      )}
      {query.isPending && <p className="ph-waiting">Loading…</p>}
      {dataset && !missing && (
        <>
          <dl className="ph-line-facts">
            <div>
              <dt className="ph-hidden">State</dt>
              <dd>
                <DatasetStateMark state={dataset.state} />
              </dd>
            </div>
            {dataset.replayability && (
              <div>
                <dt>At the pilot</dt>
                <dd>
                  <ReplayMark state={dataset.replayability.state} />
                </dd>
              </div>
            )}
            <div>
              <dt>Size</dt>
              <dd className="ph-num" title={`${count(dataset.size_bytes)} bytes`}>
                {bytes(dataset.size_bytes)}
              </dd>
            </div>
            <div>
              <dt>Type</dt>
              <dd>{dataset.media_type}</dd>
            </div>
            <div>
              <dt className="ph-hidden">Governed as</dt>
              <dd>
                <Marks dataset={dataset} />
              </dd>
            </div>
            <div>
              <dt>Id</dt>
              <dd>
                <span className="ph-id">{id}</span> <Copy value={id} label="Copy the id" />
              </dd>
            </div>
            <DayFact pilot={pilot} dataset={dataset} />
            <JobFact pilot={pilot} dataset={dataset} />
            <ProductFact pilot={pilot} dataset={dataset} may={may} />
            {dataset.checksum && (
              <div>
                <dt>SHA-256</dt>
                <dd>
                  <span className="ph-id" title={dataset.checksum}>
                    {dataset.checksum.replace(/^sha256:/, '').slice(0, 12)}…
                  </span>{' '}
                  <Copy value={dataset.checksum} label="Copy the checksum" />
                </dd>
              </div>
            )}
          </dl>
          <Standing pilot={pilot} dataset={dataset} />
          <NotReplayable dataset={dataset} />
          <DetailTabs
            tabs={DATASET_TABS}
            names={TAB_NAMES}
            value={tab}
            onChange={(next) =>
              void navigate({ search: (before) => ({ ...before, tab: next === 'facts' ? undefined : next }) })
            }
          >
            <Tabs.Panel value="facts">
              <FactsTab dataset={dataset} onEdit={may ? () => setEditing(true) : undefined} />
            </Tabs.Panel>
            <Tabs.Panel value="preview">
              <PreviewTab pilot={pilot} dataset={dataset} />
            </Tabs.Panel>
            <Tabs.Panel value="versions">
              <Versions pilot={pilot} dataset={dataset} />
            </Tabs.Panel>
            <Tabs.Panel value="lineage">
              <Suspense fallback={<p className="ph-waiting">Loading…</p>}>
                <LineageTab key={id} pilot={pilot} dataset={dataset} />
              </Suspense>
            </Tabs.Panel>
            <Tabs.Panel value="references">
              <References pilot={pilot} dataset={dataset} />
            </Tabs.Panel>
            <Tabs.Panel value="pointer">
              <PointerTab pilot={pilot} dataset={dataset} />
            </Tabs.Panel>
            <Tabs.Panel value="use">
              <UseIt pilot={pilot} dataset={dataset} />
            </Tabs.Panel>
          </DetailTabs>
          <FormModal
            opened={editing}
            title="Edit what is said of it"
            size="lg"
            onClose={() => setEditing(false)}
          >
            <EditDataset pilot={pilot} dataset={id} onDone={() => setEditing(false)} />
          </FormModal>
          <Withdraw
            pilot={pilot}
            dataset={dataset}
            opened={withdrawing}
            onClose={() => setWithdrawing(false)}
            onChanged={changed}
          />
        </>
      )}
    </div>
  );
}

/** The closed day that it is a revision of. */
function DayFact({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const day = dayOf(dataset.lineage);
  if (day === null) return null;
  return (
    <div>
      <dt>Closed day</dt>
      <dd>
        <Link
          className="ph-link"
          to="/p/$pilot/days/$date"
          params={{ pilot, date: day.date }}
          search={{ revision: String(day.revision) }}
        >
          {day.date}, revision {count(day.revision)}
        </Link>
      </dd>
    </div>
  );
}

/** The job that has made it. */
function JobFact({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const job = jobOf(dataset.lineage);
  if (job === null) return null;
  return (
    <div>
      <dt>Made by</dt>
      <dd>
        <Link className="ph-link" to="/p/$pilot/jobs/$job" params={{ pilot, job }} search={{}}>
          the job {job.slice(0, 8)}
        </Link>
      </dd>
    </div>
  );
}

/** The product that it is a version of, or how it becomes one. */
function ProductFact({ pilot, dataset, may }: { pilot: string; dataset: Dataset; may: boolean }) {
  const { data } = useQuery(productOfQuery(pilot, dataset.name));
  if (!data && !(may && data === null && dataset.state === 'available')) return null;
  return (
    <div>
      <dt>Product</dt>
      <dd>
        {data ? (
          <Link
            className="ph-link"
            to="/p/$pilot/products/$product"
            params={{ pilot, product: data.name }}
            search={{}}
          >
            {data.title}
          </Link>
        ) : (
          <Link
            className="ph-link"
            to="/p/$pilot/products/$product"
            params={{ pilot, product: nameOf(dataset.name) || dataset.dataset_id }}
            search={{ edit: '1', of: dataset.name }}
          >
            make it one…
          </Link>
        )}
      </dd>
    </div>
  );
}

/** Of the references in a dialog; their tab has them all. */
const MOST_TOLD = 6;

const contentOf = (pilot: string, id: string) =>
  `/api/v1/pilots/${encodeURIComponent(pilot)}/datasets/${encodeURIComponent(id)}/content`;

const canComeBack = ({ state, removed_after, available_at }: Dataset) =>
  (state === 'expired' || state === 'deleting') && removed_after !== null && available_at !== null;

async function bringBack(pilot: string, dataset: string): Promise<void> {
  await body(
    api.POST('/api/v1/pilots/{pilot}/datasets/{dataset}/restore', { params: { path: { pilot, dataset } } }),
  );
}

/** What a change of the dataset makes stale. */
function useChanged(pilot: string, dataset: string) {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ['dataset', pilot, dataset] });
    void queries.invalidateQueries({ queryKey: ['datasets', pilot] });
    void queries.invalidateQueries({ queryKey: ['dataset-references', pilot, dataset] });
    void queries.invalidateQueries({ queryKey: ['storage', pilot] });
  };
}

/** Why bytes that stay with the pilot cannot be read now. */
function NotReplayable({ dataset: { state, replayability: seen } }: { dataset: Dataset }) {
  if (!seen || state !== 'available' || seen.state === 'reachable' || seen.state === 'unknown') return null;
  return (
    <div className="ph-standing" data-kind="away" role="status">
      <strong>Its bytes cannot be counted on: {REPLAY_WORDS[seen.state].name}</strong>
      <p>
        {REPLAY_WORDS[seen.state].means} {seen.detail}
      </p>
      {seen.probed_at && (
        <p className="ph-dim">
          Looked at <Ago at={seen.probed_at} />.
        </p>
      )}
    </div>
  );
}

/** How far it is, or why it cannot be used. */
function Standing({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const zone = useZone();
  switch (dataset.state) {
    case 'available':
      return null;
    case 'uploading':
      return <Uploading pilot={pilot} dataset={dataset} />;
    case 'verifying':
      return (
        <div className="ph-standing" role="status">
          <div className="ph-standing-line">
            <span>
              Verifying: its bytes are read back from object storage and compared before anybody is told of it
            </span>
            <span className="ph-num">
              {bytes(dataset.verified_bytes)} of {bytes(dataset.size_bytes)}
            </span>
          </div>
          <Progress
            value={barValue(dataset.verified_bytes / Math.max(1, dataset.size_bytes))}
            size="sm"
            animated
            aria-label="Verified so far"
          />
        </div>
      );
    case 'quarantined':
      return (
        <div className="ph-standing" data-kind="away" role="alert">
          <strong>Quarantined: the bytes are not what was declared</strong>
          {dataset.failure && (
            <p>
              {dataset.failure.detail} <code>{dataset.failure.code}</code>
            </p>
          )}
          <p className="ph-dim">
            It cannot be downloaded, and no pointer to it has gone out. Upload the file again under the same
            name, and withdraw this one.
          </p>
        </div>
      );
    case 'expired':
    case 'deleting':
      return (
        <div className="ph-standing" data-kind="slow" role="status">
          <span>
            {STATE_MEANS[dataset.state]}{' '}
            {dataset.removed_after && (
              <>
                Its bytes stay until <Time at={dataset.removed_after} /> {zone.label}
                {dataset.available_at !== null && '; until then it can be brought back'}.
              </>
            )}
          </span>
        </div>
      );
    case 'deleted':
      return (
        <div className="ph-standing" role="status">
          {STATE_MEANS.deleted}
        </div>
      );
  }
}

function useOwnUpload(dataset: string) {
  return useUploads().find((view) => view.dataset_id === dataset);
}

function Uploading({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const own = useOwnUpload(dataset.dataset_id);
  const { data } = useQuery(uploadQuery(pilot, dataset.dataset_id));
  const stored = own && isRunning(own) ? own.sent : (data?.stored_bytes ?? 0);
  return (
    <div className="ph-standing" role="status">
      <div className="ph-standing-line">
        <span>
          {own && isRunning(own)
            ? 'It is being uploaded from here: see the uploads in the corner'
            : 'Its parts come in. If nothing moves, the upload was interrupted: whoever has the file can resume it'}
        </span>
        <span className="ph-num">
          {bytes(stored)} of {bytes(dataset.size_bytes)}
          {data && ` · ${count(data.part_count)} parts of ${bytes(data.part_size)}`}
        </span>
      </div>
      <Progress
        value={barValue(stored / Math.max(1, dataset.size_bytes))}
        size="sm"
        aria-label="Stored so far"
      />
    </div>
  );
}

function ResumeUpload({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const own = useOwnUpload(dataset.dataset_id);
  const [refused, setRefused] = useState<string | null>(null);
  if (own && isRunning(own)) return null;
  const resume = async () => {
    setRefused(null);
    if (own?.phase === 'paused' || own?.phase === 'failed') {
      uploads.goOn(own.key);
      return;
    }
    const again = (own && (await uploads.fileAgain(own.key))) ?? (await chooseFiles(false))[0];
    if (again) setRefused(uploads.resume(pilot, dataset, again));
  };
  return (
    <>
      {refused && (
        <span className="ph-refused" role="alert">
          That is not the file. {refused}
        </span>
      )}
      <Button leftSection={<IconUpload size={15} />} onClick={() => void resume()}>
        Resume the upload…
      </Button>
    </>
  );
}

function Withdraw({
  pilot,
  dataset,
  opened,
  onClose,
  onChanged,
}: {
  pilot: string;
  dataset: Dataset;
  opened: boolean;
  onClose: () => void;
  onChanged: () => void;
}) {
  const id = dataset.dataset_id;
  const zone = useZone();
  const references = useQuery({ ...referencesQuery(pilot, id), enabled: opened, staleTime: 0 });
  const storage = useQuery({ ...storageQuery(pilot), enabled: opened });
  const grace = storage.data ? duration(storage.data.grace_seconds * 1000) : null;
  const all = references.data ?? [];
  const blocking = all.filter(({ blocks }) => blocks);
  const upload = dataset.state === 'uploading';
  const isOut = dataset.state === 'available';
  return (
    <Confirm
      opened={opened}
      title={upload ? 'Give the upload up?' : 'Withdraw the dataset?'}
      action={upload ? 'Give up' : 'Withdraw'}
      danger
      blocked={blocking.length > 0 || references.isPending}
      onClose={onClose}
      run={async () => {
        await body(
          api.DELETE('/api/v1/pilots/{pilot}/datasets/{dataset}', {
            params: { path: { pilot, dataset: id } },
          }),
        );
        const own = uploads.views().find((view) => view.dataset_id === id);
        if (own) uploads.clear(own.key);
        onChanged();
        notify(
          isOut ? (
            <Undo
              done={`${dataset.name} is withdrawn.`}
              undo={() => bringBack(pilot, id)}
              undone={`${dataset.name} is available again.`}
              failed="It could not be brought back: its page says how it stands."
              onUndone={onChanged}
            />
          ) : (
            `${dataset.name} is ${upload ? 'given up' : 'withdrawn'}.`
          ),
        );
      }}
    >
      {references.isPending && <p>Looking for who refers to it…</p>}
      {references.error && <ProblemNote error={references.error} />}
      {blocking.length > 0 && (
        <>
          <p>
            <strong>
              It cannot be withdrawn while {count(blocking.length)}{' '}
              {blocking.length === 1 ? 'reference holds' : 'references hold'} it:
            </strong>
          </p>
          <ul className="ph-consequences">
            {blocking.slice(0, MOST_TOLD).map((each) => (
              <li key={`${each.kind} ${each.holder}`}>
                {REFERENCE_WORDS[each.kind]} <span className="ph-id">{each.holder}</span>
                {each.reason && `: ${each.reason}`}
                {each.until && (
                  <span className="ph-below ph-dim">
                    until <Time at={each.until} /> {zone.label}
                  </span>
                )}
              </li>
            ))}
            {blocking.length > MOST_TOLD && (
              <li>{count(blocking.length - MOST_TOLD)} more; see its references.</li>
            )}
          </ul>
        </>
      )}
      {references.data && blocking.length === 0 && (
        <ul className="ph-consequences">
          {isOut && (
            <li>
              Its pointer is withdrawn at once: <code>dataset.deleted</code> goes out on{' '}
              <code>pilot.{pilot}.datasets</code>, and it cannot be downloaded any more.
            </li>
          )}
          {upload ? (
            <li>What object storage has of it is thrown away. There is no way back.</li>
          ) : (
            <li>
              Its {bytes(dataset.size_bytes)} stay for the grace time
              {grace !== null && ` of ${grace}`}
              {isOut && ', in which it can be brought back'}; then they are removed for good.
            </li>
          )}
          <li>
            {all.length === 0
              ? 'Nothing refers to it.'
              : `${count(all.length)} ${all.length === 1 ? 'refers' : 'refer'} to it without holding it; see its references.`}
          </li>
          {dataset.expires_at && (
            <li>
              By itself it would expire at <Time at={dataset.expires_at} /> {zone.label}.
            </li>
          )}
        </ul>
      )}
    </Confirm>
  );
}
