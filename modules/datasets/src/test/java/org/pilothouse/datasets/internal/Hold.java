package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetsConfig;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.LineageConfig;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.datasets.Quota;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.kernel.Settings;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.pilots.PilotStorage;
import org.pilothouse.platform.objectstore.EndpointRules;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.testkit.TestHome;

/** The hold over the stack's object storage and a database of the test's own, by hand. */
final class Hold implements AutoCloseable {
  static final Duration GRACE = Duration.ofHours(1);
  static final Duration PATIENCE = Duration.ofDays(1);
  static final Caller ADA =
      new Caller.Person("ada", Set.of("pilot-admin"), new PilotId("aurora"), "credential", false);

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What stands for a pilot's own bucket, on the same server. */
  static final String PILOT_BUCKET = "pilothouse-pilot";

  final TestDatabase postgres;
  final ObjectStore store;
  final ObjectStoreConfig config;
  final Recorded trail = new Recorded();
  Pilot.Storage storage = new Pilot.Storage.Centralized();
  final Kept kept = new Kept();
  Optional<LineageConfig> lineage = Optional.empty();
  final Database database;
  private final PilotId pilot;

  private Hold(TestDatabase postgres, PilotId pilot) {
    this.postgres = postgres;
    this.database = postgres.database();
    this.config = ObjectStoreConfig.from(TestHome.settings());
    this.store = new ObjectStore(config, Clock.systemUTC(), new SimpleMeterRegistry());
    this.pilot = pilot;
  }

  /** With a pilot whose part of the bucket no other test touches. */
  static Hold open() {
    TestDatabase postgres = TestDatabase.create(DatasetsModule.SCHEMAS);
    return new Hold(postgres, pilot());
  }

  static PilotId pilot() {
    return new PilotId("it-" + EventIds.system().next().toString().substring(9));
  }

  PilotId pilot1() {
    return pilot;
  }

  /** A node that verifies when it is told to. */
  Wiring node() {
    return node(Steps.UNHEARD, new Quota(1L << 40, 1_000, 20));
  }

  Wiring node(Steps steps, Quota quota) {
    return node(steps, quota, EndpointRules.from(TestHome.settings()));
  }

  /** One that connects to these endpoints of pilots. */
  Wiring connecting(String endpoints) {
    return node(
        Steps.UNHEARD,
        new Quota(1L << 40, 1_000, 20),
        EndpointRules.from(
            new Settings(Map.of("pilothouse.s3.federated-endpoints", endpoints), Map.of())));
  }

  private Wiring node(Steps steps, Quota quota, EndpointRules endpoints) {
    return Wiring.start(
        needs(
            new DatasetsConfig(
                1,
                Duration.ofSeconds(1),
                GRACE,
                PATIENCE,
                Duration.ofHours(1),
                quota,
                Optional.empty()),
            endpoints),
        steps);
  }

  /** The room as composition makes it. */
  DatasetsModule module(DatasetsConfig config) {
    return new DatasetsModule(needs(config, EndpointRules.from(TestHome.settings())));
  }

  private DatasetsModule.Needs needs(DatasetsConfig config, EndpointRules endpoints) {
    return new DatasetsModule.Needs(
        config,
        URI.create("https://pilothouse.example"),
        lineage,
        database,
        new Outbox(),
        store,
        endpoints,
        new Secrets(new byte[32], new SecureRandom()),
        new OnePilot(),
        kept,
        trail,
        EventIds.system(),
        Clock.systemUTC(),
        new SimpleMeterRegistry(),
        false);
  }

  NewDataset wanted(String name, byte[] bytes, Map<String, Object> tags) {
    return wanted(name, bytes.length, Optional.of(sha256(bytes)), tags);
  }

  NewDataset wanted(String name, long size, Optional<Checksum> checksum, Map<String, Object> tags) {
    return new NewDataset(
        name,
        "text/csv",
        size,
        checksum,
        null,
        tags,
        new Dataset.Lineage(List.of(), Dataset.Maker.UPLOAD, null),
        null,
        null);
  }

  /** Declares it, puts its parts, completes it and has it verified. */
  Dataset upload(Wiring node, NewDataset wanted, byte[] bytes) {
    Dataset declared = node.uploads().declare(ADA, pilot, wanted);
    List<Uploads.SentPart> parts = send(node, declared, bytes);
    var unused = node.uploads().complete(ADA, pilot, declared.id(), parts, Optional.empty());
    verify(node);
    return find(declared.id());
  }

  void verify(Wiring node) {
    while (node.verification().verifyNext()) {
      // until there is none
    }
  }

  Dataset find(DatasetId id) {
    return database.inPilot(
        pilot, transaction -> DatasetRows.find(transaction, pilot, id).orElseThrow());
  }

  List<Uploads.SentPart> send(Wiring node, Dataset dataset, byte[] bytes) {
    Uploads.Upload upload = node.uploads().look(pilot, dataset.id(), 1, 100);
    List<Uploads.SentPart> sent = new ArrayList<>();
    for (Uploads.Part part : upload.parts()) {
      int from = (int) ((part.number() - 1) * upload.partSize());
      byte[] piece =
          Arrays.copyOfRange(bytes, from, (int) Math.min(bytes.length, from + part.size()));
      HttpResponse<String> answer = put(part.url(), piece);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      sent.add(
          new Uploads.SentPart(part.number(), answer.headers().firstValue("etag").orElseThrow()));
    }
    return sent;
  }

  static HttpResponse<String> put(String url, byte[] bytes) {
    try {
      return HTTP.send(
          HttpRequest.newBuilder(URI.create(url))
              .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
              .timeout(Duration.ofSeconds(30))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] get(URI url) {
    try {
      return HTTP.send(
              HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(30)).build(),
              HttpResponse.BodyHandlers.ofByteArray())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static Checksum sha256(byte[] bytes) {
    try {
      return new Checksum(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Printable, so that it is what it is declared to be. */
  static byte[] csv(int length) {
    byte[] bytes = new byte[length];
    Random random = new Random(length);
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i % 16 == 15 ? '\n' : i % 4 == 3 ? ',' : '0' + random.nextInt(10));
    }
    return bytes;
  }

  /** An event that waits in the outbox, or was sent. */
  record Event(String type, String topic, String key, JsonNode data) {}

  /** All events, in the order in which they go out. */
  List<Event> events() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(
                "SELECT headers ->> 'ce_type' AS type, topic, key, payload FROM outbox.message"
                    + " ORDER BY sequence")
            .map((row, context) ->
                new Event(
                    row.getString(1), row.getString(2), row.getString(3), json(row.getBytes(4))))
            .list());
  }

  List<Event> events(DatasetId id) {
    return events().stream().filter(event -> event.key().equals(id.value())).toList();
  }

  private static JsonNode json(byte[] bytes) {
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets time pass for what waits on it. */
  void let(String change) {
    database.runAsPlatform(
        transaction -> transaction.createUpdate("UPDATE datasets." + change).execute());
  }

  @Override
  public void close() {
    ObjectStore.Listing<ObjectStore.Stored> left = store.list(pilot + "/", "", 1_000);
    left.items().forEach(object -> store.remove(object.key()));
    store.uploads(pilot + "/").items().forEach(open -> store.abort(open.key(), open.uploadId()));
    store.close();
    postgres.close();
  }

  private final class OnePilot implements PilotDirectory {
    @Override
    public Optional<Pilot> find(PilotId id) {
      return id.equals(pilot) ? Optional.of(one()) : Optional.empty();
    }

    @Override
    public List<Pilot> list() {
      return List.of(one());
    }

    @Override
    public long countDevices(PilotId id) {
      return 0;
    }

    @Override
    public Pilot require(PilotId id) {
      return find(id).orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "none"));
    }

    private Pilot one() {
      return new Pilot(
          pilot,
          "Test",
          ZoneOffset.UTC,
          storage,
          Pilot.Retention.DEFAULT,
          1,
          Instant.EPOCH,
          Instant.EPOCH);
    }
  }

  /** The pilot's model, as the room of pilots keeps it. */
  final class Kept implements PilotStorage {
    private Guard guard = (transaction, pilot) -> {};

    /** How often it was changed. */
    int changes;

    @Override
    public Pilot.Storage of(Handle transaction, PilotId of) {
      return storage;
    }

    @Override
    public Pilot.Storage hold(Handle transaction, PilotId of) {
      return storage;
    }

    @Override
    public void change(Handle transaction, Caller caller, PilotId of, Pilot.Storage wanted) {
      if (!storage.equals(wanted)) {
        transaction.afterCommit(() -> {
          storage = wanted;
          changes++;
        });
      }
    }

    @Override
    public void guardedBy(Guard guard) {
      this.guard = guard;
    }

    /** As a person does it. */
    void changeByHand() {
      database.runInPilot(pilot, transaction -> guard.check(transaction, pilot));
    }
  }

  /** What was noted down. */
  static final class Recorded implements AuditTrail {
    final List<AuditEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public void record(AuditEvent event) {
      events.add(event);
    }

    @Override
    public void record(Handle transaction, AuditEvent event) {
      events.add(event);
    }
  }
}
