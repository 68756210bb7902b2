package org.pilothouse.twins.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds a cycle among edges, in time and room that grow with their number alone. */
final class CycleSearch {
  private final Map<String, List<String>> targets = new HashMap<>();
  private final Map<String, List<String>> sources = new HashMap<>();

  void add(String source, String target) {
    targets.computeIfAbsent(source, twin -> new ArrayList<>()).add(target);
    sources.computeIfAbsent(target, twin -> new ArrayList<>()).add(source);
  }

  /**
   * Twins of which each is related to the next and the last to the first; empty without a cycle.
   */
  List<String> find() {
    Set<String> left = leftWithoutEnds();
    if (left.isEmpty()) {
      return List.of();
    }
    // Each of those left has a source among them, so going against the edges never ends and must
    // come back to a twin that was passed.
    List<String> passed = new ArrayList<>();
    Map<String, Integer> places = new HashMap<>();
    String at = left.stream().min(String::compareTo).orElseThrow();
    while (!places.containsKey(at)) {
      places.put(at, passed.size());
      passed.add(at);
      at =
          sources.getOrDefault(at, List.of()).stream()
              .filter(left::contains)
              .findFirst()
              .orElseThrow();
    }
    List<String> cycle =
        new ArrayList<>(passed.subList(places.getOrDefault(at, 0), passed.size()).reversed());
    // Where it was come upon first stands first.
    Collections.rotate(cycle, 1);
    return cycle;
  }

  /** What stays when twins without a source are taken away again and again (Kahn 1962). */
  private Set<String> leftWithoutEnds() {
    Map<String, Integer> open = new HashMap<>();
    sources.forEach((twin, its) -> open.put(twin, its.size()));
    Set<String> left = new HashSet<>(sources.keySet());
    Deque<String> ends = new ArrayDeque<>();
    targets.keySet().stream().filter(twin -> !sources.containsKey(twin)).forEach(ends::add);
    while (!ends.isEmpty()) {
      for (String target : targets.getOrDefault(ends.remove(), List.of())) {
        if (open.merge(target, -1, Integer::sum) == 0) {
          left.remove(target);
          ends.add(target);
        }
      }
    }
    return left;
  }
}
