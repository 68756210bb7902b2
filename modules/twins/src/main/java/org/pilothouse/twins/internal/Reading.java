package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.PoisonRecord;

/**
 * What a record of telemetry says.
 *
 * @param time event time
 * @param givenMillis when it was given to the backbone, in milliseconds since 1970
 * @param device the device that reported, where its source names one
 */
record Reading(
    String twin,
    Instant time,
    long givenMillis,
    @Nullable String device,
    Map<String, Reported> values) {
  /**
   * @throws PoisonRecord when it is not a reading
   */
  static Reading of(LogRecord record) {
    return new Readings().of(record, twin(record));
  }

  Reading with(Map<String, Reported> other) {
    return new Reading(twin, time, givenMillis, device, other);
  }

  /**
   * Whose reading it is.
   *
   * @throws PoisonRecord when it is nobody's
   */
  static String twin(LogRecord record) {
    byte[] key = record.key();
    if (key == null) {
      throw new PoisonRecord(record, "missing_field", "telemetry without key");
    }
    String twin = new String(key, StandardCharsets.UTF_8);
    if (!Names.isTwinId(twin)) {
      throw new PoisonRecord(record, "invalid_id", "the key is not a twin id");
    }
    return twin;
  }

  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2);
    quote(text, quoted);
    return quoted.toString();
  }

  static void quote(String text, StringBuilder json) {
    json.append('"');
    JsonStringEncoder.getInstance().quoteAsString(text, json);
    json.append('"');
  }
}
