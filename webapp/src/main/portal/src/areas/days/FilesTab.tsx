import { Select } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Dump, DumpPart } from '../../api/client';
import { datasetQuery } from '../../api/queries';
import { Copy } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { bytes, count } from '../../parts/format';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { daySnippets, directoryOf, tablesOf, withFiles, type TableOfFiles } from './files';
import { foundNothing, plural } from './words';

/** More revisions than this are read by a program that asks for the list itself. */
const MOST_TOLD = 12;

/** What was written: tables with their files, and how they are read. */
export function FilesTab({
  pilot,
  dump,
  parts,
  revisions,
}: {
  pilot: string;
  dump: Dump;
  parts: readonly DumpPart[];
  revisions: readonly Dump[];
}) {
  const zone = useZone();
  if (parts.length === 0) {
    return (
      <Empty title={foundNothing(dump) ? 'It found nothing to correct' : 'There are no files yet'}>
        {foundNothing(dump)
          ? 'All that came late were repeats of events that an earlier revision has. The next correction goes on after them.'
          : dump.state === 'complete' || dump.state === 'incomplete'
            ? 'Not one event of the day was told of.'
            : 'A day is complete or not there: nobody can see its files before they are verified.'}
      </Empty>
    );
  }
  const tables = tablesOf(parts);
  const most = Math.max(1, ...tables.map(({ bytes: size }) => size));
  const all = parts.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  return (
    <div className="ph-day-files">
      <p className="ph-day-line ph-num">
        {plural(parts.length, 'file')}, {bytes(all)}
        {dump.dataset_id && (
          <>
            {' · '}
            <Link
              className="ph-link"
              to="/p/$pilot/datasets/$dataset"
              params={{ pilot, dataset: dump.dataset_id }}
              search={{}}
            >
              its dataset in the catalogue
            </Link>
          </>
        )}
      </p>
      <ul className="ph-plain-list ph-tables">
        {tables.map((table) => (
          <li key={table.directory} className="ph-card">
            <details>
              <summary>
                <span className="ph-table-name">
                  <strong>{table.name}</strong> <span className="ph-id ph-dim">{table.directory}</span>
                </span>
                <span className="ph-table-bar" aria-hidden>
                  <span style={{ width: `${(100 * table.bytes) / most}%` }} data-kind={table.kind} />
                </span>
                <span className="ph-num ph-table-size">
                  {plural(table.rows, table.kind === 'rejects' ? 'record' : 'row')}{' '}
                  <span className="ph-dim">
                    {bytes(table.bytes)}, {plural(table.parts.length, 'file')}
                  </span>
                </span>
              </summary>
              <FileRows table={table} zone={zone.label} />
            </details>
          </li>
        ))}
      </ul>
      <ReadIt pilot={pilot} dump={dump} tables={tables} revisions={revisions} />
    </div>
  );
}

function FileRows({ table, zone }: { table: TableOfFiles; zone: string }) {
  return (
    <div className="ph-sideways" role="group" tabIndex={0} aria-label={`Files of ${table.name}`}>
      <table className="ph-facts-table ph-roomy">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col" data-align="right">
              Rows
            </th>
            <th scope="col" data-align="right">
              Size
            </th>
            <th scope="col">
              First event <span className="ph-unit">{zone}</span>
            </th>
            <th scope="col">
              Last event <span className="ph-unit">{zone}</span>
            </th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          {table.parts.map((part) => (
            <tr key={part.path}>
              <td className="ph-id">{part.path.slice(part.path.lastIndexOf('/') + 1)}</td>
              <td data-align="right" className="ph-num">
                {count(part.rows)}
              </td>
              <td data-align="right" className="ph-num" title={`${count(part.size_bytes)} bytes`}>
                {bytes(part.size_bytes)}
              </td>
              <td>{part.first_time ? <Time at={part.first_time} /> : <span className="ph-none">–</span>}</td>
              <td>{part.last_time ? <Time at={part.last_time} /> : <span className="ph-none">–</span>}</td>
              <td>
                <span className="ph-id" title={part.checksum}>
                  {part.checksum.replace(/^sha256:/, '').slice(0, 12)}…
                </span>{' '}
                <Copy value={part.checksum} label={`Copy the checksum of ${part.path}`} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ReadIt({
  pilot,
  dump,
  tables,
  revisions,
}: {
  pilot: string;
  dump: Dump;
  tables: readonly TableOfFiles[];
  revisions: readonly Dump[];
}) {
  const readable = withFiles(revisions);
  const [wanted, setWanted] = useState<string | null>(null);
  const newest = revisions[0]?.revision;
  // at the newest revision the whole day is read, at an older one that revision alone
  const chosen =
    dump.revision === newest || dump.revision === readable[readable.length - 1]?.revision
      ? readable.slice(-MOST_TOLD)
      : readable.filter(({ revision }) => revision === dump.revision);
  const datasets = useQueries({
    queries: chosen.map(({ dataset_id }) => datasetQuery(pilot, dataset_id ?? '')),
  });
  const places = chosen.flatMap(({ revision }, index) => {
    const directory = directoryOf(datasets[index]?.data?.value.object_uri);
    return directory === null ? [] : [{ revision, directory }];
  });
  const choices = tables.filter(({ kind }) => kind !== 'rejects');
  const table = choices.find(({ directory }) => directory === wanted) ?? choices[0];
  if (datasets.some(({ isPending }) => isPending)) return <p className="ph-waiting">Loading…</p>;
  if (places.length < chosen.length || places.length === 0) return null;
  return (
    <section aria-label="How it is read" className="ph-gap-top">
      <div className="ph-card-head">
        <h2 className="ph-card-title">
          {places.length === 1 ? 'Read it' : `Read the day: ${count(places.length)} revisions together`}
        </h2>
        {choices.length > 1 && (
          <Select
            size="xs"
            className="ph-filter-small"
            aria-label="Table"
            data={choices.map(({ directory, name }) => ({ value: directory, label: name }))}
            value={table?.directory ?? null}
            onChange={setWanted}
            allowDeselect={false}
          />
        )}
      </div>
      <div className="ph-snippets">
        {daySnippets(dump.date, places, table).map(({ id, title, note, text }) => (
          <section key={id} aria-label={title}>
            <h3 className="ph-card-title">{title}</h3>
            <p className="ph-dim ph-small">{note}</p>
            <div className="ph-recipe">
              <pre className="ph-json" tabIndex={0} aria-label={`${title}, to copy`}>
                {text}
              </pre>
              <Copy value={text} label={`Copy for ${title}`} />
            </div>
          </section>
        ))}
      </div>
    </section>
  );
}
