package org.pilothouse.warehouse.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimesTest {
  private static final String BEFORE = "2026-11-28T23:59:30.5Z";

  private final EventTimes times = new EventTimes();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2026-11-28T23:59:59.999999999Z",
        "2026-11-28T23:59:00Z",
        "2026-11-28T23:59:60Z",
        "2026-11-28T23:59:7Z",
        "2026-11-28T23:59:07.Z",
        "2026-11-28T23:59:07.1234567890Z",
        "2026-11-28T23:59:07.12x4Z",
        "2026-11-28T23:59:07+01:00",
        "2026-11-28T23:59:07",
        "2026-11-28T23:59:",
        "2026-11-28T23:59",
        "2026-02-30T23:59:07Z",
        "1969-12-31T23:59:59.000001Z",
        "next week",
        "ü026-11-28T23:59:07Z",
        ""
      })
  void shouldReadEachTimeAsIfItStoodAlone(String text) {
    long alone = ShareWriter.micros(text);

    assertThat(new EventTimes().micros(text.getBytes(UTF_8))).isEqualTo(alone);
    var unused = times.micros(BEFORE.getBytes(UTF_8));
    assertThat(times.micros(text.getBytes(UTF_8))).as("after another").isEqualTo(alone);
    assertThat(times.micros(text.getBytes(UTF_8))).as("after itself").isEqualTo(alone);
  }

  @Test
  void shouldReadTimesOfAWholeDay() {
    Random random = new Random(3);
    Instant start = Instant.parse("2026-03-29T00:00:00Z");
    for (int i = 0; i < 20_000; i++) {
      Instant time = start.plusMillis(i * 4_321L).plusNanos(random.nextInt(1_000_000));
      assertThat(times.micros(time.toString().getBytes(UTF_8))).isEqualTo(ShareWriter.micros(time));
    }
  }
}
