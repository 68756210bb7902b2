package org.pilothouse.benchmarks;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Random;

/**
 * An NDJSON body whose lines are about 200 bytes long. It is built once; before each request only
 * the digits of the ids are overwritten, so that the load generator takes little of the machine
 * that is measured.
 */
final class TelemetryBody {
  private static final int DIGITS = 12;
  private static final int TWINS = 1_000;

  private final byte[] bytes;
  private final int[] counters;

  /**
   * @param run makes the ids of two runs differ; at most 16 characters
   * @param seed gives each connection values and twins of its own
   */
  TelemetryBody(String run, int lines, long seed, Instant time) {
    Random random = new Random(seed);
    ByteArrayOutputStream out = new ByteArrayOutputStream(lines * 210);
    counters = new int[lines];
    Instant at = time.truncatedTo(ChronoUnit.SECONDS);
    for (int i = 0; i < lines; i++) {
      text(out, "{\"id\":\"" + run + "-");
      counters[i] = out.size();
      text(out, "0".repeat(DIGITS));
      text(
          out,
          String.format(
              Locale.ROOT,
              "\",\"twin\":\"machine-%04d\",\"time\":\"%s\",\"values\":{\"temperature\":%.2f,"
                  + "\"pressure\":%.3f,\"vibration\":%.4f,\"speed\":%d,\"state\":\"running\"}}\n",
              random.nextInt(TWINS),
              at.plusMillis(random.nextInt(999) + 1),
              20 + random.nextDouble() * 60,
              1 + random.nextDouble() * 9,
              random.nextDouble() * 4,
              1_000 + random.nextInt(2_000)));
    }
    bytes = out.toByteArray();
  }

  private static void text(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Numbers the lines from here on. */
  void number(long first) {
    for (int i = 0; i < counters.length; i++) {
      long value = first + i;
      for (int at = counters[i] + DIGITS - 1; at >= counters[i]; at--) {
        bytes[at] = (byte) ('0' + value % 10);
        value /= 10;
      }
    }
  }

  byte[] bytes() {
    return bytes;
  }

  int lines() {
    return counters.length;
  }
}
