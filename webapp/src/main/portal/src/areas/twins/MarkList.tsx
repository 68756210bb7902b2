import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { DetailDrawer } from '../../parts/DetailDrawer';
import { bothReadings, count, fields } from '../../parts/format';
import { ProblemNote } from '../../parts/Problem';
import { MARK_KINDS, type MarkKind } from '../../router';
import { useZone } from '../../session/zone';
import { CommandRow } from './Commands';
import { MarkGlyph } from './MarkGlyph';
import { countsOf, type Mark, type MarkShape } from './marks';
import { FactEntry } from './Thread';
import { MOST_MARKS, type Marks } from './use-marks';

const KINDS: Record<MarkKind, { word: string; shape: MarkShape }> = {
  commands: { word: 'Commands', shape: 'succeeded' },
  alerts: { word: 'Alerts', shape: 'alert' },
  facts: { word: 'Facts', shape: 'fact' },
};

interface Props {
  /** Of the window, also those that are hidden; oldest first. */
  marks: readonly Mark[];
  found: Marks;
  hidden: ReadonlySet<MarkKind>;
  active: string | null;
  /** The mark that the pointer chose on the axis: the list goes there. */
  chosen: { key: string } | null;
  onHide: (kind: MarkKind, hide: boolean) => void;
  onActive: (key: string | null) => void;
  onOpen: (mark: Mark) => void;
}

/** What the chart marks, newest first: the legend, and the way to the marks for the keyboard. */
export function MarkList({ marks, found, hidden, active, chosen, onHide, onActive, onOpen }: Props) {
  const zone = useZone();
  const counts = countsOf(marks);
  const rows = marks.filter(({ kind }) => !hidden.has(kind)).reverse();
  const list = useRef<HTMLUListElement>(null);
  const [current, setCurrent] = useState<string | null>(null);
  const at = Math.max(
    0,
    rows.findIndex(({ key }) => key === current),
  );
  const focus = (index: number) =>
    list.current
      ?.querySelectorAll<HTMLElement>('button')
      [Math.max(0, Math.min(rows.length - 1, index))]?.focus();
  useEffect(() => {
    if (chosen === null) return;
    const index = rows.findIndex(({ key }) => key === chosen.key);
    if (index >= 0) focus(index);
    // only when another is chosen, not when the rows are others
  }, [chosen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, number> = {
      ArrowDown: at + 1,
      j: at + 1,
      ArrowUp: at - 1,
      k: at - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    focus(next);
  };
  return (
    <section className="ph-mark-list" aria-label="Marks">
      <div className="ph-mark-legend" role="group" aria-label="Marks on the time axis">
        {MARK_KINDS.map((kind) => (
          <button
            key={kind}
            type="button"
            className="ph-mark-kind"
            aria-pressed={!hidden.has(kind)}
            title={hidden.has(kind) ? 'Show them' : 'Hide them'}
            onClick={() => onHide(kind, !hidden.has(kind))}
          >
            <MarkGlyph shape={KINDS[kind].shape} />
            {KINDS[kind].word} <span className="ph-num ph-dim">{count(counts[kind])}</span>
          </button>
        ))}
      </div>
      {found.error && <ProblemNote error={found.error} onRetry={found.retry} />}
      {rows.length === 0 && !found.error && (
        <p className="ph-dim ph-mark-none">
          {found.pending
            ? 'Gathering…'
            : marks.length > 0
              ? 'All of them are hidden.'
              : 'Nothing was told to it and nothing happened to it in this window.'}
        </p>
      )}
      <ul ref={list} className="ph-plain-list" aria-label="Marks, newest first" onKeyDown={onKeyDown}>
        {rows.map((mark, index) => (
          <li key={mark.key}>
            <button
              type="button"
              className="ph-mark-row"
              data-active={mark.key === active || undefined}
              tabIndex={index === at ? 0 : -1}
              onFocus={() => {
                setCurrent(mark.key);
                onActive(mark.key);
              }}
              onBlur={() => onActive(null)}
              onMouseEnter={() => onActive(mark.key)}
              onMouseLeave={() => onActive(null)}
              onClick={() => onOpen(mark)}
            >
              <MarkGlyph shape={mark.shape} />
              <span className="ph-mark-text">
                <strong>{mark.title}</strong> {mark.line && <span className="ph-dim">{mark.line}</span>}
              </span>
              <time
                className="ph-num ph-dim"
                dateTime={new Date(mark.at).toISOString()}
                title={bothReadings(mark.at, zone.pilot)}
              >
                {fields(mark.at, zone.shown).date.slice(5)} {fields(mark.at, zone.shown).time}
              </time>
            </button>
          </li>
        ))}
      </ul>
      {found.more.length > 0 && (
        <p className="ph-dim ph-small">
          Only the newest {count(MOST_MARKS)} {found.more.join(' and ')}: zoom in for older ones.
        </p>
      )}
    </section>
  );
}

/** The command or the fact behind a mark. */
export function MarkDrawer({
  pilot,
  twin,
  mark,
  onClose,
}: {
  pilot: string;
  twin: string;
  mark: Mark | null;
  onClose: () => void;
}) {
  const command = mark !== null && 'command' in mark.what;
  return (
    <DetailDrawer
      opened={mark !== null}
      title={mark === null ? '' : command ? `Command ${mark.title}` : mark.title}
      onClose={onClose}
    >
      {mark !== null && (
        <>
          {'command' in mark.what ? (
            <ul className="ph-plain-list">
              <CommandRow pilot={pilot} command={mark.what.command} opened />
            </ul>
          ) : (
            <ol className="ph-thread">
              <FactEntry fact={mark.what.fact} opened />
            </ol>
          )}
          <Button
            mt="md"
            variant="default"
            component={Link}
            {...({
              to: '/p/$pilot/twins/$twin',
              params: { pilot, twin },
              search: { tab: command ? 'commands' : 'thread' },
            } as object)}
          >
            {command ? 'All its commands' : 'Its whole thread'}
          </Button>
        </>
      )}
    </DetailDrawer>
  );
}
