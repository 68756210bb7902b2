package org.pilothouse.batch;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.jdbi.v3.core.Handle;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.datasets.DatasetsConfig;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.Quota;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.models.ModelCatalogue;
import org.pilothouse.models.PropertyModel;
import org.pilothouse.models.ThingModel;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.pilots.PilotStorage;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.KafkaEventPublisher;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.TopicSpec;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.objectstore.EndpointRules;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.testkit.TestHome;
import org.pilothouse.warehouse.ClosingSteps;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.RunEngine;
import org.pilothouse.warehouse.WarehouseConfig;
import org.pilothouse.warehouse.WarehouseModule;

/** A pilot of the test's own on the stack's engines, with as many nodes as a test wants. */
final class ClosedDays implements AutoCloseable {
  static final Caller ADA =
      new Caller.Person("ada", Set.of("data-steward"), new PilotId("aurora"), "test", false);

  final PilotId pilotId = new PilotId("it-" + EventIds.system().next().toString().substring(9));
  final LocalDate yesterday = LocalDate.now(ZoneOffset.UTC).minusDays(1);
  final Instant noon = yesterday.atTime(12, 0).toInstant(ZoneOffset.UTC);
  final TestDatabase postgres = TestDatabase.create(List.of("datasets", "warehouse", "batch"));
  final ObjectStore store =
      new ObjectStore(
          ObjectStoreConfig.from(TestHome.settings()),
          Clock.systemUTC(),
          new SimpleMeterRegistry());
  private final KafkaConfig kafka = KafkaConfig.from(TestHome.settings());
  private final EventPublisher publisher =
      new KafkaEventPublisher(
          "test",
          kafka,
          KafkaEventPublisher.Purpose.LIVE,
          Clock.systemUTC(),
          new SimpleMeterRegistry());
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Path spills;

  /** What a model says of rpm; a test may change its mind. */
  volatile PropertyModel.Type rpm = PropertyModel.Type.NUMBER;

  /** Whether days are closed and corrected without anybody asking. */
  volatile boolean nightly;

  ClosedDays(Path spills) {
    this.spills = spills;
    try (TopicProvisioner topics = new TopicProvisioner(kafka)) {
      var unused =
          topics.ensure(
              List.of(
                  TopicSpec.keeping(TopicKind.TELEMETRY.of(pilotId), 3, Duration.ofDays(7)),
                  TopicSpec.keepingAll(TopicKind.THREAD.of(pilotId), 2)));
    }
  }

  /** A node that closes days, carried out by an engine around JBeret. */
  WarehouseModule node(
      String name, Duration lease, Function<ClosingSteps, ClosingSteps> around, Around engine) {
    LogReads reads = kept(new LogReads(kafka, 8));
    DatasetsModule datasets =
        kept(
            new DatasetsModule(
                new DatasetsModule.Needs(
                    new DatasetsConfig(
                        1,
                        Duration.ofSeconds(1),
                        Duration.ofHours(1),
                        Duration.ofDays(1),
                        Duration.ofHours(1),
                        new Quota(1L << 40, 1_000, 20),
                        Optional.empty()),
                    URI.create("https://pilothouse.example"),
                    Optional.empty(),
                    postgres.database(),
                    new Outbox(),
                    store,
                    EndpointRules.from(TestHome.settings()),
                    new Secrets(new byte[32], new SecureRandom()),
                    new OnePilot(),
                    new AtTheCentre(),
                    new Silent(),
                    EventIds.system(),
                    Clock.systemUTC(),
                    new SimpleMeterRegistry(),
                    false)));
    return kept(
        new WarehouseModule(
            new WarehouseModule.Needs(
                new WarehouseConfig(
                    nightly,
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(10),
                    Duration.ofHours(6),
                    2,
                    4 << 20,
                    spills,
                    lease,
                    5,
                    Optional.empty()),
                postgres.database(),
                store,
                reads,
                new OnePilot(),
                new Pumps(),
                datasets.bundles(),
                new Silent(),
                EventIds.system(),
                steps -> engine.of(BatchModule.engine(postgres.config(), around.apply(steps), 2)),
                name,
                true)));
  }

  WarehouseModule node() {
    return node("one", Duration.ofSeconds(30), steps -> steps, engine -> engine);
  }

  /** Something between a node and JBeret. */
  interface Around {
    RunEngine of(RunEngine engine);
  }

  private <T extends AutoCloseable> T kept(T part) {
    open.push(part);
    return part;
  }

  Pilot pilot() {
    return new OnePilot().require(pilotId);
  }

  void twin(String twin, String model) {
    publish(
        TopicKind.THREAD.of(pilotId),
        twin,
        "twin.created",
        Instant.now(),
        EventIds.system().next().toString(),
        "{\"pilot_id\":\""
            + pilotId
            + "\",\"twin\":\""
            + twin
            + "\",\"actor\":\"test\",\"model\":\""
            + model
            + "\"}");
  }

  EventPublisher.Position event(String twin, String id, Instant time, String values) {
    return publish(
        TopicKind.TELEMETRY.of(pilotId),
        twin,
        "telemetry.reported",
        time,
        id,
        "{\"twin\":\"" + twin + "\",\"time\":\"" + time + "\",\"values\":" + values + "}");
  }

  private EventPublisher.Position publish(
      String topic, String key, String type, Instant time, String id, String data) {
    EventHeaders headers =
        new EventHeaders()
            .add(CloudEvents.ID, id)
            .add(CloudEvents.SOURCE, "/devices/test")
            .add(CloudEvents.TYPE, type)
            .add(CloudEvents.TIME, time.toString());
    return CompletableFuture.completedStage(null)
        .thenCompose(
            nothing -> publisher.publish(topic, key.getBytes(UTF_8), data.getBytes(UTF_8), headers))
        .toCompletableFuture()
        .orTimeout(30, java.util.concurrent.TimeUnit.SECONDS)
        .join();
  }

  /** As retention does, up to an offset. */
  void drop(int partition, long to) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      admin
          .deleteRecords(
              Map.of(
                  new TopicPartition(TopicKind.TELEMETRY.of(pilotId), partition),
                  RecordsToDelete.beforeOffset(to)))
          .all()
          .get(30, java.util.concurrent.TimeUnit.SECONDS);
    }
  }

  Dump await(WarehouseModule node, Predicate<Dump> wanted) {
    List<Dump> seen = new ArrayList<>();
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> {
          seen.clear();
          seen.addAll(node.inside().dumps().of(pilotId, yesterday));
          return !seen.isEmpty() && wanted.test(seen.getFirst());
        });
    return seen.getFirst();
  }

  /** Of the newest revision that has one. */
  JsonNode manifest(WarehouseModule node) {
    return node.inside().manifest(pilotId, yesterday).orElseThrow();
  }

  /** The rows of the tables whose paths begin so, of all revisions together. */
  List<List<String>> rows(WarehouseModule node, String path, String columns) throws Exception {
    List<String> files = new ArrayList<>();
    for (Dump dump : node.inside().dumps().of(pilotId, yesterday)) {
      if (dump.datasetId() == null) {
        continue;
      }
      String prefix = text("SELECT prefix FROM warehouse.dump WHERE revision = " + dump.revision());
      for (JsonNode part : node.inside().manifest(dump).orElseThrow().path("parts")) {
        if (part.path("path").asText().startsWith(path)) {
          Path file = Files.createTempFile("part", ".parquet");
          try (InputStream in = store.open(prefix + part.path("path").asText(), 0).orElseThrow()) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
          }
          files.add("'" + file + "'");
        }
      }
    }
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:")) {
      return rows(
          duck,
          "SELECT "
              + columns
              + " FROM read_parquet("
              + files
              + ", union_by_name = true) ORDER BY 1, 2");
    }
  }

  List<List<String>> sql(String query) throws SQLException {
    try (Connection connection = postgres.asOwner()) {
      try (Statement scope = connection.createStatement()) {
        scope.execute("SELECT set_config('pilothouse.platform', 'on', false)");
      }
      return rows(connection, query);
    }
  }

  void change(String... statements) throws SQLException {
    try (Connection connection = postgres.asOwner();
        Statement each = connection.createStatement()) {
      each.execute("SELECT set_config('pilothouse.platform', 'on', false)");
      for (String statement : statements) {
        each.execute(statement);
      }
    }
  }

  String text(String query) throws SQLException {
    return sql(query).getFirst().getFirst();
  }

  private static List<List<String>> rows(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(query)) {
      List<List<String>> rows = new ArrayList<>();
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
          row.add(String.valueOf(found.getObject(i)));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  @Override
  public void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
    publisher.close();
    store.list(pilotId + "/", "", 1_000).items().forEach(object -> store.remove(object.key()));
    store.close();
    try (TopicProvisioner topics = new TopicProvisioner(kafka)) {
      topics.remove(List.of(TopicKind.TELEMETRY.of(pilotId), TopicKind.THREAD.of(pilotId)));
    }
    postgres.close();
  }

  /** No test here moves a pilot's data. */
  private static final class AtTheCentre implements PilotStorage {
    @Override
    public Pilot.Storage of(Handle transaction, PilotId pilot) {
      return new Pilot.Storage.Centralized();
    }

    @Override
    public Pilot.Storage hold(Handle transaction, PilotId pilot) {
      return of(transaction, pilot);
    }

    @Override
    public void change(Handle transaction, Caller caller, PilotId pilot, Pilot.Storage storage) {
      throw new IllegalStateException("nobody asked for " + storage);
    }

    @Override
    public void guardedBy(Guard guard) {
      // Nobody changes the model either.
    }
  }

  private final class OnePilot implements PilotDirectory {
    @Override
    public Optional<Pilot> find(PilotId id) {
      return id.equals(pilotId)
          ? Optional.of(
              new Pilot(
                  pilotId,
                  "Test",
                  ZoneOffset.UTC,
                  new Pilot.Storage.Centralized(),
                  Pilot.Retention.DEFAULT,
                  1,
                  Instant.now(),
                  Instant.now()))
          : Optional.empty();
    }

    @Override
    public List<Pilot> list() {
      return List.of(require(pilotId));
    }

    @Override
    public long countDevices(PilotId id) {
      return 0;
    }

    @Override
    public Pilot require(PilotId id) {
      return find(id).orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "no pilot"));
    }
  }

  /** One model, of pumps. */
  private final class Pumps implements ModelCatalogue {
    @Override
    public Optional<ThingModel> find(PilotId pilot, String modelId) {
      if (!modelId.equals("pump")) {
        return Optional.empty();
      }
      Map<String, PropertyModel> properties = new LinkedHashMap<>();
      properties.put("rpm", property("rpm", rpm, "1/min"));
      properties.put("running", property("running", PropertyModel.Type.BOOLEAN, null));
      JsonNode none = JsonNodeFactory.instance.objectNode();
      return Optional.of(
          new ThingModel(
              "pump", 3, "Pump", null, null, properties, Map.of(), Set.of(), none, none));
    }

    private static PropertyModel property(String name, PropertyModel.Type type, String unit) {
      return new PropertyModel(
          name,
          type,
          null,
          null,
          unit,
          null,
          null,
          null,
          null,
          null,
          null,
          List.of(),
          false,
          value -> List.of());
    }
  }

  private static final class Silent implements AuditTrail {
    @Override
    public void record(AuditEvent event) {}

    @Override
    public void record(Handle transaction, AuditEvent event) {}
  }

  static Path spillsIn(Path directory) throws IOException {
    return Files.createDirectories(directory.resolve("spills"));
  }
}
