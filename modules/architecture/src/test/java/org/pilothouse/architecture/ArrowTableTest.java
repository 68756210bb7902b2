package org.pilothouse.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The arrows of the architecture, once more and by hand: changing one means changing it here too.
 */
class ArrowTableTest {
  private static final Set<String> BUSINESS = Set.of("kernel", "contracts", "platform");

  private static final Map<String, Set<String>> TABLE =
      Map.ofEntries(
          Map.entry("kernel", Set.of()),
          Map.entry("contracts", Set.of("kernel")),
          Map.entry("platform.kafka", Set.of("kernel")),
          Map.entry("platform.rabbit", Set.of("kernel")),
          Map.entry("platform.mqtt", Set.of("kernel")),
          Map.entry("platform.objectstore", Set.of("kernel")),
          Map.entry("platform.elastic", Set.of("kernel")),
          Map.entry("platform.postgres", Set.of("kernel")),
          Map.entry("platform.web", Set.of("kernel")),
          Map.entry("pilots", business()),
          Map.entry("models", business("pilots")),
          Map.entry("ingest", business("pilots", "models")),
          Map.entry("datasets", business("pilots")),
          Map.entry("jobs", business("pilots")),
          Map.entry("search", business("pilots", "models")),
          Map.entry("warehouse", business("pilots", "models", "datasets")),
          Map.entry("twins", business("pilots", "models", "warehouse")),
          Map.entry("alerts", business("pilots", "models", "twins")),
          Map.entry("replay", business("pilots", "datasets")),
          Map.entry("exports", business("pilots", "jobs", "datasets", "warehouse")),
          Map.entry("simulation", business("jobs", "datasets", "replay", "models")),
          Map.entry("governance", business("pilots", "models", "datasets")),
          Map.entry("batch", business("warehouse")),
          Map.entry("testkit", business()),
          Map.entry("webapp", Set.of("*")));

  @Test
  void shouldAgreeWithThePackages() {
    House house = House.real();
    Map<String, Set<String>> written = new TreeMap<>();
    house.rooms().stream()
        .filter(room -> !House.PROGRAMS.contains(room))
        .forEach(room -> written.put(room, house.arrowsOf(room).orElse(Set.of("nothing written"))));

    assertThat(written).containsExactlyInAnyOrderEntriesOf(new TreeMap<>(TABLE));
  }

  private static Set<String> business(String... rooms) {
    Set<String> arrows = new HashSet<>(BUSINESS);
    arrows.addAll(Set.of(rooms));
    return arrows;
  }
}
