package org.pilothouse.ingest.internal;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.consume.Partition;

/**
 * Where a subscriber stands in the backbone, as the {@code id} of a server-sent event: for each
 * partition of the pilot's live topics the next offset, for example {@code t0:1c-t3:7f-a1:0} (a
 * letter for the topic, the partition, the offset in base 36).
 */
final class StreamPosition {
  private static final int MOST_CHARACTERS = 2_048;
  private static final int RADIX = 36;

  /** The topics that a subscriber sees. */
  private static final Map<TopicKind, Character> LETTERS = new EnumMap<>(TopicKind.class);

  static {
    LETTERS.put(TopicKind.TELEMETRY, 't');
    LETTERS.put(TopicKind.TWIN_STATE, 's');
    LETTERS.put(TopicKind.THREAD, 'l');
    LETTERS.put(TopicKind.ALERTS, 'a');
    LETTERS.put(TopicKind.COMMANDS, 'c');
    LETTERS.put(TopicKind.DATASETS, 'd');
  }

  private StreamPosition() {}

  static boolean shows(TopicKind kind) {
    return LETTERS.containsKey(kind);
  }

  static String id(Map<Partition, Long> next) {
    TreeMap<String, Long> sorted = new TreeMap<>();
    next.forEach((partition, offset) ->
        TopicKind.parse(partition.topic())
            .map(name -> LETTERS.get(name.kind()))
            .ifPresent(letter -> sorted.put(letter.toString() + partition.number(), offset)));
    StringBuilder id = new StringBuilder(sorted.size() * 10);
    sorted.forEach((at, offset) ->
        id.append(id.isEmpty() ? "" : "-")
            .append(at)
            .append(':')
            .append(Long.toString(offset, RADIX)));
    return id.toString();
  }

  /**
   * @throws Problem {@code invalid_cursor} when the text was not made by {@link #id}
   */
  static Map<Partition, Long> parse(PilotId pilot, String id) {
    if (id.length() > MOST_CHARACTERS) {
      throw invalid();
    }
    Map<Partition, Long> next = new HashMap<>();
    try {
      for (String part : id.split("-", -1)) {
        int colon = part.indexOf(':');
        if (colon < 2) {
          throw invalid();
        }
        char letter = part.charAt(0);
        TopicKind kind =
            LETTERS.entrySet().stream()
                .filter(entry -> entry.getValue() == letter)
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(StreamPosition::invalid);
        int partition = Integer.parseInt(part.substring(1, colon));
        long offset = Long.parseLong(part.substring(colon + 1), RADIX);
        if (partition < 0 || partition >= 1_000 || offset < 0) {
          throw invalid();
        }
        next.put(new Partition(kind.of(pilot), partition), offset);
      }
    } catch (NumberFormatException e) {
      throw invalid();
    }
    return next;
  }

  private static Problem invalid() {
    return Problem.at(
        ProblemCode.INVALID_CURSOR, "Last-Event-ID", "it is not an id that this stream gave");
  }
}
