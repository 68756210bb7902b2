import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Dump } from '../../api/client';
import { dumpLogQuery } from '../../api/queries';
import { Empty } from '../../parts/Empty';
import { bothReadings, count, fields } from '../../parts/format';
import { ProblemNote } from '../../parts/Problem';
import { State } from '../../parts/State';
import { useZone } from '../../session/zone';
import { LOG_KINDS } from './words';

/** Of the end of what is seen, in pixels: who is further up reads, and is not moved. */
const AT_THE_END = 24;

/** What the run told of itself; while it goes on, the newest line stays in sight. */
export function LogTab({ pilot, dump, running }: { pilot: string; dump: Dump; running: boolean }) {
  const zone = useZone();
  const query = useQuery(dumpLogQuery(pilot, dump.date, dump.revision, running));
  const place = useRef<HTMLOListElement>(null);
  const following = useRef(true);
  const [grave, setGrave] = useState(false);
  const all = query.data ?? [];
  const bad = all.filter(({ level }) => level !== 'info').length;
  const lines = grave && bad > 0 ? all.filter(({ level }) => level !== 'info') : all;
  useEffect(() => {
    const box = place.current;
    if (box && running && following.current) box.scrollTop = box.scrollHeight;
  }, [running, lines.length]);

  if (query.error && !query.data)
    return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <p className="ph-waiting">Loading…</p>;
  if (all.length === 0) {
    return (
      <Empty title="Nothing was told of it">
        {running ? 'The first lines come soon.' : 'Runs of before logs were kept have none.'}
      </Empty>
    );
  }
  return (
    <>
      <div className="ph-tab-bar">
        <span className="ph-dim ph-num">
          {count(all.length)} {all.length === 1 ? 'line' : 'lines'}, times in {zone.label}
          {running && ', followed while it runs'}
        </span>
        {bad > 0 && (
          <Button
            size="compact-xs"
            variant={grave ? 'filled' : 'default'}
            aria-pressed={grave}
            onClick={() => setGrave(!grave)}
          >
            Only {count(bad)} {bad === 1 ? 'warning' : 'warnings'}
          </Button>
        )}
      </div>
      <ol
        className="ph-day-log"
        ref={place}
        tabIndex={0}
        aria-label="Log"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          following.current = scrollHeight - scrollTop - clientHeight < AT_THE_END;
        }}
      >
        {lines.map((line, index) => (
          <li key={`${line.at} ${index}`} data-level={line.level}>
            <time dateTime={line.at} title={bothReadings(Date.parse(line.at), zone.pilot)}>
              {fields(Date.parse(line.at), zone.shown).time}
            </time>
            <span className="ph-day-log-where">
              <State kind={LOG_KINDS[line.level]}>
                {line.step ?? '–'}
                {line.partition !== null && ` ${line.partition}`}
              </State>
            </span>
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
