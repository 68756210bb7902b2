package org.pilothouse.datasets.internal.preview;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a preview says is what DuckDB says of the same bytes. */
class AgreementTest {
  /** Each column as its name, how it is made, and how DuckDB writes its value as we do. */
  private static final List<String[]> COLUMNS =
      List.of(
          column("flag", "i % 3 = 0", "flag::VARCHAR"),
          column("tiny", "(i % 100)::TINYINT", "tiny::VARCHAR"),
          column("utiny", "(i % 250)::UTINYINT", "utiny::VARCHAR"),
          column("int", "(i * 7919 % 100003 - 50000)::INTEGER", "int::VARCHAR"),
          column("uint", "(4294967295 - i)::UINTEGER", "uint::VARCHAR"),
          column("big", "i::BIGINT * 9007199254740 - 3", "big::VARCHAR"),
          column("ubig", "18446744073709551615::UBIGINT - i::UBIGINT", "ubig::VARCHAR"),
          column("real", "(i / 8)::FLOAT", "real::VARCHAR"),
          column("dbl", "i / 16.0::DOUBLE - 100", "dbl::VARCHAR"),
          column("dec4", "(i / 100)::DECIMAL(8,2)", "dec4::VARCHAR"),
          column("dec8", "(i * 1000)::DECIMAL(18,3)", "dec8::VARCHAR"),
          column("dec16", "(i * 1000 - 99)::DECIMAL(30,5)", "dec16::VARCHAR"),
          column("word", "'w-' || (i % 17)", "word"),
          column("long", "'häß-' || i || repeat('€', i % 5)", "long"),
          column("day", "DATE '2020-01-01' + i::INTEGER", "day::VARCHAR"),
          column(
              "local",
              "TIMESTAMP '2026-01-01 00:00:01' + INTERVAL (i) SECOND",
              "strftime(local, '%Y-%m-%dT%H:%M:%S')"),
          column(
              "utc",
              "(TIMESTAMP '2026-01-01 00:00:01' + INTERVAL (i) SECOND)::TIMESTAMPTZ",
              "strftime(utc, '%Y-%m-%dT%H:%M:%SZ')"),
          column(
              "uid",
              "('00000000-0000-4000-8000-' || lpad(i::VARCHAR, 12, '0'))::UUID",
              "uid::VARCHAR"));

  @TempDir private Path folder;
  private Duck duck;

  private static String[] column(String name, String made, String text) {
    return new String[] {name, made, text};
  }

  @BeforeEach
  void open() throws Exception {
    duck = new Duck(folder);
    String columns =
        COLUMNS.stream()
            .map(column ->
                "CASE WHEN i % 11 = 5 THEN NULL ELSE " + column[1] + " END AS " + column[0])
            .collect(Collectors.joining(", "));
    duck.run(
        "CREATE TABLE made AS SELECT i AS id, "
            + columns
            + ", NULL::INTEGER AS nothing FROM range(0, 7000) t(i)");
  }

  @AfterEach
  void close() throws Exception {
    duck.close();
  }

  static Stream<String> options() {
    return Stream.of("uncompressed", "snappy", "gzip", "zstd", "lz4", "lz4_raw")
        .flatMap(codec ->
            Stream.of("V1", "V2")
                .map(version ->
                    "FORMAT parquet, ROW_GROUP_SIZE 2048, CODEC '"
                        + codec
                        + "', PARQUET_VERSION '"
                        + version
                        + "'"));
  }

  @ParameterizedTest
  @MethodSource("options")
  void shouldAgreeOnParquet(String options) throws Exception {
    Path file = duck.copy("SELECT * FROM made", options);
    Preview preview = Files.parquet(java.nio.file.Files.readAllBytes(file));
    String from = " FROM read_parquet('" + file + "')";

    assertThat(preview.rowsTotal()).isEqualTo(7000);
    assertThat(preview.layout().rowGroups()).isEqualTo(4);
    assertThat(preview.columns()).allSatisfy(column -> assertThat(column.unread()).isNull());
    List<List<String>> first =
        duck.rows("SELECT id::VARCHAR, " + texts() + ", NULL" + from + " LIMIT 200");
    assertThat(preview.rows()).hasSize(200);
    for (int row = 0; row < 200; row++) {
      for (int column = 0; column < preview.columns().size(); column++) {
        assertSame(
            preview.columns().get(column),
            preview.rows().get(row).get(column),
            first.get(row).get(column));
      }
    }
    for (int i = 0; i < COLUMNS.size(); i++) {
      Preview.Column column = preview.columns().get(i + 1);
      String name = COLUMNS.get(i)[0];
      List<String> told =
          duck.rows(
                  "SELECT count(*) - count("
                      + name
                      + "), min("
                      + name
                      + "), max("
                      + name
                      + ")"
                      + from)
              .getFirst();
      assertThat(column.nulls()).as(name).isEqualTo(Long.parseLong(told.get(0)));
      // Truth values and 16-byte decimals are not in every writer's statistics.
      if (column.min() != null) {
        String text = COLUMNS.get(i)[2];
        assertSame(column, column.min(), extreme("min", name, text, from));
        assertSame(column, column.max(), extreme("max", name, text, from));
      } else {
        assertThat(name).isIn("flag", "uid");
      }
    }
    assertThat(preview.columns().getLast().nulls()).isEqualTo(7000);
  }

  private String extreme(String which, String name, String text, String from) throws Exception {
    return duck.rows(
            "SELECT " + text + " FROM (SELECT " + which + "(" + name + ") AS " + name + from + ")")
        .getFirst()
        .getFirst();
  }

  private static String texts() {
    return COLUMNS.stream().map(column -> column[2]).collect(Collectors.joining(", "));
  }

  private static void assertSame(Preview.Column column, String ours, String theirs) {
    if (ours != null && theirs != null && column.numeric()) {
      assertThat(new BigDecimal(ours)).as(column.name()).isEqualByComparingTo(theirs);
    } else {
      assertThat(ours).as(column.name()).isEqualTo(theirs);
    }
  }

  @Test
  void shouldAgreeOnWhatIsInsideOfParquet() throws Exception {
    byte[] bytes =
        duck.written(
            "SELECT [1, NULL, 3] AS l, [[1], [], NULL, [2, NULL]] AS ll, {'a': 1, 'b': ['x',"
                + " 'y\"']} AS s, MAP {'k': 7, 'm': NULL} AS m, []::INTEGER[] AS e, NULL::INTEGER[]"
                + " AS n, [{'p': 1, 'q': [2.5]}, {'p': NULL, 'q': []}] AS ls UNION ALL SELECT [4],"
                + " [[5, 6]], {'a': 2, 'b': NULL}, MAP {'z': 1}, [8], [9], []",
            "FORMAT parquet");

    Preview preview = Files.parquet(bytes);

    assertThat(preview.columns())
        .extracting(Preview.Column::name)
        .containsExactly("l", "ll", "s.a", "s.b", "m.key", "m.value", "e", "n", "ls.p", "ls.q");
    assertThat(preview.rows().getFirst())
        .containsExactly(
            "[1,null,3]",
            "[[1],[],null,[2,null]]",
            "1",
            "[\"x\",\"y\\\"\"]",
            "[\"k\",\"m\"]",
            "[7,null]",
            "[]",
            null,
            "[1,null]",
            "[[2.5],[]]");
    assertThat(preview.rows().getLast())
        .containsExactly("[4]", "[[5,6]]", "2", null, "[\"z\"]", "[1]", "[8]", "[9]", "[]", "[]");
  }

  @Test
  void shouldAgreeOnCsv() throws Exception {
    Path file =
        duck.copy(
            "SELECT id, int, big, dbl, word, long, day, flag FROM made", "FORMAT csv, HEADER true");
    Preview preview = Files.csv(java.nio.file.Files.readAllBytes(file));

    assertThat(preview.rowsTotal()).isEqualTo(7000);
    for (Preview.Column column : preview.columns()) {
      List<String> told =
          duck.rows(
                  "SELECT count(*) - count(c), min(c)::VARCHAR, max(c)::VARCHAR, count(DISTINCT c),"
                      + " avg(try_cast(c::VARCHAR AS DOUBLE)) FROM (SELECT "
                      + column.name()
                      + " AS c FROM read_csv('"
                      + file
                      + "'))")
              .getFirst();
      assertThat(column.nulls()).as(column.name()).isEqualTo(Long.parseLong(told.get(0)));
      assertSame(column, column.min(), told.get(1));
      assertSame(column, column.max(), told.get(2));
      assertThat(column.distinct()).as(column.name()).isEqualTo(Long.parseLong(told.get(3)));
      if (column.numeric()) {
        assertThat(column.mean())
            .isCloseTo(
                Double.parseDouble(told.get(4)),
                org.assertj.core.data.Percentage.withPercentage(1e-9));
      }
    }
  }

  @Test
  void shouldAgreeOnJson() throws Exception {
    Path file = duck.copy("SELECT id, int, dbl, word FROM made", "FORMAT json");
    Preview preview =
        Files.preview("a.ndjson", "application/x-ndjson", java.nio.file.Files.readAllBytes(file));

    assertThat(preview.format()).isEqualTo("ndjson");
    assertThat(preview.rowsTotal()).isEqualTo(7000);
    for (Preview.Column column : preview.columns()) {
      List<String> told =
          duck.rows(
                  "SELECT count(*) - count(c), min(c)::VARCHAR, max(c)::VARCHAR FROM (SELECT "
                      + column.name()
                      + " AS c FROM read_json('"
                      + file
                      + "'))")
              .getFirst();
      assertThat(column.nulls()).as(column.name()).isEqualTo(Long.parseLong(told.get(0)));
      assertSame(column, column.min(), told.get(1));
      assertSame(column, column.max(), told.get(2));
    }
  }

  @Test
  void shouldAskOnceForTheShortColumnsOfAWideTable() throws Exception {
    String columns =
        IntStream.range(0, 600)
            .mapToObj(i -> "i + " + i + " AS c" + i)
            .collect(Collectors.joining(", "));
    byte[] bytes = duck.written("SELECT " + columns + " FROM range(0, 300) t(i)", "FORMAT parquet");
    AtomicInteger asked = new AtomicInteger();
    RangedBytes counted =
        new RangedBytes() {
          @Override
          public long size() {
            return bytes.length;
          }

          @Override
          public byte[] read(long from, int length) {
            asked.incrementAndGet();
            return new Files.InMemory(bytes).read(from, length);
          }
        };

    Preview preview =
        new Previewer(System::nanoTime).preview(counted, "a.parquet", "application/octet-stream");

    assertThat(preview.columns()).hasSize(500);
    assertThat(preview.columnsTotal()).isEqualTo(600);
    assertThat(preview.rows().get(3)).startsWith("3", "4").endsWith("502");
    assertThat(asked).hasValueLessThan(6);
  }

  @Test
  void shouldReadOnlyAPartOfALargeFile() throws Exception {
    byte[] bytes =
        duck.written(
            "SELECT i, random() AS r, md5(i::VARCHAR) AS m FROM range(0, 400000) t(i)",
            "FORMAT parquet, CODEC 'uncompressed'");

    Preview preview = Files.parquet(bytes);

    assertThat(bytes.length).isGreaterThan(10 << 20);
    assertThat(preview.rowsTotal()).isEqualTo(400_000);
    assertThat(preview.bytesRead()).isLessThan(bytes.length / 2);
    assertThat(preview.rows().get(199)).startsWith("199");
    assertThat(preview.truncated()).isTrue();
  }
}
