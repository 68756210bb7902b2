package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A closed day as files for people: from the submission of the job until its dataset is visible,
 * beside DuckDB that asks the same of the same files on the local disk. Ours brings the files from
 * object storage, sends the result there and reads it back.
 */
final class Exports implements Benchmark {
  /** How many times its time we may take; a figure's ratio is the other way round. */
  private static final double TIMES = 1.3;

  private static final double MEMORY_MB = 1_000;
  private static final Duration LONGEST = Duration.ofMinutes(30);
  private static final String COLUMNS = "twin, %s, * EXCLUDE (twin, time, source, event_id, %s)";

  /** What is asked for. */
  private enum Asked {
    CSV(
        "exports, CSV.gz",
        "",
        "make_timestamp(epoch_us(time)) AS time",
        "FORMAT csv, HEADER true, COMPRESSION gzip, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ'"),
    PARQUET(
        "exports, filtered Parquet", "speed >= 1500", "time", "FORMAT parquet, COMPRESSION zstd");

    private final String title;
    private final String where;
    private final String time;
    private final String options;

    Asked(String title, String where, String time, String options) {
      this.title = title;
      this.where = where;
      this.time = time;
      this.options = options;
    }

    ObjectNode parameters(LocalDate date) {
      ObjectNode parameters = JsonNodeFactory.instance.objectNode();
      parameters
          .putObject("source")
          .putObject("closed_days")
          .put("from", date.toString())
          .put("to", date.toString());
      switch (this) {
        case CSV -> parameters.put("format", "csv").put("compression", "gzip");
        case PARQUET -> {
          parameters.put("format", "parquet");
          parameters
              .putArray("filter")
              .addObject()
              .put("field", "speed")
              .put("op", "gte")
              .put("value", 1_500);
        }
      }
      return parameters.put("name", "bench");
    }

    String copy(List<Path> files, Path to) {
      String list =
          files.stream().map(file -> "'" + file + "'").collect(Collectors.joining(", ", "[", "]"));
      return "COPY (SELECT "
          + COLUMNS.formatted(time, "partition, \"offset\"")
          + " FROM read_parquet("
          + list
          + ", union_by_name = true)"
          + (where.isEmpty() ? "" : " WHERE " + where)
          + " ORDER BY twin, time, \"partition\", \"offset\") TO '"
          + to
          + "' ("
          + options
          + ")";
    }
  }

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    return WarehouseDump.onADay(
        stack, options.rows(), (pilot, date) -> measured(stack, pilot, date, options.rows()));
  }

  private static List<Figure> measured(Stack stack, String pilot, LocalDate date, long rows)
      throws Exception {
    Path directory = Files.createTempDirectory(stack.homeDirectory(), "export");
    try (DayFiles day = DayFiles.of(stack, pilot, date)) {
      List<Path> files = day.fetched(directory);
      List<Figure> figures = new ArrayList<>();
      double peak = 0;
      for (Asked asked : Asked.values()) {
        Path result = directory.resolve("peer");
        double before = peer(asked.copy(files, result), directory);
        Files.delete(result);
        Job ours = job(stack, pilot, asked.parameters(date));
        double after = peer(asked.copy(files, result), directory);
        Files.delete(result);
        double theirs = (before + after) / 2;
        IngestHttp.say(
            "%s: ours %.1f s, DuckDB %.1f and %.1f s: %.2f times its time",
            asked.title, ours.seconds(), before, after, ours.seconds() / theirs);
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("rows_of_the_day", rows);
        details.put("rows", ours.rows());
        details.put("seconds", ours.seconds());
        details.put("duckdb_seconds", List.of(before, after));
        details.put("engine_peak_mb", ours.peakMegabytes());
        figures.add(
            Figure.ofRatio(
                asked.title, rows / ours.seconds(), rows / theirs, "rows/s", 1 / TIMES, details));
        peak = Math.max(peak, ours.peakMegabytes());
      }
      figures.add(
          Figure.ofCeiling(
              "exports, memory of the query",
              peak,
              "MB",
              MEMORY_MB,
              Map.of("how", "the most that was resident of the process of a query")));
      return figures;
    } finally {
      try (Stream<Path> left = Files.walk(directory)) {
        for (Path each : left.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  private record Job(double seconds, long rows, double peakMegabytes) {}

  private static Job job(Stack stack, String pilot, ObjectNode parameters) throws Exception {
    String jobs = "/api/v1/pilots/" + pilot + "/jobs";
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "export");
    body.set("parameters", parameters);
    long begun = System.nanoTime();
    String id = stack.platform().post(jobs, body).path("job_id").asText();
    while (true) {
      JsonNode job = stack.platform().get(jobs + "/" + id);
      double seconds = (System.nanoTime() - begun) / 1e9;
      switch (job.path("state").asText()) {
        case "succeeded" -> {
          JsonNode summary = job.path("result").path("summary");
          var unused =
              stack
                  .platform()
                  .delete(
                      "/api/v1/pilots/"
                          + pilot
                          + "/datasets/"
                          + job.path("result").path("dataset_id").asText());
          return new Job(
              seconds,
              summary.path("rows").asLong(),
              summary.path("engine_peak_bytes").asLong() / 1e6);
        }
        case "queued", "running" -> {
          if (seconds > LONGEST.toSeconds()) {
            throw new TimeoutException("the export has not ended within " + LONGEST);
          }
          Thread.sleep(50);
        }
        default -> throw new IOException("the export has ended otherwise: " + job);
      }
    }
  }

  private static double peer(String sql, Path directory) throws IOException, InterruptedException {
    ProcessBuilder command =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            DuckPeer.class.getName(),
            directory.resolve("spill").toString(),
            sql);
    long begun = System.nanoTime();
    Process process = command.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("DuckDB: " + said);
    }
    return (System.nanoTime() - begun) / 1e9;
  }
}
