import { Alert, Button, Group, PasswordInput, PinInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { sessionQuery } from '../../api/queries';
import { Fact, Facts } from '../../parts/Facts';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { SecretOnce } from '../../parts/SecretOnce';
import { State } from '../../parts/State';
import { Time } from '../../parts/Time';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { ROLE_NOTES } from './roles';

export function AccountPage() {
  const session = useSession();
  const zone = useZone();
  return (
    <div className="ph-page-scroll ph-narrow">
      <PageHead title="Own account" note={session.display_name || session.username} />
      {session.totp_required && !session.totp_enrolled && (
        <Alert variant="default" className="ph-note" title="One more step before you can work">
          Your role signs in with one-time codes. Enrol a generator below; the rest of the portal opens then.
        </Alert>
      )}
      <section className="ph-card">
        <Facts>
          <Fact label="User name">
            <span className="ph-id">{session.username}</span>
          </Fact>
          <Fact label="Pilot">{session.pilot ?? 'the consortium'}</Fact>
          <Fact label="Roles">
            {session.roles.map((role) => (
              <div key={role}>
                {role} <span className="ph-dim">{ROLE_NOTES[role]}</span>
              </div>
            ))}
          </Fact>
          <Fact label={`Session ends, ${zone.label}`}>
            <Time at={session.expires_at} />
          </Fact>
        </Facts>
      </section>
      <OneTimeCodes />
      <Password />
    </div>
  );
}

function OneTimeCodes() {
  const session = useSession();
  const queries = useQueryClient();
  const [secret, setSecret] = useState<{ secret: string; otpauth_uri: string } | null>(null);
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);

  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(asProblem(error));
      setCode('');
    } finally {
      setBusy(false);
    }
  };
  const begin = () => attempt(async () => setSecret(await body(api.POST('/api/v1/auth/totp'))));
  const confirm = (value: string) =>
    attempt(async () => {
      await body(api.PUT('/api/v1/auth/totp', { body: { code: value } }));
      setSecret(null);
      setCode('');
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
      notify('From now on, signing in asks for a code.');
    });

  return (
    <section className="ph-card ph-card-below" aria-labelledby="totp-title">
      <div className="ph-card-head">
        <h2 className="ph-card-title" id="totp-title">
          One-time codes
        </h2>
        <State kind={session.totp_enrolled ? 'up' : 'idle'}>
          {session.totp_enrolled ? 'enrolled' : 'not enrolled'}
        </State>
      </div>
      {!secret && (
        <>
          <p className="ph-dim ph-prose">
            A code from an authenticator at each sign-in, so that a stolen password opens nothing.
          </p>
          {!session.totp_enrolled && (
            <Button variant="default" loading={busy} onClick={() => void begin()}>
              Enrol a generator
            </Button>
          )}
          {session.totp_enrolled && (
            <p className="ph-dim ph-small">An administrator can remove a generator that was lost.</p>
          )}
        </>
      )}
      {secret && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void confirm(code);
          }}
        >
          <p className="ph-prose">
            1. Scan this with an authenticator, or type the key into it. It is shown this once.
          </p>
          <SecretOnce secret={secret.secret} label="Key" qr={secret.otpauth_uri} />
          <p className="ph-prose">2. Type the code that it shows now.</p>
          <Group gap="sm">
            <PinInput
              length={6}
              type="number"
              oneTimeCode
              aria-label="One-time code"
              value={code}
              onChange={setCode}
              onComplete={(value) => void confirm(value)}
            />
            <Button type="submit" loading={busy} disabled={code.length !== 6}>
              Confirm
            </Button>
            <Button variant="default" onClick={() => setSecret(null)}>
              Cancel
            </Button>
          </Group>
        </form>
      )}
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
    </section>
  );
}

function Password() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const form = useForm({
    initialValues: { current: '', next: '', again: '' },
    validate: {
      current: (value) => (value === '' ? 'Type the current password' : null),
      next: (value) => (value.length < 12 ? 'At least 12 characters' : null),
      again: (value, values) => (value === values.next ? null : 'The two are not the same'),
    },
  });
  const toggle = { 'aria-label': 'Show or hide the password', tabIndex: 0 };
  return (
    <section className="ph-card ph-card-below" aria-labelledby="password-title">
      <h2 className="ph-card-title" id="password-title">
        Password
      </h2>
      <form
        noValidate
        onSubmit={form.onSubmit(async (values) => {
          setBusy(true);
          setProblem(null);
          try {
            await body(
              api.POST('/api/v1/auth/password', {
                body: { current_password: values.current, new_password: values.next },
              }),
            );
            form.reset();
            notify('The password is changed. Your other sessions and tokens have ended.');
          } catch (error) {
            const refused = asProblem(error);
            if (refused.status === 401) form.setFieldError('current', 'This is not the current password');
            else setProblem(refused);
          } finally {
            setBusy(false);
          }
        })}
      >
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          visibilityToggleButtonProps={toggle}
          {...form.getInputProps('current')}
        />
        <PasswordInput
          mt="sm"
          label="New password"
          description="At least 12 characters; a few words are better than signs"
          autoComplete="new-password"
          visibilityToggleButtonProps={toggle}
          {...form.getInputProps('next')}
        />
        <PasswordInput
          mt="sm"
          label="New password again"
          autoComplete="new-password"
          visibilityToggleButtonProps={toggle}
          {...form.getInputProps('again')}
        />
        {problem && (
          <div className="ph-dialog-problem">
            <ProblemNote error={problem} />
          </div>
        )}
        <Button type="submit" mt="md" loading={busy}>
          Change the password
        </Button>
        <p className="ph-dim ph-small ph-gap-top-small">All your other sessions and tokens end.</p>
      </form>
    </section>
  );
}
