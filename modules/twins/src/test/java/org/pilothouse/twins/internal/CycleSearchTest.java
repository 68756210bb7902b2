package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CycleSearchTest {
  private record Edge(String source, String target) {}

  private static List<String> find(List<Edge> edges) {
    CycleSearch search = new CycleSearch();
    edges.forEach(edge -> search.add(edge.source(), edge.target()));
    return search.find();
  }

  @Test
  void shouldFindNothingWhereThereIsNoEdge() {
    assertThat(find(List.of())).isEmpty();
  }

  @Test
  void shouldNameTheTwinsOfACycleInItsDirection() {
    assertThat(
            find(
                List.of(
                    new Edge("x", "a"),
                    new Edge("a", "b"),
                    new Edge("b", "c"),
                    new Edge("c", "a"),
                    new Edge("c", "y"))))
        .containsExactly("a", "b", "c");
  }

  @Test
  void shouldTakeATwinThatIsRelatedToItselfForACycle() {
    assertThat(find(List.of(new Edge("a", "b"), new Edge("b", "b")))).containsExactly("b");
  }

  @Test
  void shouldNotTakeTwoWaysToOneTwinForACycle() {
    assertThat(
            find(
                List.of(
                    new Edge("a", "b"),
                    new Edge("a", "b"),
                    new Edge("a", "c"),
                    new Edge("b", "d"),
                    new Edge("c", "d"))))
        .isEmpty();
  }

  @Test
  void shouldFollowALongChain() {
    List<Edge> chain = new ArrayList<>();
    for (int i = 0; i < 100_000; i++) {
      chain.add(new Edge("t" + i, "t" + (i + 1)));
    }
    assertThat(find(chain)).isEmpty();
    chain.add(new Edge("t100000", "t0"));
    assertThat(find(chain)).hasSize(100_001);
  }

  @Property
  void shouldFindACycleWhereATwinReachesItselfAndOnlyThere(@ForAll("edges") List<Edge> edges) {
    List<String> cycle = find(edges);
    boolean any = edges.stream().anyMatch(edge -> reaches(edges, edge.target(), edge.source()));
    assertThat(cycle.isEmpty()).isEqualTo(!any);
    for (int i = 0; i < cycle.size(); i++) {
      assertThat(edges).contains(new Edge(cycle.get(i), cycle.get((i + 1) % cycle.size())));
    }
  }

  @Provide
  Arbitrary<List<Edge>> edges() {
    Arbitrary<String> twin = Arbitraries.integers().between(0, 9).map(n -> "t" + n);
    return Combinators.combine(twin, twin).as(Edge::new).list().ofMaxSize(14);
  }

  private static boolean reaches(List<Edge> edges, String from, String to) {
    Set<String> seen = new HashSet<>(Set.of(from));
    boolean more = true;
    while (more) {
      more = false;
      for (Edge edge : edges) {
        more |= seen.contains(edge.source()) && seen.add(edge.target());
      }
    }
    return seen.contains(to);
  }
}
