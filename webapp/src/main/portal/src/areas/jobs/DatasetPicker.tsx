import { Button, Checkbox } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Dataset } from '../../api/client';
import { datasetsQuery } from '../../api/queries';
import { Empty } from '../../parts/Empty';
import { bytes, count } from '../../parts/format';
import { usePages } from '../../parts/pages';
import { ProblemNote } from '../../parts/Problem';
import { TypedFilter } from '../../parts/TypedFilter';
import { MOST_EXPORTED_DATASETS } from '../../router';

/** Available datasets of the pilot, ticked one by one. */
export function DatasetPicker({
  pilot,
  chosen: ids,
  onChange,
}: {
  pilot: string;
  chosen: readonly string[] | undefined;
  onChange: (chosen: string[] | undefined) => void;
}) {
  const [q, setQ] = useState<string>();
  const query = useInfiniteQuery(datasetsQuery(pilot, { state: 'available', q }));
  const { rows, more, error, pending, retry } = usePages<Dataset>(query);
  const chosen = new Set(ids);
  const full = chosen.size >= MOST_EXPORTED_DATASETS;
  const choose = (id: string, wanted: boolean) => {
    const now = wanted ? [...chosen, id] : [...chosen].filter((each) => each !== id);
    onChange(now.length === 0 ? undefined : now);
  };
  return (
    <>
      <div className="ph-copy-acts">
        <TypedFilter label="Name, owner or purpose" value={q} onChange={setQ} />
        <span className="ph-dim ph-small ph-num" role="status">
          {count(chosen.size)} chosen{full && `, no more than ${MOST_EXPORTED_DATASETS}`}
        </span>
        {chosen.size > 0 && (
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            className="ph-quiet"
            onClick={() => onChange(undefined)}
          >
            Choose none
          </Button>
        )}
      </div>
      {error && <ProblemNote error={error} onRetry={retry} />}
      {pending && <p className="ph-waiting">Loading…</p>}
      {!pending && !error && rows.length === 0 && (
        <Empty title={q ? 'No dataset fits' : 'There is no dataset yet'}>
          Only what is available can be read: verified, and neither withdrawn nor expired.
        </Empty>
      )}
      {rows.length > 0 && (
        <ul className="ph-copy-list ph-job-datasets" aria-label="Datasets">
          {rows.map((dataset) => (
            <li key={dataset.dataset_id}>
              <Checkbox
                size="xs"
                checked={chosen.has(dataset.dataset_id)}
                disabled={full && !chosen.has(dataset.dataset_id)}
                onChange={(event) => choose(dataset.dataset_id, event.currentTarget.checked)}
                label={
                  <span className="ph-copy-choice">
                    <span className="ph-clip" title={dataset.name}>
                      {dataset.name}
                      {dataset.version > 1 && <span className="ph-dim ph-num"> v{dataset.version}</span>}
                    </span>
                    <span className="ph-num ph-dim">{bytes(dataset.size_bytes)}</span>
                  </span>
                }
              />
            </li>
          ))}
          {more.has && (
            <li className="ph-more">
              <Button variant="default" loading={more.loading} onClick={more.load}>
                Look further
              </Button>
            </li>
          )}
        </ul>
      )}
    </>
  );
}
