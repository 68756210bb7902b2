import type { Dump, DumpPartition } from '../../api/client';
import { Empty } from '../../parts/Empty';
import { barValue, count, duration, rate } from '../../parts/format';
import { State } from '../../parts/State';
import { Time } from '../../parts/Time';
import { useZone } from '../../session/zone';
import { missingOf, PARTITION_KINDS, partitionShare, partitionStanding, plural } from './words';

/** Each partition's share of the run: how far, how fast, and what was special in it. */
export function PartitionsTab({ dump, partitions }: { dump: Dump; partitions: readonly DumpPartition[] }) {
  if (partitions.length === 0) {
    return (
      <Empty title="It is not frozen yet">
        Which offsets of which partitions are read is written down first; then they stand here.
      </Empty>
    );
  }
  const most = Math.max(1, ...partitions.map(({ from_offset, to_offset }) => to_offset - from_offset));
  return (
    <ul className="ph-partitions" aria-label="Partitions">
      {partitions.map((partition) => (
        <Partition key={partition.partition} dump={dump} partition={partition} most={most} />
      ))}
    </ul>
  );
}

function Partition({ dump, partition, most }: { dump: Dump; partition: DumpPartition; most: number }) {
  const zone = useZone();
  const standing = partitionStanding(partition, dump.state === 'running');
  const share = partitionShare(partition);
  const offsets = partition.to_offset - partition.from_offset;
  const missing = missingOf(partition);
  const took =
    partition.started_at && partition.finished_at
      ? duration(Date.parse(partition.finished_at) - Date.parse(partition.started_at))
      : null;
  const figures: [string, number, boolean?][] = [
    ['rows', partition.rows],
    ['late', partition.late],
    ['rejected', partition.rejected, true],
    ['repeats', partition.repeats],
    ['redriven', partition.redriven],
  ];
  return (
    <li className="ph-partition" data-standing={standing}>
      <span className="ph-partition-name">
        <State kind={PARTITION_KINDS[standing]}>
          <span>
            <span className="ph-dim">Partition</span>{' '}
            <strong className="ph-num">{partition.partition}</strong>
          </span>
        </State>
      </span>
      <span
        className="ph-partition-track"
        role="progressbar"
        aria-label={`Partition ${partition.partition}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={barValue(share)}
        title={`Offsets ${count(partition.from_offset)} to ${count(partition.to_offset)}, the end excluded`}
      >
        {/* its length says how large the partition is beside the others */}
        <span style={{ width: `${Math.max(2, (100 * offsets) / most)}%` }}>
          <span style={{ width: `${barValue(share)}%` }} />
        </span>
      </span>
      <span className="ph-partition-done ph-num">
        {standing === 'reading'
          ? `${count(partition.read_to - partition.from_offset)} of ${plural(offsets, 'offset')}`
          : standing === 'waiting'
            ? `${plural(offsets, 'offset')}, waiting`
            : standing === 'failed'
              ? `failed at ${count(partition.read_to)}`
              : `${plural(partition.records, 'record')}`}
        {partition.records_per_s !== null && (
          <span className="ph-dim"> · {rate(Math.round(partition.records_per_s))} /s</span>
        )}
        {took !== null && <span className="ph-dim"> · {took}</span>}
      </span>
      <span className="ph-partition-more ph-num">
        {figures
          .filter(([name, value]) => value > 0 || (name === 'rows' && standing !== 'waiting'))
          .map(([name, value, grave]) => (
            <span key={name} data-grave={grave || undefined}>
              {count(value)} <span className="ph-dim">{name}</span>
            </span>
          ))}
        {partition.watermark && (
          <span title="The newest event time that it had told of">
            <span className="ph-dim">told of</span> <Time at={partition.watermark} />{' '}
            <span className="ph-dim">{zone.label}</span>
          </span>
        )}
      </span>
      {missing > 0 && (
        <span className="ph-partition-note" data-kind="slow">
          {plural(missing, 'offset')} missing:{' '}
          {partition.missing
            .slice(0, 6)
            .map(({ from_offset, to_offset }) => `${count(from_offset)} to ${count(to_offset - 1)}`)
            .join(', ')}
          {partition.missing.length > 6 && ` and ${count(partition.missing.length - 6)} more gaps`}
        </span>
      )}
      {partition.failure !== null && (
        <span className="ph-partition-note" data-kind="away">
          {partition.failure}
        </span>
      )}
    </li>
  );
}
