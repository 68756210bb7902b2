import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { Dump, DumpReject } from '../../api/client';
import { dumpRejectsQuery } from '../../api/queries';
import { Copy } from '../../parts/Copy';
import { Empty } from '../../parts/Empty';
import { count } from '../../parts/format';
import { usePages } from '../../parts/pages';
import { ProblemNote } from '../../parts/Problem';
import { mayUse } from '../../session/access';
import { useSession } from '../../session/session';
import { byReason, decoded } from './rejects';
import { plural, REASON_WORDS } from './words';

/** So many are counted by reason without being asked; the rest is loaded on demand. */
const COUNTED = 1_000;

/** Records that no row could be made of, by reason, with what was sent. */
export function RejectsTab({ pilot, dump }: { pilot: string; dump: Dump }) {
  const ended = dump.state === 'complete' || dump.state === 'incomplete';
  const query = useInfiniteQuery({
    ...dumpRejectsQuery(pilot, dump.date, dump.revision),
    enabled: ended && dump.parts > 0,
  });
  const list = usePages<DumpReject>(query);
  const [reason, setReason] = useState<string | null>(null);
  const { rows, more } = list;
  const goesOn = more.has && !more.loading && rows.length < COUNTED;
  const load = more.load;
  useEffect(() => {
    if (goesOn) load();
    // `load` is another function each time
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [goesOn, rows.length]);

  if (!ended) {
    return (
      <Empty title="Nothing is told of yet">What fits no column stands here when the run has ended.</Empty>
    );
  }
  if (list.error) return <ProblemNote error={list.error} onRetry={list.retry} />;
  if (list.pending && dump.parts > 0) return <p className="ph-waiting">Loading…</p>;
  if (rows.length === 0) {
    return (
      <Empty title="Nothing was rejected">
        Each record of {dump.kind === 'day' ? 'the day' : 'this correction'} became a row, or is a repeat of
        one.
      </Empty>
    );
  }
  const reasons = byReason(rows);
  const most = reasons[0]?.[1] ?? 1;
  const shown = reason === null ? rows : rows.filter((each) => each.reason === reason);
  return (
    <div className="ph-rejects">
      <p className="ph-day-line ph-num">
        {count(rows.length)}
        {more.has && '+'} {rows.length === 1 ? 'record' : 'records'} of which no row could be made; they are
        whole in <code>_rejects</code>.
      </p>
      <div className="ph-reasons" role="group" aria-label="Show only one reason">
        {reasons.map(([name, howMany]) => (
          <button
            key={name}
            type="button"
            className="ph-reason"
            aria-pressed={name === reason}
            onClick={() => setReason(name === reason ? null : name)}
          >
            <span>
              <code>{name}</code> <span className="ph-dim">{REASON_WORDS[name]}</span>
            </span>
            <span className="ph-table-bar" aria-hidden>
              <span data-kind="rejects" style={{ width: `${(100 * howMany) / most}%` }} />
            </span>
            <strong className="ph-num">{count(howMany)}</strong>
          </button>
        ))}
      </div>
      <ul className="ph-plain-list ph-reject-list" aria-label="Rejected records">
        {shown.map((each) => (
          <Reject key={`${each.partition} ${each.offset}`} pilot={pilot} reject={each} />
        ))}
      </ul>
      {more.has && rows.length >= COUNTED && (
        <div className="ph-more">
          <Button variant="default" loading={more.loading} onClick={more.load}>
            Load more
          </Button>
        </div>
      )}
      {reason !== null && (
        <p className="ph-dim ph-small ph-num">
          {plural(shown.length, 'record')} of {count(rows.length)}.
        </p>
      )}
    </div>
  );
}

function Reject({ pilot, reject }: { pilot: string; reject: DumpReject }) {
  const session = useSession();
  const [opened, setOpened] = useState(false);
  const data = opened && reject.data !== null ? decoded(reject.data) : null;
  return (
    <li>
      <details onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>
          <span className="ph-reject-what">
            <code>{reject.reason}</code> {reject.detail}
          </span>
          <span className="ph-dim ph-num">
            {[reject.twin, reject.time, `${reject.partition}/${reject.offset}`].filter(Boolean).join(' · ')}
          </span>
        </summary>
        {opened && (
          <div className="ph-reject-data">
            <dl className="ph-line-facts">
              {reject.twin && (
                <div>
                  <dt>Twin</dt>
                  <dd>
                    {mayUse('twins', session) ? (
                      <Link
                        className="ph-link ph-id"
                        to="/p/$pilot/twins/$twin"
                        params={{ pilot, twin: reject.twin }}
                        search={{}}
                      >
                        {reject.twin}
                      </Link>
                    ) : (
                      <span className="ph-id">{reject.twin}</span>
                    )}
                  </dd>
                </div>
              )}
              {reject.source && (
                <div>
                  <dt>Source</dt>
                  <dd className="ph-id">{reject.source}</dd>
                </div>
              )}
              {reject.event_id && (
                <div>
                  <dt>Event</dt>
                  <dd className="ph-id">{reject.event_id}</dd>
                </div>
              )}
            </dl>
            {data === null ? (
              <p className="ph-dim">The record has no value.</p>
            ) : (
              <div className="ph-recipe">
                <pre className="ph-json ph-wrap" tabIndex={0} aria-label="What was sent">
                  {data.text}
                </pre>
                <Copy value={data.text} label="Copy what was sent" />
              </div>
            )}
            {reject.data_truncated && (
              <p className="ph-dim ph-small">These are its first 2 KiB; the file of rejects has all of it.</p>
            )}
          </div>
        )}
      </details>
    </li>
  );
}
