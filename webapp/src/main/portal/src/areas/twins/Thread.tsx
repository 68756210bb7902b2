import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { Fact } from '../../api/client';
import { threadQuery } from '../../api/queries';
import { Empty } from '../../parts/Empty';
import { actorText, bothReadings, fields } from '../../parts/format';
import { usePages } from '../../parts/pages';
import { ProblemNote } from '../../parts/Problem';
import { useZone } from '../../session/zone';
import { byDay, factLine, factTitle } from './facts';
import { pretty } from './json';

/** Every fact of the twin's life, newest first. */
export function Thread({ pilot, twin }: { pilot: string; twin: string }) {
  const zone = useZone();
  const query = useInfiniteQuery({ ...threadQuery(pilot, twin), refetchInterval: 10_000 });
  const { rows, more } = usePages<Fact>(query);
  if (query.isPending) return <p className="ph-waiting">Loading…</p>;
  return (
    <>
      {query.error && <ProblemNote error={query.error} onRetry={() => void query.refetch()} />}
      {rows.length === 0 && !query.error && (
        <Empty title="Nothing is written down yet">
          Its thread begins when the twin is created: every change, command, alert and replay adds a fact.
        </Empty>
      )}
      {byDay(rows, (at) => fields(at, zone.shown).date).map((day) => (
        <section key={`${day.date} ${day.facts[0]?.id ?? ''}`} aria-label={day.date}>
          <h2 className="ph-thread-day">
            {day.date} <span className="ph-unit">{zone.label}</span>
          </h2>
          <ol className="ph-thread">
            {day.facts.map((fact, at) => (
              <FactEntry key={fact.id ?? `${fact.time} ${at}`} fact={fact} />
            ))}
          </ol>
        </section>
      ))}
      {more.has && (
        <div className="ph-more">
          <Button variant="default" loading={more.loading} onClick={more.load}>
            Load older
          </Button>
        </div>
      )}
    </>
  );
}

export function FactEntry({ fact, opened = false }: { fact: Fact; opened?: boolean }) {
  const zone = useZone();
  const at = Date.parse(fact.time);
  const line = factLine(fact);
  return (
    <li>
      <time className="ph-num ph-dim" dateTime={fact.time} title={bothReadings(at, zone.pilot)}>
        {opened && `${fields(at, zone.shown).date} `}
        {fields(at, zone.shown).time}
      </time>
      <div>
        <strong>{factTitle(fact)}</strong>
        {fact.actor && <span className="ph-dim"> by {actorText(fact.actor)}</span>}
        {Object.keys(fact.data).length > 0 && (
          <details className="ph-thread-detail" open={opened || undefined}>
            <summary>{line === '' ? 'Details' : line}</summary>
            <pre className="ph-json" tabIndex={0} aria-label={`Details of ${fact.type}`}>
              {pretty(fact.data)}
            </pre>
          </details>
        )}
      </div>
    </li>
  );
}
