import './jobs.css';
import { Alert, Button, SegmentedControl } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCalendarTime, IconFileExport } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState, type ReactNode } from 'react';
import { api, body, type ExportTable, type Job, type JsonObject } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { exportColumnsQuery, exportPreviewQuery, jobScheduleQuery, pilotQuery } from '../../api/queries';
import { Copy } from '../../parts/Copy';
import { FormModal } from '../../parts/FormModal';
import { fields } from '../../parts/format';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { useNow } from '../../parts/Time';
import type { ExportSearch } from '../../router';
import { mayWriteSql } from '../../session/access';
import { useSession } from '../../session/session';
import { useJobsChanged } from './acts';
import {
  build,
  columnsOf,
  conditionAt,
  placeOf,
  plainWords,
  sourceOf,
  usualColumns,
  usualName,
  type Place,
} from './exports';
import { OutputStep } from './OutputStep';
import { PreviewPanel } from './Preview';
import { ScheduleForm } from './ScheduleForm';
import { ColumnStep, FilterStep, ModelStep, ResampleStep, WindowStep } from './ShapeSteps';
import { SourceStep } from './SourceStep';
import { SqlStep } from './SqlStep';

const route = getRouteApi('/app/p/$pilot/jobs/new');
const NO_TABLES: readonly ExportTable[] = [];
const USUAL_SQL = 'SELECT *\nFROM readings\nORDER BY twin, time';

/** Puts an export together, with the first rows and the size of it beside. */
export function NewExportPage() {
  const { pilot } = route.useParams();
  const facts = useQuery(pilotQuery(pilot));
  const zone = facts.data?.value.time_zone;
  return (
    <div className="ph-page-scroll">
      <PageHead
        title="New export"
        note={
          <Link className="ph-link" to="/p/$pilot/jobs" params={{ pilot }} search={{}}>
            All jobs
          </Link>
        }
      />
      {facts.error && !facts.data && <ProblemNote error={facts.error} onRetry={() => void facts.refetch()} />}
      {zone === undefined && !facts.error && <p className="ph-waiting">Loading…</p>}
      {zone !== undefined && <Builder key={pilot} pilot={pilot} zone={zone} />}
    </div>
  );
}

function Builder({ pilot, zone }: { pilot: string; zone: string }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/jobs/new' });
  const session = useSession();
  const today = fields(useNow(60_000), zone).date;
  const [writing, setWriting] = useState(search.sql !== undefined);
  const set = (change: ExportSearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const asked = useMemo<ExportSearch>(
    () => ({ ...search, sql: writing ? (search.sql ?? '') : undefined }),
    [search, writing],
  );
  const [looked] = useDebouncedValue(JSON.stringify(sourceOf(search)), 300);
  const source = useMemo(() => JSON.parse(looked) as JsonObject | null, [looked]);
  const schema = useQuery({
    ...exportColumnsQuery(pilot, source ?? {}),
    enabled: source !== null,
    placeholderData: keepPreviousData,
  });
  const tables = (source !== null && schema.data?.tables) || NO_TABLES;
  const columns = useMemo(() => columnsOf(tables, search.model), [tables, search.model]);
  const models = useMemo(
    () => tables.filter(({ kind }) => kind !== 'plain').map(({ name }) => name),
    [tables],
  );
  const usual = usualName(search);
  const { parameters, faults } = useMemo(() => build(asked, columns, usual), [asked, columns, usual]);

  // the first rows are asked for when nothing has been changed for a moment
  const [settled] = useDebouncedValue(JSON.stringify(parameters), 900);
  const wanted = useMemo(() => JSON.parse(settled) as JsonObject, [settled]);
  const current = settled === JSON.stringify(parameters);
  const preview = useQuery({
    ...exportPreviewQuery(pilot, wanted),
    enabled: faults.length === 0 && columns.length > 0,
    placeholderData: keepPreviousData,
  });
  const [refusal, setRefusal] = useState<{ of: string; problem: ProblemError } | null>(null);
  const submitted = refusal?.of === JSON.stringify(parameters) ? refusal.problem : null;
  const problem = submitted ?? (current && preview.error ? asProblem(preview.error) : null);
  const schemaProblem = source !== null && schema.error ? asProblem(schema.error) : null;
  const place = placeOf(problem?.path);
  const says = (at: Place): string | null =>
    problem && place === at
      ? (problem.detail ?? problem.title)
      : (faults.find((fault) => fault.place === at && at !== 'source')?.text ?? null);

  return (
    <div className="ph-export">
      <div className="ph-stack">
        <Section number={1} title="What is read" error={schemaProblem ? null : says('source')}>
          <SourceStep pilot={pilot} search={search} set={set} today={today} />
          {schemaProblem && <ProblemNote error={schemaProblem} onRetry={() => void schema.refetch()} />}
        </Section>
        {source === null || columns.length === 0 ? (
          <section className="ph-card ph-export-later">
            <h2 className="ph-card-title">2 What of it</h2>
            <p className="ph-dim">
              {source === null
                ? 'When you have chosen what is read, its models and columns stand here.'
                : schema.isPending
                  ? 'Looking into the files…'
                  : 'There is nothing in it that could be exported.'}
            </p>
          </section>
        ) : (
          <>
            {mayWriteSql(session) && (
              <SegmentedControl
                size="xs"
                className="ph-export-mode"
                aria-label="How it is said"
                data={[
                  { value: 'form', label: 'By a form' },
                  { value: 'sql', label: 'By SQL' },
                ]}
                value={writing ? 'sql' : 'form'}
                onChange={(value) => {
                  setWriting(value === 'sql');
                  set({ sql: value === 'sql' ? (search.sql ?? USUAL_SQL) : undefined });
                }}
              />
            )}
            {writing ? (
              <Section number={2} title="The query">
                <SqlStep
                  sql={search.sql ?? ''}
                  columns={columns}
                  tables={tables.map(({ name }) => name)}
                  error={says('sql')}
                  onChange={(sql) => set({ sql: sql === '' ? undefined : sql })}
                />
              </Section>
            ) : (
              <>
                {models.length > 0 && (
                  <Section number={2} title="Of which twins" error={says('model')}>
                    <ModelStep pilot={pilot} search={search} set={set} models={models} />
                  </Section>
                )}
                <Section number={3} title="Which columns" error={says('columns')}>
                  <ColumnStep
                    search={search}
                    set={set}
                    columns={columns}
                    usual={usualColumns(tables, columns)}
                  />
                </Section>
                <Section number={4} title="Which rows" error={says('window')}>
                  <WindowStep search={search} set={set} />
                  <FilterStep
                    search={search}
                    set={set}
                    columns={columns}
                    refused={
                      problem && place === 'filter'
                        ? { at: conditionAt(problem.path), text: problem.detail ?? problem.title }
                        : null
                    }
                  />
                </Section>
                <Section number={5} title="How fine" error={says('resample')}>
                  <ResampleStep search={search} set={set} />
                </Section>
              </>
            )}
            <Section number={writing ? 3 : 6} title="What is written" error={says('output') ?? says('name')}>
              <OutputStep search={search} set={set} usual={usual} />
            </Section>
          </>
        )}
      </div>
      <aside className="ph-card ph-export-side" aria-label="What it gives">
        <PreviewPanel
          preview={faults.length === 0 || preview.data ? preview.data : undefined}
          busy={preview.isFetching}
          stale={!current || preview.isPlaceholderData || faults.length > 0 || preview.isError}
          onRefresh={() => void preview.refetch()}
        />
        {problem && place === null && (
          <ProblemNote error={problem} onRetry={submitted ? undefined : () => void preview.refetch()} />
        )}
        {problem && place !== null && (
          <Alert
            variant="default"
            className="ph-problem"
            role="status"
            title="It cannot be exported like this"
          >
            {problem.detail ?? problem.title}
          </Alert>
        )}
        <Submit
          pilot={pilot}
          search={search}
          parameters={parameters}
          usual={usual}
          ready={faults.length === 0 && columns.length > 0}
          lacking={faults[0]?.text ?? null}
          onRefused={(refused) => setRefusal({ of: JSON.stringify(parameters), problem: refused })}
        />
      </aside>
    </div>
  );
}

function Section({
  number,
  title,
  error = null,
  children,
}: {
  number: number;
  title: string;
  error?: string | null;
  children: ReactNode;
}) {
  return (
    <section className="ph-card ph-export-step" aria-label={title}>
      <h2 className="ph-card-title">
        <span className="ph-export-number" aria-hidden>
          {number}
        </span>
        {title}
      </h2>
      {children}
      {error !== null && (
        <p className="ph-field-error" role="alert">
          {error}
        </p>
      )}
    </section>
  );
}

/** Chosen here, so that a submission that is sent twice makes one job. */
function keyFor(text: string, before: { text: string; key: string } | null): { text: string; key: string } {
  if (before?.text === text) return before;
  const random = crypto.getRandomValues(new Uint8Array(16));
  return { text, key: [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('') };
}

function Submit({
  pilot,
  search,
  parameters,
  usual,
  ready,
  lacking,
  onRefused,
}: {
  pilot: string;
  search: ExportSearch;
  parameters: JsonObject;
  usual: string;
  ready: boolean;
  /** What has to be said before it can be submitted. */
  lacking: string | null;
  onRefused: (problem: ProblemError) => void;
}) {
  const navigate = useNavigate({ from: '/p/$pilot/jobs/new' });
  const queries = useQueryClient();
  const changed = useJobsChanged(pilot);
  const [busy, setBusy] = useState(false);
  const [scheduling, setScheduling] = useState(false);
  const [key, setKey] = useState<{ text: string; key: string } | null>(null);
  const schedule = useQuery({
    ...jobScheduleQuery(pilot, search.schedule ?? ''),
    enabled: search.schedule !== undefined,
  }).data;
  const name = search.name ?? usual;
  const text = JSON.stringify(parameters, null, 2);

  const attempt = async (act: () => Promise<void>) => {
    setBusy(true);
    try {
      await act();
    } catch (error) {
      onRefused(asProblem(error));
      setBusy(false);
    }
  };

  const submit = () =>
    attempt(async () => {
      const own = keyFor(text, key);
      setKey(own);
      const made = (await body(
        api.POST('/api/v1/pilots/{pilot}/jobs', {
          params: { path: { pilot }, header: { 'Idempotency-Key': own.key } },
          body: { type: 'export', name, parameters: parameters as Record<string, never> },
        }),
      )) as Job;
      changed(made);
      notify('The export is in line.');
      void navigate({ to: '/p/$pilot/jobs/$job', params: { pilot, job: made.job_id }, search: {} });
    });

  const save = () =>
    attempt(async () => {
      if (!schedule) return;
      const { name: called, type, days, time, priority, enabled, schedule_id: id } = schedule.value;
      await body(
        api.PUT('/api/v1/pilots/{pilot}/job-schedules/{schedule}', {
          params: { path: { pilot, schedule: id }, header: { 'If-Match': schedule.etag ?? '' } },
          body: {
            name: called,
            type,
            days,
            time,
            priority,
            enabled,
            parameters: parameters as Record<string, never>,
          },
        }),
      );
      void queries.invalidateQueries({ queryKey: ['job-schedules', pilot] });
      notify(`${called} exports this from now on.`);
      void navigate({ to: '/p/$pilot/jobs/schedules', params: { pilot }, search: {} });
    });

  return (
    <>
      <p className="ph-job-plain">
        {plainWords(parameters)
          .filter(({ label }) => label !== 'Named')
          .map(({ label, text: words }) => (
            <span key={label}>
              <span className="ph-dim">{label}</span> {words}
            </span>
          ))}
      </p>
      <div className="ph-copy-acts">
        {schedule ? (
          <Button
            leftSection={<IconCalendarTime size={15} />}
            loading={busy}
            disabled={!ready}
            onClick={() => void save()}
          >
            Save in “{schedule.value.name}”
          </Button>
        ) : (
          <>
            <Button
              leftSection={<IconFileExport size={15} />}
              loading={busy}
              disabled={!ready}
              onClick={() => void submit()}
            >
              Export
            </Button>
            <Button
              variant="default"
              leftSection={<IconCalendarTime size={15} />}
              disabled={!ready}
              onClick={() => setScheduling(true)}
            >
              Schedule…
            </Button>
          </>
        )}
        {lacking !== null && <span className="ph-dim ph-small">{lacking}</span>}
      </div>
      <details className="ph-details">
        <summary>As JSON, for ctl and the API</summary>
        <div className="ph-recipe">
          <Copy value={text} label="Copy the parameters" />
          <pre className="ph-json" tabIndex={0} aria-label="Parameters as JSON">
            {text}
          </pre>
        </div>
      </details>
      <FormModal
        opened={scheduling}
        title="Export again and again"
        size="lg"
        onClose={() => setScheduling(false)}
      >
        <ScheduleForm
          pilot={pilot}
          type="export"
          name={name}
          parameters={parameters}
          onClose={() => setScheduling(false)}
        />
      </FormModal>
    </>
  );
}
