package org.pilothouse.warehouse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.warehouse.RunClaim;

/** The lines of a run in PostgreSQL. */
@Timeout(120)
class RunLogIT {
  private static final PilotId PILOT = new PilotId("aurora");
  private static final LocalDate DATE = LocalDate.of(2026, 7, 1);
  private static final RunClaim RUN = new RunClaim(PILOT, DATE, 1, 0);

  private final TestDatabase postgres = TestDatabase.create(List.of("warehouse"));
  private final RunLog log = new RunLog(postgres.database());

  @AfterEach
  void close() throws Exception {
    postgres.close();
  }

  @Test
  void shouldKeepTheFirstLinesAndTheLast() {
    tell(1_000);

    List<RunLog.Told> first = log.read(PILOT, DATE, 1, 0, 251);
    List<RunLog.Told> rest = log.read(PILOT, DATE, 1, first.getLast().number(), 500);

    assertThat(first.get(249).text()).isEqualTo("line 250");
    assertThat(first.get(250).text()).isEqualTo("500 lines were dropped here.");
    assertThat(rest).hasSize(250);
    assertThat(rest.getFirst().text()).isEqualTo("line 751");
    assertThat(rest.getLast().text()).isEqualTo("line 1000");
    assertThat(log.read(PILOT, DATE, 1, rest.getLast().number(), 500)).isEmpty();
  }

  @Test
  void shouldReadPageByPage() {
    tell(5);

    List<RunLog.Told> page = log.read(PILOT, DATE, 1, 0, 2);

    assertThat(page).extracting(RunLog.Told::text).containsExactly("line 1", "line 2");
    assertThat(log.read(PILOT, DATE, 1, page.getLast().number(), 100))
        .extracting(RunLog.Told::text)
        .containsExactly("line 3", "line 4", "line 5");
  }

  private void tell(int lines) {
    postgres
        .database()
        .runInPilot(
            PILOT,
            transaction -> {
              transaction
                  .createUpdate(
                      "INSERT INTO warehouse.dump (pilot_id, date, revision, state, time_zone,"
                          + " starts_at, ends_at, close_reason, requested_by, created_at,"
                          + " updated_at) VALUES (:pilot, :date, 1, 'running', 'UTC', now(),"
                          + " now(), 'requested', 'test', now(), now())")
                  .bind("pilot", PILOT.value())
                  .bind("date", DATE)
                  .execute();
              for (int i = 1; i <= lines; i++) {
                RunLog.add(transaction, RUN, RunLog.info("line " + i));
              }
            });
  }
}
