package org.pilothouse.ingest.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.ProblemCode;

class LineReaderTest {
  private static final long NOW = Instant.parse("2026-11-21T12:00:00Z").toEpochMilli();
  private final LineReader reader = new LineReader(NOW);

  private ProblemCode read(String line) {
    return read(line.getBytes(UTF_8));
  }

  private ProblemCode read(byte[] line) {
    return reader.read(line, 0, line.length);
  }

  private static String values(String values) {
    return "{\"twin\":\"pump-7\",\"time\":\"2026-11-21T10:00:00Z\",\"values\":" + values + "}";
  }

  @Test
  void shouldTellWhatTheLineSaysWhenItIsGood() {
    assertThat(
            read(
                "{\"id\":\"a:1\",\"twin\":\"pump-7\",\"time\":\"2026-11-21T10:00:00.250Z\",\"values\":{\"t\":1.5e3,\"on\":true,\"s\":\"ü\"}}"))
        .isNull();
    assertThat(reader.id()).isEqualTo("a:1");
    assertThat(reader.twin()).isEqualTo("pump-7");
    assertThat(reader.timeMillis())
        .isEqualTo(Instant.parse("2026-11-21T10:00:00.250Z").toEpochMilli());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"t\":NaN}|MALFORMED_JSON",
        "{\"t\":Infinity}|MALFORMED_JSON",
        "{\"t\":-Infinity}|MALFORMED_JSON",
        "{\"t\":1e400}|INVALID_VALUE",
        "{\"t\":null}|INVALID_VALUE",
        "{\"t\":[1]}|INVALID_VALUE",
        "{\"t\":{}}|INVALID_VALUE",
        "{}|INVALID_VALUE",
        "[]|INVALID_VALUE",
        "{\"t\":1,\"t\":2}|DUPLICATE_KEY",
        "{\"a/b\":1}|INVALID_VALUE",
        "{\"\":1}|INVALID_VALUE",
        "{\"t\":01}|MALFORMED_JSON",
        "{\"t\":1|MALFORMED_JSON",
      })
  void shouldRefuseValuesWhenTheyAreNotPlainAndFinite(String values, ProblemCode code) {
    assertThat(read(values(values))).isEqualTo(code);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1999-12-31T23:59:59Z",
            "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T10:00:60Z", "2026-11-21T10:00Z", "2026-11-21 10:00:00Z", "2026-11-21T10:00:00",
            "2026-11-21T10:00:00+19:00",
        "2026-11-21T10:00:00.Z", "2026-11-23T00:00:00Z", "", "now",
            "2026-11-21T10:00:00.1234567890Z"
      })
  void shouldRefuseATimeWhenItIsNotRfc3339OrOutsideTheRange(String time) {
    assertThat(read("{\"twin\":\"a\",\"time\":\"" + time + "\",\"values\":{\"t\":1}}"))
        .isEqualTo(ProblemCode.INVALID_TIME);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-21T10:00:00+05:45,2026-11-21T04:15:00Z",
    "2026-11-21T10:00:00.123456789Z,2026-11-21T10:00:00.123Z",
    "2024-02-29T23:59:59.9-11:30,2024-03-01T11:29:59.900Z"
  })
  void shouldReadATimeWhenItsOffsetOrFractionIsOdd(String time, Instant instant) {
    assertThat(EventTime.instant(time, NOW)).isEqualTo(instant);
  }

  @Test
  void shouldAgreeWithJavaWhenATimeIsPlain() {
    for (int day = 0; day < 10_000; day++) {
      Instant instant = Instant.parse("2000-01-01T00:00:00Z").plusSeconds(day * 83_003L);
      assertThat(EventTime.instant(instant.toString(), NOW)).isEqualTo(instant);
    }
  }

  @Test
  void shouldRefuseEachKindOfBrokenLine() {
    assertThat(read("")).isEqualTo(ProblemCode.MALFORMED_JSON);
    assertThat(read("[".repeat(60_000))).isEqualTo(ProblemCode.MALFORMED_JSON);
    assertThat(read("{\"x\":" + "[".repeat(60_000))).isEqualTo(ProblemCode.UNKNOWN_FIELD);
    assertThat(read(values("{\"t\":" + "9".repeat(50_000) + "}")))
        .isEqualTo(ProblemCode.INVALID_VALUE);
    assertThat(read(values("{\"t\":1}") + "{}")).isEqualTo(ProblemCode.MALFORMED_JSON);
    assertThat(read(new byte[] {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', ':', '1', '}'}))
        .isEqualTo(ProblemCode.MALFORMED_JSON);
    assertThat(read("{\"twin\":\"../x\",\"time\":\"2026-11-21T10:00:00Z\",\"values\":{\"t\":1}}"))
        .isEqualTo(ProblemCode.INVALID_ID);
    assertThat(
            read("{\"twin\":\"a\\u0000\",\"time\":\"2026-11-21T10:00:00Z\",\"values\":{\"t\":1}}"))
        .isEqualTo(ProblemCode.INVALID_ID);
    assertThat(read("{\"twin\":\"a\",\"values\":{\"t\":1}}")).isEqualTo(ProblemCode.MISSING_FIELD);
    assertThat(read("{\"twin\":\"a\",\"twin\":\"b\"}")).isEqualTo(ProblemCode.DUPLICATE_KEY);
    assertThat(read(new byte[LineReader.MOST_BYTES + 1])).isEqualTo(ProblemCode.TOO_LARGE);
  }

  @Test
  void shouldFindARepeatedNameWhenThereAreMany() {
    StringBuilder values = new StringBuilder("{");
    for (int i = 0; i < 200; i++) {
      values.append("\"v").append(i).append("\":").append(i).append(',');
    }
    assertThat(read(values(values + "\"w\":0}"))).isNull();
    assertThat(read(values(values + "\"v150\":0}"))).isEqualTo(ProblemCode.DUPLICATE_KEY);
  }
}
