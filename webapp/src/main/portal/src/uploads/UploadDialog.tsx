import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  Modal,
  NumberInput,
  Select,
  Switch,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schema } from '../api/client';
import { newestOfNameQuery, storageQuery } from '../api/queries';
import { bytes, count } from '../parts/format';
import { isMediaType, MEDIA_TYPES, mediaTypeOf } from './media-types';
import { uploads, type Chosen } from './uploads';

export const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'restricted'] as const;
export const LICENCES = ['CC-BY-4.0', 'CC-BY-SA-4.0', 'CC0-1.0', 'ODbL-1.0', 'proprietary'];
/** So many names are looked up while they are typed. */
const MOST_LOOKED_UP = 5;

export interface Governance {
  classification: string;
  licence: string;
  owner: string;
  purpose: string;
  personal_data: boolean;
  retention_days: number | '';
  schema_ref: string;
}

const NOTHING_SAID: Governance = {
  classification: 'internal',
  licence: '',
  owner: '',
  purpose: '',
  personal_data: false,
  retention_days: '',
  schema_ref: '',
};

// the next files of the same person are mostly governed by the same
let saidLast = NOTHING_SAID;

interface Row {
  key: string;
  chosen: Chosen;
  name: string;
  media_type: string;
}

/** What is declared of a file before its first byte is sent. */
export function declarationOf(
  row: { name: string; media_type: string; size: number },
  said: Governance,
): Schema['NewDataset'] {
  const text = (name: string, value: string) => (value.trim() === '' ? {} : { [name]: value.trim() });
  return {
    name: row.name.trim(),
    media_type: row.media_type.trim(),
    size_bytes: row.size,
    tags: {
      classification: said.classification,
      ...text('licence', said.licence),
      ...text('owner', said.owner),
      ...text('purpose', said.purpose),
      personal_data: said.personal_data,
    },
    ...(said.retention_days === '' ? {} : { retention_days: said.retention_days }),
    ...text('schema_ref', said.schema_ref),
  };
}

export function UploadDialog({
  pilot,
  chosen,
  onClose,
}: {
  pilot: string;
  chosen: readonly Chosen[];
  onClose: () => void;
}) {
  return (
    <Modal
      opened={chosen.length > 0}
      onClose={onClose}
      title={chosen.length === 1 ? 'Upload a file' : `Upload ${count(chosen.length)} files`}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {chosen.length > 0 && <Declare pilot={pilot} chosen={chosen} onClose={onClose} />}
    </Modal>
  );
}

function Declare({
  pilot,
  chosen,
  onClose,
}: {
  pilot: string;
  chosen: readonly Chosen[];
  onClose: () => void;
}) {
  const [rows, setRows] = useState<readonly Row[]>(() =>
    chosen.map((each, at) => ({
      key: String(at),
      chosen: each,
      name: each.file.name,
      media_type: mediaTypeOf(each.file),
    })),
  );
  const form = useForm<Governance>({
    initialValues: saidLast,
    validate: {
      retention_days: (value) =>
        value === '' || (value >= 1 && value <= 36_500) ? null : 'From 1 to 36,500 days, or nothing',
    },
  });
  const { data: storage } = useQuery(storageQuery(pilot));
  const size = rows.reduce((sum, row) => sum + row.chosen.file.size, 0);
  const free = storage ? storage.quota.bytes - storage.used.bytes : null;
  const change = (key: string, by: Partial<Row>) =>
    setRows((before) => before.map((row) => (row.key === key ? { ...row, ...by } : row)));
  const wrong = rows.some((row) => nameError(row.name) !== null || !isMediaType(row.media_type));
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((said) => {
        if (wrong) return;
        saidLast = said;
        for (const row of rows) {
          uploads.begin(
            pilot,
            row.chosen,
            declarationOf({ name: row.name, media_type: row.media_type, size: row.chosen.file.size }, said),
          );
        }
        onClose();
      })}
    >
      <ul className="ph-plain-list ph-upload-files">
        {rows.map((row, at) => (
          <FileRow
            key={row.key}
            pilot={pilot}
            row={row}
            lookUp={at < MOST_LOOKED_UP}
            onChange={(by) => change(row.key, by)}
            onRemove={
              rows.length > 1
                ? () => setRows((before) => before.filter(({ key }) => key !== row.key))
                : undefined
            }
          />
        ))}
      </ul>
      <h3 className="ph-upload-governs">
        What governs {rows.length === 1 ? 'it' : `these ${count(rows.length)} files`}
      </h3>
      <div className="ph-form-grid">
        <Select
          label="Classification"
          allowDeselect={false}
          data={[...CLASSIFICATIONS]}
          {...form.getInputProps('classification')}
        />
        <Autocomplete
          label="Licence"
          placeholder="CC-BY-4.0"
          data={LICENCES}
          maxLength={256}
          {...form.getInputProps('licence')}
        />
        <TextInput
          label="Owner"
          placeholder="Who answers for it"
          maxLength={256}
          {...form.getInputProps('owner')}
        />
        <TextInput
          label="Purpose"
          placeholder="What it may be used for"
          maxLength={256}
          {...form.getInputProps('purpose')}
        />
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
      <Switch
        mt="sm"
        label="It holds personal data"
        {...form.getInputProps('personal_data', { type: 'checkbox' })}
      />
      {free !== null && size > free && (
        <p className="ph-field-error" role="alert">
          {bytes(size)} do not fit: {bytes(Math.max(0, free))} of the quota are free. The platform will refuse
          what is too much.
        </p>
      )}
      <Group justify="space-between" mt="lg" gap="xs">
        <span className="ph-dim ph-small ph-num">
          {bytes(size)}, straight to object storage; verified there before anybody is told of it
        </span>
        <Group gap="xs" ml="auto">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={wrong}>
            Upload
          </Button>
        </Group>
      </Group>
    </form>
  );
}

function nameError(name: string): string | null {
  const length = name.trim().length;
  if (length === 0) return 'A name is needed';
  return length > 256 ? 'At most 256 characters' : null;
}

function FileRow({
  pilot,
  row,
  lookUp,
  onChange,
  onRemove,
}: {
  pilot: string;
  row: Row;
  lookUp: boolean;
  onChange: (by: Partial<Row>) => void;
  onRemove?: () => void;
}) {
  const { file } = row.chosen;
  const [name] = useDebouncedValue(row.name.trim(), 300);
  const { data: newest } = useQuery({
    ...newestOfNameQuery(pilot, name),
    enabled: lookUp && name !== '' && name.length <= 256,
  });
  return (
    <li className="ph-upload-file">
      <TextInput
        label="Name"
        description={
          newest && newest.name === row.name.trim()
            ? `Becomes version ${count(newest.version + 1)} of it`
            : 'Datasets of one name are its versions'
        }
        value={row.name}
        error={nameError(row.name)}
        maxLength={256}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Autocomplete
        label="Type"
        description="The bytes are looked at"
        data={MEDIA_TYPES}
        limit={8}
        value={row.media_type}
        error={isMediaType(row.media_type) ? null : 'Such as text/csv'}
        onChange={(media_type) => onChange({ media_type })}
      />
      <span className="ph-upload-size ph-num">
        <span className="ph-clip ph-dim" title={file.name}>
          {file.name}
        </span>
        {bytes(file.size)}
        {onRemove && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            className="ph-quiet"
            aria-label={`Leave ${file.name} out`}
            onClick={onRemove}
          >
            <IconX size={15} />
          </ActionIcon>
        )}
      </span>
    </li>
  );
}
