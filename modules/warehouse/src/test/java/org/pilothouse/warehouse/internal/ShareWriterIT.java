package org.pilothouse.warehouse.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;
import org.pilothouse.platform.web.Json;
import org.pilothouse.testkit.TestHome;
import org.pilothouse.warehouse.PilotDay;

/** The files of a partition on the stack's object storage, as DuckDB reads them. */
@Timeout(120)
class ShareWriterIT {
  private static final PilotDay DAY =
      PilotDay.of(LocalDate.of(2026, 3, 29), ZoneId.of("Europe/Berlin")).orElseThrow();
  private static final Instant NOON = Instant.parse("2026-03-29T10:00:00Z");
  private static final TableSpec PUMP =
      new TableSpec(
          "pump",
          4,
          "Pump",
          List.of(
              new Column("rpm", "rpm", Column.Kind.NUMBER, "1/min", "Speed"),
              new Column("starts", "starts", Column.Kind.INTEGER, null, null),
              new Column("running", "running", Column.Kind.TRUTH, null, null),
              new Column("time", "time_2", Column.Kind.TEXT, null, null)));
  private static final Plan PLAN = new Plan(List.of(PUMP), Map.of(), 900);

  @TempDir Path local;

  private final ObjectStore store =
      new ObjectStore(
          ObjectStoreConfig.from(TestHome.settings()),
          Clock.systemUTC(),
          new SimpleMeterRegistry());
  private String prefix = "it-warehouse/" + EventIds.system().next() + "/";
  private final Logged log = new Logged();
  private int runs;

  @AfterEach
  void close() {
    store.list(prefix, "", 1_000).items().forEach(object -> store.remove(object.key()));
    store.close();
  }

  @Test
  void shouldWriteAColumnAPropertyInTheOrderOfTwinAndTime() throws Exception {
    log.event("pump-2", "b", NOON.plusSeconds(5), "{\"rpm\":900.5,\"running\":true}")
        .event("pump-1", "a", NOON.plusSeconds(9), "{\"rpm\":1e3,\"starts\":7,\"time\":\"x\"}")
        .event("pump-1", "c", NOON.plusSeconds(1), "{\"starts\":8.0,\"oil\":\"low\",\"n\":1.50}");

    ShareWriter.Result result = write(1 << 20);

    assertThat(result.counts()).isEqualTo(new Share.Counts(3, 0, 3, 3, 0, 0, 0));
    PartFile part = result.parts().getFirst();
    assertThat(part.key()).isEqualTo(prefix + "model=pump/part-00000.parquet");
    assertThat(part.kind()).isEqualTo(PartFile.Kind.TABLE);
    assertThat(part.first()).isEqualTo(NOON.plusSeconds(1));
    assertThat(part.last()).isEqualTo(NOON.plusSeconds(9));
    Path file = fetched(part);
    assertThat(
            Duck.rows(
                "SELECT twin, epoch_us(time), rpm, starts, running, time_2, other_properties,"
                    + " source, event_id, partition, \"offset\" FROM '"
                    + file
                    + "'"))
        .containsExactly(
            List.of(
                "pump-1",
                micros(1),
                "null",
                "8",
                "null",
                "null",
                "{\"oil\":\"low\",\"n\":1.50}",
                "/devices/press",
                "c",
                "0",
                "2"),
            List.of(
                "pump-1",
                micros(9),
                "1000.0",
                "7",
                "null",
                "x",
                "null",
                "/devices/press",
                "a",
                "0",
                "1"),
            List.of(
                "pump-2",
                micros(5),
                "900.5",
                "null",
                "true",
                "null",
                "null",
                "/devices/press",
                "b",
                "0",
                "0"));
    assertThat(
            Duck.rows(
                "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '" + file + "')"))
        .contains(
            List.of("time", "TIMESTAMP WITH TIME ZONE"),
            List.of("rpm", "DOUBLE"),
            List.of("starts", "BIGINT"),
            List.of("running", "BOOLEAN"),
            List.of("time_2", "VARCHAR"));
    assertThat(
            Duck.rows(
                "SELECT decode(value) FROM parquet_kv_metadata('"
                    + file
                    + "') WHERE decode(key) = 'pilothouse.columns'"))
        .first()
        .asString()
        .contains("\"property\":\"rpm\"", "\"unit\":\"1/min\"", "\"title\":\"Speed\"");
    assertThat(Duck.rows("SELECT DISTINCT compression FROM parquet_metadata('" + file + "')"))
        .containsExactly(List.of("ZSTD"));
  }

  @Test
  void shouldWriteARowAValueOfTwinsWithoutAModel() throws Exception {
    log.event("stray", "a", NOON, "{\"v\":1,\"on\":false,\"s\":\"ä\"}")
        .event("other", "b", NOON, "{\"v\":2}");

    ShareWriter.Result result = write(1 << 20);

    assertThat(result.counts().events()).isEqualTo(2);
    assertThat(result.counts().rows()).isEqualTo(4);
    assertThat(result.parts().getFirst().key()).endsWith("/tidy/part-00000.parquet");
    assertThat(
            Duck.rows(
                "SELECT twin, property, number, text, truth FROM '"
                    + fetched(result.parts().getFirst())
                    + "'"))
        .containsExactly(
            List.of("other", "v", "2.0", "null", "null"),
            List.of("stray", "v", "1.0", "null", "null"),
            List.of("stray", "on", "null", "null", "false"),
            List.of("stray", "s", "null", "ä", "null"));
  }

  @Test
  void shouldTakeTheDayAndNothingElseOnceEach() throws Exception {
    log.event("pump-1", "before", DAY.start().minusMillis(1), "{\"rpm\":1}")
        .event("pump-1", "first", DAY.start(), "{\"rpm\":2}")
        .hole(3)
        .event("pump-1", "last", DAY.end().minusNanos(1_000), "{\"rpm\":3}", DAY.end())
        .event("pump-1", "after", DAY.end(), "{\"rpm\":4}")
        .event("pump-1", "first", NOON, "{\"rpm\":5}")
        .event("pump-1", "late", NOON, "{\"rpm\":6}", DAY.end().plus(Duration.ofMinutes(16)));

    ShareWriter.Result result = write(1 << 20);

    assertThat(result.counts()).isEqualTo(new Share.Counts(6, 2, 3, 3, 1, 0, 1));
    assertThat(result.counts().addUp(result.redrive())).isTrue();
    assertThat(result.missing()).isEmpty();
    assertThat(Duck.rows("SELECT event_id, rpm FROM '" + fetched(result.parts().getFirst()) + "'"))
        .containsExactly(List.of("first", "2.0"), List.of("late", "6.0"), List.of("last", "3.0"));
  }

  @Test
  void shouldPutAsideWhatNoRowCanBeMadeOf() throws Exception {
    log.event("pump-1", "good", NOON, "{\"rpm\":1}")
        .event("pump-1", "text", NOON, "{\"rpm\":\"fast\"}")
        .event("pump-1", "half", NOON, "{\"starts\":1.5}")
        .event("pump-1", "nested", NOON, "{\"other\":{\"a\":1}}")
        .event("pump-1", "huge", NOON, "{\"rpm\":1e999}")
        .raw("pump-1", "json", NOON.toString(), "{\"values\":{", NOON)
        .raw("pump-1", "time", "yesterday", "{\"values\":{}}", NOON)
        .raw("Pump 1", "key", NOON.toString(), "{\"values\":{}}", NOON);

    ShareWriter.Result result = write(1 << 20);

    assertThat(result.counts()).isEqualTo(new Share.Counts(8, 0, 1, 1, 0, 7, 0));
    PartFile rejects = result.parts().getLast();
    assertThat(rejects.key()).isEqualTo(prefix + "_rejects/part-00000.ndjson");
    Map<String, String> reasons = new HashMap<>();
    for (String line : Files.readAllLines(fetched(rejects))) {
      JsonNode reject = Json.mapper().readTree(line);
      reasons.put(reject.path("event_id").asText(), reject.path("reason").asText());
      assertThat(reject.path("data").binaryValue()).startsWith('{');
      assertThat(reject.path("offset").asLong()).isPositive();
    }
    assertThat(reasons)
        .containsOnly(
            Map.entry("text", "wrong_type"),
            Map.entry("half", "wrong_type"),
            Map.entry("nested", "wrong_type"),
            Map.entry("huge", "wrong_type"),
            Map.entry("json", "malformed_json"),
            Map.entry("time", "invalid_time"),
            Map.entry("key", "invalid_id"));
  }

  @Test
  void shouldGiveTheSameBytesWhateverItHadToSpill() throws Exception {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      log.event(
          (random.nextBoolean() ? "pump-" : "stray-") + random.nextInt(30),
          "event-" + random.nextInt(18_000),
          NOON.plusMillis(random.nextInt(7_200_000)),
          "{\"rpm\":" + random.nextInt(3_000) + ",\"running\":" + random.nextBoolean() + "}");
    }

    ShareWriter.Result once = write(32 << 20);
    List<byte[]> bytes = bytes(once);
    ShareWriter.Result again = write(64 << 10);

    assertThat(again).isEqualTo(once);
    assertThat(bytes(again)).usingRecursiveComparison().isEqualTo(bytes);
    long distinct = log.records.stream().map(r -> r.headers().text("ce_id")).distinct().count();
    assertThat(once.counts().events()).isEqualTo(distinct);
    assertThat(
            Duck.rows(
                "SELECT count(*), count(DISTINCT event_id) FROM read_parquet(["
                    + "'"
                    + fetched(once.parts().get(0))
                    + "','"
                    + fetched(once.parts().get(1))
                    + "'], union_by_name = true)"))
        .first()
        .asString()
        .contains(Long.toString(distinct));
  }

  @Test
  void shouldLeaveOutWhatARevisionBeforeHolds() throws Exception {
    Random random = new Random(7);
    for (int i = 0; i < 60_000; i++) {
      // Ids too many for a dictionary, and sources that fit into one.
      log.event(
          (i % 2 == 0 ? "pump-" : "stray-") + i % 30,
          "event-" + i + "-" + Long.toHexString(random.nextLong()).repeat(3),
          NOON.plusMillis(random.nextInt(7_200_000)),
          "{\"rpm\":" + random.nextInt(3_000) + ",\"running\":true}");
    }
    log.event("pump-1", "wrong", NOON, "{\"rpm\":\"fast\"}");
    ShareWriter.Result first = write(8 << 20);
    long from = log.next;
    List<LogRecord> before = List.copyOf(log.records);
    for (int i = 0; i < 1_000; i++) {
      LogRecord again = before.get(random.nextInt(60_000));
      log.repeat(again, DAY.end());
      log.event("pump-" + i % 30, "new-" + i, NOON, "{\"rpm\":1}", DAY.end());
    }
    log.event("pump-1", "wrong", NOON, "{\"rpm\":1}");

    ShareWriter.Result second =
        write(
            8 << 20,
            from,
            new Earlier(
                first.parts().stream()
                    .filter(part -> part.kind() != PartFile.Kind.REJECTS)
                    .toList(),
                first.parts().stream()
                    .filter(part -> part.kind() == PartFile.Kind.REJECTS)
                    .toList(),
                false,
                0));

    assertThat(first.counts().events()).isEqualTo(60_000);
    assertThat(second.counts().events()).isEqualTo(1_000);
    assertThat(second.counts().repeats()).isEqualTo(1_001);
    assertThat(second.counts().addUp(second.redrive())).isTrue();
  }

  @Test
  void shouldSendLargeFilesInParts() throws Exception {
    Random random = new Random(5);
    byte[] noise = new byte[1_500];
    for (int i = 0; i < 16_000; i++) {
      random.nextBytes(noise);
      log.event(
          "pump-" + i % 3,
          "event-" + i,
          NOON.plusMillis(i),
          "{\"time\":\"" + java.util.Base64.getEncoder().encodeToString(noise) + "\"}");
    }

    ShareWriter.Result result = write(16 << 20);

    PartFile part = result.parts().getFirst();
    assertThat(part.size()).isGreaterThan(17L << 20);
    assertThat(Duck.rows("SELECT count(*) FROM '" + fetched(part) + "'"))
        .containsExactly(List.of("16000"));
    assertThat(store.uploads(prefix).items()).isEmpty();
  }

  @Test
  void shouldNameWhatTheLogDroppedBeforeItWasRead() throws Exception {
    for (int i = 0; i < 10; i++) {
      log.event("pump-1", "e" + i, NOON.plusSeconds(i), "{\"rpm\":1}");
    }
    log.drop(4);

    ShareWriter.Result result = write(1 << 20);

    assertThat(result.missing()).containsExactly(new Missing(0, 0, 4));
    assertThat(result.counts().events()).isEqualTo(6);
  }

  @Test
  void shouldLeaveNothingWhenItIsStopped() throws Exception {
    for (int i = 0; i < 10; i++) {
      log.event("pump-1", "e" + i, NOON.plusSeconds(i), "{\"rpm\":1}");
    }

    assertThatThrownBy(() ->
            write(
                1 << 20,
                offset -> {
                  throw new IllegalStateException("stopped");
                }))
        .isInstanceOf(IllegalStateException.class);

    assertThat(store.list(prefix, "", 10).items()).isEmpty();
  }

  private ShareWriter.Result write(int buffer) throws IOException {
    return write(buffer, offset -> {});
  }

  private ShareWriter.Result write(int buffer, ShareWriter.Progress progress) throws IOException {
    return write(buffer, progress, 0, Earlier.none(0));
  }

  /** A correction, beside the files of the revision before. */
  private ShareWriter.Result write(int buffer, long from, Earlier earlier) throws IOException {
    String day = prefix;
    prefix = day + "correction/";
    try {
      return write(buffer, offset -> {}, from, earlier);
    } finally {
      prefix = day;
    }
  }

  private ShareWriter.Result write(
      int buffer, ShareWriter.Progress progress, long from, Earlier earlier) throws IOException {
    Map<String, String> models = new HashMap<>();
    for (int i = 0; i < 40; i++) {
      models.put("pump-" + i, "pump");
      // Its model is not there any more.
      models.put("stray-" + i, "gone");
    }
    Path directory = Files.createDirectory(local.resolve("run-" + runs++));
    ShareWriter.Result result =
        new ShareWriter(store, log, buffer)
            .write(
                new ShareWriter.Task(
                    new PilotId("aurora"),
                    DAY,
                    PLAN,
                    models,
                    prefix,
                    0,
                    from,
                    log.next,
                    earlier,
                    directory),
                progress);
    for (PartFile part : result.parts()) {
      assertThat(store.find(part.key()).orElseThrow().size()).isEqualTo(part.size());
    }
    return result;
  }

  private List<byte[]> bytes(ShareWriter.Result result) throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (PartFile part : result.parts()) {
      all.add(Files.readAllBytes(fetched(part)));
    }
    return all;
  }

  private Path fetched(PartFile part) throws IOException {
    Path file = local.resolve(part.key().substring(prefix.length()).replace('/', '-'));
    try (InputStream in = store.open(part.key(), 0).orElseThrow()) {
      Files.copy(in, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    assertThat(Sums.of(file)).isEqualTo(part.checksum());
    return file;
  }

  private static String micros(int seconds) {
    return Long.toString(NOON.plusSeconds(seconds).getEpochSecond() * 1_000_000);
  }
}
