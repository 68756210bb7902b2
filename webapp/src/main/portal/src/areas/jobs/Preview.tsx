import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ExportPreview } from '../../api/client';
import { bytes, duration } from '../../parts/format';
import { about, kindOf, modelName } from './exports';
import { plural } from './words';

/** The first rows, and about how much the whole is. */
export function PreviewPanel({
  preview,
  busy,
  stale,
  onRefresh,
}: {
  preview: ExportPreview | undefined;
  busy: boolean;
  /** What is shown is of another choice than the present one. */
  stale: boolean;
  onRefresh: () => void;
}) {
  const estimate = preview?.estimate;
  return (
    <>
      <dl className="ph-copy-figures ph-job-estimate" data-stale={stale || undefined}>
        <Figure
          label={preview?.whole === false ? 'Rows, at most' : 'Rows, about'}
          value={estimate?.rows == null ? null : about(estimate.rows)}
        />
        <Figure label="Size, about" value={estimate?.bytes == null ? null : bytes(estimate.bytes)} />
        <Figure
          label="Takes about"
          value={estimate?.seconds == null ? null : duration(estimate.seconds * 1000)}
        />
      </dl>
      <div className="ph-tab-bar">
        <h3 className="ph-field-label">First rows</h3>
        {preview && preview.tables.length > 1 && (
          <span className="ph-dim ph-small">
            of {modelName(preview.table)}; {plural(preview.tables.length, 'table')} with files of their own
          </span>
        )}
        <span className="ph-dim ph-small" role="status">
          {busy
            ? 'reading…'
            : stale && preview
              ? 'of what was chosen before'
              : preview && !preview.whole
                ? 'of a part of the files'
                : ''}
        </span>
        <span className="ph-push" />
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconRefresh size={13} />}
          onClick={onRefresh}
        >
          Look again
        </Button>
      </div>
      <div
        className="ph-preview-scroll ph-job-preview"
        tabIndex={0}
        role="group"
        aria-label="First rows"
        aria-busy={busy}
        data-stale={(stale && preview !== undefined) || undefined}
      >
        {preview && preview.rows.length > 0 && <Rows preview={preview} />}
        {preview && preview.rows.length === 0 && <p className="ph-waiting">No row fits.</p>}
        {!preview && <p className="ph-waiting">{busy ? 'Reading the files…' : 'Choose what is read.'}</p>}
      </div>
    </>
  );
}

function Figure({ label, value }: { label: string; value: string | null }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="ph-num">{value ?? '–'}</dd>
    </div>
  );
}

function Rows({ preview }: { preview: ExportPreview }) {
  const right = preview.columns.map(({ type }) => (kindOf(type) === 'number' ? 'right' : undefined));
  return (
    <table className="ph-preview-table">
      <thead>
        <tr>
          {preview.columns.map(({ name, unit, type }, at) => (
            <th key={`${name} ${at}`} scope="col" data-align={right[at]} title={`${name}, ${type}`}>
              {name}
              {unit && <span className="ph-unit"> {unit}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {preview.rows.map((row, at) => (
          <tr key={at}>
            {row.map((value, column) => (
              <td key={column} data-align={right[column]}>
                {value === null || value === undefined ? (
                  <span className="ph-none">–</span>
                ) : typeof value === 'object' ? (
                  JSON.stringify(value)
                ) : (
                  String(value)
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
