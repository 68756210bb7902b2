package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The model of the twins {@code pump-…}, as a document for the platform and as rules of our own for
 * the fold.
 */
final class SampleModel {
  static final String ID = "chaos-pump";
  static final String DOCUMENT =
      """
      {"@context": "https://www.w3.org/2022/wot/td/v1.1", "@type": "tm:ThingModel", "title": "Pump",
       "properties": {
         "temperature": {"type": "number", "minimum": -40, "maximum": 120},
         "speed": {"type": "integer", "minimum": 0, "maximum": 6000},
         "state": {"type": "string", "enum": ["on", "off", "fault"]}}}
      """;
  private static final String TWINS = "pump-";
  private static final double COLDEST = -40;
  private static final double HOTTEST = 120;
  private static final double FASTEST = 6_000;
  private static final Set<String> STATES = Set.of("on", "off", "fault");

  private SampleModel() {}

  static boolean isModelOf(String twin) {
    return twin.startsWith(TWINS);
  }

  /** Why the value does not count, in the platform's word; empty when it does. */
  static Optional<String> refuses(String twin, String property, JsonNode value) {
    if (!isModelOf(twin)) {
      return Optional.empty();
    }
    return Optional.ofNullable(
        switch (property) {
          case "temperature" ->
              !value.isNumber() ? "wrong_type" : outside(value.doubleValue(), COLDEST, HOTTEST);
          case "speed" ->
              !value.isNumber() || value.doubleValue() != Math.rint(value.doubleValue())
                  ? "wrong_type"
                  : outside(value.doubleValue(), 0, FASTEST);
          case "state" ->
              !value.isTextual()
                  ? "wrong_type"
                  : STATES.contains(value.textValue()) ? null : "not_allowed";
          default -> null;
        });
  }

  private static @Nullable String outside(double value, double least, double most) {
    return value < least || value > most ? "out_of_range" : null;
  }
}
