package org.pilothouse.local.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pilothouse.local.home.Json;

class StackPlanTest {

  @Test
  void shouldBeTheSameWhenReadBackFromItsFile() {
    List<Probe> probes =
        List.of(
            new Probe.Kafka(1),
            new Probe.Postgres(2, "user", "database"),
            new Probe.Amqp(3),
            new Probe.Mqtt(4),
            new Probe.ErlangNames(5),
            new Probe.Http(6, "/health/ready", false));
    StackPlan plan =
        new StackPlan(18100, 9181, 18109, probes.stream().map(StackPlanTest::process).toList());
    assertThat(Json.parse(Json.write(plan), StackPlan.class)).isEqualTo(plan);
  }

  @Test
  void shouldSayHowAProcessEnded() {
    assertThat(WatchedProcess.describe(137)).isEqualTo("killed by signal 9");
    assertThat(WatchedProcess.describe(1)).isEqualTo("exited with 1");
  }

  private static ProcessPlan process(Probe probe) {
    return new ProcessPlan(
        probe.getClass().getSimpleName(),
        "1.0",
        1,
        List.of("run", "it"),
        Map.of("KEY", "value"),
        Path.of("/somewhere"),
        Path.of("/somewhere/log"),
        List.of("other"),
        probe,
        probe,
        60,
        "TERM",
        30);
  }
}
