package org.pilothouse.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is not as it must be: how often, and the first examples of each kind. */
final class Findings {
  private static final int EXAMPLES = 5;
  private static final int LONGEST = 500;

  /** What a finding counts as. */
  enum Group {
    LOST,
    TWICE,
    NOT_SHOWN,
    MISCOUNTED
  }

  /** What is wrong. */
  enum Kind {
    LOST_EVENT(Group.LOST),
    LOST_COMMAND(Group.LOST),
    LOST_CHANGE(Group.LOST),
    NOT_REJECTED(Group.LOST),
    MISSING_FACT(Group.LOST),
    FACT_TWICE(Group.TWICE),
    WRONG_STATE(Group.NOT_SHOWN),
    WRONG_STATE_EVENT(Group.NOT_SHOWN),
    WRONG_DIGEST(Group.NOT_SHOWN),
    WRONG_COMMAND(Group.NOT_SHOWN),
    WRONG_DESIRED(Group.NOT_SHOWN),
    WRONG_FACT(Group.NOT_SHOWN),
    FACT_OUT_OF_ORDER(Group.NOT_SHOWN),
    WRONGLY_REJECTED(Group.NOT_SHOWN),
    WRONG_SUMMARY(Group.MISCOUNTED),
    WRONG_READINGS(Group.MISCOUNTED),
    LOST_DATASET(Group.LOST),
    WRONG_BYTES(Group.LOST),
    LOST_LINEAGE(Group.LOST),
    POINTER_TO_NOTHING(Group.NOT_SHOWN),
    POINTER_ELSEWHERE(Group.NOT_SHOWN),
    AVAILABLE_WITHOUT_POINTER(Group.NOT_SHOWN),
    WRONG_DATASET_STATE(Group.NOT_SHOWN),
    ORPHANED_OBJECT(Group.MISCOUNTED),
    WRONG_USAGE(Group.MISCOUNTED),
    POINTER_TWICE(Group.TWICE),
    WRONG_TIME(Group.NOT_SHOWN),
    TURNED_AWAY(Group.NOT_SHOWN),
    LOST_JOB(Group.LOST),
    JOB_TWICE(Group.TWICE),
    WRONG_RESULT(Group.NOT_SHOWN),
    WRONG_FENCES(Group.MISCOUNTED);

    private final Group group;

    Kind(Group group) {
      this.group = group;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
  private final Map<Kind, List<String>> examples = new EnumMap<>(Kind.class);

  void add(Kind kind, String what) {
    counts.merge(kind, 1L, Long::sum);
    List<String> some = examples.computeIfAbsent(kind, first -> new ArrayList<>());
    if (some.size() < EXAMPLES) {
      some.add(shortened(what));
    }
  }

  void addAll(Findings others) {
    others.counts.forEach((kind, count) -> counts.merge(kind, count, Long::sum));
    others.examples.forEach(
        (kind, some) -> examples.computeIfAbsent(kind, first -> new ArrayList<>()).addAll(some));
  }

  private static String shortened(String text) {
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
  }

  boolean isEmpty() {
    return counts.isEmpty();
  }

  long of(Kind kind) {
    return counts.getOrDefault(kind, 0L);
  }

  long of(Group group) {
    return counts.entrySet().stream()
        .filter(each -> each.getKey().group == group)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  Map<String, Long> counts() {
    Map<String, Long> named = new LinkedHashMap<>();
    counts.forEach((kind, count) -> named.put(kind.word(), count));
    return named;
  }

  Map<String, List<String>> examples() {
    Map<String, List<String>> named = new LinkedHashMap<>();
    examples.forEach((kind, some) -> named.put(kind.word(), List.copyOf(some)));
    return named;
  }

  /** Says what was found, each kind with its examples. */
  void tell() {
    Map<String, List<String>> examples = examples();
    counts()
        .forEach((kind, count) ->
            IngestHttp.say("  %s: %,d %s", kind, count, examples.getOrDefault(kind, List.of())));
  }
}
