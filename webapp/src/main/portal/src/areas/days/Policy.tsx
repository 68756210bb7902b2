import { Button, Group, NumberInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, versioned, type DumpPolicy } from '../../api/client';
import { dumpPolicyQuery } from '../../api/queries';
import { FormModal } from '../../parts/FormModal';
import { notify } from '../../parts/notify';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { maySetCorrections } from '../../session/access';
import { useSession } from '../../session/session';
import { POLICIES, policyText } from './words';

const USUAL_THRESHOLD = 1_000;
const MOST = 1_000_000_000;

/** When late events become a correction: said in one line, changed in a form. */
export function Policy({ pilot }: { pilot: string }) {
  const session = useSession();
  const [opened, setOpened] = useState(false);
  const query = useQuery(dumpPolicyQuery(pilot));
  if (!query.data) return null;
  const text = `Corrections ${policyText(query.data.value)}`;
  if (!maySetCorrections(session)) return <span className="ph-dim">{text}</span>;
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        {text}…
      </Button>
      <FormModal
        opened={opened}
        title="When late events become a correction"
        onClose={() => setOpened(false)}
      >
        <PolicyForm
          pilot={pilot}
          policy={query.data.value}
          etag={query.data.etag}
          onClose={() => setOpened(false)}
        />
      </FormModal>
    </>
  );
}

function PolicyForm({
  pilot,
  policy,
  etag,
  onClose,
}: {
  pilot: string;
  policy: DumpPolicy;
  etag: string | null;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [corrections, setCorrections] = useState(policy.corrections);
  const [threshold, setThreshold] = useState<number | string>(policy.threshold ?? USUAL_THRESHOLD);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  // the tag of when the form was opened: what somebody else writes meanwhile is not written over
  const [tag] = useState(etag);
  const counted = Number(threshold);
  const valid = corrections !== 'threshold' || (Number.isInteger(counted) && counted >= 1 && counted <= MOST);

  return (
    <form
      onSubmit={async (event) => {
        event.preventDefault();
        setBusy(true);
        setProblem(null);
        try {
          const now = await versioned(
            api.PUT('/api/v1/pilots/{pilot}/dumps/policy', {
              params: { path: { pilot }, header: { 'If-Match': tag ?? '' } },
              body: { corrections, threshold: corrections === 'threshold' ? counted : null },
            }),
          );
          queries.setQueryData(dumpPolicyQuery(pilot).queryKey, now);
          notify(`Corrections are made ${policyText(now.value)}.`);
          onClose();
        } catch (error) {
          setProblem(error);
          if (asProblem(error).status === 412)
            void queries.invalidateQueries({ queryKey: dumpPolicyQuery(pilot).queryKey });
        } finally {
          setBusy(false);
        }
      }}
    >
      <fieldset className="ph-policy">
        <legend className="ph-hidden">When late events become a correction</legend>
        {POLICIES.map(({ value, label, means }, index) => (
          <label key={value} className="ph-policy-choice" data-chosen={value === corrections || undefined}>
            <input
              type="radio"
              name="corrections"
              value={value}
              checked={value === corrections}
              onChange={() => setCorrections(value)}
              data-autofocus={(index === 0 && corrections === value) || undefined}
            />
            <span>
              <strong>{label}</strong>
              <span className="ph-dim">{means}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <NumberInput
        label="Late events of a day that are enough"
        mt="sm"
        min={1}
        max={MOST}
        allowDecimal={false}
        allowNegative={false}
        thousandSeparator=","
        value={threshold}
        onChange={setThreshold}
        disabled={corrections !== 'threshold'}
        error={valid ? undefined : 'A whole number from 1 on'}
      />
      <p className="ph-dim ph-small ph-gap-top-small">
        By hand a correction can be made at any time. What has come late is counted in the calendar.
      </p>
      {problem !== null && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={busy} disabled={!valid}>
          Save
        </Button>
      </Group>
    </form>
  );
}
