import { Progress } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Job } from '../../api/client';
import { barValue } from '../../parts/format';
import { SpeedMeter } from '../../uploads/speed';
import { progressText, shareOf, shortProgressText } from './words';

/** From one look to the next: how fast it is, and how long the rest takes at that speed. */
export function useSpeed(job: Job, lookedAt: number): { perSecond: number | null; left: number | null } {
  const [meter] = useState(() => new SpeedMeter());
  const [speed, setSpeed] = useState<{ perSecond: number | null; left: number | null }>({
    perSecond: null,
    left: null,
  });
  const { done, total } = job.progress;
  const attempt = job.attempts;
  useEffect(() => meter.reset(), [meter, attempt, total]);
  useEffect(() => {
    meter.note(lookedAt, done);
    setSpeed({ perSecond: meter.bytesPerSecond(), left: meter.millisLeft(total - done) });
  }, [meter, lookedAt, done, total]);
  return speed;
}

/** How far a job that runs is; a bar that only moves where the whole is not known. */
export function JobBar({ job }: { job: Job }) {
  const share = shareOf(job);
  return share === null ? (
    <div
      className="ph-job-unknown"
      role="progressbar"
      aria-label={`${job.name}: how far it is, is not known`}
    >
      <span />
    </div>
  ) : (
    <Progress value={barValue(share)} size="sm" aria-label={`How far ${job.name} is`} />
  );
}

export function ProgressLine({
  job,
  lookedAt,
  short = false,
}: {
  job: Job;
  lookedAt: number;
  /** With a share instead of the figures that it is of. */
  short?: boolean;
}) {
  const { perSecond, left } = useSpeed(job, lookedAt);
  const whole = progressText(job, perSecond, left);
  return (
    <span className="ph-num" title={short ? whole : undefined}>
      {(short ? shortProgressText(job, perSecond, left) : whole) || ' '}
    </span>
  );
}
