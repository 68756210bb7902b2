package org.pilothouse.warehouse.rest;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.warehouse.internal.Share;

/** One partition's part of a revision. */
record PartitionBody(
    int partition,
    String state,
    long fromOffset,
    long toOffset,
    long readTo,
    @Nullable Instant watermark,
    long records,
    long events,
    long rows,
    long late,
    long rejected,
    long repeats,
    long redriven,
    List<GapBody> missing,
    @Nullable String failure,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Double recordsPerS) {
  /** Offsets that the backbone no longer had, the end excluded. */
  record GapBody(long fromOffset, long toOffset) {}

  static PartitionBody of(Share share, Instant now) {
    Share.Counts counts = share.counts();
    return new PartitionBody(
        share.partition(),
        share.done() ? "done" : "waiting",
        share.from(),
        share.to(),
        share.readTo(),
        share.watermark(),
        counts.records(),
        counts.events(),
        counts.rows(),
        counts.late(),
        counts.rejected(),
        counts.repeats(),
        share.redrive().events(),
        share.missing().stream().map(gap -> new GapBody(gap.from(), gap.to())).toList(),
        share.failure(),
        share.startedAt(),
        share.finishedAt(),
        share.perSecond(now));
  }
}
