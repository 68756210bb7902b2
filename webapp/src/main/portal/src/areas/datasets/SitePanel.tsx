import { Button, Group, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlugConnected } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body, versioned, type Site, type StorageUsage } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { siteQuery } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { FormModal } from '../../parts/FormModal';
import { count } from '../../parts/format';
import { InstantInput, useInstantText } from '../../parts/InstantInput';
import { notify } from '../../parts/notify';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { State } from '../../parts/State';
import { Ago, Time } from '../../parts/Time';
import { mayKeepSites } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { ReplayMark } from './Marks';
import { REPLAY_WORDS } from './words';

interface Version {
  value: Site;
  etag: string | null;
}

/** The pilot's own endpoint: how it is reached, and whether it answers. */
export function SitePanel({ pilot, usage }: { pilot: string; usage: StorageUsage }) {
  const session = useSession();
  if (!mayKeepSites(session)) {
    return usage.site ? (
      <section className="ph-card ph-card-below" aria-label="The pilot’s own endpoint">
        <div className="ph-card-head">
          <h2 className="ph-card-title">The pilot’s own endpoint</h2>
        </div>
        <Facts>
          <Fact label="Bucket">
            <span className="ph-id">{usage.site.bucket}</span>
          </Fact>
          <Fact label="Now">
            <ReplayMark state={usage.site.replayability.state} />
          </Fact>
        </Facts>
      </section>
    ) : null;
  }
  return <Kept pilot={pilot} federated={usage.model === 'federated'} />;
}

function Kept({ pilot, federated }: { pilot: string; federated: boolean }) {
  const queries = useQueryClient();
  const query = useQuery(siteQuery(pilot));
  const [editing, setEditing] = useState(false);
  const [removing, setRemoving] = useState(false);
  const [probing, setProbing] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const there = query.data;

  const probe = async () => {
    setProbing(true);
    setProblem(null);
    try {
      const seen = await versioned(
        api.POST('/api/v1/pilots/{pilot}/storage/site/probe', { params: { path: { pilot } } }),
      );
      queries.setQueryData(siteQuery(pilot).queryKey, seen);
      void queries.invalidateQueries({ queryKey: ['storage', pilot] });
      void queries.invalidateQueries({ queryKey: ['dataset', pilot] });
    } catch (error) {
      setProblem(error);
    } finally {
      setProbing(false);
    }
  };

  return (
    <section className="ph-card ph-card-below" aria-label="The pilot’s own endpoint">
      <div className="ph-card-head">
        <h2 className="ph-card-title">The pilot’s own endpoint</h2>
        {there && (
          <div className="ph-card-tools">
            <Button
              variant="default"
              loading={probing}
              leftSection={<IconPlugConnected size={15} />}
              onClick={() => void probe()}
            >
              Look now
            </Button>
            <Button variant="default" onClick={() => setEditing(true)}>
              Change…
            </Button>
            <Button variant="default" disabled={there.value.datasets > 0} onClick={() => setRemoving(true)}>
              Remove…
            </Button>
          </div>
        )}
      </div>
      {problem !== null && <ProblemNote error={problem} />}
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <p className="ph-waiting">Loading…</p>}
      {there === null && (
        <Empty
          title={federated ? 'No endpoint is set yet' : 'The pilot keeps its data in the consortium’s bucket'}
          action={
            <Button variant="default" onClick={() => setEditing(true)}>
              Set an endpoint…
            </Button>
          }
        >
          With an S3 endpoint of the pilot’s own, data can stay where it is: objects there are registered,
          verified and pointed to without being sent. The installation has to list the endpoint.
        </Empty>
      )}
      {there && <SiteFacts site={there.value} federated={federated} />}
      <FormModal
        opened={editing}
        title={there ? 'Change the endpoint' : 'Set an endpoint'}
        onClose={() => setEditing(false)}
      >
        <SiteForm pilot={pilot} before={there ?? null} onDone={() => setEditing(false)} />
      </FormModal>
      <Confirm
        opened={removing}
        title="Remove the endpoint?"
        action="Remove"
        danger
        onClose={() => setRemoving(false)}
        run={async () => {
          await body(api.DELETE('/api/v1/pilots/{pilot}/storage/site', { params: { path: { pilot } } }));
          queries.setQueryData(siteQuery(pilot).queryKey, null);
          void queries.invalidateQueries({ queryKey: ['storage', pilot] });
          notify('The endpoint and its credentials are forgotten.');
        }}
      >
        <p>
          Its address and its credentials are forgotten. No dataset rests there, and nothing is changed at the
          endpoint itself.
        </p>
      </Confirm>
    </section>
  );
}

function SiteFacts({ site, federated }: { site: Site; federated: boolean }) {
  const zone = useZone();
  const { state, detail, probed_at } = site.replayability;
  return (
    <>
      {!federated && (
        <p className="ph-prose ph-dim">
          The pilot’s storage is centralized: objects there can be registered once it is federated.
        </p>
      )}
      <Facts>
        <Fact label="Now">
          <ReplayMark state={state} />{' '}
          {state !== 'reachable' && <span className="ph-dim">{detail ?? REPLAY_WORDS[state].means}</span>}
        </Fact>
        <Fact label="Looked at">
          {probed_at ? <Ago at={probed_at} /> : <span className="ph-none">not yet</span>}
        </Fact>
        <Fact label="Endpoint">
          <span className="ph-id">{site.endpoint}</span>
        </Fact>
        <Fact label="Bucket">
          <span className="ph-id">{site.bucket}</span> <span className="ph-dim">{site.region}</span>
        </Fact>
        <Fact label="Access key">
          <span className="ph-id">{site.access_key}</span>{' '}
          <span className="ph-dim">its secret is stored sealed and not shown</span>
        </Fact>
        <Fact label="Datasets there">
          <span className="ph-num">{count(site.datasets)}</span>
        </Fact>
        <Fact label={`Credentials good until, ${zone.label}`}>
          {site.credentials_expire_at ? (
            <Time at={site.credentials_expire_at} />
          ) : (
            <span className="ph-none">not said</span>
          )}
        </Fact>
        <Fact label={`Agreement until, ${zone.label}`}>
          {site.agreement_until ? (
            <Time at={site.agreement_until} />
          ) : (
            <span className="ph-none">without an end</span>
          )}
        </Fact>
        <Fact label="Uploads">
          <UploadsThere site={site} />
        </Fact>
        <Fact label="Verified by">
          {site.trusts_stored_checksums
            ? 'the SHA-256 that the store keeps, where it keeps one of the whole object'
            : 'reading every byte'}
        </Fact>
      </Facts>
    </>
  );
}

function UploadsThere({ site }: { site: Site }) {
  if (!site.takes_uploads) return 'not taken: the platform writes nothing there';
  return (
    <>
      taken, under <span className="ph-id">pilothouse/</span>{' '}
      {site.writable === true && <State kind="up">writable</State>}
      {site.writable === false && (
        <State kind="away">
          not writable{site.write_detail && <span className="ph-dim"> {site.write_detail}</span>}
        </State>
      )}
    </>
  );
}

function SiteForm({ pilot, before, onDone }: { pilot: string; before: Version | null; onDone: () => void }) {
  const queries = useQueryClient();
  const instants = useInstantText();
  const [base] = useState(before);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const textOf = (at: string | null | undefined) => (at ? instants.textOf(Date.parse(at)) : '');
  const form = useForm({
    initialValues: {
      endpoint: base?.value.endpoint ?? '',
      bucket: base?.value.bucket ?? '',
      region: base?.value.region ?? 'us-east-1',
      access_key: base?.value.access_key ?? '',
      secret_key: '',
      takes_uploads: base?.value.takes_uploads ?? false,
      trusts_stored_checksums: base?.value.trusts_stored_checksums ?? false,
      credentials_expire_at: textOf(base?.value.credentials_expire_at),
      agreement_until: textOf(base?.value.agreement_until),
    },
    validate: {
      endpoint: (value) =>
        /^https?:\/\/[^/?#@]+\/?$/.test(value) ? null : 'https://host or https://host:port',
      bucket: (value) =>
        /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(value) ? null : 'Small letters, digits, . and -',
      access_key: (value) => (value === '' ? 'It is needed' : null),
      secret_key: (value, values) =>
        value === '' && secretNeeded(base, values) ? 'It is needed for a new endpoint or access key' : null,
    },
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(async (said) => {
        setBusy(true);
        setProblem(null);
        try {
          const now = await versioned(
            api.PUT('/api/v1/pilots/{pilot}/storage/site', {
              params: { path: { pilot }, header: base ? { 'If-Match': base.etag ?? '' } : {} },
              body: {
                endpoint: said.endpoint,
                bucket: said.bucket,
                region: said.region,
                access_key: said.access_key,
                secret_key: said.secret_key === '' ? null : said.secret_key,
                takes_uploads: said.takes_uploads,
                trusts_stored_checksums: said.trusts_stored_checksums,
                credentials_expire_at: instants.isoOf(said.credentials_expire_at) ?? null,
                agreement_until: instants.isoOf(said.agreement_until) ?? null,
              },
            }),
          );
          queries.setQueryData(siteQuery(pilot).queryKey, now);
          void queries.invalidateQueries({ queryKey: ['storage', pilot] });
          notify('The endpoint is set. It is looked at in a moment.');
          onDone();
        } catch (error) {
          setProblem(asProblem(error));
          setBusy(false);
        }
      })}
    >
      <TextInput
        label="Endpoint"
        placeholder="https://s3.example.org"
        spellCheck={false}
        data-autofocus
        {...form.getInputProps('endpoint')}
      />
      <div className="ph-form-grid ph-gap-top-small">
        <TextInput
          label="Bucket"
          spellCheck={false}
          disabled={(base?.value.datasets ?? 0) > 0}
          {...form.getInputProps('bucket')}
        />
        <TextInput label="Region" spellCheck={false} {...form.getInputProps('region')} />
        <TextInput
          label="Access key"
          spellCheck={false}
          autoComplete="off"
          {...form.getInputProps('access_key')}
        />
        <PasswordInput
          label="Secret key"
          placeholder={base ? 'As it is' : undefined}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the secret' }}
          {...form.getInputProps('secret_key')}
        />
        <InstantInput
          label="Credentials good until"
          value={form.values.credentials_expire_at}
          onChange={(value) => form.setFieldValue('credentials_expire_at', value)}
        />
        <InstantInput
          label="Agreement until"
          value={form.values.agreement_until}
          onChange={(value) => form.setFieldValue('agreement_until', value)}
        />
      </div>
      <Switch
        mt="md"
        label="Take uploads: the platform may write under pilothouse/"
        {...form.getInputProps('takes_uploads', { type: 'checkbox' })}
      />
      <Switch
        mt="xs"
        label="Believe the SHA-256 that the store keeps of whole objects"
        {...form.getInputProps('trusts_stored_checksums', { type: 'checkbox' })}
      />
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
          {base ? 'Change' : 'Set'}
        </Button>
      </Group>
    </form>
  );
}

/** The server asks for it again where it would go somewhere new. */
function secretNeeded(before: Version | null, said: { endpoint: string; access_key: string }): boolean {
  return (
    before === null ||
    before.value.endpoint !== said.endpoint.replace(/\/$/, '').toLowerCase() ||
    before.value.access_key !== said.access_key
  );
}
