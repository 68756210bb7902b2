package org.pilothouse.models.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.pilothouse.models.internal.Documents.model;
import static org.pilothouse.models.internal.Documents.pump;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.ModelsModule;
import org.pilothouse.models.ThingModel;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.testkit.TestDatabase;

class ModelsIT {
  private static final PilotId AURORA = new PilotId("aurora");
  private static final PilotId BOREAS = new PilotId("boreas");
  private static final Caller.Person ADMIN =
      new Caller.Person("admin", Set.of("pilot-admin"), AURORA, "00", false);

  private static TestDatabase store;
  private static Models models;
  private static final Trail TRAIL = new Trail();

  /** What would be in the audit trail; written down only, for it is another room's. */
  private static final class Trail implements AuditTrail {
    private final List<AuditEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public void record(AuditEvent event) {
      events.add(event);
    }

    @Override
    public void record(Handle transaction, AuditEvent event) {
      assertThat(transaction.isInTransaction()).isTrue();
      events.add(event);
    }

    List<AuditEvent> of(String model) {
      return events.stream()
          .filter(event -> ("model:aurora/" + model).equals(event.resource()))
          .toList();
    }
  }

  @BeforeAll
  static void open() {
    store = TestDatabase.create(ModelsModule.SCHEMAS);
    models = node();
  }

  @AfterAll
  static void close() {
    store.close();
  }

  private static Models node() {
    return new Models(store.database(), TRAIL, Clock.systemUTC());
  }

  private static Models.Put put(String id, JsonNode document) {
    return models.put(ADMIN, AURORA, id, null, document, null);
  }

  private static Problem refusal(String id, String ifMatch, JsonNode document) {
    return catchThrowableOfType(
        Problem.class, () -> models.put(ADMIN, AURORA, id, ifMatch, document, null));
  }

  @Test
  void shouldCreateChangeAndLeaveAlone() {
    Models.Put created = put("life", pump());
    Models.Put same = put("life", pump());
    ObjectNode next = pump();
    next.withObject("/properties").putObject("flow").put("type", "number");
    Models.Put changed = put("life", next);

    assertThat(created).isInstanceOf(Models.Put.Created.class);
    assertThat(created.model().revision()).isEqualTo(1);
    assertThat(created.model().properties()).isEqualTo(5);
    assertThat(created.model().updatedBy()).isEqualTo("person:admin");
    assertThat(same).isInstanceOf(Models.Put.Unchanged.class);
    assertThat(same.model()).isEqualTo(created.model());
    assertThat(changed).isInstanceOf(Models.Put.Changed.class);
    assertThat(changed.model().revision()).isEqualTo(2);
    assertThat(changed.model().createdAt()).isEqualTo(created.model().createdAt());
    assertThat(TRAIL.of("life"))
        .extracting(AuditEvent::action)
        .containsExactly("model.create", "model.update");
    assertThat(TRAIL.of("life").getLast().detail())
        .containsAllEntriesOf(Map.of("revision", "2", "from", "tm"));
  }

  @Test
  void shouldKeepEveryRevisionAsItWasPut() {
    put("kept", pump());
    ObjectNode next = pump();
    next.put("title", "Pump, renamed");
    put("kept", next);

    assertThat(models.document(AURORA, "kept", 1).orElseThrow().document().toString())
        .isEqualTo(pump().toString());
    assertThat(models.document(AURORA, "kept", 0).orElseThrow())
        .isEqualTo(new Models.Document(2, next));
    assertThat(models.document(AURORA, "kept", 3)).isEmpty();
    assertThat(models.document(AURORA, "nobody", 0)).isEmpty();
  }

  @Test
  void shouldRefuseARevisionThatTakesSomethingAway() {
    put("narrow", pump());
    ObjectNode next = pump();
    next.withObject("/properties").remove("speed");
    next.withObject("/properties/temperature").put("maximum", 100);

    Problem refusal = refusal("narrow", null, next);

    assertThat(refusal.code()).isEqualTo(ProblemCode.CONFLICT);
    assertThat(refusal.path()).isEqualTo("/properties/temperature/maximum");
    assertThat(refusal.detail()).contains("/properties/speed was removed");
    assertThat(models.document(AURORA, "narrow", 0).orElseThrow().revision()).isEqualTo(1);
    assertThat(TRAIL.of("narrow")).hasSize(1);
  }

  @Test
  void shouldHoldAChangeAgainstTheRevisionThatWasReadWhenItIsNamed() {
    assertThat(refusal("matched", "\"1\"", pump()).code())
        .isEqualTo(ProblemCode.PRECONDITION_FAILED);
    assertThat(refusal("matched", "*", pump()).code()).isEqualTo(ProblemCode.PRECONDITION_FAILED);
    put("matched", pump());
    assertThat(refusal("matched", "\"2\"", pump()).code())
        .isEqualTo(ProblemCode.PRECONDITION_FAILED);
    assertThat(
            models
                .put(ADMIN, AURORA, "matched", "\"1\"", pump().put("title", "B"), null)
                .model()
                .revision())
        .isEqualTo(2);
  }

  @Test
  void shouldShowAPilotItsOwnModelsOnly() throws Exception {
    put("hidden", pump());

    assertThat(models.document(BOREAS, "hidden", 0)).isEmpty();
    assertThat(models.page(BOREAS, "", 10)).isEmpty();
    assertThat(models.catalogue().find(BOREAS, "hidden")).isEmpty();
    try (Connection application = store.asApplication();
        Statement statement = application.createStatement();
        ResultSet rows = statement.executeQuery("SELECT count(*) FROM models.revision")) {
      rows.next();
      assertThat(rows.getLong(1)).isZero();
    }
  }

  @Test
  void shouldNotLetTheApplicationRewriteARevision() {
    put("written", pump());

    for (String sql :
        List.of("UPDATE models.revision SET revision = 9", "DELETE FROM models.revision")) {
      assertThatThrownBy(
              () -> {
                try (Connection application = store.asApplication();
                    Statement statement = application.createStatement()) {
                  statement.execute(sql);
                }
              })
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void shouldListModelsById() {
    for (String id : List.of("page-c", "page-a", "page-b")) {
      put(id, pump());
    }

    assertThat(models.page(AURORA, "page-", 2))
        .extracting(Models.Listed::id)
        .containsExactly("page-a", "page-b");
    assertThat(models.page(AURORA, "page-b", 1))
        .extracting(Models.Listed::id)
        .containsExactly("page-c");
  }

  @Test
  void shouldGiveEachChangeARevisionOfItsOwnWhenManyPutAtOnce() {
    List<CompletableFuture<Models.Put>> puts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ObjectNode document = pump().put("title", "Pump " + i);
      puts.add(CompletableFuture.supplyAsync(() -> put("contested", document)));
    }

    assertThat(puts.stream().map(CompletableFuture::join).map(p -> p.model().revision()))
        .containsExactlyInAnyOrder(1L, 2L, 3L, 4L, 5L, 6L);
  }

  @Test
  void shouldLetOneOfTwoThatExtendEachOtherThrough() {
    put("left", model(""));
    put("right", model(""));
    List<CompletableFuture<Boolean>> puts = new ArrayList<>();
    for (List<String> pair : List.of(List.of("left", "right"), List.of("right", "left"))) {
      JsonNode document =
          model("'links':[{'rel':'tm:extends','href':'%s'}]".formatted(pair.getLast()));
      puts.add(
          CompletableFuture.supplyAsync(() -> {
            try {
              put(pair.getFirst(), document);
              return true;
            } catch (Problem e) {
              assertThat(e.detail()).contains("circle");
              return false;
            }
          }));
    }

    assertThat(puts.stream().map(CompletableFuture::join)).containsExactlyInAnyOrder(true, false);
  }

  @Test
  void shouldFollowTheExtendedModelWhenItIsPutAgain() {
    put("base", model("'properties':{'a':{'type':'number'}}"));
    JsonNode derived = model("'links':[{'rel':'tm:extends','href':'base'}]");
    put("derived", derived);
    put("base", model("'properties':{'a':{'type':'number'},'b':{'type':'number'}}"));

    assertThat(models.catalogue().find(AURORA, "derived").orElseThrow().properties())
        .containsOnlyKeys("a");
    assertThat(put("derived", derived).model().revision()).isEqualTo(2);
    assertThat(models.catalogue().find(AURORA, "derived").orElseThrow().properties())
        .containsOnlyKeys("a", "b");
    assertThat(put("derived", derived)).isInstanceOf(Models.Put.Unchanged.class);
  }

  @Test
  void shouldAnswerTheCatalogueOnThisNodeAtOnceAndOnAnotherFromTheStore() {
    assertThat(models.catalogue().find(AURORA, "asked")).isEmpty();
    put("asked", pump());
    ThingModel here = models.catalogue().find(AURORA, "asked").orElseThrow();
    ThingModel there = node().catalogue().find(AURORA, "asked").orElseThrow();

    assertThat(here.revision()).isEqualTo(1);
    assertThat(there.document()).isEqualTo(pump());
    assertThat(there.property("temperature").check(121)).isNotNull();
    assertThat(there.properties().keySet())
        .containsExactly("temperature", "speed", "state", "running", "place");
  }

  @Test
  void shouldKeepNamesAndTextsThatMeanSomethingElsewhere() {
    JsonNode document =
        model(
            "'title':'Robert\\u0027); DROP TABLE models.model;--',"
                + "'properties':{'__proto__':{'type':'number'},'select':{'type':'string'}}");

    put("odd", document);

    assertThat(models.document(AURORA, "odd", 0).orElseThrow().document()).isEqualTo(document);
    assertThat(models.page(AURORA, "odc", 1).getFirst().title()).contains("DROP TABLE");
  }

  @Test
  void shouldKeepAnImportedInterface() {
    DtdlImport.Imported imported =
        DtdlImport.toThingModel(
            Documents.json(
                "{'@context':'dtmi:dtdl:context;2','@id':'dtmi:x:Pump;1','@type':'Interface',"
                    + "'contents':[{'@type':'Telemetry','name':'speed','schema':'double'}]}"));

    models.put(ADMIN, AURORA, "imported", null, imported.document(), "dtdl");

    assertThat(models.catalogue().find(AURORA, "imported").orElseThrow().properties())
        .containsOnlyKeys("speed");
    assertThat(TRAIL.of("imported").getFirst().detail()).containsEntry("from", "dtdl");
  }
}
