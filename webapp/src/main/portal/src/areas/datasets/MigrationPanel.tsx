import { Button, Progress } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, body, type Migration, type MigrationPlan, type StorageUsage } from '../../api/client';
import { migrationPlanQuery, migrationsQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { Fact, Facts } from '../../parts/Facts';
import { actorText, barValue, bytes, count, duration } from '../../parts/format';
import { notify } from '../../parts/notify';
import { ProblemNote } from '../../parts/Problem';
import { State, type StateKind } from '../../parts/State';
import { Ago, Time } from '../../parts/Time';
import { mayKeepSites } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { isUnderWay, pace, sampleOf, STATE_WORDS, TARGET_WORDS, withSample, type Sample } from './migration';

type Target = Migration['target'];

/** Where the pilot's datasets rest, and how they come to the other place. */
export function MigrationPanel({ pilot, usage }: { pilot: string; usage: StorageUsage }) {
  const session = useSession();
  const queries = useQueryClient();
  const query = useQuery(migrationsQuery(pilot));
  const [target, setTarget] = useState<Target | null>(null);
  const newest = query.data?.items[0];
  const underWay = newest !== undefined && isUnderWay(newest);
  const may = mayKeepSites(session);
  const state = newest?.state;

  // the model and the places of all datasets change in the background
  useEffect(() => {
    if (state === undefined) return;
    for (const key of ['storage', 'site', 'datasets', 'dataset']) {
      void queries.invalidateQueries({ queryKey: [key, pilot] });
    }
  }, [queries, pilot, state]);

  return (
    <section className="ph-card ph-card-below" aria-label="Storage model">
      <div className="ph-card-head">
        <h2 className="ph-card-title">Storage model</h2>
        {may && query.data && !underWay && (
          <div className="ph-card-tools">
            {usage.model === 'federated' && (
              <Button variant="default" onClick={() => setTarget('centralized')}>
                Move all to the centre…
              </Button>
            )}
            <Button variant="default" onClick={() => setTarget('federated')}>
              {usage.model === 'federated'
                ? 'Move the rest to the pilot’s endpoint…'
                : 'Move all to the pilot’s endpoint…'}
            </Button>
          </div>
        )}
      </div>
      <p className="ph-prose ph-dim">
        {usage.model === 'centralized'
          ? 'Datasets rest in the consortium’s bucket. They can be moved to an endpoint of the pilot’s own that takes uploads.'
          : 'Datasets rest at the pilot’s own endpoint. They can be moved to the consortium’s bucket; what was registered there stays there, too.'}
      </p>
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="ph-waiting">Loading…</p>}
      {newest && <Newest key={newest.migration_id} pilot={pilot} migration={newest} may={may} />}
      {target && <Begin pilot={pilot} target={target} onClose={() => setTarget(null)} />}
    </section>
  );
}

function Begin({ pilot, target, onClose }: { pilot: string; target: Target; onClose: () => void }) {
  const queries = useQueryClient();
  const query = useQuery(migrationPlanQuery(pilot, target));
  const plan = query.data;
  return (
    <Confirm
      opened
      title={`Move all datasets to ${TARGET_WORDS[target]}?`}
      action="Begin"
      danger
      typed={plan && plan.blockers.length === 0 ? pilot : undefined}
      blocked={!plan || plan.blockers.length > 0}
      onClose={onClose}
      run={async () => {
        await body(
          api.POST('/api/v1/pilots/{pilot}/storage/migrations', {
            params: { path: { pilot } },
            body: { target },
          }),
        );
        notify('The migration has begun. It can be paused and cancelled until all is copied.');
        void queries.invalidateQueries({ queryKey: ['migrations', pilot] });
      }}
    >
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="ph-waiting">Counting, and writing a sample at the other place…</p>}
      {plan && <PlanText plan={plan} />}
    </Confirm>
  );
}

function PlanText({ plan }: { plan: MigrationPlan }) {
  return (
    <>
      <ul className="ph-consequences">
        <li>
          {count(plan.datasets)} {plan.datasets === 1 ? 'dataset is' : 'datasets are'} copied and read back:{' '}
          {bytes(plan.bytes)}
          {plan.estimate_seconds !== null &&
            plan.datasets > 0 &&
            `, about ${duration(plan.estimate_seconds * 1000)}`}
          . Until all are, it can be cancelled.
        </li>
        <li>
          Then the storage model changes, new uploads go to the new place, and every pointer goes out again
          with its new address. From there on there is no way back but to move all again.
        </li>
        <li>
          Old bytes that the platform wrote are removed {duration(plan.grace_seconds * 1000)} later. What was
          registered at the pilot’s endpoint stays there.
        </li>
        {plan.uploads_under_way > 0 && (
          <li>
            {count(plan.uploads_under_way)} {plan.uploads_under_way === 1 ? 'upload goes' : 'uploads go'} on
            at the old place and {plan.uploads_under_way === 1 ? 'is' : 'are'} moved when verified.
          </li>
        )}
        {plan.staying > 0 && (
          <li>
            {count(plan.staying)} {plan.staying === 1 ? 'dataset stays' : 'datasets stay'} where{' '}
            {plan.staying === 1 ? 'it is' : 'they are'}: in quarantine, or copied to the centre on purpose.
          </li>
        )}
        {plan.quota_needed_bytes > 0 && (
          <li>
            {bytes(plan.quota_needed_bytes)} count against the quota in addition; it has room for{' '}
            {bytes(plan.quota_left_bytes)}.
          </li>
        )}
      </ul>
      {plan.blockers.length > 0 && (
        <div role="alert">
          <p>It cannot begin:</p>
          <ul className="ph-consequences">
            {plan.blockers.map(({ code, detail }) => (
              <li key={`${code} ${detail}`}>
                {detail} <span className="ph-id ph-dim">{code}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

const KINDS: Record<Migration['state'], StateKind> = {
  copying: 'slow',
  paused: 'idle',
  cancelling: 'slow',
  switching: 'slow',
  removing: 'up',
  done: 'up',
  cancelled: 'idle',
};

function Newest({ pilot, migration, may }: { pilot: string; migration: Migration; may: boolean }) {
  const zone = useZone();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const { at, done } = sampleOf(migration);
  const { progress, state } = migration;
  const moving = state === 'copying' || state === 'switching';

  useEffect(() => setSamples((before) => withSample(before, { at, done })), [at, done]);
  const now = moving ? pace(samples, migration) : null;

  return (
    <>
      <Facts>
        <Fact label="Migration">
          <State kind={progress.failed_datasets > 0 && moving ? 'away' : KINDS[state]}>
            {STATE_WORDS[state].name}
          </State>{' '}
          <span className="ph-dim">{STATE_WORDS[state].means}</span>
        </Fact>
        <Fact label="To">{TARGET_WORDS[migration.target]}</Fact>
        <Fact label="Begun">
          <Ago at={migration.created_at} />{' '}
          <span className="ph-dim">by {actorText(migration.created_by)}</span>
        </Fact>
        {migration.switched_at && (
          <Fact label={`Model changed, ${zone.label}`}>
            <Time at={migration.switched_at} />
          </Fact>
        )}
        {migration.ended_at && (
          <Fact label={`Ended, ${zone.label}`}>
            <Time at={migration.ended_at} />
          </Fact>
        )}
        {progress.uploads_under_way > 0 && isUnderWay(migration) && (
          <Fact label="Uploads at the old place">
            <span className="ph-num">{count(progress.uploads_under_way)}</span>{' '}
            <span className="ph-dim">moved when they are verified</span>
          </Fact>
        )}
      </Facts>
      {isUnderWay(migration) && state !== 'cancelling' && (
        <>
          <div className="ph-usages">
            <Bar label="Copied" done={progress.copied_bytes} all={progress.bytes} />
            <Bar label="Read back" done={progress.verified_bytes} all={progress.bytes} />
          </div>
          <p className="ph-dim ph-num" role="status">
            {count(progress.copied_datasets)} of {count(progress.datasets)} datasets
            {state === 'switching' && `, ${count(progress.switched_datasets)} switched`}
            {now && `, ${bytes(now.bytesPerSecond)}/s, ${duration(now.millisLeft)} left`}
          </p>
        </>
      )}
      {may && isUnderWay(migration) && <Acts pilot={pilot} migration={migration} />}
      {migration.current.length > 0 && (
        <ul className="ph-consequences" aria-label="Being moved now">
          {migration.current.map((each) => (
            <li key={each.dataset_id}>
              <DatasetLink pilot={pilot} id={each.dataset_id} name={each.name} />{' '}
              <span className="ph-dim ph-num">
                {bytes(each.copied_bytes)} copied, {bytes(each.verified_bytes)} read back of{' '}
                {bytes(each.size_bytes)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {migration.troubles.length > 0 && <Troubles pilot={pilot} migration={migration} />}
    </>
  );
}

function Bar({ label, done, all }: { label: string; done: number; all: number }) {
  return (
    <div className="ph-usage">
      <span className="ph-usage-label">{label}</span>
      <Progress value={barValue(all === 0 ? 1 : done / all)} size="sm" aria-label={label} />
      <span className="ph-num">
        {bytes(done)} <span className="ph-dim">of {bytes(all)}</span>
      </span>
    </div>
  );
}

function Acts({ pilot, migration }: { pilot: string; migration: Migration }) {
  const queries = useQueryClient();
  const [cancelling, setCancelling] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const { state, progress } = migration;
  const params = { params: { path: { pilot, migration: migration.migration_id } } };

  const act = async (run: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    try {
      await run();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
      void queries.invalidateQueries({ queryKey: ['migrations', pilot] });
    }
  };
  const resume = () =>
    act(() => body(api.POST('/api/v1/pilots/{pilot}/storage/migrations/{migration}/resume', params)));
  const pause = () =>
    act(() => body(api.POST('/api/v1/pilots/{pilot}/storage/migrations/{migration}/pause', params)));

  return (
    <>
      <div className="ph-card-tools">
        {state === 'copying' && (
          <Button
            variant="default"
            loading={busy}
            leftSection={<IconPlayerPause size={15} />}
            onClick={() => void pause()}
          >
            Pause
          </Button>
        )}
        {(state === 'paused' || progress.failed_datasets > 0) && state !== 'cancelling' && (
          <Button
            variant="default"
            loading={busy}
            leftSection={<IconPlayerPlay size={15} />}
            onClick={() => void resume()}
          >
            {state === 'paused' ? 'Resume' : 'Try again'}
          </Button>
        )}
        {(state === 'copying' || state === 'paused') && (
          <Button variant="default" leftSection={<IconX size={15} />} onClick={() => setCancelling(true)}>
            Cancel it…
          </Button>
        )}
      </div>
      {problem !== null && <ProblemNote error={problem} />}
      <Confirm
        opened={cancelling}
        title="Cancel the migration?"
        action="Cancel the migration"
        danger
        onClose={() => setCancelling(false)}
        run={async () => {
          await body(api.POST('/api/v1/pilots/{pilot}/storage/migrations/{migration}/cancel', params));
          void queries.invalidateQueries({ queryKey: ['migrations', pilot] });
          notify('The migration is cancelled. What was copied is removed.');
        }}
      >
        <p>
          {count(progress.copied_datasets)} {progress.copied_datasets === 1 ? 'copy' : 'copies'},{' '}
          {bytes(progress.copied_bytes)}, {progress.copied_datasets === 1 ? 'is' : 'are'} removed again. All
          datasets stay where they are, and no pointer has changed.
        </p>
      </Confirm>
    </>
  );
}

function Troubles({ pilot, migration }: { pilot: string; migration: Migration }) {
  return (
    <div className="ph-sideways" role="group" tabIndex={0} aria-label="Not moved">
      <table className="ph-facts-table ph-roomy">
        <thead>
          <tr>
            <th scope="col">Dataset</th>
            <th scope="col">Why it is not moved</th>
            <th scope="col">Then</th>
          </tr>
        </thead>
        <tbody>
          {migration.troubles.map((each) => (
            <tr key={each.dataset_id}>
              <td>
                <DatasetLink pilot={pilot} id={each.dataset_id} name={each.name} />
              </td>
              <td>
                {each.detail} <span className="ph-id ph-dim">{each.code}</span>
              </td>
              <td>
                {each.given_up ? (
                  <State kind="away">given up: mend it and try again, or withdraw the dataset</State>
                ) : (
                  <State kind="slow">tried again, {count(each.failures)} so far</State>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DatasetLink({ pilot, id, name }: { pilot: string; id: string; name: string }) {
  return (
    <Link className="ph-link" to="/p/$pilot/datasets/$dataset" params={{ pilot, dataset: id }} search={{}}>
      {name}
    </Link>
  );
}
