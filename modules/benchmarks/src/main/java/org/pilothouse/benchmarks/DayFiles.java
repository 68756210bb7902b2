package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.services.s3.S3Client;

/** The files of a closed day, read by DuckDB: what is in them, and how large it would make them. */
final class DayFiles {
  /** Of the Parquet files, in bytes. */
  record Sizes(long ours, long duckdb) {
    double ratio() {
      return (double) ours / duckdb;
    }
  }

  private DayFiles() {}

  /**
   * Has DuckDB write the same rows, file by file.
   *
   * @throws IOException when other events are in them, or one twice
   */
  static Sizes judged(Stack stack, String pilot, LocalDate date, long events)
      throws IOException, SQLException {
    Path directory = Files.createTempDirectory(stack.homeDirectory(), "bench-day");
    try {
      List<Path> files = fetch(stack, pilot, date, directory);
      try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
          Statement statement = duck.createStatement()) {
        statement.execute("SET threads TO 2");
        statement.execute("SET memory_limit = '2GB'");
        statement.execute("SET temp_directory = '" + directory.resolve("spill") + "'");
        long seen =
            number(statement, "SELECT count(*) FROM read_parquet('" + directory + "/*.parquet')");
        long distinct =
            number(
                statement,
                "SELECT count(DISTINCT event_id) FROM read_parquet('" + directory + "/*.parquet')");
        if (seen != events || distinct != events) {
          throw new IOException(
              "DuckDB finds " + seen + " rows of " + distinct + " events, not " + events);
        }
        long ours = 0;
        long theirs = 0;
        for (Path file : files) {
          Path again = directory.resolve(file.getFileName() + ".duckdb");
          statement.execute(
              "COPY (SELECT * FROM read_parquet('"
                  + file
                  + "')) TO '"
                  + again
                  + "' (FORMAT parquet, COMPRESSION zstd)");
          ours += Files.size(file);
          theirs += Files.size(again);
          Files.delete(again);
        }
        return new Sizes(ours, theirs);
      }
    } finally {
      try (Stream<Path> left = Files.walk(directory)) {
        for (Path each : left.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  private static long number(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** The Parquet files that the manifest names. */
  private static List<Path> fetch(Stack stack, String pilot, LocalDate date, Path directory)
      throws IOException {
    JsonNode day =
        stack
            .platform()
            .get("/api/v1/pilots/" + pilot + "/dumps/" + date)
            .path("revisions")
            .path(0);
    String dataset = "/api/v1/pilots/" + pilot + "/datasets/" + day.path("dataset_id").asText();
    String uri = stack.platform().get(dataset).path("object_uri").asText();
    String manifest = uri.substring(uri.indexOf('/', "s3://".length()) + 1);
    String prefix = manifest.substring(0, manifest.lastIndexOf('/') + 1);
    String bucket = stack.s3().path("bucket").asText();
    List<Path> files = new ArrayList<>();
    try (S3Client client = S3.client(stack)) {
      JsonNode said =
          new ObjectMapper()
              .readTree(
                  client
                      .getObjectAsBytes(get -> get.bucket(bucket).key(manifest))
                      .asByteArrayUnsafe());
      for (JsonNode part : said.path("parts")) {
        String path = part.path("path").asText();
        if (path.endsWith(".parquet")) {
          Path file = directory.resolve(path.replace('/', '-'));
          client.getObject(get -> get.bucket(bucket).key(prefix + path), file);
          files.add(file);
        }
      }
    }
    return files;
  }
}
