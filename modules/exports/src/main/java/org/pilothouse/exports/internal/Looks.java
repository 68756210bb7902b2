package org.pilothouse.exports.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pilothouse.exports.internal.SourceTable.Kind;
import org.pilothouse.exports.internal.SourceTable.SourceFile;
import org.pilothouse.exports.internal.engine.Frame;
import org.pilothouse.exports.internal.engine.QueryRequest;
import org.pilothouse.exports.internal.engine.QueryRequest.Compression;
import org.pilothouse.exports.internal.engine.QueryRequest.Format;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Caller;

/**
 * Shows what an export would give: its columns, its first rows, and about how much it would be. It
 * reads real files, and of those no more than a few seconds allow. Every look is in the audit trail
 * before anything is shown.
 */
public final class Looks {
  private static final int ROWS = 50;

  /** Of files that are brought to the node for one look. */
  private static final long MOST_BYTES = 256L << 20;

  private static final int LONGEST_CELL = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration SOON = Duration.ofSeconds(3);
  private static final Duration LONGEST = Duration.ofSeconds(15);
  private static final double BYTES_STAGED_A_SECOND = 150e6;
  private static final String LEFT = "look-";

  private final Room room;
  private final Path directory;
  private final Semaphore turns;
  private final AtomicLong number = new AtomicLong();

  Looks(Room room, Path directory) {
    this.room = room;
    this.directory = directory;
    this.turns = new Semaphore(room.config().previewsAtOnce(), true);
  }

  /** What one who ended without saying so has left. */
  void tidyUp() {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> listed = Files.list(directory)) {
      listed.filter(path -> path.getFileName().toString().startsWith(LEFT)).forEach(Looks::remove);
    } catch (IOException e) {
      throw new IllegalStateException("the directory of exports cannot be read: " + directory, e);
    }
  }

  /** A column as people see it. */
  public record Column(
      String name,
      @Nullable String property,
      String type,
      @Nullable String unit,
      @Nullable String title) {}

  /**
   * A table of a source.
   *
   * @param kind model, tidy or plain
   * @param rows null where nobody has counted them
   */
  public record Table(
      String name,
      String kind,
      @Nullable String title,
      @Nullable Long rows,
      long bytes,
      List<Column> columns) {
    public Table {
      columns = List.copyOf(columns);
    }
  }

  /** What a source holds. */
  public record Columns(List<Table> tables, List<String> dates) {
    public Columns {
      tables = List.copyOf(tables);
      dates = List.copyOf(dates);
    }
  }

  /**
   * About how much it would be.
   *
   * @param rows at most, where filters or spans leave some out; null where nobody knows
   */
  public record Estimate(@Nullable Long rows, @Nullable Long bytes, long seconds) {}

  /** A dataset that the rows come from. */
  public record Origin(String datasetId, String name) {}

  /**
   * The first rows.
   *
   * @param table that they are of: an export makes one file a table
   * @param whole whether all files were looked at
   */
  public record Preview(
      String table,
      List<Column> columns,
      List<List<@Nullable Object>> rows,
      boolean whole,
      Estimate estimate,
      List<String> tables,
      List<Origin> sources) {}

  /**
   * The tables and columns of a source.
   *
   * @param body with a source, and perhaps a model
   * @throws Problem {@code invalid_value} and others with a path, {@code too_many_requests}
   */
  public Columns columns(Caller caller, Pilot pilot, JsonNode body) {
    RequestReading reading = new RequestReading(body, "");
    ExportRequest.Source source = reading.source();
    String model = reading.model();
    reading.refuseOthers();
    ExportJob.requireCentralized(pilot);
    return inTurn(place -> {
      Sources.Found found =
          room.find(pilot.id(), request(source, model), () -> {}, place.resolve("in"));
      record(caller, pilot, found);
      List<Table> tables = new ArrayList<>();
      for (SourceTable table : found.tables()) {
        tables.add(
            new Table(
                table.name(),
                table.kind().name().toLowerCase(java.util.Locale.ROOT),
                table.title(),
                table.kind() == Kind.PLAIN ? null : table.rows(),
                table.bytes(),
                table.kind() == Kind.PLAIN ? read(table, place) : known(table)));
      }
      return new Columns(tables, found.dates().stream().map(Object::toString).toList());
    });
  }

  private static ExportRequest request(ExportRequest.Source source, @Nullable String model) {
    return new ExportRequest(
        source,
        null,
        model,
        java.util.Set.of(),
        List.of(),
        null,
        List.of(),
        null,
        Format.CSV,
        Compression.NONE,
        0,
        "columns",
        null);
  }

  private void record(Caller caller, Pilot pilot, Sources.Found found) {
    room.trail()
        .record(
            AuditEvent.allowed(caller, pilot.id(), "export.preview", "pilot:" + pilot.id())
                .with(
                    Map.of(
                        "datasets",
                        found.datasets().stream()
                            .limit(20)
                            .map(dataset -> dataset.id().value())
                            .collect(java.util.stream.Collectors.joining(" ")))));
  }

  private static List<Column> known(SourceTable table) {
    return table.columns().stream()
        .map(column ->
            new Column(
                column.name(), column.property(), column.kind(), column.unit(), column.title()))
        .toList();
  }

  /** Of files whose columns nobody has told. */
  private List<Column> read(SourceTable table, Path place) throws IOException, QueryFailed {
    List<SourceFile> some = within(table, MOST_BYTES);
    List<Path> files = new Staging(place.resolve("in"), bytes -> {}).stage(some);
    QueryEngine.Answer answer =
        ask(
            place,
            List.of(),
            "SELECT * FROM " + ExportSql.scan(table, files) + " LIMIT 0",
            List.of(),
            false,
            List.of(),
            List.of());
    return answer.columns().stream()
        .map(column -> new Column(column.name(), null, kind(column.type()), null, null))
        .toList();
  }

  private static String kind(String type) {
    return switch (type) {
      case "BOOLEAN" -> "truth";
      case "TINYINT",
          "SMALLINT",
          "INTEGER",
          "BIGINT",
          "HUGEINT",
          "UTINYINT",
          "USMALLINT",
          "UINTEGER",
          "UBIGINT" ->
          "integer";
      case "FLOAT", "DOUBLE" -> "number";
      case "VARCHAR" -> "text";
      default ->
          type.startsWith("TIMESTAMP") ? "time" : type.startsWith("DECIMAL") ? "number" : "json";
    };
  }

  /**
   * The first files that are not too many; one at least.
   *
   * @throws Problem {@code not_previewable} where already the first is too large
   */
  private static List<SourceFile> within(SourceTable table, long most) {
    List<SourceFile> some = new ArrayList<>();
    long bytes = 0;
    for (SourceFile file : table.files()) {
      bytes += file.size();
      if (bytes > most) {
        break;
      }
      some.add(file);
    }
    if (some.isEmpty()) {
      throw Problem.of(
          ProblemCode.NOT_PREVIEWABLE,
          "A file of "
              + table.name()
              + " has more than "
              + (most >> 20)
              + " MiB: it is exported, but not looked at before.");
    }
    return some;
  }

  /**
   * The first rows of an export.
   *
   * @param body with its parameters
   * @throws Problem {@code invalid_value} and others with a path, {@code too_many_requests}
   */
  public Preview preview(Caller caller, Pilot pilot, JsonNode body) {
    JsonNode parameters = body.path("parameters");
    ExportRequest request = ExportRequest.of(parameters);
    ExportJob.requireCentralized(pilot);
    ExportJob.requireSteward(caller, request);
    return inTurn(place -> preview(caller, pilot, request, place));
  }

  private Preview preview(Caller caller, Pilot pilot, ExportRequest request, Path place)
      throws IOException, QueryFailed {
    Sources.Found found = room.find(pilot.id(), request, () -> {}, place.resolve("in"));
    record(caller, pilot, found);
    if (found.tables().isEmpty()) {
      throw Sources.nothing("/parameters/source", "There are no rows in what was asked for.");
    }
    String unknown = ExportSql.unknown(request, found.tables());
    if (unknown != null) {
      throw Sources.nothing("/parameters/properties", "No table has the column " + unknown + ".");
    }
    Shown shown =
        request.sql() != null
            ? byHand(request, found.tables(), place)
            : first(request, found.tables(), place);
    return new Preview(
        shown.table(),
        named(shown.answer().columns(), found.tables()),
        shown.answer().rows().stream().map(Looks::cut).toList(),
        shown.whole(),
        estimate(request, found.tables(), shown),
        found.tables().stream().map(SourceTable::name).toList(),
        found.datasets().stream()
            .map(dataset -> new Origin(dataset.id().value(), dataset.name()))
            .toList());
  }

  private record Shown(String table, QueryEngine.Answer answer, boolean whole) {}

  private Shown byHand(ExportRequest request, List<SourceTable> tables, Path place)
      throws IOException, QueryFailed {
    Staging staging = new Staging(place.resolve("in"), bytes -> {});
    List<List<Path>> files = new ArrayList<>();
    boolean whole = true;
    for (SourceTable table : tables) {
      List<SourceFile> some = within(table, MOST_BYTES / tables.size());
      whole &= some.size() == table.files().size();
      files.add(staging.stage(some));
    }
    QueryEngine.Answer answer =
        ask(
            place,
            ExportSql.views(request, tables, files),
            java.util.Objects.requireNonNull(request.sql()),
            List.of(),
            true,
            List.of(),
            List.of());
    return new Shown("result", answer, whole);
  }

  private Shown first(ExportRequest request, List<SourceTable> tables, Path place)
      throws IOException, QueryFailed {
    Staging staging = new Staging(place.resolve("in"), bytes -> {});
    for (SourceTable table : tables) {
      List<SourceFile> some = within(table, MOST_BYTES);
      Optional<ExportSql.Select> select = ExportSql.of(request, table, staging.stage(some));
      if (select.isPresent()) {
        QueryEngine.Answer answer =
            ask(
                place,
                List.of(),
                select.get().sql(),
                select.get().values(),
                false,
                select.get().order(),
                select.get().hidden());
        return new Shown(table.name(), answer, some.size() == table.files().size());
      }
    }
    throw Sources.nothing("/parameters/filter", "No table has all that is asked for.");
  }

  private QueryEngine.Answer ask(
      Path place,
      List<String> views,
      String sql,
      List<Object> values,
      boolean foreign,
      List<String> order,
      List<String> hidden)
      throws QueryFailed {
    return room.engine()
        .run(
            new QueryEngine.Query(
                views, sql, values, foreign, order, hidden, ROWS, true, QueryRequest.Output.told()),
            place,
            LONGEST,
            percent -> {});
  }

  private static List<Column> named(List<Frame.Column> columns, List<SourceTable> tables) {
    return columns.stream()
        .map(column ->
            tables.stream()
                .flatMap(table -> table.find(column.name()).stream())
                .findFirst()
                .map(known ->
                    new Column(
                        column.name(),
                        known.property(),
                        kind(column.type()),
                        known.unit(),
                        known.title()))
                .orElse(new Column(column.name(), null, kind(column.type()), null, null)))
        .toList();
  }

  private static List<@Nullable Object> cut(List<@Nullable Object> row) {
    List<@Nullable Object> cells = new ArrayList<>();
    for (Object cell : row) {
      cells.add(
          cell instanceof String text && text.length() > LONGEST_CELL
              ? text.substring(0, LONGEST_CELL) + "…"
              : cell);
    }
    return cells;
  }

  /** From what is known of the files, and how long the rows are that were seen. */
  private static Estimate estimate(ExportRequest request, List<SourceTable> tables, Shown shown) {
    long staged = tables.stream().mapToLong(SourceTable::bytes).sum();
    boolean counted = tables.stream().noneMatch(table -> table.kind() == Kind.PLAIN);
    List<List<@Nullable Object>> seen = shown.answer().rows();
    boolean all = shown.whole() && shown.answer().count() <= ROWS;
    Long rows =
        all
            ? Long.valueOf(shown.answer().count())
            : counted && request.sql() == null ? Long.valueOf(rows(request, tables)) : null;
    Long bytes = null;
    if (rows != null && !seen.isEmpty()) {
      double text =
          seen.stream()
              .mapToLong(row ->
                  row.stream()
                      .mapToLong(cell ->
                          1
                              + (cell == null
                                  ? 0
                                  : cell.toString().getBytes(StandardCharsets.UTF_8).length))
                      .sum())
              .average()
              .orElse(0);
      bytes = (long) (rows * text * packed(request));
    }
    double perSecond =
        switch (request.format()) {
          case CSV -> request.compression() == Compression.NONE ? 800_000 : 400_000;
          case NDJSON -> request.compression() == Compression.NONE ? 600_000 : 300_000;
          case PARQUET -> 900_000;
          case XLSX -> 40_000;
        };
    double seconds =
        1 + staged / BYTES_STAGED_A_SECOND + (rows == null ? staged / 20.0 : rows) / perSecond;
    return new Estimate(rows, bytes, Math.round(Math.ceil(seconds)));
  }

  private static double packed(ExportRequest request) {
    return switch (request.format()) {
      case PARQUET -> 0.25;
      case XLSX -> 0.35;
      case CSV, NDJSON ->
          (request.format() == Format.NDJSON ? 1.8 : 1)
              * (request.compression() == Compression.NONE ? 1 : 0.2);
    };
  }

  /** Of each file as much as the window takes of its times. */
  private static long rows(ExportRequest request, List<SourceTable> tables) {
    double rows = 0;
    for (SourceTable table : tables) {
      for (SourceFile file : table.files()) {
        rows += file.rows() * share(request.window(), file.first(), file.last());
      }
    }
    return (long) Math.ceil(rows);
  }

  private static double share(
      ExportRequest.@Nullable Window window, @Nullable Instant first, @Nullable Instant last) {
    if (window == null || first == null || last == null || !first.isBefore(last)) {
      return 1;
    }
    Instant from = first.isAfter(window.from()) ? first : window.from();
    Instant to = last.isBefore(window.to()) ? last : window.to();
    double length = Duration.between(first, last).toMillis() + 1.0;
    return Math.clamp((Duration.between(from, to).toMillis() + 1) / length, 0, 1);
  }

  /** Something that is looked at. */
  private interface Work<T> {
    T in(Path place) throws IOException, QueryFailed;
  }

  private <T> T inTurn(Work<T> work) {
    if (!turn()) {
      throw Problem.retry(
          ProblemCode.TOO_MANY_REQUESTS,
          "As many exports as may be are being looked at on this node.",
          SOON);
    }
    Path place = directory.resolve(LEFT + number.incrementAndGet());
    try {
      Files.createDirectories(place.resolve("in"));
      Files.createDirectories(place.resolve("out"));
      return work.in(place);
    } catch (QueryFailed e) {
      throw switch (e.why()) {
        case REFUSED -> Problem.at(ProblemCode.INVALID_VALUE, "/parameters/sql", e.detail());
        case TOO_MUCH -> Problem.of(ProblemCode.NOT_PREVIEWABLE, e.detail());
        case BROKEN -> Problem.retry(ProblemCode.UNAVAILABLE, e.detail(), SOON);
      };
    } catch (IOException e) {
      throw Problem.caused(
          ProblemCode.UNAVAILABLE, "The node has no room for what is to be looked at.", e);
    } finally {
      turns.release();
      remove(place);
    }
  }

  private boolean turn() {
    try {
      return turns.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void remove(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      // What is left goes when the node starts the next time.
    }
  }
}
