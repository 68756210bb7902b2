import { Button, Group, Select } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useBlocker, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import { api, versioned, type Model } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { modelQuery, modelsQuery, type ModelDocument } from '../../api/queries';
import { Confirm } from '../../parts/Dialog';
import { Empty } from '../../parts/Empty';
import { actorText, count } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { Time } from '../../parts/Time';
import { mayEditModels } from '../../session/access';
import { useSession } from '../../session/session';
import { useZone } from '../../session/zone';
import { pretty, same } from '../twins/json';
import { readModel } from '../twins/thing-model';
import { check, lineOf, type Finding } from './check';
import { EXAMPLES } from './examples';
import { ModelTables } from './ModelTables';
import { locate } from './pointer';

const JsonEditor = lazy(() => import('./JsonEditor'));
const route = getRouteApi('/app/p/$pilot/models/$model');

export function ModelPage() {
  const { pilot, model: id } = route.useParams();
  const search = route.useSearch();
  const session = useSession();
  const may = mayEditModels(session);
  const revision = search.revision === undefined ? undefined : Number(search.revision);
  const query = useQuery(modelQuery(pilot, id, revision));
  const row = useModelRow(pilot, id);
  const missing = query.error && asProblem(query.error).status === 404;
  const example = EXAMPLES.find((each) => each.id === search.example);
  const begins = missing && may && example && revision === undefined;
  const start: ModelDocument | undefined = begins ? { value: example.document, etag: null } : query.data;

  if (start && (query.data || begins)) {
    return (
      <Document
        key={`${id} ${revision ?? ''} ${begins ? 'new' : ''}`}
        pilot={pilot}
        id={id}
        start={start}
        row={row}
        revision={revision}
        may={may}
      />
    );
  }
  return (
    <div className="ph-page-scroll">
      <PageHead title={id} />
      {query.isPending && <p className="ph-waiting">Loading…</p>}
      {query.error && !missing && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {missing && (
        <Empty
          title={revision === undefined ? 'There is no model of that id' : 'There is no such revision'}
          action={
            <Button
              component={Link}
              {...({ to: '/p/$pilot/models', params: { pilot } } as object)}
              variant="default"
            >
              To the models
            </Button>
          }
        >
          {may
            ? 'A new one begins with an example, in the list of models.'
            : 'Somebody who edits models can add it.'}
        </Empty>
      )}
    </div>
  );
}

function useModelRow(pilot: string, id: string): Model | undefined {
  const { data } = useInfiniteQuery(modelsQuery(pilot));
  return data?.pages.flatMap((page) => page.items).find((each) => each.model_id === id);
}

interface DocumentProps {
  pilot: string;
  id: string;
  start: ModelDocument;
  row: Model | undefined;
  revision: number | undefined;
  may: boolean;
}

/** The document and what it says; what is typed is kept from being lost by a careless click. */
function Document({ pilot, id, start, row, revision, may }: DocumentProps) {
  const navigate = useNavigate({ from: '/p/$pilot/models/$model' });
  const queries = useQueryClient();
  const zone = useZone();
  const [base, setBase] = useState(start);
  const [text, setText] = useState(() => pretty(start.value));
  const [refused, setRefused] = useState<{ findings: Finding[]; problem: ProblemError } | null>(null);
  const [moved, setMoved] = useState(false);
  const [busy, setBusy] = useState(false);
  const [goTo, setGoTo] = useState(0);
  const isNew = base.etag === null && row === undefined;
  const readOnly = !may || revision !== undefined;
  const seen = useDeferredValue(text);
  const own = useMemo(() => check(seen), [seen]);
  const findings = useMemo(() => [...own, ...(refused?.findings ?? [])], [own, refused]);
  const document = useMemo(() => {
    try {
      return JSON.parse(seen) as unknown;
    } catch {
      return null;
    }
  }, [seen]);
  const changed = isNew || document === null || !same(document, base.value);
  const model = useMemo(() => (document === null ? null : readModel(document)), [document]);

  const unsaved = !readOnly && !busy && changed && text !== pretty(start.value);
  const blocker = useBlocker({
    shouldBlockFn: () => unsaved,
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });

  const save = async (etag: string | null) => {
    if (readOnly || busy) return;
    const now = check(text);
    if (now.length > 0) {
      setGoTo((before) => before + 1);
      return;
    }
    setBusy(true);
    setRefused(null);
    setMoved(false);
    const value = JSON.parse(text) as ModelDocument['value'];
    try {
      const answer = (await versioned(
        api.PUT('/api/v1/pilots/{pilot}/models/{model}', {
          params: { path: { pilot, model: id }, header: etag ? { 'If-Match': etag } : {} },
          body: value as Record<string, never>,
        }),
      )) as { value: Model; etag: string | null };
      const saved = { value, etag: answer.etag };
      setBase(saved);
      queries.setQueryData(modelQuery(pilot, id).queryKey, saved);
      void queries.invalidateQueries({ queryKey: ['models', pilot] });
      notify(`${id} is saved as revision ${count(answer.value.revision)}.`);
      if (isNew) void navigate({ search: {}, replace: true, ignoreBlocker: true });
    } catch (error) {
      const problem = asProblem(error);
      if (problem.status === 412) {
        setMoved(true);
      } else {
        const found =
          problem.path === undefined
            ? []
            : [{ ...locate(text, problem.path), message: problem.detail ?? problem.title }];
        setRefused({ findings: found, problem });
        if (found.length > 0) setGoTo((before) => before + 1);
      }
    } finally {
      setBusy(false);
    }
  };

  const current = async () => queries.fetchQuery({ ...modelQuery(pilot, id), staleTime: 0 });

  return (
    <div className="ph-page-fill ph-model-page">
      <PageHead title={id} note={model?.title ?? undefined}>
        {row && (
          <>
            <span className="ph-dim">
              changed <Time at={row.updated_at} /> {zone.label}
              {row.updated_by && ` by ${actorText(row.updated_by)}`}
            </span>
            <Select
              size="xs"
              w={150}
              aria-label="Revision"
              allowDeselect={false}
              searchable={row.revision > 12}
              data={revisions(row.revision)}
              value={String(revision ?? row.revision)}
              onChange={(next) =>
                void navigate({
                  search: { revision: next === String(row.revision) ? undefined : (next ?? undefined) },
                })
              }
            />
          </>
        )}
        {!readOnly && (
          <Button loading={busy} disabled={!changed || own.length > 0} onClick={() => void save(base.etag)}>
            {isNew ? 'Create' : 'Save'}
          </Button>
        )}
      </PageHead>
      {refused && <ProblemNote error={refused.problem} />}
      {moved && (
        <div className="ph-conflict ph-conflict-bar" role="alert">
          <span>
            <strong>Somebody put another revision meanwhile.</strong> Nothing of yours is saved yet.
          </span>
          <Group gap="xs">
            <Button
              variant="default"
              onClick={async () => {
                const theirs = await current();
                setBase(theirs);
                setText(pretty(theirs.value));
                setMoved(false);
              }}
            >
              Take it as it is now
            </Button>
            <Button loading={busy} onClick={async () => save((await current()).etag)}>
              Save mine over it
            </Button>
          </Group>
        </div>
      )}
      <div className="ph-model">
        <section className="ph-model-document" aria-label="Document">
          <Suspense fallback={<p className="ph-waiting">Loading the editor…</p>}>
            <JsonEditor
              label={`Thing Model of ${id}, JSON`}
              value={text}
              readOnly={readOnly}
              findings={findings}
              onChange={(next) => {
                setText(next);
                setRefused(null);
              }}
              onSave={() => void save(base.etag)}
              goTo={goTo}
            />
          </Suspense>
          <div className="ph-findings" role="status">
            {findings.length === 0 ? (
              <span className="ph-dim">
                {readOnly
                  ? revision === undefined
                    ? 'Your role may read models, not change them'
                    : `Revision ${revision}, as it was put`
                  : changed
                    ? 'JSON is fine; the platform checks the rest when it is saved'
                    : 'As it is saved'}
              </span>
            ) : (
              <ul className="ph-plain-list">
                {findings.map(({ from, message }) => (
                  <li key={`${from} ${message}`}>
                    <button
                      type="button"
                      className="ph-text-button ph-finding"
                      onClick={() => setGoTo((before) => before + 1)}
                    >
                      line {count(lineOf(seen, from))}
                    </button>{' '}
                    {message}
                  </li>
                ))}
              </ul>
            )}
          </div>
        </section>
        <section className="ph-model-tables" aria-label="What it says" tabIndex={0}>
          {model ? (
            <ModelTables model={model} />
          ) : (
            <p className="ph-dim">It is shown here once it is JSON again.</p>
          )}
        </section>
      </div>
      <Confirm
        opened={blocker.status === 'blocked'}
        title="Leave without saving?"
        action="Leave"
        danger
        onClose={() => blocker.status === 'blocked' && blocker.reset()}
        run={async () => {
          if (blocker.status === 'blocked') blocker.proceed();
        }}
      >
        <p>
          What you have changed in <span className="ph-id">{id}</span> is not saved and will be lost.
        </p>
      </Confirm>
    </div>
  );
}

const MOST_REVISIONS = 200;

const revisions = (newest: number) =>
  Array.from({ length: Math.min(newest, MOST_REVISIONS) }, (_, index) => newest - index).map((each) => ({
    value: String(each),
    label: each === newest ? `Revision ${count(each)}, current` : `Revision ${count(each)}`,
  }));
