package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read in short is what the parser of all JSON reads. */
class PlainLinesTest {
  private static final Instant TIME = Instant.parse("2026-11-21T10:00:00Z");
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\\"",
    "\\u0041",
    " ",
    "\n",
    "\t",
    "0",
    "1",
    "-",
    "+",
    ".",
    "e",
    "E5",
    "007",
    "12.50",
    "-0",
    "1e400",
    "true",
    "false",
    "null",
    "tru",
    "nan",
    "\"values\"",
    "\"values\":{",
    "\"a\"",
    "\"a\":1",
    "\"b\":\"x\"",
    "\"b\":\"ü\"",
    "\"\"",
    "é",
    "\u0001",
    "\u007f"
  };
  private final PlainLines lines = new PlainLines();

  @Test
  void shouldReadTheUsualLine() {
    Map<String, Reported> values =
        lines.values(
            " {\"id\":\"e-1\", \"twin\":\"press-1\",\"time\":\"2026-11-21T10:00:00Z\",\"n\":-1.5e3,\"values\" : { \"b\":71.50 ,\"a\":true,\"on.off\":\"on hold\",\"z\":-0}\n}"
                .getBytes(UTF_8),
            TIME);
    assertThat(values)
        .containsExactly(
            Map.entry("b", new Reported("71.50", TIME)),
            Map.entry("a", new Reported("true", TIME)),
            Map.entry("on.off", new Reported("\"on hold\"", TIME)),
            Map.entry("z", new Reported("-0", TIME)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "{\"values\":{}}",
        "{\"values\":[1]}",
        "{\"values\":{\"a\":null}}",
        "{\"values\":{\"a\":01}}",
        "{\"values\":{\"a\":1.}}",
        "{\"values\":{\"a\":.5}}",
        "{\"values\":{\"a\":1e}}",
        "{\"values\":{\"a\":+1}}",
        "{\"values\":{\"a\":NaN}}",
        "{\"values\":{\"a\":\"\\n\"}}",
        "{\"values\":{\"a\":\"ü\"}}",
        "{\"values\":{\"ü\":1}}",
        "{\"values\":{\"a\":1,}}",
        "{\"values\":{\"a\":1}",
        "{\"values\":{\"a\":{\"b\":1}}}",
        "{\"more\":{},\"values\":{\"a\":1}}",
        "{\"values\":{\"a\":tru"
      })
  void shouldLeaveWhatHasAnotherForm(String line) {
    assertThat(lines.values(line.getBytes(UTF_8), TIME)).isNull();
  }

  @Test
  void shouldTellNamesOfOneHashApart() {
    // "Aa" and "BB" have one hash, as texts have it.
    assertThat(
            lines.values(
                "{\"values\":{\"Aa\":1,\"BB\":2,\"AaAa\":3,\"BBBB\":4}}".getBytes(UTF_8), TIME))
        .containsOnlyKeys("Aa", "BB", "AaAa", "BBBB");
  }

  @Test
  void shouldLeaveWhatIsTooLong() {
    String number = "1".repeat(101);
    assertThat(lines.values(("{\"values\":{\"a\":" + number + "}}").getBytes(UTF_8), TIME))
        .isNull();
    String text = "x".repeat(2_000);
    assertThat(lines.values(("{\"values\":{\"a\":\"" + text + "\"}}").getBytes(UTF_8), TIME))
        .isNull();
  }

  @Test
  void shouldReadNothingOtherwiseThanTheParser() {
    Random random = new Random(7);
    int plain = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] line = line(random).getBytes(UTF_8);
      Map<String, Reported> read = lines.values(line, TIME);
      if (read != null) {
        plain++;
        assertThat(new ArrayList<>(read.entrySet()))
            .as(new String(line, UTF_8))
            .isEqualTo(parsed(line));
      }
    }
    assertThat(plain).isGreaterThan(5_000);
  }

  private static List<Map.Entry<String, Reported>> parsed(byte[] line) {
    try {
      return new ArrayList<>(Readings.parsed(line, TIME).entrySet());
    } catch (IOException e) {
      throw new AssertionError("the parser refuses " + new String(line, UTF_8), e);
    }
  }

  /** A right line, with some of it replaced by something else. */
  private static String line(Random random) {
    StringBuilder line = new StringBuilder("{\"twin\":\"t\",\"values\":{");
    for (int i = random.nextInt(4); i >= 0; i--) {
      line.append('"').append("abc".charAt(random.nextInt(3))).append("\":");
      line.append(PIECES[13 + random.nextInt(PIECES.length - 13)]).append(i == 0 ? "}}" : ",");
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      int at = random.nextInt(line.length());
      int end = Math.min(line.length(), at + random.nextInt(3));
      line.replace(at, end, PIECES[random.nextInt(PIECES.length)]);
    }
    return line.toString();
  }
}
