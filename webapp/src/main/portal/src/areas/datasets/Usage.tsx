import { Progress } from '@mantine/core';
import type { StorageUsage } from '../../api/client';
import { barValue, bytes, count } from '../../parts/format';

const NEARLY_FULL = 0.9;

/** A share that is written must never say 100 % while something is free. */
export function percent(used: number, quota: number): string {
  if (quota === 0) return used === 0 ? '0 %' : '100 %';
  const share = (used / quota) * 100;
  if (share > 0 && share < 1) return '< 1 %';
  return `${Math.floor(share)} %`;
}

export function UsageBar({
  label,
  used,
  quota,
  write,
}: {
  label: string;
  used: number;
  quota: number;
  write: (value: number) => string;
}) {
  const share = quota === 0 ? (used > 0 ? 1 : 0) : Math.min(1, used / quota);
  const full = share >= NEARLY_FULL;
  return (
    <div className="ph-usage" data-full={full || undefined}>
      <span className="ph-usage-label">{label}</span>
      <Progress
        value={barValue(share)}
        size="sm"
        color={share >= 1 ? 'red' : full ? 'orange' : undefined}
        aria-label={`${label} used of the quota`}
      />
      <span className="ph-num">
        {write(used)}{' '}
        <span className="ph-dim">
          of {write(quota)} · {percent(used, quota)}
        </span>
      </span>
    </div>
  );
}

export function UsageBars({ usage }: { usage: StorageUsage }) {
  const { used, quota } = usage;
  return (
    <div className="ph-usages">
      <UsageBar label="Bytes" used={used.bytes} quota={quota.bytes} write={bytes} />
      <UsageBar label="Objects" used={used.objects} quota={quota.objects} write={count} />
      <UsageBar label="Uploads at once" used={used.uploads} quota={quota.uploads} write={count} />
    </div>
  );
}
