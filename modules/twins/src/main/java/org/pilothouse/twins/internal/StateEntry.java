package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.consume.LogRecord;

/**
 * What a fold on the backbone keeps of a twin: a line with what goes with the state, and the
 * properties as they are told.
 *
 * @param retiredAt when the twin's last predecessor was retired, as far as the state knows
 * @param partition of the telemetry that the last change came from
 * @param offset of the last change there
 * @param givenMillis when the last change was given to the backbone
 */
record StateEntry(
    @Nullable Instant retiredAt,
    int partition,
    long offset,
    long givenMillis,
    @Nullable String device,
    Instant reportedAt,
    String properties) {
  private static final int PARTS = 6;

  static StateEntry of(byte[] stored) {
    String text = new String(stored, UTF_8);
    int end = text.indexOf('\n');
    String[] parts = text.substring(0, Math.max(0, end)).split("\\|", -1);
    if (parts.length != PARTS) {
      throw new IllegalStateException("a folded state cannot be read");
    }
    return new StateEntry(
        parts[0].isEmpty() ? null : Instant.parse(parts[0]),
        Integer.parseInt(parts[1]),
        Long.parseLong(parts[2]),
        Long.parseLong(parts[3]),
        parts[4].isEmpty() ? null : parts[4],
        Instant.parse(parts[5]),
        text.substring(end + 1));
  }

  byte[] bytes() {
    return ((retiredAt == null ? "" : retiredAt)
            + "|"
            + partition
            + "|"
            + offset
            + "|"
            + givenMillis
            + "|"
            + (device == null ? "" : device)
            + "|"
            + reportedAt
            + "\n"
            + properties)
        .getBytes(UTF_8);
  }

  /**
   * Whether the record came in already, before what came last. After a topic was made anew its
   * offsets begin again, and its records were given later.
   */
  boolean holds(LogRecord record) {
    return record.partition().number() == partition
        && record.offset() <= offset
        && record.timestampMillis() <= givenMillis;
  }
}
