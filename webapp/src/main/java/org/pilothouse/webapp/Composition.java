package org.pilothouse.webapp;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pilothouse.batch.BatchModule;
import org.pilothouse.datasets.DatasetsConfig;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.LineageConfig;
import org.pilothouse.exports.ExportsConfig;
import org.pilothouse.exports.ExportsModule;
import org.pilothouse.ingest.IngestModule;
import org.pilothouse.jobs.JobType;
import org.pilothouse.jobs.JobsConfig;
import org.pilothouse.jobs.JobsModule;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.outbox.OutboxSink;
import org.pilothouse.models.ModelsModule;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.pilots.PilotsConfig;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.KafkaEventPublisher;
import org.pilothouse.platform.kafka.KafkaOutboxSink;
import org.pilothouse.platform.kafka.KafkaProbe;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.consume.ConsumerRuntime;
import org.pilothouse.platform.kafka.consume.KafkaLogClients;
import org.pilothouse.platform.kafka.consume.KafkaRejections;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.RejectedReader;
import org.pilothouse.platform.kafka.consume.Rejections;
import org.pilothouse.platform.mqtt.MqttConfig;
import org.pilothouse.platform.objectstore.EndpointRules;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;
import org.pilothouse.platform.objectstore.PortalAccess;
import org.pilothouse.platform.objectstore.PortalOrigins;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.DatabaseClock;
import org.pilothouse.platform.postgres.Migrations;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.postgres.OutboxRelay;
import org.pilothouse.platform.postgres.PostgresConfig;
import org.pilothouse.platform.rabbit.ConfirmedPublisher;
import org.pilothouse.platform.rabbit.RabbitConfig;
import org.pilothouse.platform.rabbit.RabbitConnection;
import org.pilothouse.platform.rabbit.RabbitOutboxSink;
import org.pilothouse.platform.rabbit.TopologyProvisioner;
import org.pilothouse.platform.web.Authentication;
import org.pilothouse.platform.web.WebConfig;
import org.pilothouse.twins.TwinsConfig;
import org.pilothouse.twins.TwinsModule;
import org.pilothouse.warehouse.WarehouseConfig;
import org.pilothouse.warehouse.WarehouseModule;
import org.pilothouse.webapp.engines.EngineWatch;
import org.pilothouse.webapp.engines.Engines;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the node together, in the order in which one part needs the other, and takes it apart in the
 * reverse order when the server stops: first nothing more comes in, then what is under way ends,
 * then the engines are let go.
 */
@ApplicationScoped
public class Composition {
  private static final Logger LOG = LoggerFactory.getLogger(Composition.class);

  /** A node that starts with the engines waits for them rather than fail. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final Duration REJECTION = Duration.ofSeconds(40);
  private static final int LOG_READS = 4;

  /** Beside two for each partition that is read: schedule, late events, what is looked up then. */
  private static final int SPARE_READS = 4;

  private final PrometheusMeterRegistry metrics;
  private final Instance<JobType> jobTypes;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private @Nullable Node node;

  /** What the node is made of. */
  private record Node(
      Clock clock,
      WebConfig web,
      PilotsModule pilots,
      ModelsModule models,
      IngestModule ingest,
      TwinsModule twins,
      DatasetsModule datasets,
      WarehouseModule warehouse,
      JobsModule jobs,
      ExportsModule exports,
      ConsumerRuntime readers,
      RejectedReader rejected,
      EngineWatch engines) {}

  @Inject
  public Composition(PrometheusMeterRegistry metrics, @Any Instance<JobType> jobTypes) {
    this.metrics = metrics;
    this.jobTypes = jobTypes;
  }

  /** For the proxy alone. */
  @SuppressWarnings("NullAway")
  protected Composition() {
    this.metrics = null;
    this.jobTypes = null;
  }

  void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
    long started = System.nanoTime();
    try {
      Node made = compose();
      node = made;
      // Types are made of what the node is made of, so they come last.
      made.jobs().start(jobTypes);
    } catch (RuntimeException e) {
      LOG.error("the node cannot start: {}", e.getMessage());
      stop();
      throw e;
    }
    LOG.info("node composed in {} ms", (System.nanoTime() - started) / 1_000_000);
  }

  private Node compose() {
    Settings settings = Settings.read(Path.of(required("pilothouse.config")), System.getenv());
    Set<Sides> sides = Sides.from(settings);
    KafkaConfig kafka = KafkaConfig.from(settings);
    PostgresConfig postgres = PostgresConfig.from(settings);
    PilotsConfig pilotsConfig = PilotsConfig.from(settings);
    var mqtt = MqttConfig.from(settings);
    TwinsConfig twinsConfig = TwinsConfig.from(settings);
    DatasetsConfig datasetsConfig = DatasetsConfig.from(settings);
    Optional<LineageConfig> lineage = LineageConfig.ifGiven(settings);
    WarehouseConfig warehouseConfig = WarehouseConfig.from(settings);
    JobsConfig jobsConfig = JobsConfig.from(settings);
    ExportsConfig exportsConfig = ExportsConfig.from(settings);
    String nodeName = settings.text("pilothouse.node", "0");
    ObjectStoreConfig objectStore = ObjectStoreConfig.from(settings);
    PortalOrigins portal = PortalOrigins.from(settings);
    EndpointRules pilotEndpoints = EndpointRules.from(settings);
    List<String> files =
        Stream.concat(Stream.of(objectStore.publicOrigin()), pilotEndpoints.origins().stream())
            .distinct()
            .toList();
    WebConfig web = WebConfig.from(settings).withFilesAt(files);
    Optional<RabbitConfig> rabbit = RabbitConfig.ifGiven(settings);
    Engines.Addresses addresses = Engines.Addresses.from(settings);
    settings.refuseUnknown();

    List<String> schemas = new ArrayList<>(PilotsModule.SCHEMAS);
    schemas.addAll(IngestModule.SCHEMAS);
    schemas.addAll(ModelsModule.SCHEMAS);
    schemas.addAll(TwinsModule.SCHEMAS);
    schemas.addAll(DatasetsModule.SCHEMAS);
    schemas.addAll(WarehouseModule.SCHEMAS);
    schemas.addAll(JobsModule.SCHEMAS);
    schemas.addAll(BatchModule.SCHEMAS);
    new Migrations(postgres, Composition.class.getClassLoader()).run(schemas, PATIENCE);
    Database database = keep(Database.open(postgres, metrics));
    DatabaseClock clock = keep(DatabaseClock.start(database, Clock.systemUTC(), metrics));
    EventIds ids = new EventIds(clock, new SecureRandom());
    EventPublisher publisher =
        keep(
            new KafkaEventPublisher(
                "live", kafka, KafkaEventPublisher.Purpose.LIVE, clock, metrics));
    TopicProvisioner topics = keep(new TopicProvisioner(kafka));
    LogReads reads = keep(new LogReads(kafka, LOG_READS));

    Outbox outbox = new Outbox();
    PilotsModule pilots =
        keep(
            PilotsModule.start(
                pilotsConfig, web, database, outbox, new PilotTopics(topics), clock, metrics));
    Rejections rejections =
        new KafkaRejections(publisher, PilotTopics::rejectedOf, clock, REJECTION);
    ConsumerRuntime readers =
        keep(new ConsumerRuntime(new KafkaLogClients(kafka, metrics), rejections, metrics));
    ObjectStore store = keep(new ObjectStore(objectStore, clock, metrics));
    JobsModule jobs =
        keep(
            new JobsModule(
                new JobsModule.Needs(
                    jobsConfig,
                    database,
                    outbox,
                    store,
                    rabbit.map(there -> keep(new RabbitConnection(there, "jobs"))),
                    pilots.directory(),
                    pilots.auditTrail(),
                    ids,
                    clock,
                    metrics,
                    nodeName,
                    sides.contains(Sides.WORKER))));
    if (sides.contains(Sides.STREAM)) {
      keep(OutboxRelay.start(database, outbox, new KafkaOutboxSink(publisher), clock, metrics));
      rabbit.ifPresent(there ->
          keep(OutboxRelay.start(database, outbox, jobQueues(there, jobs), clock, metrics)));
    }
    IngestModule ingest =
        keep(
            new IngestModule(
                new IngestModule.Needs(
                    kafka,
                    publisher,
                    reads,
                    readers,
                    database,
                    pilots.deviceDirectory(),
                    ids,
                    clock,
                    metrics,
                    sides.contains(Sides.STREAM),
                    mqtt.filter(there -> sides.contains(Sides.INGEST)))));
    ModelsModule models =
        keep(
            new ModelsModule(
                new ModelsModule.Needs(database, pilots.auditTrail(), pilots.directory(), clock)));
    if (sides.contains(Sides.WEB)) {
      keep(PortalAccess.start(store, portal));
    }
    DatasetsModule datasets =
        keep(
            new DatasetsModule(
                new DatasetsModule.Needs(
                    datasetsConfig,
                    web.baseUrl(),
                    lineage,
                    database,
                    outbox,
                    store,
                    pilotEndpoints,
                    new Secrets(pilotsConfig.secretsKey(), new SecureRandom()),
                    pilots.directory(),
                    pilots.storage(),
                    pilots.auditTrail(),
                    ids,
                    clock,
                    metrics,
                    sides.contains(Sides.WORKER))));
    WarehouseModule warehouse =
        keep(
            new WarehouseModule(
                new WarehouseModule.Needs(
                    warehouseConfig,
                    database,
                    store,
                    keep(new LogReads(kafka, 2 * warehouseConfig.partitionsAtOnce() + SPARE_READS)),
                    pilots.directory(),
                    models.catalogue(),
                    datasets.bundles(),
                    pilots.auditTrail(),
                    ids,
                    steps ->
                        BatchModule.engine(postgres, steps, warehouseConfig.partitionsAtOnce()),
                    nodeName,
                    sides.contains(Sides.BATCH))));
    TwinsModule twins =
        keep(
            new TwinsModule(
                new TwinsModule.Needs(
                    twinsConfig,
                    kafka,
                    topics,
                    database,
                    outbox,
                    publisher,
                    reads,
                    readers,
                    rejections,
                    pilots.directory(),
                    pilots.deviceDirectory(),
                    pilots.auditTrail(),
                    models.catalogue(),
                    warehouse.closedDays(),
                    ids,
                    clock,
                    metrics,
                    sides.contains(Sides.STREAM),
                    mqtt.filter(there -> sides.contains(Sides.INGEST)))));
    ExportsModule exports =
        new ExportsModule(
            new ExportsModule.Needs(
                exportsConfig,
                database,
                store,
                datasets.reading(),
                datasets.bundles(),
                datasets.references(),
                warehouse.dayFiles(),
                Optional.of((pilot, of, from, to, taker) ->
                    twins.readings().read(pilot, of, from, to, taker::reading)),
                pilots.directory(),
                pilots.auditTrail(),
                clock));
    EngineWatch engines =
        keep(
            new EngineWatch(
                Engines.all(addresses, keep(new KafkaProbe(kafka)), database, mqtt),
                clock,
                metrics));
    return new Node(
        clock,
        web,
        pilots,
        models,
        ingest,
        twins,
        datasets,
        warehouse,
        jobs,
        exports,
        readers,
        new RejectedReader(reads, publisher),
        engines);
  }

  private OutboxSink jobQueues(RabbitConfig config, JobsModule jobs) {
    RabbitConnection connection = keep(new RabbitConnection(config, "outbox"));
    return keep(
        new RabbitOutboxSink(
            keep(new ConfirmedPublisher(connection, config, metrics)),
            new TopologyProvisioner(connection),
            jobs::topology));
  }

  private static String required(String property) {
    String value = System.getProperty(property);
    if (value == null) {
      throw new Settings.InvalidSetting(
          "the system property " + property + " must name the settings file");
    }
    return value;
  }

  private <T extends AutoCloseable> T keep(T part) {
    open.push(part);
    return part;
  }

  @PreDestroy
  void stop() {
    while (!open.isEmpty()) {
      AutoCloseable part = open.pop();
      try {
        part.close();
      } catch (Exception e) {
        LOG.warn("{} did not close", part.getClass().getSimpleName(), e);
      }
    }
    LOG.info("node stopped");
  }

  private Node node() {
    Node made = node;
    if (made == null) {
      throw new IllegalStateException("the node is not composed yet");
    }
    return made;
  }

  @Produces
  @Singleton
  WebConfig web() {
    return node().web();
  }

  @Produces
  @Singleton
  PilotsModule pilots() {
    return node().pilots();
  }

  @Produces
  @Singleton
  PilotDirectory directory() {
    return node().pilots().directory();
  }

  @Produces
  @Singleton
  AuditTrail trail() {
    return node().pilots().auditTrail();
  }

  @Produces
  @Singleton
  Authentication authentication() {
    return node().pilots().authentication();
  }

  @Produces
  @Singleton
  IngestModule ingest() {
    return node().ingest();
  }

  @Produces
  @Singleton
  ModelsModule models() {
    return node().models();
  }

  @Produces
  @Singleton
  TwinsModule twins() {
    return node().twins();
  }

  @Produces
  @Singleton
  DatasetsModule datasets() {
    return node().datasets();
  }

  @Produces
  @Singleton
  WarehouseModule warehouse() {
    return node().warehouse();
  }

  @Produces
  @Singleton
  JobsModule jobs() {
    return node().jobs();
  }

  @Produces
  @Singleton
  ExportsModule exports() {
    return node().exports();
  }

  @Produces
  @Singleton
  ConsumerRuntime readers() {
    return node().readers();
  }

  @Produces
  @Singleton
  RejectedReader rejected() {
    return node().rejected();
  }

  @Produces
  @Singleton
  EngineWatch engines() {
    return node().engines();
  }

  @Produces
  @Singleton
  Clock clock() {
    return node().clock();
  }
}
