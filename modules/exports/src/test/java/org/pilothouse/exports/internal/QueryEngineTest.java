package org.pilothouse.exports.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.exports.ExportsConfig;
import org.pilothouse.exports.internal.engine.Frame;
import org.pilothouse.exports.internal.engine.QueryRequest;
import org.pilothouse.kernel.Settings;

/** Queries in a process of their own, and what they are kept from. */
@Timeout(300)
class QueryEngineTest {
  private static final Duration LONG = Duration.ofMinutes(3);

  @TempDir Path place;

  private final ExportsConfig config =
      ExportsConfig.from(
          new Settings(java.util.Map.of("pilothouse.exports.spill-mib", "64"), java.util.Map.of()));

  @BeforeEach
  void makePlaces() throws Exception {
    Files.createDirectories(place.resolve("in"));
    Files.createDirectories(place.resolve("out"));
  }

  private QueryEngine.Answer rows(String sql, List<Object> values) throws QueryFailed {
    return run(sql, values, false, 0, QueryRequest.Output.told(), LONG);
  }

  private QueryEngine.Answer foreign(String sql) throws QueryFailed {
    return run(sql, List.of(), true, 1_000, QueryRequest.Output.told(), LONG);
  }

  private QueryEngine.Answer run(
      String sql,
      List<Object> values,
      boolean foreign,
      long most,
      QueryRequest.Output output,
      Duration within)
      throws QueryFailed {
    return new QueryEngine(config, place.resolve("engine"))
        .run(
            new QueryEngine.Query(
                List.of(), sql, values, foreign, List.of(), List.of(), most, false, output),
            place,
            within,
            percent -> {});
  }

  private QueryRequest.Output to(String file, QueryRequest.Format format) {
    return new QueryRequest.Output(
        place.resolve("out").resolve(file).toString(), format, QueryRequest.Compression.NONE, 0);
  }

  @Test
  void shouldTellRowsWithTheirTypesWhenAskedForThem() throws Exception {
    QueryEngine.Answer answer =
        rows(
            "SELECT ? AS text, ? AS number, 7 AS whole, true AS truth, NULL AS nothing, TIMESTAMPTZ"
                + " '2026-03-01 12:00:00.25+01' AS time",
            List.of("o'clock", 1.5));

    assertThat(answer.columns())
        .extracting(Frame.Column::name)
        .containsExactly("text", "number", "whole", "truth", "nothing", "time");
    assertThat(answer.rows().getFirst())
        .containsExactly("o'clock", 1.5, 7L, true, null, "2026-03-01T11:00:00.250000Z");
    assertThat(answer.count()).isEqualTo(1);
  }

  @Test
  void shouldNeutraliseTextsThatASpreadsheetWouldRun() throws Exception {
    QueryEngine.Answer answer =
        run(
            "SELECT * FROM (VALUES ('=1+1', -5.5, '-2'), ('plain', 2, '@x'), (chr(9) || 'tab', NULL,"
                + " '')) t(\"=a\", n, b)",
            List.of(),
            false,
            0,
            to("cells.csv", QueryRequest.Format.CSV),
            LONG);

    assertThat(answer.count()).isEqualTo(3);
    assertThat(Files.readString(place.resolve("out/cells.csv")))
        .isEqualTo("'=a,n,b\n'=1+1,-5.5,'-2\nplain,2.0,'@x\n'\ttab,,\"\"\n");
  }

  @Test
  void shouldKeepTheOrderOfAQueryInItsFile() throws Exception {
    run(
        "SELECT i FROM range(300000) r(i) ORDER BY i DESC",
        List.of(),
        true,
        1_000_000,
        to("ordered.csv", QueryRequest.Format.CSV),
        LONG);

    List<String> lines = Files.readAllLines(place.resolve("out/ordered.csv"));
    assertThat(lines).hasSize(300_001);
    for (int i = 1; i < lines.size(); i++) {
      assertThat(lines.get(i)).isEqualTo(Integer.toString(300_000 - i));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
        "SELECT * FROM read_csv('https://example.org/x.csv')",
        "ATTACH '/tmp/x.db'",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "SET threads = 64",
        "RESET memory_limit",
        "SELECT getenv('HOME')",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE x",
        "CREATE TABLE x AS SELECT 1",
        "EXPORT DATABASE '/tmp/x'",
        "CALL duckdb_extensions()",
        "SELECT * FROM sqlite_scan('/etc/passwd', 'x')",
        "SELECT 1) TO '/tmp/x.csv' --",
        "SELECT ?",
        ""
      })
  void shouldRefuseWhatReachesBeyondItsInputs(String sql) {
    assertThatThrownBy(() -> foreign(sql))
        .asInstanceOf(InstanceOfAssertFactories.type(QueryFailed.class))
        .satisfies(failed -> {
          assertThat(failed.why()).isEqualTo(Frame.Why.REFUSED);
          assertThat(failed.detail()).isNotBlank().doesNotContain(place.toString());
        });
    assertThat(Path.of("/tmp/x.csv")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT repeat('x', 4000000000)",
        "SELECT * FROM range(1000000000000)",
        "SELECT list(i) FROM range(400000000) r(i)",
        "SELECT string_agg(repeat('x', 1000), ',') FROM range(10000000)",
        "SELECT count(*) FROM range(1000000000000) a, range(1000000000000) b"
      })
  void shouldStopWhatTakesTooMuch(String sql) {
    assertThatThrownBy(() -> foreign(sql))
        .asInstanceOf(InstanceOfAssertFactories.type(QueryFailed.class))
        .satisfies(failed -> assertThat(failed.why()).isEqualTo(Frame.Why.TOO_MUCH));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r",
        "SELECT count(*) FROM range(1000000000000)"
      })
  void shouldEndWhatDoesNotEndByItself(String sql) {
    long begun = System.nanoTime();

    assertThatThrownBy(
            () -> run(sql, List.of(), true, 10, QueryRequest.Output.told(), Duration.ofSeconds(3)))
        .asInstanceOf(InstanceOfAssertFactories.type(QueryFailed.class))
        .satisfies(failed -> {
          assertThat(failed.why()).isEqualTo(Frame.Why.TOO_MUCH);
          assertThat(failed.detail()).contains("longer than 3 s");
        });
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
    assertThat(enginesOf(place)).isEmpty();
  }

  @Test
  void shouldStopWithinTwoSecondsWhenToldTo() {
    AtomicLong told = new AtomicLong();
    int[] looks = {0};

    assertThatThrownBy(() ->
            new QueryEngine(config, place.resolve("engine"))
                .run(
                    new QueryEngine.Query(
                        List.of(),
                        "SELECT count(*) FROM range(1000000000000) a",
                        List.of(),
                        false,
                        List.of(),
                        List.of(),
                        0,
                        false,
                        QueryRequest.Output.told()),
                    place,
                    LONG,
                    percent -> {
                      if (++looks[0] > 15) {
                        told.set(System.nanoTime());
                        throw new IllegalStateException("enough");
                      }
                    }))
        .hasMessage("enough");
    assertThat(Duration.ofNanos(System.nanoTime() - told.get())).isLessThan(Duration.ofSeconds(2));
    assertThat(enginesOf(place)).isEmpty();
  }

  @Test
  void shouldSpillAndStayWithinItsMemory() throws Exception {
    ExportsConfig small =
        ExportsConfig.from(
            new Settings(
                java.util.Map.of(
                    "pilothouse.exports.memory-mib", "640",
                    "pilothouse.exports.spill-mib", "4096"),
                java.util.Map.of()));

    QueryEngine.Answer answer =
        new QueryEngine(small, place.resolve("engine"))
            .run(
                new QueryEngine.Query(
                    List.of(),
                    "SELECT md5(i::VARCHAR) AS h, i, repeat('x', 60) || i AS t FROM range(4000000) r(i)",
                    List.of(),
                    false,
                    List.of("h"),
                    List.of(),
                    0,
                    false,
                    to("sorted.parquet", QueryRequest.Format.PARQUET)),
                place,
                LONG,
                percent -> {});

    assertThat(answer.count()).isEqualTo(4_000_000);
    assertThat(answer.peakBytes()).isBetween(1L, 640L << 20);
  }

  /** The processes that run in a place. */
  private static List<ProcessHandle> enginesOf(Path place) {
    try (Stream<ProcessHandle> children = ProcessHandle.current().children()) {
      return children
          .filter(ProcessHandle::isAlive)
          .filter(child ->
              child.info().commandLine().map(line -> line.contains(place.toString())).orElse(false))
          .toList();
    }
  }
}
