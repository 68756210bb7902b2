import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Job, JsonObject } from '../../api/client';
import { datasetQuery } from '../../api/queries';
import { Empty } from '../../parts/Empty';
import { Fact, Facts } from '../../parts/Facts';
import { bytes, count } from '../../parts/format';
import { asProblem, ProblemNote } from '../../parts/Problem';
import { Time } from '../../parts/Time';
import { DatasetStateMark } from '../datasets/Marks';
import { fieldName, isEnded, JOB_WORDS, summaryText } from './words';

const MOST_ROWS = 100;

/** What the job has come to: its dataset, and what it says of itself. */
export function ResultTab({ pilot, job }: { pilot: string; job: Job }) {
  if (!job.result) {
    return (
      <Empty title={isEnded(job) ? 'It has no result' : 'Its result is still to come'}>
        {isEnded(job)
          ? `It is ${JOB_WORDS[job.state].name}: nothing was published.`
          : 'When it has succeeded, what it made is here: a dataset, all of it or not there.'}
      </Empty>
    );
  }
  const { dataset_id: dataset, summary } = job.result;
  return (
    <div className="ph-facts-columns">
      {dataset !== null && <ResultDataset pilot={pilot} id={dataset} />}
      <section className="ph-card" aria-labelledby="summary-title">
        <h2 className="ph-card-title" id="summary-title">
          Summary
        </h2>
        <Summary summary={summary} />
      </section>
    </div>
  );
}

function ResultDataset({ pilot, id }: { pilot: string; id: string }) {
  const query = useQuery(datasetQuery(pilot, id));
  const dataset = query.data?.value;
  const gone = query.error && asProblem(query.error).status === 404;
  return (
    <section className="ph-card" aria-labelledby="dataset-title">
      <div className="ph-card-head">
        <h2 className="ph-card-title" id="dataset-title">
          Dataset
        </h2>
        {dataset?.state === 'available' && (
          <Button
            component="a"
            href={`/api/v1/pilots/${encodeURIComponent(pilot)}/datasets/${encodeURIComponent(id)}/content`}
            target="_blank"
            rel="noopener"
            leftSection={<IconDownload size={15} />}
          >
            Download
          </Button>
        )}
      </div>
      {gone && <p className="ph-dim">Its dataset is not there any more.</p>}
      {query.error && !gone && !dataset && (
        <ProblemNote error={query.error} onRetry={() => void query.refetch()} />
      )}
      {query.isPending && <p className="ph-waiting">Loading…</p>}
      {dataset && (
        <Facts>
          <Fact label="Name">
            <Link
              className="ph-link"
              to="/p/$pilot/datasets/$dataset"
              params={{ pilot, dataset: id }}
              search={{}}
            >
              {dataset.name}
            </Link>{' '}
            <span className="ph-dim ph-num">version {count(dataset.version)}</span>
          </Fact>
          <Fact label="State">
            <DatasetStateMark state={dataset.state} />
          </Fact>
          <Fact label="Size">
            <span className="ph-num" title={`${count(dataset.size_bytes)} bytes`}>
              {bytes(dataset.size_bytes)}
            </span>
          </Fact>
          <Fact label="Type">{dataset.media_type}</Fact>
          {dataset.expires_at && (
            <Fact label="Kept until">
              <Time at={dataset.expires_at} />
            </Fact>
          )}
          <Fact label="Look at it">
            <Link
              className="ph-link"
              to="/p/$pilot/datasets/$dataset"
              params={{ pilot, dataset: id }}
              search={{ tab: 'preview' }}
            >
              its first rows
            </Link>
            {' · '}
            <Link
              className="ph-link"
              to="/p/$pilot/datasets/$dataset"
              params={{ pilot, dataset: id }}
              search={{ tab: 'use' }}
            >
              lines to copy
            </Link>
          </Fact>
        </Facts>
      )}
    </section>
  );
}

const isRow = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

function Summary({ summary }: { summary: JsonObject }) {
  const plain = Object.entries(summary).filter(([, value]) => !Array.isArray(value) || !value.some(isRow));
  const tables = Object.entries(summary).filter(
    (entry): entry is [string, JsonObject[]] =>
      Array.isArray(entry[1]) && entry[1].length > 0 && entry[1].every(isRow),
  );
  if (plain.length === 0 && tables.length === 0) return <p className="ph-dim">It says nothing of itself.</p>;
  return (
    <>
      <Facts>
        {plain.map(([field, value]) => (
          <Fact key={field} label={fieldName(field)}>
            <span className="ph-num" title={typeof value === 'number' ? count(value) : undefined}>
              {Array.isArray(value) && value.length > 0
                ? value.map(String).join(', ')
                : summaryText(field, value)}
            </span>
          </Fact>
        ))}
      </Facts>
      {tables.map(([field, rows]) => (
        <SummaryTable key={field} field={field} rows={rows} />
      ))}
    </>
  );
}

function SummaryTable({ field, rows }: { field: string; rows: readonly JsonObject[] }) {
  const columns = [...new Set(rows.slice(0, MOST_ROWS).flatMap((row) => Object.keys(row)))];
  return (
    <>
      <h3 className="ph-field-label">{fieldName(field)}</h3>
      <div className="ph-sideways" tabIndex={0} role="group" aria-label={fieldName(field)}>
        <table className="ph-facts-table">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {fieldName(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map((row, index) => (
              <tr key={index}>
                {columns.map((column) => (
                  <td key={column} className="ph-num">
                    {summaryText(column, row[column])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST_ROWS && (
        <p className="ph-dim ph-small">
          The first {count(MOST_ROWS)} of {count(rows.length)}.
        </p>
      )}
    </>
  );
}
