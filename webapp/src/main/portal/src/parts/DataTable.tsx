import { ActionIcon, Button, Checkbox, Menu, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowDown, IconArrowUp, IconColumns3, IconDownload } from '@tabler/icons-react';
import {
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  sortFn_basic,
  sortFn_text,
  tableFeatures,
  useTable,
  type ColumnDef,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { count, csv } from './format';
import { download } from './download';

const features = tableFeatures({
  rowSortingFeature,
  columnVisibilityFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric, text: sortFn_text, basic: sortFn_basic },
});

export interface Column<T> {
  id: string;
  header: string;
  /** The unit or zone, behind the header in a quieter tone. */
  unit?: string;
  value: (row: T) => string | number | boolean | null | undefined;
  cell?: (row: T) => ReactNode;
  /** CSS width of the column; the columns without one share what is left. */
  width?: string;
  /** The width on a narrow screen, where it differs. */
  narrow?: string;
  align?: 'right';
  /** Columns that only wide screens show; the detail has them everywhere. */
  from?: 'tablet' | 'desktop';
  /** On a narrow screen it stands in a second line below the main column. */
  under?: boolean;
  /** Never put away, opens the row, and names it for screen readers. */
  main?: boolean;
  hidden?: boolean;
}

interface Props<T> {
  label: string;
  rows: readonly T[];
  rowKey: (row: T) => string;
  columns: readonly Column<T>[];
  onOpen?: (row: T) => void;
  opened?: string;
  empty: ReactNode;
  loading?: boolean;
  sortable?: boolean;
  rowClass?: (row: T) => string | undefined;
  more?: { has: boolean; loading: boolean; load: () => void };
  csvName?: string;
  toolbar?: ReactNode;
  onScrolledAway?: (away: boolean) => void;
  /** The rows on the screen, whenever they are others. */
  onSeen?: (rows: T[]) => void;
  note?: ReactNode;
}

const ROW = 34;
const TOUCH_ROW = 40;
const SECOND_LINE = 18;

export function DataTable<T extends object>({
  label,
  rows,
  rowKey,
  columns,
  onOpen,
  opened,
  empty,
  loading = false,
  sortable = true,
  rowClass,
  more,
  csvName,
  toolbar,
  onScrolledAway,
  onSeen,
  note,
}: Props<T>) {
  const tablet = useMediaQuery('(min-width: 48em)', true, { getInitialValueInEffect: false });
  const desktop = useMediaQuery('(min-width: 75em)', true, { getInitialValueInEffect: false });
  const defs = useMemo<ColumnDef<typeof features, T>[]>(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.header,
        accessorFn: (row: T) => column.value(row) ?? undefined,
        enableSorting: sortable,
        sortUndefined: 'last' as const,
        sortFn: 'auto' as const,
      })),
    [columns, sortable],
  );
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const data = rows as T[];
  const table = useTable<typeof features, T>({
    features,
    columns: defs,
    data,
    getRowId: rowKey,
    enableMultiSort: false,
    initialState: {
      columnVisibility: Object.fromEntries(
        columns.filter((column) => column.hidden).map((column) => [column.id, false]),
      ),
    },
  });

  const fits = (column: Column<T> | undefined) =>
    column !== undefined &&
    (column.from === undefined || (column.from === 'tablet' ? tablet : desktop || false));
  const shown = table
    .getAllLeafColumns()
    .filter((column) => column.getIsVisible() && fits(byId.get(column.id)))
    .map((column) => ({ column, own: byId.get(column.id) as Column<T> }))
    .filter(({ own }) => tablet || !own.under);
  const under = tablet
    ? []
    : columns.filter((column) => column.under && table.getColumn(column.id)?.getIsVisible());
  const rowHeight = tablet ? ROW : TOUCH_ROW + SECOND_LINE * under.length;

  const model = table.getRowModel().rows;
  const scroller = useRef<HTMLDivElement>(null);
  // with another function each time the virtualizer would measure all rows anew with every frame
  const estimateSize = useCallback(() => rowHeight, [rowHeight]);
  const getItemKey = useCallback((index: number) => model[index]?.id ?? index, [model]);
  const virtual = useVirtualizer({
    count: model.length,
    getScrollElement: () => scroller.current,
    estimateSize,
    overscan: 12,
    getItemKey,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items[items.length - 1]?.end ?? 0);

  const last = items[items.length - 1]?.index ?? 0;
  const hasMore = more?.has ?? false;
  const loadingMore = more?.loading ?? false;
  const load = more?.load;
  useEffect(() => {
    if (hasMore && !loadingMore && model.length > 0 && last >= model.length - 20) load?.();
  }, [hasMore, loadingMore, last, model.length, load]);

  const first = items[0]?.index ?? 0;
  useEffect(() => {
    onSeen?.(model.slice(first, last + 1).map((row) => row.original));
  }, [onSeen, model, first, last]);

  const away = useRef(false);
  const onScroll = useCallback(() => {
    const now = (scroller.current?.scrollTop ?? 0) > ROW;
    if (now !== away.current) {
      away.current = now;
      onScrolledAway?.(now);
    }
  }, [onScrolledAway]);

  const focusRow = (index: number) => {
    const target = Math.max(0, Math.min(model.length - 1, index));
    virtual.scrollToIndex(target);
    requestAnimationFrame(() => {
      scroller.current
        ?.querySelector<HTMLElement>(`tr[data-index="${target}"] .ph-row-open`)
        ?.focus({ preventScroll: true });
    });
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = (event.target as HTMLElement).closest<HTMLElement>('tr[data-index]');
    const at = row ? Number(row.dataset.index) : -1;
    const steps: Record<string, number> = {
      j: at + 1,
      ArrowDown: at + 1,
      k: at - 1,
      ArrowUp: at - 1,
      Home: 0,
      End: model.length - 1,
      PageDown: at + 15,
      PageUp: at - 15,
    };
    const target = steps[event.key];
    if (target === undefined || model.length === 0) return;
    event.preventDefault();
    focusRow(target);
  };

  const save = () => {
    const columnsOut = table
      .getAllLeafColumns()
      .filter((column) => column.getIsVisible())
      .map((column) => byId.get(column.id) as Column<T>);
    download(
      `${csvName ?? 'list'}.csv`,
      'text/csv;charset=utf-8',
      csv(
        columnsOut.map((column) => (column.unit ? `${column.header} (${column.unit})` : column.header)),
        model.map((row) => columnsOut.map((column) => column.value(row.original))),
      ),
    );
  };

  return (
    <section className="ph-list" aria-label={label}>
      <div className="ph-list-bar">
        <div className="ph-list-tools">{toolbar}</div>
        <div className="ph-list-side">
          <span className="ph-dim ph-num" aria-live="off">
            {count(model.length)}
            {hasMore ? '+' : ''} {model.length === 1 ? 'row' : 'rows'}
          </span>
          <Menu position="bottom-end" closeOnItemClick={false}>
            <Menu.Target>
              <Tooltip label="Columns">
                <ActionIcon variant="subtle" color="gray" className="ph-quiet" aria-label="Choose columns">
                  <IconColumns3 size={17} />
                </ActionIcon>
              </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
              {table.getAllLeafColumns().map((column) => (
                <Menu.Item
                  key={column.id}
                  disabled={byId.get(column.id)?.main}
                  onClick={() => column.toggleVisibility()}
                  role="menuitemcheckbox"
                  aria-checked={column.getIsVisible()}
                  leftSection={
                    <Checkbox.Indicator size="xs" checked={column.getIsVisible()} aria-hidden tabIndex={-1} />
                  }
                >
                  {byId.get(column.id)?.header}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          <Tooltip label="Download what is listed as CSV">
            <ActionIcon
              variant="subtle"
              color="gray"
              className="ph-quiet"
              aria-label="Download what is listed as CSV"
              onClick={save}
              disabled={model.length === 0}
            >
              <IconDownload size={17} />
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
      {note}
      <div
        className="ph-scroll"
        ref={scroller}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        tabIndex={model.length > 0 ? 0 : -1}
        role="group"
        aria-label={`${label}: j and k move, Enter opens`}
      >
        <table className="ph-table" aria-rowcount={model.length + 1}>
          <colgroup>
            {shown.map(({ own }) => (
              <col key={own.id} style={{ width: tablet ? own.width : (own.narrow ?? own.width) }} />
            ))}
          </colgroup>
          <thead>
            <tr>
              {shown.map(({ column, own }) => {
                const sorted = sortable ? column.getIsSorted() : false;
                const head = (
                  <>
                    {own.header}
                    {own.unit && <span className="ph-unit"> {own.unit}</span>}
                  </>
                );
                return (
                  <th
                    key={own.id}
                    scope="col"
                    data-align={own.align}
                    aria-sort={sorted ? (sorted === 'asc' ? 'ascending' : 'descending') : undefined}
                  >
                    {sortable ? (
                      <button type="button" className="ph-sort" onClick={column.getToggleSortingHandler()}>
                        {head}
                        {sorted === 'asc' && <IconArrowUp size={13} aria-hidden />}
                        {sorted === 'desc' && <IconArrowDown size={13} aria-hidden />}
                      </button>
                    ) : (
                      head
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {before > 0 && (
              <tr aria-hidden className="ph-spacer">
                <td colSpan={shown.length} style={{ height: before }} />
              </tr>
            )}
            {items.map((item) => {
              const row = model[item.index];
              if (!row) return null;
              const key = row.id;
              return (
                <tr
                  key={key}
                  style={{ height: rowHeight }}
                  data-index={item.index}
                  aria-rowindex={item.index + 2}
                  className={rowClass?.(row.original)}
                  data-opened={opened === key || undefined}
                  data-clickable={onOpen ? true : undefined}
                  onClick={onOpen && (() => onOpen(row.original))}
                >
                  {shown.map(({ own }) => {
                    const content = own.cell
                      ? own.cell(row.original)
                      : ((own.value(row.original) as ReactNode) ?? <span className="ph-none">–</span>);
                    return (
                      <td key={own.id} data-align={own.align}>
                        {own.main && onOpen ? (
                          <button
                            type="button"
                            className="ph-row-open"
                            onClick={(event) => {
                              event.stopPropagation();
                              onOpen(row.original);
                            }}
                          >
                            {content}
                          </button>
                        ) : (
                          content
                        )}
                        {own.main &&
                          under.map((each) => (
                            <div key={each.id} className="ph-under">
                              {each.cell
                                ? each.cell(row.original)
                                : ((each.value(row.original) as ReactNode) ?? '–')}
                            </div>
                          ))}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
            {after > 0 && (
              <tr aria-hidden className="ph-spacer">
                <td colSpan={shown.length} style={{ height: after }} />
              </tr>
            )}
          </tbody>
        </table>
        {model.length === 0 && (loading ? <p className="ph-waiting">Loading…</p> : empty)}
        {hasMore && (
          <div className="ph-more">
            <Button variant="default" loading={loadingMore} onClick={load}>
              Load more
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
