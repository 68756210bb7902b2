package org.pilothouse.local.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pilothouse.local.home.Json;
import org.pilothouse.local.supervise.ProcessState;

class StatusTest {

  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

  @Test
  void shouldShowEveryColumnWhenAProcessIsUp() {
    String table = Status.table(overview(row("kafka", ProcessState.UP, 42L, 0, null, null)), NOW);
    assertThat(table.lines().toList())
        .hasSize(2)
        .element(1)
        .asString()
        .contains("kafka", "up", "42", "18100", "4.3.1", "200 MB");
  }

  @Test
  void shouldKeepTheCrashVisibleWhenTheProcessIsBackUp() {
    Status.Row row =
        row("kafka", ProcessState.UP, 43L, 1, "killed by signal 9", "2026-11-01T11:59:30Z");
    assertThat(Status.table(overview(row), NOW))
        .contains("restarted 1 time; last: killed by signal 9, 30 s ago");
  }

  @Test
  void shouldSayHowToStartWhenNothingRuns() {
    assertThat(Status.table(new Status.Overview("/home", false, List.of()), NOW))
        .contains("./pilothouse up");
  }

  @Test
  void shouldUseSnakeCaseAndKeepNullPidsWhenWrittenAsJson() {
    String json = Json.write(overview(row("kafka", ProcessState.CRASHED, null, 0, null, null)));
    assertThat(json)
        .contains("\"memory_bytes\"", "\"state\" : \"crashed\"", "\"pid\" : null", "\"restarts\"");
  }

  private static Status.Overview overview(Status.Row row) {
    return new Status.Overview("/home", row.state() == ProcessState.UP, List.of(row));
  }

  private static Status.Row row(
      String name, ProcessState state, Long pid, int restarts, String exit, String exitAt) {
    return new Status.Row(
        name, state, pid, 18100, "4.3.1", 200L << 20, restarts, exit, exitAt, null, null, null);
  }
}
