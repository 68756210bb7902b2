import './jobs.css';
import { Button, NumberInput, SegmentedControl } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, body, type Job } from '../../api/client';
import { storageQuery } from '../../api/queries';
import { bytes, count } from '../../parts/format';
import { FormModal } from '../../parts/FormModal';
import { notify } from '../../parts/notify';
import { PageHead } from '../../parts/PageHead';
import { asProblem, ProblemNote } from '../../parts/Problem';
import type { VerifySearch } from '../../router';
import { useJobsChanged } from './acts';
import { DatasetPicker } from './DatasetPicker';
import { ScheduleForm } from './ScheduleForm';
import { verifyParameters, verifyWords } from './verify';

const route = getRouteApi('/app/p/$pilot/jobs/verify');
const USUAL_PERCENT = '10';

/** Has stored datasets read again and compared with their checksums. */
export function VerifyPage() {
  const { pilot } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/jobs/verify' });
  const changed = useJobsChanged(pilot);
  const storage = useQuery(storageQuery(pilot));
  const [picking, setPicking] = useState(search.dataset !== undefined);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [scheduling, setScheduling] = useState(false);
  const set = (change: VerifySearch) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  const nothing = picking && search.dataset === undefined;
  const parameters = verifyParameters(search);
  const sampled = search.sample === undefined ? 'whole' : (search.unit ?? 'some');

  const submit = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const made = (await body(
        api.POST('/api/v1/pilots/{pilot}/jobs', {
          params: { path: { pilot } },
          body: { type: 'verify', parameters: parameters as Record<string, never> },
        }),
      )) as Job;
      changed(made);
      notify('The verification is in line.');
      void navigate({ to: '/p/$pilot/jobs/$job', params: { pilot, job: made.job_id }, search: {} });
    } catch (error) {
      setProblem(asProblem(error));
      setBusy(false);
    }
  };

  return (
    <div className="ph-page-scroll">
      <PageHead
        title="Verify stored datasets"
        note={
          <Link className="ph-link" to="/p/$pilot/jobs" params={{ pilot }} search={{}}>
            All jobs
          </Link>
        }
      />
      <div className="ph-copy-columns">
        <div className="ph-stack">
          <section className="ph-card" aria-label="Which datasets">
            <div className="ph-card-head">
              <h2 className="ph-card-title">Which datasets</h2>
              <SegmentedControl
                size="xs"
                aria-label="Which datasets"
                data={[
                  { value: 'all', label: 'All' },
                  { value: 'picked', label: 'One by one' },
                ]}
                value={picking ? 'picked' : 'all'}
                onChange={(value) => {
                  setPicking(value === 'picked');
                  if (value === 'all') set({ dataset: undefined });
                }}
              />
            </div>
            {picking ? (
              <div className="ph-copy-form">
                <DatasetPicker
                  pilot={pilot}
                  chosen={search.dataset}
                  onChange={(dataset) => set({ dataset })}
                />
              </div>
            ) : (
              <p className="ph-prose ph-dim">
                All datasets that are available
                {storage.data &&
                  `: ${count(storage.data.used.objects)} objects, ${bytes(storage.data.used.bytes)}`}
                .
              </p>
            )}
          </section>
          <section className="ph-card" aria-label="How many of them">
            <div className="ph-card-head">
              <h2 className="ph-card-title">How many of them</h2>
              <SegmentedControl
                size="xs"
                aria-label="How many of them"
                data={[
                  { value: 'whole', label: 'Every one' },
                  { value: 'percent', label: 'Some percent' },
                  { value: 'some', label: 'A number' },
                ]}
                value={sampled}
                onChange={(value) =>
                  set(
                    value === 'whole'
                      ? { sample: undefined, unit: undefined }
                      : { sample: USUAL_PERCENT, unit: value === 'percent' ? 'percent' : undefined },
                  )
                }
              />
            </div>
            {search.sample === undefined ? (
              <p className="ph-prose ph-dim">Every byte is read once: much to read costs as much time.</p>
            ) : (
              <NumberInput
                className="ph-job-number"
                label={search.unit === 'percent' ? 'Percent' : 'Datasets'}
                description="Drawn by lot, others each time"
                min={1}
                max={search.unit === 'percent' ? 100 : 1_000_000}
                allowDecimal={false}
                allowNegative={false}
                value={Number(search.sample)}
                onChange={(value) => {
                  if (Number(value) >= 1) set({ sample: String(value) });
                }}
              />
            )}
          </section>
        </div>
        <section className="ph-card" aria-label="What it would do">
          <h2 className="ph-card-title">What it would do</h2>
          <dl className="ph-facts ph-gap-top-small">
            {verifyWords(parameters).map(({ label, text }) => (
              <div key={label} className="ph-job-fact">
                <dt>{label}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
          <p className="ph-prose ph-dim">
            Each is read from object storage and hashed again. What does not have the checksum that stands in
            the catalogue is listed in the result, in the log and in the audit trail. Nothing is changed.
          </p>
          {problem !== null && <ProblemNote error={problem} />}
          <div className="ph-copy-acts">
            <Button
              leftSection={<IconShieldCheck size={15} />}
              loading={busy}
              disabled={nothing}
              onClick={() => void submit()}
            >
              Verify
            </Button>
            <Button variant="default" disabled={nothing} onClick={() => setScheduling(true)}>
              Schedule…
            </Button>
          </div>
        </section>
      </div>
      <FormModal
        opened={scheduling}
        title="Verify again and again"
        size="lg"
        onClose={() => setScheduling(false)}
      >
        <ScheduleForm
          pilot={pilot}
          type="verify"
          name="Verification of stored datasets"
          parameters={parameters}
          onClose={() => setScheduling(false)}
        />
      </FormModal>
    </div>
  );
}
