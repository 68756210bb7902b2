package org.pilothouse.exports.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetReading;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.jobs.JobFailed;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.JobStopped;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.warehouse.DayFiles.DayColumn;

/** Exports of stored rows, from object storage to object storage. */
@Timeout(240)
class ExportIT {
  private static final LocalDate MONDAY = LocalDate.of(2026, 3, 2);
  private static final List<DayColumn> PUMP =
      List.of(
          new DayColumn("rpm", "rpm", "number", "1/min", "Speed"),
          new DayColumn("note", "note", "text", null, null),
          new DayColumn("time_2", "time", "integer", null, null));

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

  /** Three twins, {@code count} readings each, ten seconds apart. */
  private static String pumps(LocalDate date, int from, int count) {
    return "SELECT 'pump-' || t AS twin, TIMESTAMPTZ '"
        + date
        + " 00:00:00+00' + to_seconds(i * 10) AS time, CASE WHEN i % 7 = 0 THEN NULL ELSE t * 1000 +"
        + " i END::DOUBLE AS rpm, '=' || i AS note, i::BIGINT AS time_2, NULL::VARCHAR AS"
        + " other_properties, '/devices/gateway' AS source, 'e' || t || '-' || i AS event_id,"
        + " 0::INTEGER AS \"partition\", (t * 100000 + i)::BIGINT AS \"offset\" FROM range(1, 4) a(t),"
        + " range("
        + from
        + ", "
        + (from + count)
        + ") b(i) ORDER BY twin, time";
  }

  private static String tidy(LocalDate date) {
    return "SELECT 'bare-' || i AS twin, TIMESTAMPTZ '"
        + date
        + " 08:00:00+00' AS time, 'level' AS property, i::DOUBLE AS number, NULL::VARCHAR AS text,"
        + " NULL::BOOLEAN AS truth, '/devices/gateway' AS source, 'b' || i AS event_id, 0::INTEGER AS"
        + " \"partition\", i::BIGINT AS \"offset\" FROM range(5) r(i)";
  }

  @Test
  void shouldBeTheUnionOfADaysRevisionsInTheOrderOfTwinAndTime() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 100));
    stock.day(MONDAY, 2, "pump", PUMP, pumps(MONDAY, 200, 10));
    stock.day(MONDAY.plusDays(1), 1, "pump", PUMP, pumps(MONDAY.plusDays(1), 0, 50));

    Dataset result =
        stock.export(
            """
            {"source": {"closed_days": {"from": "2026-03-02", "to": "2026-03-03"}},
             "format": "csv", "name": "pumps"}\
            """);

    assertThat(result.state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(result.name()).isEqualTo("pumps.csv");
    assertThat(result.mediaType()).isEqualTo("text/csv");
    assertThat(result.lineage().maker()).isEqualTo(Dataset.Maker.JOB);
    assertThat(result.lineage().inputs()).hasSize(3);
    assertThat(result.tags()).containsOnly(Map.entry("classification", "internal"));
    List<String> lines = Files.readAllLines(stock.fetch(result, ".csv"));
    assertThat(lines.getFirst()).isEqualTo("twin,time,rpm,note,time_2,other_properties");
    assertThat(lines.get(1)).isEqualTo("pump-1,2026-03-02T00:00:00.000000Z,,'=0,0,");
    assertThat(lines.get(2)).isEqualTo("pump-1,2026-03-02T00:00:10.000000Z,1001.0,'=1,1,");
    assertThat(lines).hasSize(1 + 3 * 160);
    assertThat(lines.subList(1, lines.size()))
        .isSortedAccordingTo(
            java.util.Comparator.comparing(
                line -> line.substring(0, line.indexOf(',', line.indexOf(',') + 1))));
    assertThat(stock.told()).last().isEqualTo("dataset.available");
    assertThat(stock.references()).isZero();
  }

  @Test
  void shouldChooseTwinsPropertiesWindowAndRowsThatFit() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 100));

    Dataset result =
        stock.export(
            """
            {"source": {"closed_days": {"last": 1}}, "format": "parquet",
             "twins": ["pump-2", "pump-3"], "properties": ["rpm", "time_2"],
             "window": {"from": "2026-03-02T00:00:50Z", "to": "2026-03-02T00:03:00Z"},
             "filter": [{"field": "rpm", "op": "gte", "value": 2010},
                        {"field": "note", "op": "in", "value": ["=10", "=11", "=12", "=17"]},
                        {"field": "note", "op": "ne", "value": "=12"},
                        {"field": "rpm", "op": "exists", "value": true}]}\
            """);

    Path file = stock.fetch(result, ".parquet");
    assertThat(
            Duck.rows("SELECT twin, epoch(time)::BIGINT % 86400, rpm, time_2 FROM '" + file + "'"))
        .containsExactly(
            List.of("pump-2", "100", "2010.0", "10"),
            List.of("pump-2", "110", "2011.0", "11"),
            List.of("pump-2", "170", "2017.0", "17"),
            List.of("pump-3", "100", "3010.0", "10"),
            List.of("pump-3", "110", "3011.0", "11"),
            List.of("pump-3", "170", "3017.0", "17"));
  }

  @Test
  void shouldLeaveGapsWhereNothingWasReportedWhenResampled() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 12));
    stock.day(MONDAY, 2, "pump", PUMP, pumps(MONDAY, 36, 6));

    Dataset result =
        stock.export(
            """
            {"source": {"closed_days": {"last": 1}}, "format": "ndjson", "twins": ["pump-1"],
             "properties": ["rpm"],
             "resample": {"every": "PT1M", "aggregates": ["avg", "min", "max", "last", "count"]}}\
            """);

    Path file = stock.fetch(result, ".ndjson");
    assertThat(
            Duck.rows(
                "SELECT twin, epoch(time::TIMESTAMP)::BIGINT % 86400, rpm_avg, rpm_min, rpm_max,"
                    + " rpm_last, rpm_count FROM read_json('"
                    + file
                    + "')"))
        .containsExactly(
            List.of("pump-1", "0", "1003.0", "1001.0", "1005.0", "1005.0", "5"),
            List.of("pump-1", "60", "1008.8", "1006.0", "1011.0", "1011.0", "5"),
            List.of("pump-1", "360", "1038.5", "1036.0", "1041.0", "1041.0", "6"));
  }

  @Test
  void shouldMakeAFileATableWhenThereAreSeveral() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 10));
    stock.day(MONDAY, 1, null, List.of(), tidy(MONDAY));

    Dataset result =
        stock.export("{\"source\": {\"closed_days\": {\"last\": 1}}, \"format\": \"csv\"}");

    assertThat(result.mediaType()).isEqualTo("application/json");
    assertThat(stock.objects(result))
        .extracting(DatasetReading.StoredObject::path)
        .containsExactly("_manifest.json", "_tidy/part-00000.csv", "pump/part-00000.csv");
    Path tidy = stock.fetch(stock.objects(result).get(1).key(), ".csv");
    assertThat(Files.readAllLines(tidy))
        .startsWith(
            "twin,time,property,number,text,truth",
            "bare-0,2026-03-02T08:00:00.000000Z,level,0.0,,");
  }

  @Test
  void shouldSplitBySizeAndKeepTheOrder() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 8000));

    Dataset result =
        stock.export(
            """
            {"source": {"closed_days": {"last": 1}}, "format": "csv", "split_bytes": 1048576}\
            """);

    List<DatasetReading.StoredObject> parts =
        stock.objects(result).stream()
            .filter(object -> !object.path().equals("_manifest.json"))
            .toList();
    assertThat(parts).hasSizeGreaterThan(1);
    StringBuilder twins = new StringBuilder();
    int rows = 0;
    for (DatasetReading.StoredObject part : parts) {
      List<String> lines = Files.readAllLines(stock.fetch(part.key(), ".csv"));
      assertThat(lines.getFirst()).startsWith("twin,time");
      rows += lines.size() - 1;
      twins.append(lines.get(1).substring(0, 35)).append('\n');
    }
    assertThat(rows).isEqualTo(24_000);
    assertThat(twins.toString().lines().toList()).isSorted();
  }

  @Test
  void shouldPackAndNameItsFile() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 10));

    Dataset result =
        stock.export(
            """
            {"source": {"closed_days": {"last": 1}}, "format": "csv", "compression": "gzip",
             "retention_days": 3}\
            """);

    assertThat(result.name()).isEqualTo("export.csv.gz");
    assertThat(result.mediaType()).isEqualTo("application/gzip");
    assertThat(result.expiresAt()).isNotNull();
    try (var in = new GZIPInputStream(stock.store.open(result.key(), 0).orElseThrow())) {
      assertThat(new String(in.readAllBytes(), UTF_8).lines()).hasSize(31);
    }
  }

  @Test
  void shouldWriteASheetWhoseTextsAreNoFormulas() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 10));

    Dataset result =
        stock.export("{\"source\": {\"closed_days\": {\"last\": 1}}, \"format\": \"xlsx\"}");

    Path file = stock.fetch(result, ".xlsx");
    try (var zip = new java.util.zip.ZipFile(file.toFile())) {
      String sheet =
          new String(
              zip.getInputStream(zip.getEntry("xl/worksheets/sheet1.xml")).readAllBytes(), UTF_8);
      assertThat(sheet).contains("=0").doesNotContain("<f>").contains("<v>1001.0</v>");
    }
  }

  @Test
  void shouldReadCsvAndJsonLinesThatSomebodyHasUploaded() throws Exception {
    Dataset csv =
        stock.dataset(
            "list.csv",
            "text/csv",
            "name,amount\nbolt,3\nnut,4\n".getBytes(UTF_8),
            Map.of("classification", "restricted", "owner", "ada", "legal_hold", true));
    Dataset lines =
        stock.dataset(
            "list.ndjson",
            "application/x-ndjson",
            "{\"name\":\"gear\",\"amount\":9}\n".getBytes(UTF_8),
            Map.of("classification", "public", "owner", "ada", "personal_data", true));

    Dataset result =
        stock.export(
            "{\"source\": {\"datasets\": [\""
                + csv.id()
                + "\", \""
                + lines.id()
                + "\"]}, \"format\": \"csv\", \"sql\": \"SELECT name, amount FROM dataset_1 UNION ALL"
                + " SELECT name, amount FROM dataset_2 ORDER BY amount DESC\"}");

    assertThat(Files.readString(stock.fetch(result, ".csv")))
        .isEqualTo("name,amount\ngear,9\nnut,4\nbolt,3\n");
    assertThat(result.tags())
        .containsOnly(
            Map.entry("classification", "restricted"),
            Map.entry("owner", "ada"),
            Map.entry("personal_data", true));
  }

  @Test
  void shouldAskByHandOverTheTablesOfDays() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 100));

    Dataset result =
        stock.export(
            """
            {"source": {"closed_days": {"last": 1}}, "format": "csv", "twins": ["pump-1", "pump-2"],
             "sql": "SELECT model, twin, count(*) AS n, max(rpm) AS top FROM readings GROUP BY ALL ORDER BY twin -- all"}\
            """);

    assertThat(Files.readString(stock.fetch(result, ".csv")))
        .isEqualTo("model,twin,n,top\npump,pump-1,100,1099.0\npump,pump-2,100,2099.0\n");
  }

  @Test
  void shouldFailForGoodWhenTheQueryIsNone() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 10));
    HandRun run =
        stock.run(
            """
            {"source": {"closed_days": {"last": 1}}, "format": "csv",
             "sql": "COPY readings TO '/tmp/stolen.csv'"}\
            """);

    assertThatThrownBy(() -> stock.room().export(run))
        .asInstanceOf(InstanceOfAssertFactories.type(JobFailed.class))
        .satisfies(failed -> assertThat(failed.code()).isEqualTo(ProblemCode.INVALID_VALUE));
    nothingIsLeft();
  }

  @Test
  void shouldFailForGoodWhenAFileIsNotWhatItWas() throws Exception {
    var file = stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 10));
    byte[] other = new byte[(int) file.size()];
    stock.store.put(file.key(), "application/vnd.apache.parquet", other);

    assertThatThrownBy(() ->
            stock.export("{\"source\": {\"closed_days\": {\"last\": 1}}, \"format\": \"csv\"}"))
        .asInstanceOf(InstanceOfAssertFactories.type(JobFailed.class))
        .satisfies(failed -> assertThat(failed.code()).isEqualTo(ProblemCode.CHECKSUM_MISMATCH));
    nothingIsLeft();
  }

  @Test
  void shouldLeaveNothingWhenTheResultIsTooLarge() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 8000));
    stock.settings.put("pilothouse.exports.output-mib", "1");

    assertThatThrownBy(() ->
            stock.export(
                """
                {"source": {"closed_days": {"last": 1}}, "format": "csv",
                 "sql": "SELECT a.*, b.* FROM readings a, readings b"}\
                """))
        .asInstanceOf(InstanceOfAssertFactories.type(JobFailed.class))
        .satisfies(failed -> assertThat(failed.code()).isEqualTo(ProblemCode.LIMIT_REACHED));
    nothingIsLeft();
  }

  @Test
  void shouldStopWithinTwoSecondsInTheMiddleOfAQuery() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 8000));
    HandRun run =
        stock.run(
            """
            {"source": {"closed_days": {"last": 1}}, "format": "csv",
             "sql": "SELECT a.twin, count(*) FROM readings a, readings b, readings c GROUP BY ALL"}\
            """);
    run.stopWhenQuerying = true;

    assertThatThrownBy(() -> stock.room().export(run)).isInstanceOf(JobStopped.class);

    assertThat(Duration.ofNanos(System.nanoTime() - run.stoppedAt))
        .isLessThan(Duration.ofSeconds(2));
    nothingIsLeft();
  }

  @Test
  void shouldNotBeSeenBeforeTheJobHasEnded() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 10));
    int before = stock.told().size();

    JobOutcome outcome =
        stock
            .room()
            .export(
                stock.run("{\"source\": {\"closed_days\": {\"last\": 1}}, \"format\": \"csv\"}"));

    assertThat(stock.find(outcome.datasetId()).state()).isEqualTo(DatasetState.UPLOADING);
    assertThat(stock.told()).hasSize(before);
    assertThat(outcome.summary().path("rows").asLong()).isEqualTo(30);
    assertThat(stock.publish(outcome).state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(stock.told()).hasSize(before + 1);
  }

  @Test
  void shouldJoinClosedDaysAndLiveHistoryWithoutGapOrRepeat() throws Exception {
    stock.day(MONDAY, 1, "pump", PUMP, pumps(MONDAY, 0, 3));
    stock.live =
        Optional.of((pilot, twins, from, to, taker) -> {
          TwinId pump = new TwinId("pump-1");
          taker.reading(pump, "pump", Instant.parse("2026-03-02T23:59:59Z"), "{\"rpm\":1}");
          taker.reading(
              pump,
              "pump",
              Instant.parse("2026-03-03T00:00:00Z"),
              "{\"rpm\":7.5,\"time\":4,\"note\":5,\"oil\":\"low\"}");
          taker.reading(
              new TwinId("bare"),
              null,
              Instant.parse("2026-03-03T00:00:01.5Z"),
              "{\"level\":3,\"name\":\"x\"}");
        });

    Dataset result =
        stock.export(
            """
            {"source": {"closed_days": {"last": 1},
                        "history": {"from": "2026-03-02T12:00:00Z", "to": "2026-03-04T00:00:00Z"}},
             "format": "ndjson", "twins": ["pump-1", "bare"]}\
            """);

    Path tidy = stock.fetch(stock.objects(result).get(1).key(), ".ndjson");
    Path pump = stock.fetch(stock.objects(result).get(2).key(), ".ndjson");
    assertThat(Files.readString(pump)).contains("\"time\":\"2026-03-02T00:00:10.000000Z\"");
    assertThat(Files.readAllLines(tidy)).hasSize(2).first().asString().contains("\"level\"");
    assertThat(
            Duck.rows(
                "SELECT twin, strftime(time::TIMESTAMP, '%d %H:%M:%S'), rpm, note, time_2, other_properties, oil FROM read_json('"
                    + pump
                    + "')"))
        .containsExactly(
            List.of("pump-1", "02 00:00:00", "null", "=0", "0", "null", "null"),
            List.of("pump-1", "02 00:00:10", "1001.0", "=1", "1", "null", "null"),
            List.of("pump-1", "02 00:00:20", "1002.0", "=2", "2", "null", "null"),
            List.of("pump-1", "03 00:00:00", "7.5", "null", "4", "{\"note\":5}", "low"));
    assertThat(result.tags()).containsEntry("classification", "internal");
  }

  /** What the attempt has begun is given up, and it holds nothing any more. */
  private void nothingIsLeft() {
    assertThat(stock.states()).doesNotContainKey("uploading");
    assertThat(stock.told()).containsOnly("dataset.available");
    assertThat(stock.references()).isZero();
    assertThat(stock.store.uploads(stock.pilot + "/").items()).isEmpty();
  }
}
