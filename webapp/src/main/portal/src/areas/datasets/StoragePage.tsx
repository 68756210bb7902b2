import { Button, Group, NumberInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconRecycle, IconRefresh } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, body, type StorageUsage, type Sweep } from '../../api/client';
import { serverNow } from '../../api/clock';
import type { ProblemError } from '../../api/problem';
import { storageQuery, sweepQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { Empty } from '../../parts/Empty';
import { FormModal } from '../../parts/FormModal';
import { bytes, count } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { State, type StateKind } from '../../parts/State';
import { Ago, Time } from '../../parts/Time';
import { isPlatformAdmin, maySweep } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { MigrationPanel } from './MigrationPanel';
import { SitePanel } from './SitePanel';
import { UsageBars } from './Usage';
import { ACTION_WORDS, FINDING_WORDS, sweepPlan } from './words';

const route = getRouteApi('/app/p/$pilot/datasets/storage');
const GB = 1_000_000_000;

export function StoragePage() {
  const { pilot } = route.useParams();
  const session = useSession();
  const queries = useQueryClient();
  const storage = useQuery(storageQuery(pilot));
  const sweep = useQuery(sweepQuery(pilot));
  const [sweeping, setSweeping] = useState(false);
  const [quota, setQuota] = useState(false);
  const [swept, setSwept] = useState<Sweep | null>(null);
  const plan = sweep.data ? sweepPlan(sweep.data.findings, serverNow()) : null;

  return (
    <div className="ph-page-scroll">
      <PageHead
        title="Storage"
        note={
          <Link className="ph-link" to="/p/$pilot/datasets" params={{ pilot }} search={{}}>
            To the datasets
          </Link>
        }
      >
        {isPlatformAdmin(session) && storage.data && (
          <Button variant="default" onClick={() => setQuota(true)}>
            Set the quota…
          </Button>
        )}
      </PageHead>
      {storage.error && <ProblemNote error={storage.error} onRetry={() => void storage.refetch()} />}
      {storage.isPending && <p className="ph-waiting">Loading…</p>}
      {storage.data && (
        <section className="ph-card" aria-label="Usage">
          <div className="ph-card-head">
            <h2 className="ph-card-title">Used of the quota</h2>
            <span className="ph-dim ph-small">
              {storage.data.model === 'centralized'
                ? 'Centralized: in the consortium’s bucket'
                : 'Federated: in the pilot’s own bucket'}
            </span>
          </div>
          <UsageBars usage={storage.data} />
        </section>
      )}
      {storage.data && <SitePanel pilot={pilot} usage={storage.data} />}
      {storage.data && <MigrationPanel pilot={pilot} usage={storage.data} />}
      <section className="ph-card ph-card-below" aria-label="Sweep">
        <div className="ph-card-head">
          <h2 className="ph-card-title">
            What a sweep would find now{' '}
            {sweep.data && (
              <span className="ph-dim ph-num">
                {count(sweep.data.findings.length)}
                {sweep.data.truncated && ' or more'}
              </span>
            )}
          </h2>
          <div className="ph-card-tools">
            {sweep.data && (
              <span className="ph-dim ph-small">
                looked <Ago at={sweep.data.swept_at} />
              </span>
            )}
            <Button
              variant="default"
              loading={sweep.isFetching}
              leftSection={<IconRefresh size={15} />}
              onClick={() => void sweep.refetch()}
            >
              Look again
            </Button>
            {maySweep(session) && (
              <Button
                leftSection={<IconRecycle size={15} />}
                disabled={!plan || sweep.data?.findings.length === 0}
                onClick={() => setSweeping(true)}
              >
                Sweep now…
              </Button>
            )}
          </div>
        </div>
        <p className="ph-prose ph-dim">
          The platform compares the catalogue with object storage by itself, again and again, and cleans up
          what is past its grace time. Looking touches nothing.
        </p>
        {sweep.error && <ProblemNote error={sweep.error} onRetry={() => void sweep.refetch()} />}
        {sweep.isPending && !sweep.error && <p className="ph-waiting">Looking into object storage…</p>}
        {sweep.data && sweep.data.findings.length === 0 && (
          <Empty title="Catalogue and object storage agree">
            No object without a dataset, no dataset without its object, no upload that was left behind.
          </Empty>
        )}
        {sweep.data && sweep.data.findings.length > 0 && <Findings pilot={pilot} sweep={sweep.data} />}
      </section>
      {swept && swept.findings.length > 0 && (
        <section className="ph-card ph-card-below" aria-label="The last sweep">
          <h2 className="ph-card-title">What your sweep did</h2>
          <Findings pilot={pilot} sweep={swept} done />
        </section>
      )}
      <Confirm
        opened={sweeping}
        title="Sweep now?"
        action="Sweep"
        danger={(plan?.removed ?? 0) + (plan?.aborted ?? 0) > 0}
        onClose={() => setSweeping(false)}
        run={async () => {
          const done = await body(
            api.POST('/api/v1/pilots/{pilot}/storage/sweep', { params: { path: { pilot } } }),
          );
          setSwept(done);
          notify(sweptText(done));
          void queries.invalidateQueries({ queryKey: ['sweep', pilot] });
          void queries.invalidateQueries({ queryKey: ['storage', pilot] });
          void queries.invalidateQueries({ queryKey: ['datasets', pilot] });
        }}
      >
        {plan && (
          <ul className="ph-consequences">
            <li>
              {count(plan.removed)} {plan.removed === 1 ? 'object' : 'objects'} past the grace time{' '}
              {plan.removed === 1 ? 'is' : 'are'} removed for good, and {count(plan.aborted)}{' '}
              {plan.aborted === 1 ? 'upload is' : 'uploads are'} aborted: {bytes(plan.bytes)} in all.
            </li>
            <li>
              {count(plan.marked)} {plan.marked === 1 ? 'is' : 'are'} still within the grace time: marked, and
              looked at again later.
            </li>
            {plan.missing > 0 && (
              <li>
                {count(plan.missing)} {plan.missing === 1 ? 'dataset' : 'datasets'} without{' '}
                {plan.missing === 1 ? 'its object is' : 'their objects are'} only told of.
              </li>
            )}
            <li>Object storage is looked at anew: what has changed since is swept as it is then.</li>
          </ul>
        )}
      </Confirm>
      <FormModal opened={quota} title="Set the quota" onClose={() => setQuota(false)}>
        {storage.data && <QuotaForm pilot={pilot} usage={storage.data} onDone={() => setQuota(false)} />}
      </FormModal>
    </div>
  );
}

function sweptText({ findings }: Sweep): string {
  const of = (action: Sweep['findings'][number]['action']) =>
    findings.filter((finding) => finding.action === action).length;
  return `Swept: ${count(of('removed'))} removed, ${count(of('aborted'))} aborted, ${count(of('marked'))} marked.`;
}

const ACTION_KINDS: Record<Sweep['findings'][number]['action'], StateKind> = {
  none: 'idle',
  marked: 'slow',
  removed: 'up',
  aborted: 'up',
  alarm: 'away',
};

function Findings({ pilot, sweep, done = false }: { pilot: string; sweep: Sweep; done?: boolean }) {
  const zone = useZone();
  const kinds = [...new Set(sweep.findings.map(({ kind }) => kind))];
  return (
    <>
      <div className="ph-sideways" role="group" tabIndex={0} aria-label="Findings">
        <table className="ph-facts-table ph-roomy ph-findings-table">
          <thead>
            <tr>
              <th scope="col">Finding</th>
              <th scope="col">Where</th>
              <th scope="col" data-align="right">
                Size
              </th>
              <th scope="col">
                First seen <span className="ph-unit">{zone.label}</span>
              </th>
              <th scope="col">
                Goes <span className="ph-unit">{zone.label}</span>
              </th>
              <th scope="col">{done ? 'Done' : 'So far'}</th>
            </tr>
          </thead>
          <tbody>
            {sweep.findings.map((finding) => (
              <tr key={`${finding.kind} ${finding.object_uri}`}>
                <td title={FINDING_WORDS[finding.kind].means}>{FINDING_WORDS[finding.kind].name}</td>
                <td>
                  <span className="ph-id">{finding.object_uri}</span>
                  {finding.dataset_id && (
                    <span className="ph-below">
                      <Link
                        className="ph-link ph-id"
                        to="/p/$pilot/datasets/$dataset"
                        params={{ pilot, dataset: finding.dataset_id }}
                        search={{}}
                      >
                        {finding.dataset_id}
                      </Link>
                    </span>
                  )}
                </td>
                <td data-align="right" className="ph-num">
                  {finding.size_bytes === null ? '–' : bytes(finding.size_bytes)}
                </td>
                <td>
                  <Time at={finding.first_seen_at} />
                </td>
                <td>
                  {finding.due_at ? (
                    <Time at={finding.due_at} />
                  ) : (
                    <span className="ph-none">
                      {finding.kind === 'missing_object' ? 'never' : 'not set yet'}
                    </span>
                  )}
                </td>
                <td>
                  <State kind={ACTION_KINDS[finding.action]}>{ACTION_WORDS[finding.action]}</State>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <dl className="ph-kinds">
        {kinds.map((kind) => (
          <div key={kind}>
            <dt>{FINDING_WORDS[kind].name}</dt>
            <dd>{FINDING_WORDS[kind].means}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function QuotaForm({ pilot, usage, onDone }: { pilot: string; usage: StorageUsage; onDone: () => void }) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const form = useForm({
    initialValues: {
      gigabytes: usage.quota.bytes / GB,
      objects: usage.quota.objects,
      uploads: usage.quota.uploads,
    },
    validate: {
      gigabytes: (value) => (whole(value, 1_125_899) ? null : 'From 0 to 1,125,899 GB'),
      objects: (value) => (whole(value, 100_000_000) ? null : 'From 0 to 100,000,000'),
      uploads: (value) => (whole(value, 1000) ? null : 'From 0 to 1,000'),
    },
  });
  const { gigabytes, objects, uploads } = form.values;
  const below = [
    gigabytes * GB < usage.used.bytes && `${bytes(usage.used.bytes)} are used`,
    objects < usage.used.objects && `${count(usage.used.objects)} objects are there`,
    uploads < usage.used.uploads && `${count(usage.used.uploads)} uploads run`,
  ].filter((each) => each !== false);
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(async () => {
        setBusy(true);
        setProblem(null);
        try {
          const now = await body(
            api.PUT('/api/v1/pilots/{pilot}/storage/quota', {
              params: { path: { pilot } },
              body: {
                // a quota in binary units must not be rounded by somebody who changes another figure
                bytes: form.isDirty('gigabytes') ? Math.round(gigabytes * GB) : usage.quota.bytes,
                objects,
                uploads,
              },
            }),
          );
          queries.setQueryData(storageQuery(pilot).queryKey, now);
          notify(`The quota of ${pilot} is set.`);
          onDone();
        } catch (error) {
          setProblem(asProblem(error));
          setBusy(false);
        }
      })}
    >
      <NumberInput
        label="Bytes"
        suffix=" GB"
        min={0}
        thousandSeparator=","
        decimalScale={3}
        data-autofocus
        {...form.getInputProps('gigabytes')}
      />
      <NumberInput
        mt="sm"
        label="Objects"
        min={0}
        thousandSeparator=","
        allowDecimal={false}
        {...form.getInputProps('objects')}
      />
      <NumberInput
        mt="sm"
        label="Uploads at once"
        min={0}
        allowDecimal={false}
        {...form.getInputProps('uploads')}
      />
      {below.length > 0 && (
        <p className="ph-field-error" role="status">
          That is less than is used: {below.join(', ')}. Nothing is deleted; what is new is refused.
        </p>
      )}
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={busy}>
          Set
        </Button>
      </Group>
    </form>
  );
}

function whole(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= most;
}
