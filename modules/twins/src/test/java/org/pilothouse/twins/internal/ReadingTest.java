package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.PoisonRecord;

class ReadingTest {
  private static final String TIME = "2026-01-21T10:00:00Z";

  @Test
  void shouldKeepNumbersAsTheyWereWritten() {
    Reading reading =
        Reading.of(
            Telemetry.record(
                1,
                "press-1",
                TIME,
                "{\"a\":71.50,\"b\":1E3,\"c\":true,\"d\":\"on \\\"hold\\\"\",\"__proto__\":-0}"));

    assertThat(reading.twin()).isEqualTo("press-1");
    assertThat(reading.device()).isEqualTo("press-device");
    assertThat(reading.time()).isEqualTo(Instant.parse(TIME));
    assertThat(reading.values().get("a").literal()).isEqualTo("71.50");
    assertThat(reading.values().get("b").literal()).isEqualTo("1E3");
    assertThat(reading.values().get("b").number()).isEqualTo(1000.0);
    assertThat(reading.values().get("c").literal()).isEqualTo("true");
    assertThat(reading.values().get("c").number()).isNull();
    assertThat(reading.values().get("d").literal()).isEqualTo("\"on \\\"hold\\\"\"");
    assertThat(reading.values()).containsKey("__proto__");
  }

  @Test
  void shouldNotCallAPersonADevice() {
    EventHeaders headers =
        new EventHeaders()
            .add(CloudEvents.SOURCE, "/pilots/aurora/people/ada")
            .add(CloudEvents.TIME, TIME);
    LogRecord record =
        new LogRecord(
            Telemetry.PARTITION,
            1,
            0,
            "p".getBytes(UTF_8),
            "{\"values\":{\"a\":1}}".getBytes(UTF_8),
            headers);
    assertThat(Reading.of(record).device()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "1",
        "{\"values\":[1]}",
        "{\"values\":{\"a\":null}}",
        "{\"values\":{\"a\":"
      })
  void shouldRejectWhatIsNotAReading(String line) {
    EventHeaders headers = new EventHeaders().add(CloudEvents.TIME, TIME);
    LogRecord record =
        new LogRecord(
            Telemetry.PARTITION, 7, 0, "p".getBytes(UTF_8), line.getBytes(UTF_8), headers);
    assertThatThrownBy(() -> Reading.of(record))
        .isInstanceOfSatisfying(
            PoisonRecord.class,
            poison -> {
              assertThat(poison.offset()).isEqualTo(7);
              assertThat(poison.reason()).isEqualTo("malformed_json");
            });
  }
}
