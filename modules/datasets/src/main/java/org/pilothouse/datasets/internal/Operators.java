package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The comparisons of quality rules. */
final class Operators {
  static final List<String> NAMES =
      List.of(
          "mustBe",
          "mustNotBe",
          "mustBeGreaterThan",
          "mustBeGreaterOrEqualTo",
          "mustBeLessThan",
          "mustBeLessOrEqualTo",
          "mustBeBetween",
          "mustNotBeBetween");

  private Operators() {}

  /** Whether a number is as the rule asks; empty where the rule compares with no number. */
  static Optional<Boolean> holds(JsonNode rule, double value) {
    for (String name : NAMES) {
      JsonNode bound = rule.path(name);
      if (name.endsWith("Between") && bound.size() == 2) {
        boolean inside = value >= bound.get(0).asDouble() && value <= bound.get(1).asDouble();
        return Optional.of(inside == name.equals("mustBeBetween"));
      }
      if (bound.isNumber()) {
        int compared = Double.compare(value, bound.doubleValue());
        return Optional.of(
            switch (name) {
              case "mustBe" -> compared == 0;
              case "mustNotBe" -> compared != 0;
              case "mustBeGreaterThan" -> compared > 0;
              case "mustBeGreaterOrEqualTo" -> compared >= 0;
              case "mustBeLessThan" -> compared < 0;
              case "mustBeLessOrEqualTo" -> compared <= 0;
              default -> throw new IllegalStateException(name);
            });
      }
    }
    return Optional.empty();
  }

  /** As people read it, for example {@code at least 1,000}. */
  static String words(JsonNode rule) {
    for (String name : NAMES) {
      JsonNode bound = rule.path(name);
      if (!bound.isMissingNode()) {
        String written =
            bound.isArray() && bound.size() == 2
                ? written(bound.get(0)) + " and " + written(bound.get(1))
                : written(bound);
        return switch (name) {
          case "mustBe" -> written;
          case "mustNotBe" -> "not " + written;
          case "mustBeGreaterThan" -> "more than " + written;
          case "mustBeGreaterOrEqualTo" -> "at least " + written;
          case "mustBeLessThan" -> "less than " + written;
          case "mustBeLessOrEqualTo" -> "at most " + written;
          case "mustBeBetween" -> "between " + written;
          default -> "not between " + written;
        };
      }
    }
    return "as described";
  }

  private static String written(JsonNode bound) {
    return bound.isIntegralNumber()
        ? String.format(Locale.ROOT, "%,d", bound.bigIntegerValue())
        : bound.asText();
  }
}
