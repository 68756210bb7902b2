package org.pilothouse.warehouse.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.warehouse.DayFiles;
import org.pilothouse.warehouse.PilotDay;

/** Tells which files closed days have, and hands them out. */
final class StoredDays implements DayFiles {
  private static final String CLOSED =
      " d.pilot_id = :pilot AND d.state IN ('complete', 'incomplete') AND d.dataset_id IS NOT NULL";

  private final Database database;
  private final ObjectStore store;

  StoredDays(Database database, ObjectStore store) {
    this.database = database;
    this.store = store;
  }

  @Override
  public List<LocalDate> newest(PilotId pilot, int most) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT DISTINCT d.date FROM warehouse.dump d WHERE"
                        + CLOSED
                        + " ORDER BY d.date DESC LIMIT :most")
                .bind("pilot", pilot.value())
                .bind("most", most)
                .mapTo(LocalDate.class)
                .list());
  }

  @Override
  public List<PilotDay> closed(PilotId pilot, LocalDate from, LocalDate to) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT d.date, d.starts_at, d.ends_at FROM warehouse.dump d WHERE"
                        + CLOSED
                        + " AND d.revision = 1 AND d.date BETWEEN :from AND :to ORDER BY d.date")
                .bind("pilot", pilot.value())
                .bind("from", from)
                .bind("to", to)
                .map((row, context) ->
                    new PilotDay(
                        row.getObject("date", LocalDate.class),
                        DumpRows.instant(row, "starts_at"),
                        DumpRows.instant(row, "ends_at")))
                .list());
  }

  private record Found(DayFile file, boolean its) {}

  @Override
  public List<DayFile> files(PilotId pilot, LocalDate from, LocalDate to, Set<TwinId> twins) {
    List<byte[]> keys = twins.stream().map(twin -> twin.value().getBytes(UTF_8)).toList();
    return database
        .inPilot(
            pilot,
            transaction ->
                transaction
                    .createQuery(
                        "SELECT p.date, p.revision, d.dataset_id, p.partition, p.key, p.kind, p.model,"
                            + " p.rows, p.size_bytes, p.checksum, p.first_time, p.last_time, (SELECT"
                            + " array_agg(DISTINCT days.count) FROM"
                            + " (SELECT count(*)::integer AS count FROM warehouse.share s"
                            + " WHERE s.pilot_id = p.pilot_id AND s.revision = 1"
                            + " AND s.date BETWEEN p.date - 2 AND p.date GROUP BY s.date) AS days)"
                            + " AS partitions FROM warehouse.dump d JOIN warehouse.part p"
                            + " USING (pilot_id, date, revision) WHERE"
                            + CLOSED
                            + " AND d.date BETWEEN :from AND :to AND p.kind IN ('table', 'tidy')"
                            + " ORDER BY p.date, p.revision, p.key")
                    .bind("pilot", pilot.value())
                    .bind("from", from)
                    .bind("to", to)
                    .map((row, context) -> {
                      PartFile part = DumpRows.part(row);
                      Integer[] counts = (Integer[]) row.getArray("partitions").getArray();
                      return new Found(
                          new DayFile(
                              row.getObject("date", LocalDate.class),
                              row.getInt("revision"),
                              row.getString("dataset_id"),
                              part.key(),
                              part.model(),
                              part.partition(),
                              part.rows(),
                              part.size(),
                              part.checksum(),
                              Objects.requireNonNull(part.first()),
                              Objects.requireNonNull(part.last())),
                          keys.isEmpty()
                              || keys.stream()
                                  .anyMatch(key -> holds(part.partition(), key, counts)));
                    })
                    .list())
        .stream()
        .filter(Found::its)
        .map(Found::file)
        .toList();
  }

  /** A topic may have got more partitions in the middle of a day. */
  private static boolean holds(int partition, byte[] key, Integer[] counts) {
    return Stream.of(counts).anyMatch(count -> Partition.numberOf(key, count) == partition);
  }

  @Override
  public List<DayTable> tables(PilotId pilot, LocalDate from, LocalDate to) {
    return database
        .inPilot(
            pilot,
            transaction ->
                transaction
                    .createQuery(
                        "SELECT d.date, d.revision, d.plan::text AS plan FROM warehouse.dump d WHERE"
                            + CLOSED
                            + " AND d.date BETWEEN :from AND :to ORDER BY d.date, d.revision")
                    .bind("pilot", pilot.value())
                    .bind("from", from)
                    .bind("to", to)
                    .map((row, context) -> {
                      LocalDate date = row.getObject("date", LocalDate.class);
                      int revision = row.getInt("revision");
                      return DumpRows.plan(row.getString("plan")).tables().stream()
                          .map(table -> table(date, revision, table))
                          .toList();
                    })
                    .list())
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private static DayTable table(LocalDate date, int revision, TableSpec table) {
    return new DayTable(
        date,
        revision,
        table.model(),
        table.title(),
        table.columns().stream()
            .map(column ->
                new DayColumn(
                    column.name(),
                    column.property(),
                    column.kind().name().toLowerCase(Locale.ROOT),
                    column.unit(),
                    column.title()))
            .toList());
  }

  @Override
  public InputStream open(DayFile file, long from) {
    return store
        .open(file.key(), from)
        .orElseThrow(() ->
            Problem.of(
                ProblemCode.OBJECT_MISSING,
                "A file of " + file.date() + " is no longer in the hold."));
  }
}
