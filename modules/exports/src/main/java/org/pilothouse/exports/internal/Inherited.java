package org.pilothouse.exports.internal;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;

/**
 * What a result takes over of what it was made from: the strictest classification, personal data
 * where there is any, incompleteness, and what all say alike.
 */
final class Inherited {
  private static final String CLASSIFICATION = "classification";
  private static final String PERSONAL = "personal_data";
  private static final String COMPLETENESS = "completeness";
  private static final List<String> STRICTNESS =
      List.of("public", "internal", "confidential", "restricted");

  private static final Set<String> STRICT = Set.of("internal", "confidential", "restricted");

  /** They say something of one dataset, or of one day. */
  private static final Set<String> NOT_TAKEN = Set.of(Dataset.LEGAL_HOLD, "day", "day_revision");

  private Inherited() {}

  /**
   * @param live whether there is live history among it, which is as internal as closed days are
   */
  static Map<String, Object> tags(List<Dataset> inputs, boolean live) {
    Map<String, Object> tags = new TreeMap<>();
    Set<String> names = new TreeSet<>();
    inputs.forEach(input -> names.addAll(input.tags().keySet()));
    for (String name : names) {
      Object value =
          switch (name) {
            case CLASSIFICATION -> strictest(inputs);
            case PERSONAL -> inputs.stream().anyMatch(input -> says(input, PERSONAL, true));
            case COMPLETENESS ->
                inputs.stream().anyMatch(input -> says(input, COMPLETENESS, "incomplete"))
                    ? "incomplete"
                    : alike(inputs, name);
            default -> NOT_TAKEN.contains(name) ? null : alike(inputs, name);
          };
      if (value != null) {
        tags.put(name, value);
      }
    }
    if (live && !STRICT.contains(tags.getOrDefault(CLASSIFICATION, "public"))) {
      tags.put(CLASSIFICATION, "internal");
    }
    return tags;
  }

  private static boolean says(Dataset input, String name, Object value) {
    return value.equals(input.tags().get(name));
  }

  private static @Nullable Object alike(List<Dataset> inputs, String name) {
    Object first = inputs.getFirst().tags().get(name);
    return first != null && inputs.stream().allMatch(input -> says(input, name, first))
        ? first
        : null;
  }

  private static String strictest(List<Dataset> inputs) {
    return STRICTNESS.get(
        inputs.stream()
            .map(input -> input.tags().get(CLASSIFICATION))
            .filter(Objects::nonNull)
            .mapToInt(said -> Math.max(0, STRICTNESS.indexOf(said.toString())))
            .max()
            .orElse(0));
  }

  /** Where all have the same. */
  static @Nullable String schemaRef(List<Dataset> inputs) {
    return inputs.isEmpty()
            || inputs.stream().map(Dataset::schemaRef).distinct().limit(2).count() != 1
        ? null
        : inputs.getFirst().schemaRef();
  }
}
