package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pilothouse.kernel.ProblemCode;

/**
 * What a change of a contract takes away from those who rely on it. That needs a new major version
 * (Semantic Versioning 2.0.0); other changes of what is promised need a higher one.
 */
final class Compatibility {
  private static final Set<String> UNBOUND = Set.of("proposed", "draft");
  private static final List<String> PROMISED = List.of("schema", "slaProperties");

  private Compatibility() {}

  /** A version of three numbers. */
  record Version(int major, int minor, int patch) implements Comparable<Version> {
    static Version of(JsonNode contract) {
      String[] parts = contract.path("version").asText().split("\\.", 3);
      return new Version(
          Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    @Override
    public int compareTo(Version other) {
      int majors = Integer.compare(major, other.major);
      int minors = Integer.compare(minor, other.minor);
      return majors != 0 ? majors : minors != 0 ? minors : Integer.compare(patch, other.patch);
    }

    @Override
    public String toString() {
      return major + "." + minor + "." + patch;
    }
  }

  /** What is wrong with the change; empty where it may be made. */
  static List<Fault> faults(JsonNode before, JsonNode after) {
    Version old = Version.of(before);
    Version wanted = Version.of(after);
    if (wanted.compareTo(old) < 0) {
      return List.of(fault("/version", "/version must not go back behind " + old + "."));
    }
    if (UNBOUND.contains(before.path("status").asText()) || wanted.major() > old.major()) {
      return List.of();
    }
    List<Fault> breaks = breaks(before, after);
    if (!breaks.isEmpty()) {
      List<Fault> faults = new ArrayList<>();
      faults.add(
          fault(
              "/version",
              "/version must be "
                  + new Version(old.major() + 1, 0, 0)
                  + " or higher: the change takes something away."));
      faults.addAll(breaks);
      return faults;
    }
    boolean same = PROMISED.stream().allMatch(part -> before.path(part).equals(after.path(part)));
    return same || wanted.compareTo(old) > 0
        ? List.of()
        : List.of(
            fault(
                "/version",
                "/version must be higher than " + old + ": what is promised has changed."));
  }

  private static Fault fault(String path, String detail) {
    return new Fault(path, ProblemCode.CONFLICT.code(), detail);
  }

  private static List<Fault> breaks(JsonNode before, JsonNode after) {
    List<Fault> breaks = new ArrayList<>();
    Map<String, Placed> objects = byName(after.path("schema"), "/schema");
    byName(before.path("schema"), "/schema")
        .forEach((name, object) -> {
          Placed now = objects.get(name);
          if (now == null) {
            breaks.add(fault("/schema", "The object " + name + " is gone."));
          } else {
            properties(object.node(), now, breaks);
          }
        });
    agreements(before, after, breaks);
    return breaks;
  }

  private record Placed(String path, JsonNode node) {}

  private static Map<String, Placed> byName(JsonNode elements, String path) {
    Map<String, Placed> named = new LinkedHashMap<>();
    for (int i = 0; i < elements.size(); i++) {
      named.put(elements.get(i).path("name").asText(), new Placed(path + "/" + i, elements.get(i)));
    }
    return named;
  }

  private static void properties(JsonNode before, Placed after, List<Fault> breaks) {
    String path = after.path() + "/properties";
    Map<String, Placed> there = byName(after.node().path("properties"), path);
    byName(before.path("properties"), path)
        .forEach((name, property) -> {
          Placed now = there.get(name);
          if (now == null) {
            breaks.add(fault(path, "The property " + name + " is gone."));
          } else {
            property(name, property.node(), now, breaks);
            properties(property.node(), now, breaks);
          }
        });
  }

  private static void property(String name, JsonNode before, Placed after, List<Fault> breaks) {
    for (String part : List.of("logicalType", "physicalType", "physicalName")) {
      if (before.has(part) && !before.path(part).equals(after.node().path(part))) {
        breaks.add(
            fault(after.path() + "/" + part, part + " of the property " + name + " is another."));
      }
    }
    for (String part : List.of("required", "unique", "primaryKey")) {
      if (before.path(part).asBoolean() && !after.node().path(part).asBoolean()) {
        breaks.add(
            fault(
                after.path() + "/" + part, "The property " + name + " is " + part + " no longer."));
      }
    }
  }

  private static void agreements(JsonNode before, JsonNode after, List<Fault> breaks) {
    Map<String, JsonNode> there = new LinkedHashMap<>();
    after.path("slaProperties").forEach(each -> there.put(key(each), each));
    for (JsonNode each : before.path("slaProperties")) {
      JsonNode now = there.get(key(each));
      String property = each.path("property").asText();
      if (now == null) {
        breaks.add(fault("/slaProperties", "The agreement on " + property + " is gone."));
      } else if (isWeaker(property, each, now)) {
        breaks.add(fault("/slaProperties", "The agreement on " + property + " is weaker."));
      }
    }
  }

  private static String key(JsonNode agreement) {
    return agreement.path("property").asText() + "\n" + agreement.path("element").asText();
  }

  private static boolean isWeaker(String property, JsonNode before, JsonNode after) {
    Optional<Duration> old = Promises.span(before);
    Optional<Duration> now = Promises.span(after);
    if (old.isEmpty() || now.isEmpty()) {
      return false;
    }
    int compared = now.get().compareTo(old.get());
    return switch (property) {
      case "frequency", "freshness", "latency", "timeToDetect", "timeToNotify", "timeToRepair" ->
          compared > 0;
      case "retention" -> compared < 0;
      default -> false;
    };
  }
}
