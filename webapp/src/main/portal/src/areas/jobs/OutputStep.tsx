import { NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { bytes } from '../../parts/format';
import { EXPORT_FORMATS, type Compression, type ExportFormat } from '../../router';
import { compressionOf, compressionsOf, FORMAT_WORDS, formatOf } from './exports';
import type { Step } from './SourceStep';
import { useTyped } from './Typed';

const SPLITS = [100_000_000, 500_000_000, 1_000_000_000, 4_000_000_000];
const COMPRESSION_WORDS: Record<Compression, string> = {
  zstd: 'zstd: small, and fast to read',
  gzip: 'gzip: anything can read it',
  none: 'none',
};

/** What is written, and how the result is called. */
export function OutputStep({ search, set, usual }: Omit<Step, 'pilot'> & { usual: string }) {
  const format = formatOf(search);
  const name = useTyped(search.name ?? '', (text) =>
    set({ name: text.trim() === '' ? undefined : text.trim() }),
  );
  return (
    <>
      <div>
        <SegmentedControl
          size="xs"
          aria-label="Format"
          data={EXPORT_FORMATS.map((value) => ({ value, label: FORMAT_WORDS[value].name }))}
          value={format}
          onChange={(value) =>
            set({ format: value === 'parquet' ? undefined : (value as ExportFormat), compression: undefined })
          }
        />
        <p className="ph-dim ph-small ph-gap-top-small">{FORMAT_WORDS[format].means}</p>
      </div>
      <div className="ph-form-grid">
        <Select
          label="Compression"
          allowDeselect={false}
          disabled={format === 'xlsx'}
          data={compressionsOf(format).map((value) => ({ value, label: COMPRESSION_WORDS[value] }))}
          value={compressionOf(search)}
          onChange={(value) => set({ compression: (value as Compression | null) ?? undefined })}
        />
        <Select
          label="Files"
          allowDeselect={false}
          data={[
            { value: '', label: 'One, however large' },
            ...SPLITS.map((size) => ({ value: String(size), label: `Of at most ${bytes(size)} each` })),
            ...(search.split !== undefined && !SPLITS.includes(Number(search.split))
              ? [{ value: search.split, label: `Of at most ${bytes(Number(search.split))} each` }]
              : []),
          ]}
          value={search.split ?? ''}
          onChange={(split) => set({ split: split || undefined })}
        />
        <TextInput
          label="Name of the dataset"
          placeholder={usual}
          value={name.typed}
          maxLength={200}
          spellCheck={false}
          onChange={(event) => name.type(event.currentTarget.value)}
          onBlur={name.settle}
        />
        <NumberInput
          label="Kept for, days"
          placeholder="As the pilot’s rules say"
          min={1}
          max={36_500}
          allowDecimal={false}
          allowNegative={false}
          value={search.keep === undefined ? '' : Number(search.keep)}
          onChange={(value) => set({ keep: Number(value) >= 1 ? String(value) : undefined })}
        />
      </div>
    </>
  );
}
