package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.web.Json;
import org.pilothouse.warehouse.Dump;

/**
 * What a closed day says of itself. All of it follows from the plan and the files, so that the same
 * day gives the same bytes.
 */
record Manifest(
    String format,
    PilotId pilotId,
    LocalDate date,
    int revision,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Amends amends,
    String state,
    @Nullable String datasetId,
    String timeZone,
    Interval interval,
    @Nullable String closeReason,
    @Nullable Instant frozenAt,
    long latenessS,
    Totals totals,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Redrive redrive,
    Map<Integer, Long> factsTo,
    List<PartitionLine> partitions,
    List<Table> tables,
    List<PartLine> parts) {
  private static final String FORMAT = "pilothouse-closed-day/1";

  record Interval(Instant start, Instant end) {}

  record Totals(
      long records,
      long otherDays,
      long events,
      long rows,
      long late,
      long rejected,
      long repeats) {
    static Totals of(Share.Counts counts) {
      return new Totals(
          counts.records(),
          counts.otherDays(),
          counts.events(),
          counts.rows(),
          counts.late(),
          counts.rejected(),
          counts.repeats());
    }
  }

  /** What a correction amends: the day is the union of its revisions. */
  record Amends(int revision, String datasetId) {}

  /** What became of records that earlier revisions had rejected; the totals hold them too. */
  record Redrive(long taken, long events, long rejected) {
    static @Nullable Redrive of(Dump dump, Share.Redrive counts) {
      return dump.redriveRejects()
          ? new Redrive(counts.taken(), counts.events(), counts.rejected())
          : null;
    }
  }

  record Gap(long fromOffset, long toOffset) {}

  record PartitionLine(
      int partition,
      long fromOffset,
      long toOffset,
      @Nullable Instant watermark,
      Totals totals,
      List<Gap> missing) {}

  record ColumnLine(
      String name, String property, String kind, @Nullable String unit, @Nullable String title) {}

  record Table(
      String model,
      long modelRevision,
      @Nullable String title,
      long rows,
      List<ColumnLine> columns) {}

  /**
   * @param path below the directory of the manifest
   */
  record PartLine(
      String path,
      String kind,
      @Nullable String model,
      int partition,
      long rows,
      long sizeBytes,
      String checksum,
      @Nullable Instant firstTime,
      @Nullable Instant lastTime) {}

  static Manifest of(
      Dump dump, String prefix, Plan plan, List<Share> shares, List<PartFile> parts) {
    Share.Counts total = Share.Counts.NONE;
    Share.Redrive redrive = Share.Redrive.NONE;
    List<PartitionLine> partitions = new ArrayList<>();
    boolean missing = false;
    Dump.Amends amends = dump.amends();
    for (Share share : shares) {
      total = total.plus(share.counts());
      redrive = redrive.plus(share.redrive());
      missing |= !share.missing().isEmpty();
      partitions.add(
          new PartitionLine(
              share.partition(),
              share.from(),
              share.to(),
              share.watermark(),
              Totals.of(share.counts()),
              share.missing().stream().map(gap -> new Gap(gap.from(), gap.to())).toList()));
    }
    return new Manifest(
        FORMAT,
        dump.pilot(),
        dump.day().date(),
        dump.revision(),
        amends == null ? null : new Amends(amends.revision(), amends.datasetId()),
        missing ? "incomplete" : "complete",
        dump.datasetId(),
        dump.timeZone(),
        new Interval(dump.day().start(), dump.day().end()),
        dump.closeReason() == null ? null : dump.closeReason().word(),
        dump.frozenAt(),
        plan.latenessSeconds(),
        Totals.of(total),
        Redrive.of(dump, redrive),
        plan.factsTo(),
        partitions,
        plan.tables().stream().map(table -> table(table, parts)).toList(),
        parts.stream().map(part -> line(part, prefix)).toList());
  }

  private static Table table(TableSpec table, List<PartFile> parts) {
    return new Table(
        table.model(),
        table.revision(),
        table.title(),
        parts.stream()
            .filter(part -> table.model().equals(part.model()))
            .mapToLong(PartFile::rows)
            .sum(),
        table.columns().stream()
            .map(column ->
                new ColumnLine(
                    column.name(),
                    column.property(),
                    column.kind().name().toLowerCase(java.util.Locale.ROOT),
                    column.unit(),
                    column.title()))
            .toList());
  }

  private static PartLine line(PartFile part, String prefix) {
    return new PartLine(
        part.key().substring(prefix.length()),
        part.kind().word(),
        part.model(),
        part.partition(),
        part.rows(),
        part.size(),
        part.checksum().toString(),
        part.first(),
        part.last());
  }

  boolean isComplete() {
    return state.equals("complete");
  }

  byte[] json() {
    try {
      return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
