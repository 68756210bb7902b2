import { Alert, Anchor, Button, Divider, PasswordInput, PinInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, body, keepCsrfToken } from '../api/client';
import { ProblemError } from '../api/problem';
import { oidcQuery, sessionQuery } from '../api/queries';
import { asProblem, ProblemNote } from '../parts/Problem';
import { home, safeNext } from './access';
import { rememberedPilot } from './remembered';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const { next, ended } = route.useSearch();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const { data: oidc } = useQuery(oidcQuery);
  const [step, setStep] = useState<'password' | 'code'>('password');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [code, setCode] = useState('');
  const problemPlace = useRef<HTMLDivElement>(null);
  const form = useForm({
    initialValues: { username: '', password: '' },
    validate: {
      username: (value) => (value.trim() === '' ? 'Type your user name' : null),
      password: (value) => (value === '' ? 'Type your password' : null),
    },
  });

  useEffect(() => {
    document.title = 'Sign in · Pilothouse';
  }, []);

  const signIn = async (totp?: string) => {
    setBusy(true);
    setProblem(null);
    try {
      const session = await body(
        api.POST('/api/v1/auth/session', {
          body: {
            username: form.values.username.trim(),
            password: form.values.password,
            ...(totp ? { totp } : {}),
          },
        }),
      );
      queries.clear();
      keepCsrfToken(session.csrf_token);
      queries.setQueryData(sessionQuery.queryKey, session);
      const target = safeNext(next) ?? home(session, rememberedPilot());
      await router.invalidate();
      await navigate({ href: target, replace: true });
    } catch (error) {
      const refused = asProblem(error);
      if (refused.code === 'totp_required') {
        setStep('code');
      } else {
        setProblem(refused);
        setCode('');
      }
    } finally {
      setBusy(false);
    }
  };

  return (
    <main className="ph-signin">
      <div className="ph-signin-box">
        <div className="ph-brand ph-signin-brand">
          <img src="/icon.svg" width="28" height="28" alt="" />
          Pilothouse
        </div>
        <h1 className="ph-signin-title">{step === 'password' ? 'Sign in' : 'One-time code'}</h1>
        {ended && !problem && step === 'password' && (
          <Alert variant="default" className="ph-note" role="status">
            Your session has ended. Sign in and you are back where you were.
          </Alert>
        )}
        {step === 'password' ? (
          <form onSubmit={form.onSubmit(() => void signIn())} noValidate>
            <TextInput
              label="User name"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              autoFocus
              {...form.getInputProps('username')}
            />
            <PasswordInput
              label="Password"
              mt="sm"
              autoComplete="current-password"
              visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password', tabIndex: 0 }}
              {...form.getInputProps('password')}
            />
            <div ref={problemPlace}>{problem && <SignInProblem problem={problem} />}</div>
            <Button type="submit" fullWidth mt="md" size="sm" loading={busy}>
              Sign in
            </Button>
          </form>
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void signIn(code);
            }}
          >
            <p className="ph-dim">
              The six digits that your authenticator shows for <strong>{form.values.username}</strong>.
            </p>
            <PinInput
              length={6}
              type="number"
              oneTimeCode
              autoFocus
              aria-label="One-time code"
              value={code}
              onChange={setCode}
              onComplete={(value) => void signIn(value)}
              disabled={busy}
            />
            {problem && <SignInProblem problem={problem} />}
            <Button type="submit" fullWidth mt="md" size="sm" loading={busy} disabled={code.length !== 6}>
              Continue
            </Button>
            <Anchor
              component="button"
              type="button"
              size="sm"
              mt="sm"
              onClick={() => {
                setStep('password');
                setProblem(null);
                setCode('');
              }}
            >
              Sign in as somebody else
            </Anchor>
          </form>
        )}
        {oidc?.enabled && oidc.login_path && step === 'password' && (
          <>
            <Divider label="or" my="md" />
            <Button
              component="a"
              href={oidcHref(oidc.login_path, next)}
              variant="default"
              fullWidth
              size="sm"
            >
              Continue with {oidc.name ?? 'the identity provider'}
            </Button>
          </>
        )}
      </div>
      <p className="ph-dim ph-signin-hint">
        A local stack prints its sign-ins at the end of <code>./pilothouse up</code>; they are in{' '}
        <code>.pilothouse/credentials.json</code>.
      </p>
    </main>
  );
}

function oidcHref(path: string, next: string | undefined): string {
  if (!next) return path;
  return `${path}${path.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}`;
}

function SignInProblem({ problem }: { problem: ProblemError }) {
  if (problem.status === 401) {
    return (
      <p className="ph-field-error" role="alert">
        {problem.detail ?? 'The user name, the password or the code is not right.'}
      </p>
    );
  }
  return <ProblemNote error={problem} />;
}
