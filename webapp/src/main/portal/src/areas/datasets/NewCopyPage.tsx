import { Alert, Autocomplete, Button, Checkbox, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCopyPlus, IconX } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, body, type Curation, type CurationPlan, type Dataset } from '../../api/client';
import { curationPlanQuery, curationQuery, datasetsQuery, storageQuery } from '../../api/queries';
import { Empty } from '../../parts/Empty';
import { bytes, count } from '../../parts/format';
import { InstantInput, useInstantText } from '../../parts/InstantInput';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { usePages } from '../../parts/pages';
import { ProblemNote } from '../../parts/Problem';
import { TypedFilter } from '../../parts/TypedFilter';
import { MOST_COPIED_BY_NAME, type NewCopySearch } from '../../router';
import { canBeCopied, choiceOf } from './copies';
import { ReplayMark } from './Marks';
import { percent } from './Usage';
import { REPLAY_WORDS } from './words';

const route = getRouteApi('/app/p/$pilot/datasets/copies/new');
const TAGS = ['purpose:', 'owner:', 'classification:public', 'classification:internal'];

/** Which datasets are to be copied to the centre, and what that would be in numbers before it begins. */
export function NewCopyPage() {
  const { pilot } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/datasets/copies/new' });
  const set = (change: NewCopySearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  // one by one is what the address says, or what was chosen here before anything is ticked
  const [picking, setPicking] = useState(search.dataset !== undefined || search.q !== undefined);
  const storage = useQuery(storageQuery(pilot));
  const nowhere = storage.data && !storage.data.site;

  return (
    <div className="ph-page-scroll">
      <PageHead
        title="New copy to the centre"
        note={
          <Link className="ph-link" to="/p/$pilot/datasets/copies" params={{ pilot }}>
            All copies
          </Link>
        }
      />
      {nowhere ? (
        <section className="ph-card">
          <Empty title="This pilot has no endpoint of its own">
            What is copied to the centre comes from a pilot’s own S3 endpoint. All data of this pilot is in
            the consortium’s bucket already; a pilot admin sets an endpoint on the page Storage.
          </Empty>
        </section>
      ) : (
        <div className="ph-copy-columns">
          <section className="ph-card" aria-label="Which datasets">
            <div className="ph-card-head">
              <h2 className="ph-card-title">Which datasets</h2>
              <SegmentedControl
                size="xs"
                aria-label="How to choose"
                data={[
                  { value: 'fitting', label: 'All that fit' },
                  { value: 'picked', label: 'One by one' },
                ]}
                value={picking ? 'picked' : 'fitting'}
                onChange={(value) => {
                  setPicking(value === 'picked');
                  set(
                    value === 'picked'
                      ? { tag: undefined, name: undefined, from: undefined, to: undefined }
                      : { dataset: undefined, q: undefined },
                  );
                }}
              />
            </div>
            {picking ? (
              <Picked pilot={pilot} search={search} set={set} />
            ) : (
              <Fitting key={JSON.stringify([search.from, search.to])} search={search} set={set} />
            )}
          </section>
          <Plan pilot={pilot} search={search} />
        </div>
      )}
    </div>
  );
}

interface Choosing {
  search: NewCopySearch;
  set: (change: NewCopySearch) => void;
}

/** All available datasets at the pilot's endpoint that have the tag, the name and the time. */
function Fitting({ search, set }: Choosing) {
  const { textOf, isoOf } = useInstantText();
  const write = (iso: string | undefined) => (iso === undefined ? '' : textOf(Date.parse(iso)));
  const [tag, setTag] = useState(search.tag ?? '');
  const [name, setName] = useState(search.name ?? '');
  const [from, setFrom] = useState(write(search.from));
  const [to, setTo] = useState(write(search.to));
  const said = (text: string) => (text.trim() === '' ? undefined : text.trim());
  return (
    <form
      className="ph-copy-form"
      onSubmit={(event) => {
        event.preventDefault();
        set({ tag: said(tag), name: said(name), from: isoOf(from), to: isoOf(to) });
      }}
    >
      <p className="ph-prose ph-dim">
        All that are available at the pilot’s endpoint and fit everything that is said here.
      </p>
      <Autocomplete
        label="Tag"
        description="A name, or name:value"
        data={TAGS}
        value={tag}
        maxLength={321}
        onChange={setTag}
        onBlur={() => set({ tag: said(tag) })}
      />
      <TextInput
        label="Name"
        description="The whole name: all versions of it"
        value={name}
        maxLength={256}
        spellCheck={false}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={() => set({ name: said(name) })}
      />
      <div className="ph-form-grid">
        <InstantInput label="Created since" value={from} onChange={setFrom} />
        <InstantInput label="Created before" value={to} onChange={setTo} />
      </div>
      <div className="ph-copy-acts">
        <Button type="submit" variant="default">
          Look what fits
        </Button>
        <Button
          variant="subtle"
          color="gray"
          className="ph-quiet"
          leftSection={<IconX size={14} />}
          disabled={choiceOf(search) === null && [tag, name, from, to].every((text) => text === '')}
          onClick={() => {
            setTag('');
            setName('');
            setFrom('');
            setTo('');
            set({ tag: undefined, name: undefined, from: undefined, to: undefined });
          }}
        >
          Begin anew
        </Button>
      </div>
    </form>
  );
}

function Picked({ pilot, search, set }: Choosing & { pilot: string }) {
  const query = useInfiniteQuery(datasetsQuery(pilot, { state: 'available', q: search.q }));
  const { rows, more, error, pending, retry } = usePages<Dataset>(query);
  const chosen = new Set(search.dataset);
  const there = rows.filter(canBeCopied);
  const full = chosen.size >= MOST_COPIED_BY_NAME;
  const choose = (id: string, wanted: boolean) => {
    const now = wanted ? [...chosen, id] : [...chosen].filter((each) => each !== id);
    set({ dataset: now.length === 0 ? undefined : now });
  };
  return (
    <div className="ph-copy-form">
      <div className="ph-copy-acts">
        <TypedFilter label="Name, owner or purpose" value={search.q} onChange={(q) => set({ q })} />
        <span className="ph-dim ph-small ph-num" role="status">
          {count(chosen.size)} chosen{full && `, no more than ${MOST_COPIED_BY_NAME} one by one`}
        </span>
        {chosen.size > 0 && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            className="ph-quiet"
            onClick={() => set({ dataset: undefined })}
          >
            Choose none
          </Button>
        )}
      </div>
      {error && <ProblemNote error={error} onRetry={retry} />}
      {pending && <p className="ph-waiting">Loading…</p>}
      {!pending && !error && there.length === 0 && !more.has && (
        <Empty title={search.q ? 'No dataset fits' : 'There is nothing to copy yet'}>
          {search.q
            ? 'Only what is available at the pilot’s own endpoint can be copied.'
            : 'No available dataset rests at the pilot’s own endpoint. Objects there are registered by ctl datasets register.'}
        </Empty>
      )}
      {there.length > 0 && (
        <ul className="ph-copy-list" aria-label="Datasets at the pilot’s endpoint">
          {there.map((dataset) => (
            <li key={dataset.dataset_id}>
              <Checkbox
                size="xs"
                checked={chosen.has(dataset.dataset_id)}
                disabled={full && !chosen.has(dataset.dataset_id)}
                onChange={(event) => choose(dataset.dataset_id, event.currentTarget.checked)}
                label={
                  <span className="ph-copy-choice">
                    <span className="ph-clip" title={dataset.name}>
                      {dataset.name}
                      {dataset.version > 1 && <span className="ph-dim ph-num"> v{dataset.version}</span>}
                    </span>
                    {dataset.replayability && dataset.replayability.state !== 'reachable' && (
                      <ReplayMark state={dataset.replayability.state} />
                    )}
                    <span className="ph-num ph-dim">{bytes(dataset.size_bytes)}</span>
                  </span>
                }
              />
            </li>
          ))}
        </ul>
      )}
      {more.has && (
        <div className="ph-more">
          <Button variant="default" loading={more.loading} onClick={more.load}>
            Look further
          </Button>
        </div>
      )}
    </div>
  );
}

function Plan({ pilot, search }: { pilot: string; search: NewCopySearch }) {
  const choice = choiceOf(search);
  const [asked] = useDebouncedValue(choice, 300);
  const query = useQuery({ ...curationPlanQuery(pilot, asked ?? {}), enabled: asked !== null });
  const stale = JSON.stringify(asked) !== JSON.stringify(choice);
  return (
    <section className="ph-card" aria-label="What it would do" aria-busy={query.isFetching || stale}>
      <div className="ph-card-head">
        <h2 className="ph-card-title">What it would do</h2>
      </div>
      {choice === null && (
        <Empty title="Nothing is chosen yet">
          Say what fits, or tick datasets one by one. Nothing is copied before you say so: here stands how
          many that would be, whether the quota has room, and what cannot be read now.
        </Empty>
      )}
      {choice !== null && query.error && !stale && (
        <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
      )}
      {choice !== null && query.isPending && !query.error && <p className="ph-waiting">Loading…</p>}
      {choice !== null && query.data && (
        <Planned pilot={pilot} search={search} plan={query.data} stale={stale} />
      )}
    </section>
  );
}

function Planned({
  pilot,
  search,
  plan,
  stale,
}: {
  pilot: string;
  search: NewCopySearch;
  plan: CurationPlan;
  stale: boolean;
}) {
  const queries = useQueryClient();
  const navigate = useNavigate({ from: '/p/$pilot/datasets/copies/new' });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const none = plan.datasets === 0;
  const begin = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const begun = (await body(
        api.POST('/api/v1/pilots/{pilot}/datasets/curations', {
          params: { path: { pilot } },
          body: choiceOf(search) ?? {},
        }),
      )) as Curation;
      queries.setQueryData(curationQuery(pilot, begun.curation_id).queryKey, begun);
      void queries.invalidateQueries({ queryKey: ['curations', pilot] });
      notify(
        `The copy of ${count(begun.datasets)} ${begun.datasets === 1 ? 'dataset' : 'datasets'} has begun.`,
      );
      void navigate({
        to: '/p/$pilot/datasets/copies/$curation',
        params: { pilot, curation: begun.curation_id },
      });
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <>
      <dl className="ph-copy-figures">
        <div>
          <dt>Datasets</dt>
          <dd className="ph-num">{count(plan.datasets)}</dd>
        </div>
        <div>
          <dt>Bytes</dt>
          <dd className="ph-num" title={`${count(plan.bytes)} bytes`}>
            {bytes(plan.bytes)}
          </dd>
        </div>
        <div data-bad={!plan.fits || undefined}>
          <dt>Room in the quota</dt>
          <dd className="ph-num" title={`${count(plan.quota_left_bytes)} bytes`}>
            {bytes(plan.quota_left_bytes)}{' '}
            {plan.fits && plan.bytes > 0 && (
              <small>{percent(plan.bytes, plan.quota_left_bytes)} of it would be used</small>
            )}
          </dd>
        </div>
        <div data-bad={plan.unreachable.length > 0 || undefined}>
          <dt>Cannot be read now</dt>
          <dd className="ph-num">{count(plan.unreachable.length)}</dd>
        </div>
      </dl>
      {none && <p className="ph-prose">No available dataset at the pilot’s endpoint fits.</p>}
      {!plan.fits && (
        <Alert variant="default" className="ph-problem" role="status" title="The quota has no room for all">
          {bytes(plan.bytes - plan.quota_left_bytes)} too many. Choose fewer, withdraw what is not needed, or
          ask a platform admin for more.
        </Alert>
      )}
      {plan.unreachable.length > 0 && <Unreachable pilot={pilot} plan={plan} />}
      <p className="ph-prose ph-dim">
        Each becomes a dataset of its own in the consortium’s bucket. It is compared with the checksum of its
        source before anybody is told of it; the source stays as it is. It goes on when this page is closed,
        and can be cancelled.
      </p>
      {problem !== null && <ProblemNote error={problem} />}
      <div className="ph-copy-acts">
        <Button
          leftSection={<IconCopyPlus size={15} />}
          disabled={none || !plan.fits || stale}
          loading={busy}
          onClick={() => void begin()}
        >
          {none ? 'Copy' : `Copy ${count(plan.datasets)} ${plan.datasets === 1 ? 'dataset' : 'datasets'}`}
        </Button>
      </div>
    </>
  );
}

function Unreachable({ pilot, plan }: { pilot: string; plan: CurationPlan }) {
  return (
    <details className="ph-details ph-copy-away" open={plan.unreachable.length <= 5}>
      <summary>
        {count(plan.unreachable.length)} cannot be read now;{' '}
        {plan.unreachable.length === 1 ? 'it is' : 'they are'} tried for about two hours
      </summary>
      <ul className="ph-copy-list">
        {plan.unreachable.map(({ dataset_id, name, replayability }) => (
          <li key={dataset_id}>
            <Link
              className="ph-link"
              title={dataset_id}
              to="/p/$pilot/datasets/$dataset"
              params={{ pilot, dataset: dataset_id }}
              search={{}}
            >
              {name}
            </Link>{' '}
            <ReplayMark state={replayability.state} />
            <div className="ph-dim">{replayability.detail ?? REPLAY_WORDS[replayability.state].means}</div>
          </li>
        ))}
      </ul>
    </details>
  );
}
