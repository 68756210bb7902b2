package org.pilothouse.warehouse.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.testkit.TestHome;
import org.pilothouse.warehouse.DayFiles.DayFile;
import org.pilothouse.warehouse.DayFiles.DayTable;
import org.pilothouse.warehouse.PilotDay;
import org.pilothouse.warehouse.WarehouseModule;

/** Which files closed days have, as their rows say. */
@Timeout(60)
class StoredDaysIT {
  private static final LocalDate DAY = LocalDate.of(2026, 3, 2);
  private static final int PARTITIONS = 4;
  private static final Plan PLAN =
      new Plan(
          List.of(
              new TableSpec(
                  "pump",
                  4,
                  "Pump",
                  List.of(new Column("rpm", "rpm", Column.Kind.NUMBER, "1/min", "Speed")))),
          Map.of(),
          900);

  private final TestDatabase postgres = TestDatabase.create(WarehouseModule.SCHEMAS);
  private final ObjectStore store =
      new ObjectStore(
          ObjectStoreConfig.from(TestHome.settings()),
          Clock.systemUTC(),
          new SimpleMeterRegistry());
  private final PilotId pilot =
      new PilotId("it-" + EventIds.system().next().toString().substring(9));
  private final StoredDays days = new StoredDays(postgres.database(), store);

  @AfterEach
  void close() {
    store.list(pilot + "/", "", 1_000).items().forEach(object -> store.remove(object.key()));
    store.close();
    postgres.close();
  }

  private void dump(LocalDate date, int revision, String state, String dataset) {
    Instant start = date.atStartOfDay().toInstant(ZoneOffset.UTC);
    postgres
        .database()
        .runInPilot(
            pilot,
            transaction -> {
              transaction
                  .createUpdate(
                      "INSERT INTO warehouse.dump (pilot_id, date, revision, state, time_zone,"
                          + " starts_at, ends_at, close_reason, requested_by, frozen_at, dataset_id,"
                          + " prefix, plan, created_at, updated_at, amends_revision, amends_dataset)"
                          + " VALUES (:pilot, :date, :revision, :state, 'UTC', :start, :end,"
                          + " 'requested', 'platform', now(), :dataset, :prefix, CAST(:plan AS jsonb),"
                          + " now(), now(), :amended, :amends)")
                  .bind("pilot", pilot.value())
                  .bind("date", date)
                  .bind("revision", revision)
                  .bind("state", state)
                  .bind("start", start.atOffset(ZoneOffset.UTC))
                  .bind("end", start.plusSeconds(86_400).atOffset(ZoneOffset.UTC))
                  .bind("dataset", dataset)
                  .bind("prefix", dataset == null ? null : prefix(date, revision))
                  .bind("plan", DumpRows.json(PLAN))
                  .bind("amended", revision == 1 ? null : Integer.valueOf(1))
                  .bind("amends", revision == 1 ? null : "first")
                  .execute();
              for (int partition = 0; partition < PARTITIONS; partition++) {
                transaction
                    .createUpdate(
                        "INSERT INTO warehouse.share (pilot_id, date, revision, partition,"
                            + " from_offset, to_offset, state, read_to) VALUES (:pilot, :date,"
                            + " :revision, :partition, 0, 9, 'done', 9)")
                    .bind("pilot", pilot.value())
                    .bind("date", date)
                    .bind("revision", revision)
                    .bind("partition", partition)
                    .execute();
              }
            });
  }

  private String prefix(LocalDate date, int revision) {
    return pilot + "/" + date + "-" + revision + "/";
  }

  private void part(LocalDate date, int revision, int partition, String kind, String model) {
    boolean rows = !kind.equals("rejects");
    postgres
        .database()
        .runInPilot(
            pilot,
            transaction ->
                transaction
                    .createUpdate(
                        "INSERT INTO warehouse.part (pilot_id, date, revision, partition, key, kind,"
                            + " model, rows, size_bytes, checksum, first_time, last_time) VALUES"
                            + " (:pilot, :date, :revision, :partition, :key, :kind, :model, 5, 4,"
                            + " :checksum, :first, :last)")
                    .bind("pilot", pilot.value())
                    .bind("date", date)
                    .bind("revision", revision)
                    .bind("partition", partition)
                    .bind("key", prefix(date, revision) + kind + "-" + partition)
                    .bind("kind", kind)
                    .bind("model", model)
                    .bind("checksum", new byte[32])
                    .bind("first", rows ? date.atTime(1, 0).atOffset(ZoneOffset.UTC) : null)
                    .bind("last", rows ? date.atTime(23, 0).atOffset(ZoneOffset.UTC) : null)
                    .execute());
  }

  @Test
  void shouldTellTheFilesOfAllRevisionsThatAreClosed() {
    dump(DAY, 1, "complete", "first");
    dump(DAY, 2, "incomplete", "second");
    dump(DAY, 3, "complete", null);
    dump(DAY.plusDays(1), 1, "running", "third");
    part(DAY, 1, 0, "table", "pump");
    part(DAY, 1, 1, "tidy", null);
    part(DAY, 1, 2, "rejects", null);
    part(DAY, 2, 0, "table", "pump");
    part(DAY.plusDays(1), 1, 0, "table", "pump");

    List<DayFile> files = days.files(pilot, DAY, DAY.plusDays(1), Set.of());

    assertThat(files).extracting(DayFile::datasetId).containsExactly("first", "first", "second");
    assertThat(files).extracting(DayFile::model).containsExactly("pump", null, "pump");
    assertThat(files.getFirst().rows()).isEqualTo(5);
    assertThat(days.newest(pilot, 5)).containsExactly(DAY);
    assertThat(days.closed(pilot, DAY, DAY.plusDays(9)))
        .extracting(PilotDay::date)
        .containsExactly(DAY);
    assertThat(days.tables(pilot, DAY, DAY))
        .extracting(DayTable::revision, table -> table.columns().getFirst().unit())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(1, "1/min"),
            org.assertj.core.groups.Tuple.tuple(2, "1/min"));
    assertThat(days.files(new PilotId("other"), DAY, DAY, Set.of())).isEmpty();
  }

  @Test
  void shouldTellOnlyTheFilesThatCanHoldATwin() {
    dump(DAY, 1, "complete", "first");
    for (int partition = 0; partition < PARTITIONS; partition++) {
      part(DAY, 1, partition, "table", "pump");
    }
    TwinId twin = new TwinId("pump-7");

    assertThat(days.files(pilot, DAY, DAY, Set.of(twin)))
        .extracting(DayFile::partition)
        .containsExactly(Partition.numberOf(twin.value().getBytes(UTF_8), PARTITIONS));
  }

  @Test
  void shouldHandOutBytesFromOneOn() throws Exception {
    dump(DAY, 1, "complete", "first");
    part(DAY, 1, 0, "table", "pump");
    DayFile file = days.files(pilot, DAY, DAY, Set.of()).getFirst();
    assertThatThrownBy(() -> days.open(file, 0)).isInstanceOf(Problem.class);
    store.put(file.key(), "application/vnd.apache.parquet", "rows".getBytes(UTF_8));

    try (var in = days.open(file, 2)) {
      assertThat(in.readAllBytes()).isEqualTo("ws".getBytes(UTF_8));
    }
  }
}
