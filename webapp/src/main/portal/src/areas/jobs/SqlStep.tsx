import { Textarea } from '@mantine/core';
import { useRef, useState } from 'react';
import type { ExportColumn } from '../../api/client';
import { SearchBox } from '../../parts/SearchBox';
import { useTyped } from './Typed';

/** A query of one's own over what is read, with the columns beside it. */
export function SqlStep({
  sql,
  columns,
  tables,
  error,
  onChange,
}: {
  sql: string;
  columns: readonly ExportColumn[];
  tables: readonly string[];
  error: string | null;
  onChange: (sql: string) => void;
}) {
  const place = useRef<HTMLTextAreaElement>(null);
  const [q, setQ] = useState<string>();
  const { typed, type, settle } = useTyped(sql, onChange);
  const wanted = q?.trim().toLowerCase() ?? '';
  const insert = (name: string) => {
    const box = place.current;
    const quoted = /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
    const [from, to] = box ? [box.selectionStart, box.selectionEnd] : [typed.length, typed.length];
    type(typed.slice(0, from) + quoted + typed.slice(to));
    requestAnimationFrame(() => {
      box?.focus();
      box?.setSelectionRange(from + quoted.length, from + quoted.length);
    });
  };
  return (
    <div className="ph-job-sql">
      <Textarea
        ref={place}
        label="Query"
        description="One SELECT over readings, or over a table by its name. Nothing else can be reached from it."
        value={typed}
        error={error}
        autosize
        minRows={9}
        maxRows={24}
        maxLength={4_000}
        spellCheck={false}
        classNames={{ input: 'ph-code-input' }}
        onChange={(event) => type(event.currentTarget.value)}
        onBlur={settle}
      />
      <div className="ph-job-sql-side">
        <SearchBox label="Find a column" value={q} onChange={setQ} />
        <ul className="ph-job-columns" aria-label="Columns, to put into the query">
          {['readings', ...tables].map((table) => (
            <li key={`table ${table}`}>
              <button type="button" className="ph-job-insert" onClick={() => insert(table)}>
                <span className="ph-clip">{table}</span>
                <span className="ph-dim">table</span>
              </button>
            </li>
          ))}
          {columns
            .filter(({ name }) => wanted === '' || name.toLowerCase().includes(wanted))
            .map(({ name, type: kind, unit }) => (
              <li key={name}>
                <button type="button" className="ph-job-insert" onClick={() => insert(name)}>
                  <span className="ph-clip">{name}</span>
                  <span className="ph-dim">
                    {kind}
                    {unit && ` · ${unit}`}
                  </span>
                </button>
              </li>
            ))}
        </ul>
      </div>
    </div>
  );
}
