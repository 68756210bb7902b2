package org.pilothouse.ingest.internal;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.EventType;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.consume.LogRecord;

/**
 * What a subscriber wants to see; an empty set means all.
 *
 * @param twins the events' subjects
 * @param types CloudEvents types
 */
public record StreamFilter(Set<String> twins, Set<String> types) {
  private static final int MOST_TWINS = 50;
  private static final int MOST_TYPES = 20;

  /** It says again what telemetry said: only who asks for it by name gets it. */
  private static final byte[] STATE =
      EventType.TWIN_STATE.type().getBytes(StandardCharsets.US_ASCII);

  public StreamFilter {
    twins = Set.copyOf(twins);
    types = Set.copyOf(types);
  }

  /**
   * @throws Problem {@code invalid_id} or {@code invalid_value}
   */
  public static StreamFilter of(List<String> twins, List<String> types) {
    if (twins.size() > MOST_TWINS || types.size() > MOST_TYPES) {
      throw Problem.of(
          ProblemCode.INVALID_VALUE,
          "at most " + MOST_TWINS + " twins and " + MOST_TYPES + " types");
    }
    for (String twin : twins) {
      if (!Names.isTwinId(twin)) {
        throw Problem.at(
            ProblemCode.INVALID_ID, "twin", "'" + Names.shown(twin) + "' is not a twin id");
      }
    }
    for (String type : types) {
      if (!type.matches("[a-z0-9.-]{1,128}")) {
        throw Problem.at(
            ProblemCode.INVALID_VALUE,
            "type",
            "'" + Names.shown(type) + "' is not a type of event");
      }
    }
    return new StreamFilter(Set.copyOf(twins), Set.copyOf(types));
  }

  boolean wants(LogRecord record) {
    byte[] type = record.headers().bytes("ce_type");
    return isWanted(twins, record.headers().bytes("ce_subject"))
        && isWanted(types, type)
        && !(types.isEmpty() && Arrays.equals(STATE, type));
  }

  private static boolean isWanted(Set<String> wanted, byte @Nullable [] value) {
    return wanted.isEmpty()
        || (value != null && wanted.contains(new String(value, StandardCharsets.UTF_8)));
  }
}
