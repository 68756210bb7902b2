import { Button, Select } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Job, JobAttempt } from '../../api/client';
import { jobLogQuery, MOST_JOB_LINES } from '../../api/queries';
import { Copy } from '../../parts/Copy';
import { download } from '../../parts/download';
import { Empty } from '../../parts/Empty';
import { bothReadings, count, fields, stampWithMillis } from '../../parts/format';
import { ProblemNote } from '../../parts/Problem';
import { StateMark } from '../../parts/State';
import { useZone } from '../../session/zone';
import { LOG_KINDS, OUTCOME_WORDS, plural } from './words';

/** Of the end of what is seen, in pixels: who is further up reads, and is not moved. */
const AT_THE_END = 24;

/** What an attempt told of itself; while it runs, the newest line stays in sight. */
export function LogTab({
  pilot,
  job,
  attempts,
  chosen,
  onChoose,
}: {
  pilot: string;
  job: Job;
  attempts: readonly JobAttempt[];
  chosen: number | undefined;
  onChoose: (attempt: number | undefined) => void;
}) {
  const newest = attempts[0];
  const attempt = chosen === undefined ? newest : attempts.find((each) => each.attempt === chosen);
  if (!newest) {
    return <Empty title="Nobody has begun yet">The log begins when a worker has taken the job.</Empty>;
  }
  return (
    <>
      <div className="ph-tab-bar">
        <Select
          size="xs"
          className="ph-job-attempt"
          aria-label="Attempt"
          allowDeselect={false}
          data={attempts.map((each) => ({
            value: String(each.attempt),
            label: `Attempt ${count(each.attempt)}, ${each.outcome === null ? 'running' : OUTCOME_WORDS[each.outcome].name}`,
          }))}
          value={attempt ? String(attempt.attempt) : null}
          onChange={(value) =>
            onChoose(value === null || Number(value) === newest.attempt ? undefined : Number(value))
          }
        />
        {!attempt && <span className="ph-dim">There is no attempt {chosen} of this job.</span>}
      </div>
      {attempt && <Lines key={attempt.attempt} pilot={pilot} job={job} attempt={attempt} />}
    </>
  );
}

function Lines({ pilot, job, attempt }: { pilot: string; job: Job; attempt: JobAttempt }) {
  const zone = useZone();
  const running = attempt.outcome === null;
  const query = useQuery({
    ...jobLogQuery(pilot, job.job_id, attempt.attempt, running),
    placeholderData: keepPreviousData,
  });
  const place = useRef<HTMLOListElement>(null);
  const following = useRef(true);
  const lines = query.data?.lines ?? [];
  useEffect(() => {
    const box = place.current;
    if (box && running && following.current) box.scrollTop = box.scrollHeight;
  }, [running, lines.length]);

  if (query.error && !query.data)
    return <ProblemNote error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <p className="ph-waiting">Loading…</p>;
  if (lines.length === 0) {
    return (
      <Empty title="Nothing was told of it">
        {running ? 'The first lines come soon.' : 'This attempt has written no line.'}
      </Empty>
    );
  }
  const whole = () =>
    lines
      .map(
        ({ at, level, text }) => `${stampWithMillis(Date.parse(at), 'UTC')}Z ${level.toUpperCase()} ${text}`,
      )
      .join('\n');
  return (
    <>
      <div className="ph-tab-bar">
        <span className="ph-dim ph-num">
          {plural(lines.length, 'line')}, times in {zone.label}
          {running && ', followed while it runs'}
          {query.data.cut && `; only the first ${count(MOST_JOB_LINES)} are shown, ctl has them all`}
        </span>
        <span className="ph-push" />
        <Copy value={whole()} label="Copy the log" />
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          onClick={() =>
            download(
              `${job.job_id}-attempt-${attempt.attempt}.log`,
              'text/plain;charset=utf-8',
              `${whole()}\n`,
            )
          }
        >
          Download
        </Button>
      </div>
      <ol
        className="ph-job-log"
        ref={place}
        tabIndex={0}
        aria-label="Log"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          following.current = scrollHeight - scrollTop - clientHeight < AT_THE_END;
        }}
      >
        {lines.map((line) => (
          <li key={line.number} data-level={line.level}>
            <time dateTime={line.at} title={bothReadings(Date.parse(line.at), zone.pilot)}>
              {fields(Date.parse(line.at), zone.shown).time}
            </time>
            <span className="ph-job-log-level">
              {line.level === 'info' ? (
                <span className="ph-hidden">info</span>
              ) : (
                <>
                  <StateMark kind={LOG_KINDS[line.level]} />
                  <span className="ph-hidden">warning</span>
                </>
              )}
            </span>
            <span>{line.text}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
