package org.pilothouse.jobs.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobType;
import org.pilothouse.jobs.JobsConfig;
import org.pilothouse.jobs.JobsModule;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.postgres.OutboxRelay;
import org.pilothouse.platform.rabbit.ConfirmedPublisher;
import org.pilothouse.platform.rabbit.RabbitConfig;
import org.pilothouse.platform.rabbit.RabbitConnection;
import org.pilothouse.platform.rabbit.RabbitOutboxSink;
import org.pilothouse.platform.rabbit.TopologyProvisioner;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.pilothouse.testkit.TestDatabase;
import org.pilothouse.testkit.TestHome;

/** The room on the stack's servers, with a database, queues and as many nodes as a test wants. */
final class JobRoom implements AutoCloseable {
  static final Pilot AURORA = pilot("aurora", "Europe/Lisbon");
  static final Pilot BOREAL = pilot("boreal", "Europe/Oslo");
  static final Caller.Person ADA =
      new Caller.Person("ada", Set.of("pilot-operator"), AURORA.id(), "credential", false);

  final TestDatabase postgres;
  final Database database;
  final String exchange = "it.jobs." + UUID.randomUUID().toString().substring(0, 8);
  final Trail trail = new Trail();
  final Pilots pilots = new Pilots();
  final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  final Map<String, String> settings = new ConcurrentHashMap<>();
  private final RabbitConfig rabbit = RabbitConfig.from(TestHome.settings());
  private final Clock clock = Clock.systemUTC();
  private final EventIds ids = EventIds.system();
  private final Outbox outbox = new Outbox();
  private final Path directory;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final ObjectStore store;
  private @Nullable OutboxRelay relay;

  private JobRoom(TestDatabase postgres) {
    this.postgres = postgres;
    this.database = postgres.database();
    this.store = keep(new ObjectStore(ObjectStoreConfig.from(TestHome.settings()), clock, metrics));
    try {
      this.directory = Files.createTempDirectory("jobs-it");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    settings.put("pilothouse.jobs.exchange", exchange);
    settings.put("pilothouse.jobs.directory", directory.toString());
    settings.put("pilothouse.jobs.noop", "true");
    settings.put("pilothouse.jobs.first-retry", "PT0.2S");
    settings.put("pilothouse.jobs.longest-retry", "PT1S");
    settings.put("pilothouse.jobs.lease", "PT3S");
    settings.put("pilothouse.jobs.redispatch", "PT2S");
    settings.put("pilothouse.jobs.drain", "PT1S");
  }

  static JobRoom open() {
    return new JobRoom(TestDatabase.create(JobsModule.SCHEMAS));
  }

  private static Pilot pilot(String id, String zone) {
    return new Pilot(
        new PilotId(id),
        id,
        ZoneId.of(zone),
        new Pilot.Storage.Centralized(),
        Pilot.Retention.DEFAULT,
        1,
        Instant.EPOCH,
        Instant.EPOCH);
  }

  private <T extends AutoCloseable> T keep(T part) {
    open.push(part);
    return part;
  }

  JobsConfig config() {
    return JobsConfig.from(new org.pilothouse.kernel.Settings(settings, Map.of()));
  }

  /** A node that takes jobs and does none. */
  Wiring web(JobType... types) {
    return node("web", false, types);
  }

  /** A node that does jobs. */
  Wiring worker(String name, JobType... types) {
    return node(name, true, types);
  }

  private Wiring node(String name, boolean worker, JobType... types) {
    Wiring wiring =
        keep(
            new Wiring(
                new JobsModule.Needs(
                    config(),
                    database,
                    outbox,
                    store,
                    Optional.of(keep(new RabbitConnection(rabbit, "it-" + name))),
                    pilots,
                    trail,
                    ids,
                    clock,
                    metrics,
                    name,
                    worker)));
    wiring.start(List.of(types));
    return wiring;
  }

  /** Sends what the outbox holds from here on, to the queues of that node's types. */
  void relay(Wiring of) {
    RabbitConnection connection = keep(new RabbitConnection(rabbit, "it-outbox"));
    RabbitOutboxSink sink =
        keep(
            new RabbitOutboxSink(
                keep(new ConfirmedPublisher(connection, rabbit, metrics)),
                new TopologyProvisioner(connection),
                of::topology));
    relay = OutboxRelay.start(database, outbox, sink, clock, metrics);
  }

  void stopRelay() {
    OutboxRelay there = relay;
    if (there != null) {
      relay = null;
      there.close();
    }
  }

  /** By hand, past the outbox. */
  void publish(String routingKey, String body) {
    publishTo(exchange, routingKey, body);
  }

  void publishTo(String to, String routingKey, String body) {
    try (RabbitConnection connection = new RabbitConnection(rabbit, "it-hand");
        ConfirmedPublisher publisher = new ConfirmedPublisher(connection, rabbit, metrics)) {
      var unused =
          publisher
              .publish(
                  to,
                  routingKey,
                  UUID.randomUUID().toString(),
                  Map.of(),
                  body.getBytes(java.nio.charset.StandardCharsets.UTF_8))
              .toCompletableFuture()
              .join();
    }
  }

  RabbitConnection broker() {
    return keep(new RabbitConnection(rabbit, "it-look"));
  }

  static JsonNode json(String text) {
    try {
      return Json.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  static Submissions.Request request(String type, String parameters) {
    return new Submissions.Request(type, json(parameters), null, Priority.NORMAL, null, null);
  }

  static Submissions.Request urgent(String type, String parameters) {
    return new Submissions.Request(type, json(parameters), null, Priority.URGENT, null, null);
  }

  static Job submit(Wiring at, Pilot pilot, Submissions.Request request) {
    return switch (at.submissions().submit(ADA, pilot, request)) {
      case Submissions.Outcome.Made(Job job) -> job;
      case Submissions.Outcome.Repeated(Job job) -> job;
      case Submissions.Outcome.Refused(Problem problem) -> throw problem;
    };
  }

  static Job noop(Wiring at, String parameters) {
    return submit(at, AURORA, request("noop", parameters));
  }

  Job job(Job of) {
    return database
        .inPilot(of.pilot(), transaction -> JobCatalogue.find(transaction, of.pilot(), of.id()))
        .orElseThrow();
  }

  JobState state(Job of) {
    return job(of).state();
  }

  /** As they were made. */
  List<JobCatalogue.Attempt> attempts(Job of) {
    return database
        .inPilot(
            of.pilot(),
            transaction -> JobCatalogue.attempts(transaction, of.pilot(), of.id(), null))
        .reversed();
  }

  List<String> outcomes(Job of) {
    return attempts(of).stream().map(attempt -> String.valueOf(attempt.outcome())).toList();
  }

  double count(String counter) {
    return metrics.counter(counter).count();
  }

  Path directory() {
    return directory;
  }

  /** Changes rows by hand. */
  void execute(String sql, Object... values) {
    database.runAsPlatform(transaction -> {
      int unused = transaction.execute(sql, values);
    });
  }

  Duration lease() {
    return config().lease();
  }

  @Override
  public void close() throws Exception {
    stopRelay();
    for (AutoCloseable part : open) {
      part.close();
    }
    try (RabbitConnection connection = new RabbitConnection(rabbit, "it-clean")) {
      Queues.remove(connection, exchange);
    }
    postgres.close();
    Directories.remove(directory);
  }

  /** What was noted down. */
  static final class Trail implements AuditTrail {
    final List<AuditEvent> events = new CopyOnWriteArrayList<>();

    @Override
    public void record(AuditEvent event) {
      events.add(event);
    }

    @Override
    public void record(Handle transaction, AuditEvent event) {
      transaction.afterCommit(() -> events.add(event));
    }

    List<String> actions() {
      return events.stream().map(AuditEvent::action).toList();
    }
  }

  /** The pilots there are. */
  static final class Pilots implements PilotDirectory {
    final Map<PilotId, Pilot> there = new ConcurrentHashMap<>();

    Pilots() {
      there.put(AURORA.id(), AURORA);
      there.put(BOREAL.id(), BOREAL);
    }

    @Override
    public Optional<Pilot> find(PilotId pilot) {
      return Optional.ofNullable(there.get(pilot));
    }

    @Override
    public List<Pilot> list() {
      return List.copyOf(there.values());
    }

    @Override
    public long countDevices(PilotId pilot) {
      return 0;
    }

    @Override
    public Pilot require(PilotId pilot) {
      return find(pilot)
          .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no such pilot."));
    }
  }
}
