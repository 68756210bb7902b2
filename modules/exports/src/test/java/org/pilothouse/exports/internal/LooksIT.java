package org.pilothouse.exports.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.Submission;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.pilothouse.warehouse.DayFiles.DayColumn;

/** What is shown of exports before they are asked for, and what verifications find. */
@Timeout(300)
class LooksIT {
  private static final LocalDate MONDAY = LocalDate.of(2026, 3, 2);
  private static final List<DayColumn> PUMP =
      List.of(new DayColumn("rpm", "speed", "number", "1/min", "Speed"));
  private static final String ROWS =
      "SELECT 'pump-' || (i // 100) AS twin, TIMESTAMPTZ '2026-03-02 00:00:00+00' + to_seconds(i) AS"
          + " time, i::DOUBLE AS rpm, NULL::VARCHAR AS other_properties, 's' AS source, 'e' || i AS"
          + " event_id, 0::INTEGER AS \"partition\", i::BIGINT AS \"offset\" FROM range(500) r(i)";

  @TempDir Path local;
  private Stock stock;

  @BeforeEach
  void open() {
    stock = new Stock(local);
  }

  @AfterEach
  void close() {
    stock.close();
  }

  private static JsonNode json(String text) throws Exception {
    return Json.mapper().readTree(text);
  }

  @Test
  void shouldShowTheColumnsOfDaysWithTheirUnits() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, ROWS);

    Looks.Columns columns =
        stock
            .room()
            .looks()
            .columns(Stock.ADA, stock.one(), json("{\"source\":{\"closed_days\":{\"last\":3}}}"));

    assertThat(columns.dates()).containsExactly("2026-03-02");
    Looks.Table pump = columns.tables().getFirst();
    assertThat(pump.name()).isEqualTo("pump");
    assertThat(pump.rows()).isEqualTo(500);
    assertThat(pump.columns())
        .contains(
            new Looks.Column("rpm", "speed", "number", "1/min", "Speed"),
            new Looks.Column("time", null, "time", null, null));
    assertThat(stock.trail.events).extracting(AuditEvent::action).contains("export.preview");
  }

  @Test
  void shouldReadTheColumnsOfOtherDatasetsOutOfTheirFiles() throws Exception {
    Dataset csv =
        stock.dataset(
            "a.csv",
            "text/csv",
            "name,amount,at\nbolt,3.5,2026-01-01 00:00:00\n".getBytes(UTF_8),
            Map.of());

    Looks.Columns columns =
        stock
            .room()
            .looks()
            .columns(
                Stock.ADA, stock.one(), json("{\"source\":{\"datasets\":[\"" + csv.id() + "\"]}}"));

    assertThat(columns.tables().getFirst().columns())
        .extracting(Looks.Column::name, Looks.Column::type)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("name", "text"),
            org.assertj.core.groups.Tuple.tuple("amount", "number"),
            org.assertj.core.groups.Tuple.tuple("at", "time"));
    assertThat(left()).isEmpty();
  }

  @Test
  void shouldShowTheFirstRowsAndAboutHowMuchItWouldBe() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, ROWS);

    Looks.Preview preview =
        stock
            .room()
            .looks()
            .preview(
                Stock.ADA,
                stock.one(),
                json(
                    """
                    {"parameters": {"source": {"closed_days": {"last": 1}}, "format": "csv",
                     "properties": ["speed"],
                     "filter": [{"field": "speed", "op": "gt", "value": 99}]}}\
                    """));

    assertThat(preview.table()).isEqualTo("pump");
    assertThat(preview.columns())
        .extracting(Looks.Column::name)
        .containsExactly("twin", "time", "rpm");
    assertThat(preview.rows()).hasSize(50);
    assertThat(preview.rows().getFirst())
        .containsExactly("pump-1", "2026-03-02T00:01:40.000000Z", 100.0);
    assertThat(preview.whole()).isTrue();
    assertThat(preview.estimate().rows()).isEqualTo(500);
    assertThat(preview.estimate().bytes()).isBetween(10_000L, 40_000L);
    assertThat(left()).isEmpty();
  }

  @Test
  void shouldLetOnlyStewardsWriteQueries() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, ROWS);
    JsonNode body =
        json(
            """
            {"parameters": {"source": {"closed_days": {"last": 1}}, "format": "csv",
             "sql": "SELECT count(*) AS n FROM pump"}}\
            """);
    Caller operator =
        new Caller.Person("olga", Set.of("pilot-operator"), stock.pilot, "credential", false);

    assertThat(stock.room().looks().preview(Stock.ADA, stock.one(), body).rows())
        .containsExactly(List.of(500L));
    refused(() -> stock.room().looks().preview(operator, stock.one(), body), ProblemCode.FORBIDDEN);
    refused(
        () ->
            new ExportJob(module())
                .check(new Submission(operator, stock.one(), body.get("parameters"))),
        ProblemCode.FORBIDDEN);
  }

  @Test
  void shouldSayWhatIsWrongByItsPath() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, ROWS);

    assertThatThrownBy(() ->
            new ExportJob(module())
                .check(
                    new Submission(
                        Stock.ADA,
                        stock.one(),
                        json(
                            """
                            {"source": {"closed_days": {"last": 1}}, "format": "csv",
                             "properties": ["nothing"]}\
                            """))))
        .asInstanceOf(InstanceOfAssertFactories.type(Problem.class))
        .satisfies(problem -> {
          assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
          assertThat(problem.path()).isEqualTo("/parameters/properties");
        });
  }

  @Test
  void shouldNotExportWhatStaysWithItsPilot() throws Exception {
    stock.storage =
        new Pilot.Storage.Federated("https://pilot.example", java.util.Optional.empty());

    refused(
        () ->
            new ExportJob(module())
                .check(
                    new Submission(
                        Stock.ADA,
                        stock.one(),
                        json("{\"source\":{\"closed_days\":{\"last\":1}},\"format\":\"csv\"}"))),
        ProblemCode.CONFLICT);
  }

  @Test
  void shouldTellOfDatasetsThatAreNotWhatTheyWere() throws Exception {
    Dataset whole = stock.dataset("a.csv", "text/csv", "a\n1\n".getBytes(UTF_8), Map.of());
    Dataset changed = stock.dataset("b.csv", "text/csv", "a\n2\n".getBytes(UTF_8), Map.of());
    Dataset shorter = stock.dataset("c.csv", "text/csv", "a\n3\n".getBytes(UTF_8), Map.of());
    Dataset gone = stock.dataset("d.csv", "text/csv", "a\n4\n".getBytes(UTF_8), Map.of());
    stock.store.put(changed.key(), "text/csv", "a\n9\n".getBytes(UTF_8));
    stock.store.put(shorter.key(), "text/csv", "a\n".getBytes(UTF_8));
    stock.store.remove(gone.key());
    HandRun run = stock.run("{}");

    JobOutcome outcome = stock.room().verify(run);

    assertThat(outcome.summary().path("verified").asInt()).isEqualTo(1);
    assertThat(outcome.summary().path("different").asInt()).isEqualTo(3);
    assertThat(outcome.summary().path("mismatches").findValuesAsText("dataset_id"))
        .containsExactlyInAnyOrder(changed.id().value(), shorter.id().value(), gone.id().value())
        .doesNotContain(whole.id().value());
    assertThat(run.lines).filteredOn(line -> line.startsWith("! ")).hasSize(3);
    assertThat(stock.trail.events)
        .filteredOn(event -> event.action().equals("dataset.verify"))
        .hasSize(3)
        .allMatch(event -> event.outcome() == AuditEvent.Outcome.FAILED);
    assertThat(stock.references()).isZero();
  }

  @Test
  void shouldDrawTheSameSampleInEveryAttempt() throws Exception {
    for (int i = 0; i < 20; i++) {
      Dataset unused =
          stock.dataset(i + ".csv", "text/csv", ("a\n" + i + "\n").getBytes(UTF_8), Map.of());
    }
    HandRun run = stock.run("{\"count\": 5}");

    JobOutcome first = stock.room().verify(run);
    List<String> drawn = List.copyOf(run.messages);
    run.messages.clear();
    JobOutcome second = stock.room().verify(run);

    assertThat(first.summary().path("verified").asInt()).isEqualTo(5);
    assertThat(second.summary()).isEqualTo(first.summary());
    assertThat(run.messages).isEqualTo(drawn);
  }

  private org.pilothouse.exports.ExportsModule module() {
    return stock.module();
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ProblemCode code) {
    assertThatThrownBy(call)
        .asInstanceOf(InstanceOfAssertFactories.type(Problem.class))
        .satisfies(problem -> assertThat(problem.code()).isEqualTo(code));
  }

  /** Directories of looks that were not removed. */
  private List<Path> left() throws Exception {
    try (Stream<Path> listed = Files.list(local.resolve("room"))) {
      return listed.filter(path -> path.getFileName().toString().startsWith("look-")).toList();
    }
  }
}
