import { useMemo, type ReactNode } from 'react';
import { DataTable, type Column } from './DataTable';
import { Empty } from './Empty';
import { matching, type PagedRows } from './pages';
import { PageHead } from './PageHead';
import { ProblemNote } from './Problem';
import { SearchBox } from './SearchBox';

interface Props<T> {
  title: string;
  note: ReactNode;
  actions?: ReactNode;
  list: PagedRows<T>;
  rowKey: (row: T) => string;
  columns: readonly Column<T>[];
  opened?: string;
  onOpen: (row: T) => void;
  csvName: string;
  filter: {
    label: string;
    value: string | undefined;
    onChange: (value: string | undefined) => void;
    /** What of a row is looked through. */
    of: (row: T) => unknown[];
  };
  /** What stands there when nothing fits what is typed. */
  noMatch: string;
  empty?: ReactNode;
  /** Dialogs and drawers of the page. */
  children?: ReactNode;
}

/** A page that is one list: its head, a filter over what is loaded, the rows, and what explains an empty one. */
export function ListPage<T extends object>({
  title,
  note,
  actions,
  list,
  rowKey,
  columns,
  opened,
  onOpen,
  csvName,
  filter,
  noMatch,
  empty,
  children,
}: Props<T>) {
  const { rows, more, error, pending, retry } = list;
  const { label, value, onChange, of } = filter;
  const shown = useMemo(() => matching(rows, value, of), [rows, value, of]);
  return (
    <div className="ph-page-fill">
      <PageHead title={title} note={note}>
        {actions}
      </PageHead>
      {error && <ProblemNote error={error} onRetry={retry} />}
      <DataTable
        label={title}
        rows={shown}
        rowKey={rowKey}
        columns={columns}
        loading={pending}
        more={more}
        opened={opened}
        onOpen={onOpen}
        csvName={csvName}
        toolbar={<SearchBox label={label} value={value} onChange={onChange} />}
        empty={
          value ? <Empty title={noMatch}>Only what is loaded is looked through.</Empty> : error ? null : empty
        }
      />
      {children}
    </div>
  );
}
