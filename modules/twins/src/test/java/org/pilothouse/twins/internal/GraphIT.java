package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.contracts.EventSchemas;
import org.pilothouse.contracts.EventType;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.twins.Relationship;
import org.pilothouse.twins.RelationshipType;

/** The graph on a real PostgreSQL. */
class GraphIT {
  private static final PilotId AURORA = Telemetry.AURORA;
  private static final PilotId BOREAS = new PilotId("boreas");
  private static final Caller.Person ADA =
      new Caller.Person("ada", Set.of("pilot-admin"), AURORA, "c", false);

  private final TestDatabase store = TestDatabase.create(List.of("twins"));
  private final List<AuditEvent> audited = new ArrayList<>();
  private Twins twins;
  private Relationships relationships;
  private RelationshipTypes types;
  private Graph graph;

  @BeforeEach
  void open() {
    assemble(GraphRules.MOST_OF_A_TWIN);
  }

  private void assemble(int mostOfATwin) {
    Clock clock = Clock.systemUTC();
    Trail trail = new Trail();
    TwinRoom room =
        new TwinRoom(
            store.database(),
            trail,
            (pilot, model) -> Optional.empty(),
            new GraphRules(mostOfATwin),
            clock);
    relationships = room.relationships;
    types = new RelationshipTypes(store.database(), trail, clock);
    twins = room.twins;
    graph = new Graph(store.database());
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void shouldRelateTwinsAndTellBothThreads() {
    make("tank", "pump");
    Relationships.Put made = put("tank", "r1", "feeds", "pump", "{\"pipe\":\"DN50\"}");
    assertThat(made.created()).isTrue();
    assertThat(made.relationship().revision()).isEqualTo(1);

    assertThat(put("tank", "r1", "feeds", "pump", "{\"pipe\":\"DN50\"}").created()).isFalse();
    assertThat(put("tank", "r1", "feeds", "pump", "{\"pipe\":\"DN80\"}").relationship().revision())
        .isEqualTo(2);
    relationships.delete(ADA, AURORA, id("tank"), "r1", "\"2\"");

    assertThat(relationships.find(AURORA, id("tank"), "r1")).isEmpty();
    assertThat(told("twin.related", "twin.unrelated"))
        .containsExactly(
            "twin.related tank 1",
            "twin.related pump 1",
            "twin.related tank 2",
            "twin.related pump 2",
            "twin.unrelated tank 2",
            "twin.unrelated pump 2");
    assertThat(violations()).isEmpty();
    assertThat(audited.stream().map(AuditEvent::action))
        .containsSequence("relationship.create", "relationship.update", "relationship.delete");
  }

  @Test
  void shouldChangeOnlyTheRevisionThatWasRead() {
    make("a", "b", "c");
    put("a", "r", "feeds", "b", "{\"x\":1}");
    Relationship changed =
        relationships.update(ADA, AURORA, id("a"), "r", "\"1\"", before -> object("{\"x\":2}"));
    assertThat(changed.revision()).isEqualTo(2);
    assertProblem(
        ProblemCode.PRECONDITION_FAILED,
        () -> relationships.update(ADA, AURORA, id("a"), "r", "\"1\"", before -> object("{}")));
    assertProblem(
        ProblemCode.PRECONDITION_FAILED,
        () -> relationships.delete(ADA, AURORA, id("a"), "r", "\"1\""));
    assertProblem(
        ProblemCode.PRECONDITION_FAILED,
        () -> relationships.put(ADA, AURORA, id("a"), "r", null, true, definition("feeds", "b")));
    assertProblem(
        ProblemCode.NOT_FOUND,
        () ->
            relationships.put(ADA, AURORA, id("a"), "s", "\"1\"", false, definition("feeds", "b")));
    assertProblem(ProblemCode.CONFLICT, () -> put("a", "r", "feeds", "c", "{}"));
    assertProblem(ProblemCode.CONFLICT, () -> put("a", "r", "drives", "b", "{}"));
    assertThat(relationships.find(AURORA, id("a"), "r").orElseThrow().attributes())
        .isEqualTo(object("{\"x\":2}"));
  }

  @Test
  void shouldNotTellAnotherPilotsTwinFromNoTwin() {
    make("a");
    twins.put(ADA, BOREAS, id("theirs"), null, true, twin("{}"));
    List<String> answers = new ArrayList<>();
    for (String target : List.of("theirs", "nobodys")) {
      assertThatThrownBy(() -> put("a", "r", "feeds", target, "{}"))
          .isInstanceOfSatisfying(
              Problem.class,
              problem -> answers.add(problem.code() + problem.path() + problem.detail()));
    }
    assertThat(answers).hasSize(2).allMatch(answers.getFirst()::equals);
    assertThat(answers.getFirst()).startsWith("INVALID_VALUE/target");
    assertProblem(ProblemCode.NOT_FOUND, () -> put("theirs", "r", "feeds", "a", "{}"));
    assertProblem(ProblemCode.INVALID_VALUE, () -> put("a", "r", "unheard-of", "a", "{}"));
    assertProblem(ProblemCode.NOT_FOUND, () -> graph.path(AURORA, id("theirs")));
    assertProblem(ProblemCode.NOT_FOUND, () -> around("theirs", 1));
    assertThat(relationships.page(BOREAS, id("a"), out(), Optional.empty(), 10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"__proto__\":{\"polluted\":true}}",
        "{\"constructor\":{\"prototype\":{}}}",
        "{\"\\u202eevil\\u200f\":\"\\u202e\"}",
        "{\"'; DROP TABLE twins.relationship; --\":\"' OR 1=1 --\"}",
        "{\"\":\"\",\" \":null,\"a\\\"b\":[{},[]]}",
        "{\":type\":\":pilot\",\"?\":\"??\",\"${x}\":\"<script>\"}"
      })
  void shouldKeepOddAttributesAsTheyAre(String attributes) {
    make("a", "b");
    put("a", "r", "feeds", "b", attributes);
    assertThat(relationships.find(AURORA, id("a"), "r").orElseThrow().attributes())
        .isEqualTo(object(attributes));
  }

  @Test
  void shouldKeepANameOf300Characters() {
    make("a", "b");
    String attributes = "{\"" + "n".repeat(300) + "\":1}";
    put("a", "r", "feeds", "b", attributes);
    assertThat(relationships.find(AURORA, id("a"), "r").orElseThrow().attributes())
        .isEqualTo(object(attributes));
  }

  @Test
  void shouldRefuseACycleWhereTheTypeSaysSo() {
    make("a", "b", "c");
    put("a", "r", "drives", "b", "{}");
    put("b", "r", "drives", "c", "{}");
    assertProblem(ProblemCode.CONFLICT, () -> put("c", "r", "drives", "a", "{}"));
    assertProblem(ProblemCode.CONFLICT, () -> put("a", "s", "drives", "a", "{}"));
    put("a", "t", "drives", "c", "{}");
    put("c", "f", "feeds", "a", "{}");
    put("a", "f", "feeds", "c", "{}");
    put("a", "g", "feeds", "a", "{}");
    relationships.delete(ADA, AURORA, id("a"), "r", null);
    assertProblem(ProblemCode.CONFLICT, () -> put("c", "r", "drives", "a", "{}"));
    relationships.delete(ADA, AURORA, id("a"), "t", null);
    assertThat(put("c", "r", "drives", "a", "{}").created()).isTrue();
  }

  @Test
  void shouldTakeAnEdgeExactlyWhereItClosesNoCycle() {
    Random random = new Random(20_261_121);
    String[] names = new String[12];
    for (int i = 0; i < names.length; i++) {
      names[i] = "t" + i;
    }
    make(names);
    List<String[]> taken = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < 150; i++) {
      String source = names[random.nextInt(names.length)];
      String target = names[random.nextInt(names.length)];
      String edge = "e" + i;
      if (reaches(taken, target, source)) {
        refused++;
        assertProblem(ProblemCode.CONFLICT, () -> put(source, edge, "drives", target, "{}"));
      } else {
        taken.add(new String[] {source, target});
        assertThat(put(source, edge, "drives", target, "{}").created()).isTrue();
      }
    }
    assertThat(refused).isBetween(20, 130);
  }

  private static boolean reaches(List<String[]> edges, String from, String to) {
    Set<String> seen = new HashSet<>(Set.of(from));
    boolean more = true;
    while (more) {
      more = false;
      for (String[] edge : edges) {
        more |= seen.contains(edge[0]) && seen.add(edge[1]);
      }
    }
    return seen.contains(to);
  }

  @Test
  void shouldRefuseOneOfTheEdgesThatCloseACycleTogether() throws Exception {
    String[] names = {"t0", "t1", "t2", "t3"};
    make(names);
    for (int round = 0; round < 25; round++) {
      String edge = "round-" + round;
      List<Callable<Boolean>> calls = new ArrayList<>();
      CyclicBarrier together = new CyclicBarrier(names.length);
      for (int i = 0; i < names.length; i++) {
        String source = names[i];
        String target = names[(i + 1) % names.length];
        calls.add(() -> {
          together.await(10, TimeUnit.SECONDS);
          return isTaken(() -> put(source, edge, "drives", target, "{}"));
        });
      }
      assertThat(atOnce(calls)).as("edges of a ring of four that were taken").isEqualTo(3);
      for (String name : names) {
        if (relationships.find(AURORA, id(name), edge).isPresent()) {
          relationships.delete(ADA, AURORA, id(name), edge, null);
        }
      }
    }
  }

  @Test
  void shouldGiveATwinOneSourceOfTwoThatComeTogether() throws Exception {
    make("line-a", "line-b", "press");
    for (int round = 0; round < 25; round++) {
      CyclicBarrier together = new CyclicBarrier(2);
      List<Callable<Boolean>> calls = new ArrayList<>();
      for (String line : List.of("line-a", "line-b")) {
        calls.add(() -> {
          together.await(10, TimeUnit.SECONDS);
          return isTaken(() -> put(line, "r", "contains", "press", "{}"));
        });
      }
      assertThat(atOnce(calls)).isEqualTo(1);
      for (String line : List.of("line-a", "line-b")) {
        if (relationships.find(AURORA, id(line), "r").isPresent()) {
          relationships.delete(ADA, AURORA, id(line), "r", null);
        }
      }
    }
  }

  @Test
  void shouldLeaveNoEdgeToATwinThatIsRetiredMeanwhile() throws Exception {
    for (int round = 0; round < 25; round++) {
      make("a", "b");
      CyclicBarrier together = new CyclicBarrier(2);
      List<Callable<Boolean>> calls = new ArrayList<>();
      calls.add(() -> {
        together.await(10, TimeUnit.SECONDS);
        try {
          put("a", "r", "feeds", "b", "{}");
        } catch (Problem e) {
          assertThat(e.code()).isEqualTo(ProblemCode.INVALID_VALUE);
        }
        return true;
      });
      calls.add(() -> {
        together.await(10, TimeUnit.SECONDS);
        twins.retire(ADA, AURORA, id("b"));
        return true;
      });
      assertThat(atOnce(calls)).isEqualTo(2);
      assertThat(relationships.page(AURORA, id("a"), out(), Optional.empty(), 10)).isEmpty();
      twins.retire(ADA, AURORA, id("a"));
    }
  }

  @Test
  void shouldKeepLevelsInOrderWhoeverChangesThemMeanwhile() throws Exception {
    for (int round = 0; round < 25; round++) {
      twins.put(ADA, AURORA, id("upper"), null, false, twin("{\"level\":\"site\"}"));
      twins.put(ADA, AURORA, id("lower"), null, false, twin("{\"level\":\"line\"}"));
      CyclicBarrier together = new CyclicBarrier(2);
      List<Callable<Boolean>> calls = new ArrayList<>();
      calls.add(() -> {
        together.await(10, TimeUnit.SECONDS);
        return isTaken(() -> put("upper", "r", "contains", "lower", "{}"));
      });
      calls.add(() -> {
        together.await(10, TimeUnit.SECONDS);
        return isTaken(() ->
            twins.update(ADA, AURORA, id("upper"), null, before -> twin("{\"level\":\"unit\"}")));
      });
      assertThat(atOnce(calls)).isEqualTo(1);
      relationships
          .find(AURORA, id("upper"), "r")
          .ifPresent(edge -> relationships.delete(ADA, AURORA, edge.source(), edge.id(), null));
    }
  }

  @Test
  void shouldHoldTheHierarchyToTheLevelsOfIsa95() {
    level("acme", "enterprise");
    level("rome", "site");
    level("line", "line");
    level("press", "unit");
    make("free");
    put("acme", "r1", "contains", "rome", "{}");
    put("rome", "r1", "contains", "line", "{}");
    put("line", "r1", "contains", "free", "{}");
    put("free", "r1", "contains", "press", "{}");
    level("other", "area");
    assertProblem(ProblemCode.CONFLICT, () -> put("press", "r", "contains", "other", "{}"));
    level("twin-line", "line");
    assertProblem(ProblemCode.CONFLICT, () -> put("line", "r2", "contains", "twin-line", "{}"));
    assertProblem(ProblemCode.CONFLICT, () -> put("acme", "r3", "contains", "line", "{}"));
    put("press", "f", "feeds", "other", "{}");

    assertProblem(ProblemCode.CONFLICT, () -> level("line", "site"));
    assertProblem(ProblemCode.CONFLICT, () -> level("rome", "cell"));
    level("line", "area");
    level("line", "");
    level("line", "cell");

    assertThat(graph.path(AURORA, id("press")).nodes())
        .extracting(node -> node.twin().value())
        .containsExactly("acme", "rome", "line", "free", "press");
    assertThat(graph.path(AURORA, id("press")).nodes())
        .extracting(node -> node.level().map(Level::word).orElse("-"))
        .containsExactly("enterprise", "site", "cell", "-", "unit");
    assertThat(graph.path(AURORA, id("acme")).nodes()).hasSize(1);
  }

  @Test
  void shouldPageAllBelowByDepthThenId() {
    make("root", "a", "b");
    put("root", "a", "contains", "a", "{}");
    put("root", "b", "contains", "b", "{}");
    for (int i = 0; i < 6; i++) {
      make("leaf-" + i);
      put(i % 2 == 0 ? "b" : "a", "leaf-" + i, "contains", "leaf-" + i, "{}");
    }
    List<String> whole =
        List.of(
            "1 a", "1 b", "2 leaf-0", "2 leaf-1", "2 leaf-2", "2 leaf-3", "2 leaf-4", "2 leaf-5");
    assertThat(shown(graph.below(AURORA, id("root"), "contains", 100, Graph.After.START, 99)))
        .isEqualTo(whole);
    for (int size = 1; size <= 9; size++) {
      assertThat(paged("root", "contains", size)).as("in pages of %s", size).isEqualTo(whole);
    }
    assertThat(shown(graph.below(AURORA, id("root"), "contains", 1, Graph.After.START, 99)))
        .containsExactly("1 a", "1 b");
    assertThat(
            graph.below(AURORA, id("root"), "contains", 100, Graph.After.START, 99).get(3).source())
        .isEqualTo(id("a"));
    assertThat(graph.below(AURORA, id("leaf-0"), "contains", 100, Graph.After.START, 99)).isEmpty();
    assertThat(graph.below(AURORA, id("root"), "feeds", 100, Graph.After.START, 99)).isEmpty();
  }

  @Test
  void shouldGiveEachTwinOnceAtItsLeastDepthHoweverItIsPaged() {
    Random random = new Random(7);
    String[] names = new String[30];
    for (int i = 0; i < names.length; i++) {
      names[i] = "t" + i;
    }
    make(names);
    List<String[]> edges = new ArrayList<>();
    for (int i = 0; i < 55; i++) {
      String[] edge = {names[random.nextInt(names.length)], names[random.nextInt(names.length)]};
      edges.add(edge);
      put(edge[0], "e" + i, "feeds", edge[1], "{}");
    }
    List<String> whole = new ArrayList<>();
    Set<String> seen = new HashSet<>(Set.of("t0"));
    Set<String> frontier = Set.of("t0");
    for (int depth = 1; !frontier.isEmpty(); depth++) {
      Set<String> next = new TreeSet<>();
      for (String[] edge : edges) {
        if (frontier.contains(edge[0]) && !seen.contains(edge[1])) {
          next.add(edge[1]);
        }
      }
      seen.addAll(next);
      frontier = next;
      for (String twin : next) {
        whole.add(depth + " " + twin);
      }
    }
    assertThat(whole).hasSizeGreaterThan(15);
    for (int size : List.of(1, 2, 5, 100)) {
      assertThat(paged("t0", "feeds", size)).as("in pages of %s", size).isEqualTo(whole);
    }
    assertThat(graph.below(AURORA, id("t0"), "feeds", 1, new Graph.After(2, ""), 100))
        .as("behind the depth that was asked for")
        .isEmpty();
  }

  private List<String> paged(String twin, String type, int size) {
    List<String> gathered = new ArrayList<>();
    Graph.After after = Graph.After.START;
    List<Graph.Below> page;
    do {
      page = graph.below(AURORA, id(twin), type, 100, after, size);
      assertThat(page).hasSizeLessThanOrEqualTo(size);
      gathered.addAll(shown(page));
      if (!page.isEmpty()) {
        after = new Graph.After(page.getLast().depth(), page.getLast().node().twin().value());
      }
    } while (!page.isEmpty());
    return gathered;
  }

  @Test
  void shouldEndWhereRelationshipsFormCycles() {
    make("a", "b", "c", "d");
    put("a", "1", "feeds", "b", "{}");
    put("b", "1", "feeds", "c", "{}");
    put("c", "1", "feeds", "a", "{}");
    put("a", "2", "feeds", "c", "{}");
    put("a", "3", "feeds", "a", "{}");
    put("d", "1", "monitors", "a", "{}");
    assertThat(shown(graph.below(AURORA, id("a"), "feeds", 100, Graph.After.START, 99)))
        .containsExactly("1 b", "1 c");

    Graph.Neighbourhood all = around("a", 5);
    assertThat(all.nodes())
        .extracting(each -> each.depth() + " " + each.node().twin())
        .containsExactly("0 a", "1 b", "1 c", "1 d");
    assertThat(all.edges()).hasSize(6);
    assertThat(all.truncated()).isFalse();
    assertThat(graph.neighbours(AURORA, id("a"), Optional.of("feeds"), Graph.Reach.OUT, 1).nodes())
        .hasSize(3);
    assertThat(graph.neighbours(AURORA, id("a"), Optional.empty(), Graph.Reach.IN, 1).nodes())
        .extracting(each -> each.node().twin().value())
        .containsExactly("a", "c", "d");
    assertThat(graph.neighbours(AURORA, id("d"), Optional.of("feeds"), Graph.Reach.BOTH, 5).nodes())
        .hasSize(1);
    assertThat(graph.neighbours(AURORA, id("d"), Optional.empty(), Graph.Reach.OUT, 2).nodes())
        .extracting(each -> each.depth() + " " + each.node().twin())
        .containsExactly("0 d", "1 a", "2 b", "2 c");
  }

  @Test
  void shouldShowNoMoreNeighboursThanItsBounds() {
    make("hub");
    fill(
        "INSERT INTO twins.twin (pilot_id, twin_id, revision, created_at, updated_at)"
            + " SELECT 'aurora', 'n-' || to_char(i, 'FM0000'), 1, now(), now() FROM generate_series(1, 3000) i");
    fill(
        "INSERT INTO twins.relationship (pilot_id, source, relationship_id, type, target, revision, created_at, updated_at)"
            + " SELECT 'aurora', 'hub', 'r' || i, 'feeds', 'n-' || to_char(i, 'FM0000'), 1, now(), now() FROM generate_series(1, 3000) i");
    fill(
        "INSERT INTO twins.relationship (pilot_id, source, relationship_id, type, target, revision, created_at, updated_at)"
            + " SELECT 'aurora', 'n-' || to_char(i, 'FM0000'), 'r' || j, 'feeds', 'n-' || to_char(j, 'FM0000'), 1, now(), now()"
            + " FROM generate_series(1, 60) i, generate_series(1, 60) j");
    Graph.Neighbourhood around = around("hub", 5);
    assertThat(around.truncated()).isTrue();
    assertThat(around.nodes()).hasSize(Graph.MOST_NODES);
    assertThat(around.nodes().getLast().node().twin()).isEqualTo(id("n-0499"));
    assertThat(around.edges()).hasSize(Graph.MOST_EDGES);
    assertThat(relationships.page(AURORA, id("hub"), out(), Optional.empty(), 2))
        .extracting(each -> each.target().value())
        .containsExactly("n-0001", "n-0002");
  }

  @Test
  void shouldListBothDirectionsInPages() {
    make("a", "b", "c");
    put("a", "x", "feeds", "c", "{}");
    put("a", "y", "feeds", "b", "{}");
    put("a", "z", "drives", "b", "{}");
    put("c", "x", "feeds", "a", "{}");
    assertThat(
            relationships.page(AURORA, id("a"), out(), Optional.empty(), 10).stream()
                .map(Relationship::id))
        .containsExactly("z", "y", "x");
    assertThat(
            relationships
                .page(
                    AURORA,
                    id("a"),
                    out(),
                    Optional.of(new Relationships.After("feeds", "b", "y")),
                    10)
                .stream()
                .map(Relationship::id))
        .containsExactly("x");
    assertThat(
            relationships.page(
                AURORA,
                id("a"),
                new Relationships.Filter(Relationships.Direction.IN, Optional.of("feeds")),
                Optional.empty(),
                10))
        .singleElement()
        .satisfies(edge -> assertThat(edge.source()).isEqualTo(id("c")));
    assertThat(
            relationships.page(
                AURORA,
                id("a"),
                new Relationships.Filter(Relationships.Direction.IN, Optional.of("drives")),
                Optional.empty(),
                10))
        .isEmpty();
  }

  @Test
  void shouldRefuseOneTooManyOfATwin() {
    assemble(3);
    make("hub", "a");
    for (int i = 0; i < 3; i++) {
      put("hub", "out-" + i, "feeds", "a", "{}");
    }
    assertProblem(ProblemCode.CONFLICT, () -> put("hub", "out-3", "feeds", "hub", "{}"));
    make("b");
    assertProblem(ProblemCode.CONFLICT, () -> put("b", "in-3", "feeds", "a", "{}"));
    put("a", "back", "feeds", "hub", "{}");
  }

  @Test
  void shouldTakeTheRelationshipsOfARetiredTwinAway() {
    make("a", "b", "c");
    put("a", "r", "feeds", "b", "{}");
    put("b", "r", "feeds", "c", "{}");
    put("b", "self", "feeds", "b", "{}");
    put("a", "s", "feeds", "c", "{}");
    twins.retire(ADA, AURORA, id("b"));

    assertThat(relationships.page(AURORA, id("a"), out(), Optional.empty(), 10))
        .singleElement()
        .satisfies(edge -> assertThat(edge.target()).isEqualTo(id("c")));
    assertThat(told("twin.unrelated"))
        .containsExactlyInAnyOrder(
            "twin.unrelated a 1",
            "twin.unrelated b 1",
            "twin.unrelated b 1",
            "twin.unrelated b 1",
            "twin.unrelated c 1");
    assertThat(audited.getLast().detail()).containsEntry("relationships", "3");
    make("b");
    assertThat(around("b", 5).nodes()).hasSize(1);
  }

  @Test
  void shouldLetPilotsHaveTypesOfTheirOwn() {
    make("a", "b", "c");
    RelationshipTypes.Put made = type("backs-up", false, false);
    assertThat(made.created()).isTrue();
    assertThat(type("backs-up", false, false).type().revision()).isEqualTo(1);
    put("a", "r", "backs-up", "b", "{}");
    put("b", "r", "backs-up", "a", "{}");
    put("c", "r", "backs-up", "b", "{}");

    assertThatThrownBy(() -> type("backs-up", true, false))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("a → b → a");
    assertThatThrownBy(() -> type("backs-up", false, true))
        .isInstanceOf(Problem.class)
        .hasMessageContaining("The twin b is");
    relationships.delete(ADA, AURORA, id("b"), "r", null);
    relationships.delete(ADA, AURORA, id("c"), "r", null);
    assertThat(type("backs-up", true, true).type().revision()).isEqualTo(2);
    assertProblem(ProblemCode.CONFLICT, () -> put("b", "r", "backs-up", "a", "{}"));
    assertProblem(ProblemCode.CONFLICT, () -> put("c", "r", "backs-up", "b", "{}"));
    assertThat(type("backs-up", false, false).type().revision()).isEqualTo(3);

    assertProblem(ProblemCode.CONFLICT, () -> types.delete(ADA, AURORA, "backs-up"));
    relationships.delete(ADA, AURORA, id("a"), "r", null);
    types.delete(ADA, AURORA, "backs-up");
    assertProblem(ProblemCode.NOT_FOUND, () -> types.delete(ADA, AURORA, "backs-up"));
    assertProblem(ProblemCode.INVALID_VALUE, () -> put("a", "r", "backs-up", "b", "{}"));
    assertThat(types.find(BOREAS, "contains")).isPresent();
  }

  @Test
  void shouldLeaveBuiltInTypesAsTheyAre() {
    assertProblem(ProblemCode.CONFLICT, () -> type("contains", false, false));
    assertProblem(ProblemCode.CONFLICT, () -> types.delete(ADA, AURORA, "feeds"));
    type("zeta", true, false);
    assertThat(types.page(AURORA, "", 99))
        .extracting(RelationshipType::id)
        .containsExactly(
            "connects-to", "contains", "controls", "drives", "feeds", "monitors", "powers", "zeta");
    assertThat(types.page(AURORA, "feeds", 1))
        .extracting(RelationshipType::id)
        .containsExactly("monitors");
    assertThat(types.page(BOREAS, "", 99)).hasSize(7);
  }

  @Test
  void shouldRefuseOneTypeTooMany() {
    for (int i = 0; i < RelationshipTypes.MOST; i++) {
      type("type-" + i, false, false);
    }
    assertProblem(ProblemCode.CONFLICT, () -> type("one-more", false, false));
    assertThat(type("type-7", true, false).created()).isFalse();
  }

  private void make(String... ids) {
    for (String id : ids) {
      twins.put(ADA, AURORA, id(id), null, false, twin("{}"));
    }
  }

  private void level(String id, String level) {
    twins.put(
        ADA,
        AURORA,
        id(id),
        null,
        false,
        twin(level.isEmpty() ? "{}" : "{\"level\":\"" + level + "\"}"));
  }

  private Relationships.Put put(
      String source, String edge, String type, String target, String attributes) {
    return relationships.put(
        ADA,
        AURORA,
        id(source),
        edge,
        null,
        false,
        new Relationships.Definition(type, id(target), object(attributes)));
  }

  private RelationshipTypes.Put type(String id, boolean acyclic, boolean single) {
    return types.put(
        ADA,
        AURORA,
        id,
        null,
        new RelationshipTypes.Definition(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            new RelationshipType.Rules(acyclic, single)));
  }

  private Graph.Neighbourhood around(String twin, int depth) {
    return graph.neighbours(AURORA, id(twin), Optional.empty(), Graph.Reach.BOTH, depth);
  }

  private static List<String> shown(List<Graph.Below> below) {
    return below.stream().map(each -> each.depth() + " " + each.node().twin()).toList();
  }

  private static Relationships.Filter out() {
    return new Relationships.Filter(Relationships.Direction.OUT, Optional.empty());
  }

  private static Relationships.Definition definition(String type, String target) {
    return new Relationships.Definition(type, id(target), object("{}"));
  }

  private static Twins.Definition twin(String attributes) {
    return new Twins.Definition(Optional.empty(), object(attributes), object("{}"));
  }

  private static TwinId id(String id) {
    return new TwinId(id);
  }

  private static ObjectNode object(String json) {
    return TwinRows.object(json);
  }

  private static boolean isTaken(Runnable change) {
    try {
      change.run();
      return true;
    } catch (Problem e) {
      assertThat(e.code()).isEqualTo(ProblemCode.CONFLICT);
      return false;
    }
  }

  /** How many of them say yes. */
  private static int atOnce(List<Callable<Boolean>> calls)
      throws InterruptedException, ExecutionException {
    int yes = 0;
    try (ExecutorService workers = Executors.newFixedThreadPool(calls.size())) {
      for (Future<Boolean> each : workers.invokeAll(calls, 60, TimeUnit.SECONDS)) {
        yes += each.get() ? 1 : 0;
      }
    }
    return yes;
  }

  private static void assertProblem(ProblemCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }

  private void fill(String sql) {
    store.database().runAsPlatform(transaction -> transaction.execute(sql));
  }

  /** What waits in the outbox of these types, in order: type, twin and revision. */
  private List<String> told(String... types) {
    return store
        .database()
        .asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT headers ->> 'ce_type', key, convert_from(payload, 'UTF8')::jsonb ->> 'revision'"
                        + " FROM outbox.message WHERE headers ->> 'ce_type' = ANY(:types) ORDER BY sequence")
                .bindArray("types", String.class, List.of(types))
                .map((row, context) ->
                    row.getString(1) + " " + row.getString(2) + " " + row.getString(3))
                .list());
  }

  private List<String> violations() {
    EventSchemas schemas = new EventSchemas();
    return store
        .database()
        .asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT headers ->> 'ce_type', convert_from(payload, 'UTF8') FROM outbox.message")
                .map((row, context) ->
                    schemas.violations(
                        EventType.of(row.getString(1)).orElseThrow(), row.getString(2)))
                .list())
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private final class Trail implements AuditTrail {
    @Override
    public void record(AuditEvent event) {
      audited.add(event);
    }

    @Override
    public void record(@Nullable Handle transaction, AuditEvent event) {
      synchronized (audited) {
        audited.add(event);
      }
    }
  }
}
