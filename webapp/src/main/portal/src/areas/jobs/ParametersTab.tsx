import { Link } from '@tanstack/react-router';
import type { Job } from '../../api/client';
import { Copy } from '../../parts/Copy';
import { Fact, Facts } from '../../parts/Facts';
import { plainWords } from './exports';
import { verifyWords } from './verify';
import { fieldName, summaryText } from './words';

/** What was asked for: in words first, as it was sent behind. */
export function ParametersTab({ pilot, job }: { pilot: string; job: Job }) {
  const text = JSON.stringify(job.parameters, null, 2);
  const { sql } = job.parameters;
  const datasets = datasetsOf(job);
  return (
    <>
      <Facts>
        {wordsOf(job).map(({ label, text: words }) => (
          <Fact key={label} label={label}>
            {words}
          </Fact>
        ))}
        {datasets.length > 0 && (
          <Fact label="Datasets">
            {datasets.map((dataset) => (
              <Link
                key={dataset}
                className="ph-link ph-id ph-job-dataset"
                to="/p/$pilot/datasets/$dataset"
                params={{ pilot, dataset }}
                search={{}}
              >
                {dataset}
              </Link>
            ))}
          </Fact>
        )}
      </Facts>
      {typeof sql === 'string' && (
        <pre className="ph-json" tabIndex={0} aria-label="Query">
          {sql}
        </pre>
      )}
      <details className="ph-details">
        <summary>As JSON</summary>
        <div className="ph-recipe">
          <Copy value={text} label="Copy the parameters" />
          <pre className="ph-json" tabIndex={0} aria-label="Parameters as JSON">
            {text}
          </pre>
        </div>
      </details>
    </>
  );
}

function wordsOf({ type, parameters }: Job): { label: string; text: string }[] {
  switch (type) {
    case 'export':
      return plainWords(parameters);
    case 'verify':
      return verifyWords(parameters);
    default:
      return Object.entries(parameters).map(([field, value]) => ({
        label: fieldName(field),
        text: summaryText(field, value),
      }));
  }
}

function datasetsOf({ type, parameters }: Job): string[] {
  const source = type === 'export' ? (parameters.source as { datasets?: unknown } | undefined) : parameters;
  const found = source?.datasets;
  return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : [];
}
