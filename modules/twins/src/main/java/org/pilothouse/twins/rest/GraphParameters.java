package org.pilothouse.twins.rest;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** The query parameters that questions to the graph have in common. */
final class GraphParameters {
  private GraphParameters() {}

  /**
   * @throws Problem {@code invalid_value}
   */
  static Optional<String> type(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    if (!Names.isId(text)) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, "type", "type must be the id of a type of relationship.");
    }
    return Optional.of(text);
  }

  /**
   * One of the constants, in lower case.
   *
   * @throws Problem {@code invalid_value}
   */
  static <E extends Enum<E>> E direction(@Nullable String text, E usual) {
    if (text == null || text.isEmpty()) {
      return usual;
    }
    E[] all = usual.getDeclaringClass().getEnumConstants();
    return Arrays.stream(all)
        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(text))
        .findFirst()
        .orElseThrow(() ->
            Problem.at(
                ProblemCode.INVALID_VALUE,
                "direction",
                "direction must be one of "
                    + Arrays.toString(all).toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", "")
                    + "."));
  }
}
