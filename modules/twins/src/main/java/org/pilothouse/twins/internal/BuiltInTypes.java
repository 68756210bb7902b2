package org.pilothouse.twins.internal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.pilothouse.twins.RelationshipType;

/** The vocabulary that every pilot has. */
final class BuiltInTypes {
  /** The hierarchy of ISA-95: its levels are held against this type's edges. */
  static final String CONTAINS = "contains";

  private static final Map<String, RelationshipType> ALL =
      List.of(
              type(
                  CONTAINS,
                  "contains",
                  "is contained in",
                  "The equipment hierarchy of ISA-95: a tree, from higher to lower levels.",
                  true,
                  true),
              // Circuits and recycled streams come back to where they began.
              type(
                  "feeds",
                  "feeds",
                  "is fed by",
                  "Material flows from one to the other.",
                  false,
                  false),
              type(
                  "drives",
                  "drives",
                  "is driven by",
                  "Mechanical power goes to the other.",
                  true,
                  false),
              // A ring main feeds each of its stations from both sides.
              type(
                  "powers",
                  "powers",
                  "is powered by",
                  "Electric power goes to the other.",
                  false,
                  false),
              type(
                  "controls",
                  "controls",
                  "is controlled by",
                  "Sets what the other does.",
                  false,
                  false),
              type("monitors", "monitors", "is monitored by", "Measures the other.", false, false),
              type(
                  "connects-to",
                  "connects to",
                  "connects to",
                  "A connection without a direction of its own.",
                  false,
                  false))
          .stream()
          .collect(Collectors.toUnmodifiableMap(RelationshipType::id, Function.identity()));

  private BuiltInTypes() {}

  static Optional<RelationshipType> find(String type) {
    return Optional.ofNullable(ALL.get(type));
  }

  static List<RelationshipType> all() {
    return List.copyOf(ALL.values());
  }

  private static RelationshipType type(
      String id,
      String label,
      String inverse,
      String description,
      boolean acyclic,
      boolean singleSource) {
    return new RelationshipType(
        id,
        Optional.of(label),
        Optional.of(inverse),
        Optional.of(description),
        new RelationshipType.Rules(acyclic, singleSource),
        true,
        1,
        Optional.empty(),
        Optional.empty());
  }
}
