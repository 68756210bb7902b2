import { Button, CopyButton, SegmentedControl } from '@mantine/core';
import { IconCheck, IconChevronLeft, IconChevronRight, IconCopy } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Dataset, Preview } from '../../api/client';
import { previewQuery } from '../../api/queries';
import { Copy } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { count } from '../../parts/format';
import { asProblem, ProblemNote } from '../../parts/Problem';
import {
  type Column,
  COLUMNS_AT_ONCE,
  extentOf,
  histogramWords,
  layoutOf,
  moved,
  nullShare,
  percentOf,
  previewCsv,
  rangeOf,
  refusalOf,
  typeOf,
} from './preview';

const route = getRouteApi('/app/p/$pilot/datasets/$dataset');
const FEW = 50;
const MANY = 200;

/** The first rows of the file, and what is known of its columns. */
export function PreviewTab({ pilot, dataset }: { pilot: string; dataset: Dataset }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/p/$pilot/datasets/$dataset' });
  const rows = search.rows === String(MANY) ? MANY : FEW;
  const columns = search.view === 'columns';
  const available = dataset.state === 'available';
  const query = useQuery({
    ...previewQuery(pilot, dataset.dataset_id, rows),
    enabled: available,
    placeholderData: keepPreviousData,
  });
  if (!available) {
    return (
      <Empty title="There is no preview now">
        Only the bytes of an available dataset are shown: they were read back and compared with what was
        declared. This one is {dataset.state}.
      </Empty>
    );
  }
  if (query.error) {
    const problem = asProblem(query.error);
    if (problem.code !== 'not_previewable')
      return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />;
    const { title, text } = refusalOf(problem);
    return <Empty title={title}>{text} The dataset itself is as it was sent, and can be downloaded.</Empty>;
  }
  const preview = query.data;
  if (!preview) {
    return (
      <p className="ph-waiting" role="status">
        Reading the first rows…
      </p>
    );
  }
  return (
    <>
      <div className="ph-tab-bar">
        <SegmentedControl
          size="xs"
          aria-label="What is shown"
          value={columns ? 'columns' : 'rows'}
          data={[
            { value: 'rows', label: 'Rows' },
            { value: 'columns', label: 'Columns' },
          ]}
          onChange={(next) =>
            void navigate({
              search: (before) => ({ ...before, view: next === 'columns' ? 'columns' : undefined }),
            })
          }
        />
        {!columns && (
          <SegmentedControl
            size="xs"
            aria-label="How many rows"
            value={String(rows)}
            data={[FEW, MANY].map((each) => ({ value: String(each), label: `${each} rows` }))}
            onChange={(next) =>
              void navigate({
                search: (before) => ({ ...before, rows: next === String(FEW) ? undefined : next }),
              })
            }
          />
        )}
        <CopyAsCsv preview={preview} />
        <span className="ph-dim ph-preview-layout">{layoutOf(preview)}</span>
      </div>
      <p className="ph-preview-extent">
        {count(preview.columns_total)} {preview.columns_total === 1 ? 'column' : 'columns'},{' '}
        {extentOf(preview)}. Every look is in the audit trail.
      </p>
      {preview.notes.length > 0 && (
        <ul className="ph-preview-notes" aria-label="What was met on the way">
          {preview.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {columns ? <Profiles preview={preview} /> : <Rows key={dataset.dataset_id} preview={preview} />}
    </>
  );
}

function CopyAsCsv({ preview }: { preview: Preview }) {
  const text = useMemo(() => previewCsv(preview), [preview]);
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          onClick={copy}
        >
          {copied ? 'Copied' : 'Copy as CSV'}
        </Button>
      )}
    </CopyButton>
  );
}

function Rows({ preview }: { preview: Preview }) {
  const id = useId();
  const place = useRef<HTMLDivElement>(null);
  const [first, setFirst] = useState(0);
  const [at, setAt] = useState<readonly [number, number] | null>(null);
  const [row, column] = at ?? [-1, -1];
  const from = Math.min(first, Math.max(0, preview.columns.length - 1));
  const bars = preview.columns.some(({ histogram }) => histogram);
  const told = preview.columns.slice(from, from + COLUMNS_AT_ONCE);
  const cut = useMemo(
    () => new Map(preview.cut.map((each) => [`${each.row} ${each.column}`, each.characters])),
    [preview],
  );
  useEffect(() => {
    if (!at) return;
    place.current
      ?.querySelector(`[data-cell="${at[0]} ${at[1]}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [at]);
  const go = (to: readonly [number, number]) => {
    setAt(to);
    setFirst(Math.floor(to[1] / COLUMNS_AT_ONCE) * COLUMNS_AT_ONCE);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = moved(at ?? [0, -1], event.key, preview.rows.length, preview.columns.length);
    if (!to || preview.rows.length === 0) return;
    event.preventDefault();
    go(to);
  };
  if (preview.rows.length === 0) {
    return <Empty title="There are no rows to show">The columns are known; see the notes for why.</Empty>;
  }
  return (
    <>
      {preview.columns.length > COLUMNS_AT_ONCE && (
        <div className="ph-preview-pages">
          <Button
            size="compact-xs"
            variant="default"
            aria-label="The columns before"
            disabled={from === 0}
            onClick={() => setFirst(from - COLUMNS_AT_ONCE)}
          >
            <IconChevronLeft size={14} />
          </Button>
          <span className="ph-num">
            columns {count(from + 1)} to {count(from + told.length)} of {count(preview.columns.length)}
          </span>
          <Button
            size="compact-xs"
            variant="default"
            aria-label="The columns after"
            disabled={from + told.length >= preview.columns.length}
            onClick={() => setFirst(from + COLUMNS_AT_ONCE)}
          >
            <IconChevronRight size={14} />
          </Button>
        </div>
      )}
      <div ref={place} className="ph-preview-scroll">
        <table
          className="ph-preview-table"
          role="grid"
          aria-label="First rows"
          aria-rowcount={preview.rows_total ?? -1}
          aria-colcount={preview.columns.length}
          tabIndex={0}
          aria-activedescendant={at ? `${id}-${row}-${column}` : undefined}
          onKeyDown={onKeyDown}
        >
          <thead>
            <tr>
              <th scope="col" className="ph-preview-number">
                <span className="ph-hidden">Row</span>
              </th>
              {told.map((each, i) => (
                <th key={from + i} scope="col" data-align={each.numeric ? 'right' : undefined}>
                  <Head column={each} preview={preview} bars={bars} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((cells, r) => (
              <tr key={r}>
                <th scope="row" className="ph-preview-number ph-num">
                  {count(r + 1)}
                </th>
                {told.map((each, i) => {
                  const c = from + i;
                  const text = cells[c] ?? null;
                  const selected = r === row && c === column;
                  return (
                    <td
                      key={c}
                      id={`${id}-${r}-${c}`}
                      data-cell={`${r} ${c}`}
                      data-selected={selected || undefined}
                      aria-selected={selected}
                      data-align={each.numeric ? 'right' : undefined}
                      onClick={() => setAt([r, c])}
                    >
                      {text === null ? <span className="ph-none">{absent(each)}</span> : text}
                      {cut.has(`${r} ${c}`) && '…'}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="ph-preview-cell" role="status">
        {at && preview.columns[column] ? (
          <>
            <span className="ph-dim">
              row {count(row + 1)}, {preview.columns[column].name}
              {cut.has(`${row} ${column}`) &&
                `, the first ${count((preview.rows[row]?.[column] ?? '').length)} of ${count(cut.get(`${row} ${column}`) ?? 0)} characters`}
            </span>
            {preview.rows[row]?.[column] != null && (
              <Copy value={preview.rows[row][column]} label="Copy the cell" />
            )}
            <pre tabIndex={0} aria-label="The cell">
              {preview.rows[row]?.[column] ?? absent(preview.columns[column])}
            </pre>
          </>
        ) : (
          <span className="ph-dim">Choose a cell, by mouse or arrow keys, to see it whole.</span>
        )}
      </div>
    </>
  );
}

const absent = (column: Column) => (column.unread ? 'not read' : 'null');

/** A column in short: its name, its type, and how its values lie. */
function Head({ column, preview, bars }: { column: Column; preview: Preview; bars: boolean }) {
  const nulls = nullShare(column, preview);
  const figures = [
    nulls && `${percentOf(nulls)} null`,
    column.distinct !== null && `${count(column.distinct)} distinct`,
  ].filter(Boolean);
  return (
    <div className="ph-preview-head" title={column.unread ?? rangeOf(column) ?? undefined}>
      <span className="ph-preview-name">{column.name}</span>
      <span className="ph-unit">{typeOf(column)}</span>
      {bars && <Bars column={column} />}
      <span className="ph-unit ph-preview-range">{rangeOf(column) ?? '\u00a0'}</span>
      <span className="ph-unit">{figures.join(' · ') || '\u00a0'}</span>
    </div>
  );
}

function Bars({ column }: { column: Column }) {
  if (!column.histogram) return <span className="ph-preview-bars" aria-hidden />;
  const { counts } = column.histogram;
  const highest = Math.max(1, ...counts);
  return (
    <svg
      className="ph-preview-bars"
      role="img"
      aria-label={histogramWords(column)}
      viewBox={`0 0 ${counts.length * 6} 20`}
      preserveAspectRatio="none"
    >
      {counts.map((each, i) => (
        <rect key={i} x={i * 6} width={5} y={20 - (each / highest) * 20} height={(each / highest) * 20} />
      ))}
    </svg>
  );
}

const Figure = ({ value }: { value: number | null }) =>
  value === null ? <span className="ph-none">–</span> : <>{count(value)}</>;

/** All that is known of the columns. */
function Profiles({ preview }: { preview: Preview }) {
  return (
    <div className="ph-sideways" role="group" tabIndex={0} aria-label="Columns">
      <table className="ph-facts-table ph-roomy ph-preview-profiles">
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Type</th>
            <th scope="col">Stands for</th>
            <th scope="col" data-align="right">
              Nulls
            </th>
            <th scope="col" data-align="right">
              Distinct
            </th>
            <th scope="col">Smallest</th>
            <th scope="col">Largest</th>
            <th scope="col" data-align="right">
              Mean
            </th>
            <th scope="col">Values</th>
          </tr>
        </thead>
        <tbody>
          {preview.columns.map((column, i) => {
            const nulls = nullShare(column, preview);
            return (
              <tr key={i}>
                <th scope="row">
                  {column.name}
                  {column.unread && <span className="ph-below ph-dim">cells not read: {column.unread}</span>}
                </th>
                <td>{column.type}</td>
                <td>{column.logical ?? <span className="ph-none">–</span>}</td>
                <td data-align="right" className="ph-num">
                  <Figure value={column.nulls} />
                  {nulls ? <span className="ph-unit"> {percentOf(nulls)}</span> : null}
                </td>
                <td data-align="right" className="ph-num">
                  <Figure value={column.distinct} />
                </td>
                <td className="ph-preview-extreme">{column.min ?? <span className="ph-none">–</span>}</td>
                <td className="ph-preview-extreme">{column.max ?? <span className="ph-none">–</span>}</td>
                <td data-align="right" className="ph-num">
                  {column.mean === null ? (
                    <span className="ph-none">–</span>
                  ) : (
                    Number(column.mean.toPrecision(6)).toLocaleString('en')
                  )}
                </td>
                <td>
                  <Bars column={column} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
