package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.testkit.TestDatabase;

/** Reports read page by page, on a real PostgreSQL. */
class ReadingPagesIT {
  private static final PilotId AURORA = new PilotId("aurora");
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  /** More than a page, and in the middle of it reports of one time. */
  private static final int REPORTS = 12_000;

  private final TestDatabase store = TestDatabase.create(List.of("twins"));
  private final ReadingPages pages = new ReadingPages(store.database());

  @AfterEach
  void close() {
    store.close();
  }

  private void report(PilotId pilot, String twin, int count) {
    store
        .database()
        .runInPilot(
            pilot,
            transaction ->
                transaction
                    .createUpdate(
                        "INSERT INTO twins.reading (pilot_id, twin_id, time, props) SELECT :pilot,"
                            + " :twin, CAST(:noon AS timestamptz) + (i / 7) * interval '1 second',"
                            + " jsonb_build_object('n', i) FROM generate_series(0, :count - 1) i")
                    .bind("pilot", pilot.value())
                    .bind("twin", twin)
                    .bind("noon", NOON.toString())
                    .bind("count", count)
                    .execute());
  }

  private List<String> read(Set<TwinId> twins, Instant from, Instant to) throws Exception {
    List<String> seen = new ArrayList<>();
    pages.read(
        AURORA,
        twins,
        from,
        to,
        (twin, model, time, properties) ->
            seen.add(twin + " " + model + " " + properties.replaceAll("\\D", "")));
    return seen;
  }

  @Test
  void shouldTellEachReportOnceAcrossPages() throws Exception {
    report(AURORA, "pump-1", REPORTS);
    report(AURORA, "pump-2", 5);
    report(new PilotId("borealis"), "pump-1", 3);
    store
        .database()
        .runInPilot(
            AURORA,
            transaction ->
                transaction.execute(
                    "INSERT INTO twins.twin (pilot_id, twin_id, model, revision, created_at,"
                        + " updated_at) VALUES ('aurora', 'pump-1', 'pump', 1, now(), now())"));

    List<String> seen = read(Set.of(), NOON, NOON.plusSeconds(100_000));

    assertThat(seen).hasSize(REPORTS + 5).doesNotHaveDuplicates();
    assertThat(seen).contains("pump-1 pump 0", "pump-1 pump " + (REPORTS - 1), "pump-2 null 4");
  }

  @Test
  void shouldTellOnlyOfTheTwinsAndTheWindow() throws Exception {
    report(AURORA, "pump-1", 100);
    report(AURORA, "pump-2", 100);

    List<String> seen =
        read(Set.of(new TwinId("pump-2")), NOON.plusSeconds(1), NOON.plusSeconds(2));

    assertThat(seen)
        .containsExactlyInAnyOrder(
            "pump-2 null 7",
            "pump-2 null 8",
            "pump-2 null 9",
            "pump-2 null 10",
            "pump-2 null 11",
            "pump-2 null 12",
            "pump-2 null 13");
  }
}
