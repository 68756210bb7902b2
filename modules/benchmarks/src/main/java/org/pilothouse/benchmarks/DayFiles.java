package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/** The files of a closed day's only revision, as they are in the store; DuckDB reads them. */
final class DayFiles implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PARQUET = ".parquet";

  private final S3Client client;
  private final String bucket;
  private final String prefix;
  private final JsonNode manifest;

  private DayFiles(S3Client client, String bucket, String prefix, JsonNode manifest) {
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
    this.manifest = manifest;
  }

  /** Of the Parquet files, in bytes. */
  record Sizes(long ours, long duckdb) {
    double ratio() {
      return (double) ours / duckdb;
    }
  }

  static DayFiles of(Stack stack, String pilot, LocalDate date) throws IOException {
    JsonNode day =
        stack
            .platform()
            .get("/api/v1/pilots/" + pilot + "/dumps/" + date)
            .path("revisions")
            .path(0);
    String dataset = "/api/v1/pilots/" + pilot + "/datasets/" + day.path("dataset_id").asText();
    String uri = stack.platform().get(dataset).path("object_uri").asText();
    String key = uri.substring(uri.indexOf('/', "s3://".length()) + 1);
    String bucket = stack.s3().path("bucket").asText();
    S3Client client = S3.client(stack);
    try {
      byte[] said = client.getObjectAsBytes(get -> get.bucket(bucket).key(key)).asByteArrayUnsafe();
      return new DayFiles(
          client, bucket, key.substring(0, key.lastIndexOf('/') + 1), JSON.readTree(said));
    } catch (IOException | SdkException e) {
      client.close();
      throw e;
    }
  }

  private List<String> paths() {
    List<String> paths = new ArrayList<>();
    manifest.path("parts").forEach(part -> paths.add(part.path("path").asText()));
    return paths;
  }

  /** The SHA-256 of each file's bytes, and of the manifest but for what it is called and when. */
  SortedMap<String, String> digests() {
    SortedMap<String, String> digests = new TreeMap<>();
    for (String path : paths()) {
      digests.put(path, Sender.checksum(bytes(path)));
    }
    ObjectNode same = manifest.deepCopy();
    same.remove(List.of("dataset_id", "frozen_at"));
    digests.put(
        "_manifest.json", Sender.checksum(same.toString().getBytes(StandardCharsets.UTF_8)));
    return digests;
  }

  private byte[] bytes(String path) {
    return client
        .getObjectAsBytes(get -> get.bucket(bucket).key(prefix + path))
        .asByteArrayUnsafe();
  }

  /**
   * Hands on the id of the event of each row, in no order; tidy tables have several of an event.
   */
  void events(Path parent, Consumer<String> each) throws IOException, SQLException {
    with(
        parent,
        (files, statement) -> {
          for (Path file : files) {
            String rows = file.getFileName().toString().startsWith("tidy") ? "DISTINCT " : "";
            try (ResultSet found =
                statement.executeQuery(
                    "SELECT " + rows + "event_id FROM read_parquet('" + file + "')")) {
              while (found.next()) {
                each.accept(found.getString(1));
              }
            }
          }
        });
  }

  /** Hands on the id of each record that was put aside. */
  void rejects(Consumer<String> each) throws IOException {
    for (String path : paths()) {
      if (!path.endsWith(PARQUET)) {
        for (String line : new String(bytes(path), StandardCharsets.UTF_8).split("\n", -1)) {
          if (!line.isEmpty()) {
            each.accept(JSON.readTree(line).path("event_id").asText());
          }
        }
      }
    }
  }

  /**
   * Has DuckDB write the same rows, file by file.
   *
   * @throws IOException when other events are in them, or one twice
   */
  Sizes judged(Path parent, long events) throws IOException, SQLException {
    long[] sizes = new long[2];
    with(
        parent,
        (files, statement) -> {
          String all = "FROM read_parquet('" + files.getFirst().getParent() + "/*.parquet')";
          long seen = number(statement, "SELECT count(*) " + all);
          long distinct = number(statement, "SELECT count(DISTINCT event_id) " + all);
          if (seen != events || distinct != events) {
            throw new IOException(
                "DuckDB finds " + seen + " rows of " + distinct + " events, not " + events);
          }
          for (Path file : files) {
            Path again = file.resolveSibling(file.getFileName() + ".duckdb");
            statement.execute(
                "COPY (SELECT * FROM read_parquet('"
                    + file
                    + "')) TO '"
                    + again
                    + "' (FORMAT parquet, COMPRESSION zstd)");
            sizes[0] += Files.size(file);
            sizes[1] += Files.size(again);
            Files.delete(again);
          }
        });
    return new Sizes(sizes[0], sizes[1]);
  }

  private static long number(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Fetches the Parquet files to a directory, and leaves them there. */
  List<Path> fetched(Path directory) {
    List<Path> files = new ArrayList<>();
    for (String path : paths()) {
      if (path.endsWith(PARQUET)) {
        Path file = directory.resolve(path.replace('/', '-'));
        client.getObject(get -> get.bucket(bucket).key(prefix + path), file);
        files.add(file);
      }
    }
    return files;
  }

  private interface Look {
    void at(List<Path> files, Statement statement) throws IOException, SQLException;
  }

  /** Fetches the Parquet files for as long as they are looked at. */
  private void with(Path parent, Look look) throws IOException, SQLException {
    Path directory = Files.createTempDirectory(parent, "day");
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duck.createStatement()) {
      statement.execute("SET threads TO 2");
      statement.execute("SET memory_limit = '2GB'");
      statement.execute("SET temp_directory = '" + directory.resolve("spill") + "'");
      look.at(fetched(directory), statement);
    } finally {
      try (Stream<Path> left = Files.walk(directory)) {
        for (Path each : left.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
