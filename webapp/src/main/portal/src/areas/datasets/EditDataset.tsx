import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  NumberInput,
  Select,
  Switch,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, versioned, type Dataset } from '../../api/client';
import type { ProblemError } from '../../api/problem';
import { datasetQuery } from '../../api/queries';
import { Conflict } from '../../parts/Conflict';
import { notify } from '../../parts/notify';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { CLASSIFICATIONS, LICENCES } from '../../uploads/UploadDialog';
import { differences, expiry, patchOf, SAID_NAMES, saidOf, TAG_NAME, type Said } from './governance';

interface Version {
  value: Dataset;
  etag: string | null;
}

/** Tags, schema and retention; a change by somebody else is shown, never overwritten unseen. */
export function EditDataset({
  pilot,
  dataset,
  onDone,
}: {
  pilot: string;
  dataset: string;
  onDone: () => void;
}) {
  const queries = useQueryClient();
  const { queryKey } = datasetQuery(pilot, dataset);
  const [base, setBase] = useState(() => queries.getQueryData(queryKey));
  if (!base) return null;
  return <Form pilot={pilot} base={base} onBase={setBase} onDone={onDone} />;
}

function Form({
  pilot,
  base,
  onBase,
  onDone,
}: {
  pilot: string;
  base: Version;
  onBase: (version: Version) => void;
  onDone: () => void;
}) {
  const queries = useQueryClient();
  const zone = useZone();
  const id = base.value.dataset_id;
  const [theirs, setTheirs] = useState<Version | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const form = useForm<Said>({
    initialValues: saidOf(base.value),
    validate: {
      retention_days: (value) =>
        value === '' || (value >= 1 && value <= 36_500) ? null : 'From 1 to 36,500 days, or nothing',
      others: {
        name: (value) =>
          value.trim() === '' || TAG_NAME.test(value.trim())
            ? null
            : 'Small letters, digits, _ and -; it begins with a letter',
      },
    },
  });
  const said = form.values;
  const unchanged = Object.keys(patchOf(base.value, said)).length === 0;
  const ends = expiry(base.value.available_at, said.retention_days);

  const save = async (from: Version) => {
    setBusy(true);
    setProblem(null);
    try {
      const answer = await versioned(
        api.PATCH('/api/v1/pilots/{pilot}/datasets/{dataset}', {
          params: { path: { pilot, dataset: id }, header: { 'If-Match': from.etag ?? '' } },
          body: patchOf(from.value, said),
          headers: { 'Content-Type': 'application/merge-patch+json' },
        }),
      );
      queries.setQueryData(datasetQuery(pilot, id).queryKey, answer);
      void queries.invalidateQueries({ queryKey: ['datasets', pilot] });
      void queries.invalidateQueries({ queryKey: ['dataset-references', pilot, id] });
      notify(
        answer.value.state === 'available'
          ? `${answer.value.name} is changed, and its pointer has gone out anew.`
          : `${answer.value.name} is changed.`,
      );
      onDone();
    } catch (error) {
      const refused = asProblem(error);
      if (refused.status === 412) {
        const now = await queries
          .fetchQuery({ ...datasetQuery(pilot, id), staleTime: 0 })
          .catch((failed: unknown) => setProblem(asProblem(failed)));
        if (now) setTheirs(now);
      } else {
        setProblem(refused);
      }
    } finally {
      setBusy(false);
    }
  };

  return (
    <form noValidate onSubmit={form.onSubmit(() => void save(base))}>
      <div className="ph-form-grid">
        <Select
          label="Classification"
          placeholder="Not said"
          clearable
          data={[...CLASSIFICATIONS]}
          value={said.classification || null}
          onChange={(value) => form.setFieldValue('classification', value ?? '')}
        />
        <Autocomplete label="Licence" data={LICENCES} maxLength={256} {...form.getInputProps('licence')} />
        <TextInput label="Owner" maxLength={256} {...form.getInputProps('owner')} />
        <TextInput label="Purpose" maxLength={256} {...form.getInputProps('purpose')} />
        <NumberInput
          label="Kept for"
          placeholder="For ever"
          suffix=" days"
          min={1}
          max={36_500}
          allowDecimal={false}
          thousandSeparator=","
          {...form.getInputProps('retention_days')}
          onChange={(value) =>
            form.setFieldValue('retention_days', typeof value === 'number' ? value : Number(value) || '')
          }
        />
        <TextInput
          label="Schema"
          placeholder="https://…"
          maxLength={512}
          {...form.getInputProps('schema_ref')}
        />
      </div>
      <p className="ph-dim ph-small ph-gap-top-small">
        {ends === null ? (
          said.retention_days === '' ? (
            'It does not expire.'
          ) : (
            'Counted from when it is available.'
          )
        ) : said.legal_hold ? (
          'It does not expire while the legal hold is on.'
        ) : (
          <>
            {ends.getTime() < Date.now()
              ? 'It is over already: it expires at once, as of '
              : 'It expires at '}
            <Time at={ends.toISOString()} /> {zone.label}.
          </>
        )}
      </p>
      <Group mt="sm" gap="lg">
        <Switch
          label="It holds personal data"
          {...form.getInputProps('personal_data', { type: 'checkbox' })}
        />
        <Switch
          label="Legal hold: not deleted, does not expire"
          {...form.getInputProps('legal_hold', { type: 'checkbox' })}
        />
      </Group>
      <fieldset className="ph-fieldset">
        <legend>{SAID_NAMES.others}</legend>
        {said.others.map((_, at) => (
          <div className="ph-tag-edit" key={at}>
            <TextInput
              aria-label={`Name of tag ${at + 1}`}
              placeholder="name"
              spellCheck={false}
              maxLength={63}
              {...form.getInputProps(`others.${at}.name`)}
            />
            <TextInput
              aria-label={`Value of tag ${at + 1}`}
              placeholder="value"
              maxLength={256}
              {...form.getInputProps(`others.${at}.value`)}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              className="ph-quiet"
              aria-label={`Take tag ${at + 1} away`}
              onClick={() => form.removeListItem('others', at)}
            >
              <IconX size={16} />
            </ActionIcon>
          </div>
        ))}
        {said.others.length < 26 && (
          <Button
            mt="xs"
            size="compact-xs"
            variant="default"
            leftSection={<IconPlus size={13} />}
            onClick={() => form.insertListItem('others', { name: '', value: '' })}
          >
            Add a tag
          </Button>
        )}
      </fieldset>
      {theirs && (
        <Conflict
          what="this dataset"
          differing={differences(saidOf(theirs.value), said).map(({ key, theirs: now, mine }) => ({
            name: SAID_NAMES[key],
            theirs: now,
            mine,
          }))}
          busy={busy}
          onTake={() => {
            onBase(theirs);
            form.setValues(saidOf(theirs.value));
            setTheirs(null);
          }}
          onOverwrite={() => void save(theirs)}
        />
      )}
      {problem && (
        <div className="ph-dialog-problem">
          <ProblemNote error={problem} />
        </div>
      )}
      {!theirs && (
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={unchanged}>
            Save
          </Button>
        </Group>
      )}
    </form>
  );
}
