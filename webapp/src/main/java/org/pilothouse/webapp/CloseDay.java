package org.pilothouse.webapp;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.batch.BatchModule;
import org.pilothouse.datasets.DatasetsConfig;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.kernel.Settings;
import org.pilothouse.models.ModelsModule;
import org.pilothouse.pilots.PilotsConfig;
import org.pilothouse.pilots.PilotsModule;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.objectstore.EndpointRules;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.objectstore.ObjectStoreConfig;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.DatabaseClock;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.postgres.PostgresConfig;
import org.pilothouse.platform.web.WebConfig;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.WarehouseConfig;
import org.pilothouse.warehouse.WarehouseModule;

/**
 * Closes one day outside the server, for sites that schedule with cron: the same job, the same
 * engines, the same lease as on the nodes. Whoever is first does it; this returns when it is done.
 *
 * <p>Exit code 0 when the day is complete, 1 when it is incomplete, has failed or cannot be closed,
 * 2 when the arguments are wrong.
 */
public final class CloseDay {
  private static final int COMPLETE = 0;
  private static final int NOT_COMPLETE = 1;
  private static final int USAGE = 2;

  /** Beside two for each partition that is read. */
  private static final int SPARE_READS = 3;

  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private CloseDay() {}

  /** What is asked for. */
  private record Asked(PilotId pilot, LocalDate date, Path config) {}

  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  private static int run(String[] arguments, PrintStream out, PrintStream err) {
    Asked asked = asked(arguments);
    if (asked == null) {
      err.println("usage: CloseDay --pilot PILOT --date yyyy-mm-dd [--config FILE]");
      err.println("  FILE is the platform's settings; else -Dpilothouse.config names it");
      return USAGE;
    }
    try {
      Dump dump = new CloseDay().close(asked);
      out.printf(
          "%s %s revision %d: %s, %d events, %d rows, dataset %s%n",
          asked.pilot(),
          asked.date(),
          dump.revision(),
          dump.state().word(),
          dump.events(),
          dump.rows(),
          dump.datasetId());
      Dump.Failure failure = dump.failure();
      if (failure != null) {
        err.println(failure.code() + ": " + failure.detail());
      }
      return dump.state() == DumpState.COMPLETE ? COMPLETE : NOT_COMPLETE;
    } catch (Problem e) {
      err.println(e.code().code() + ": " + e.detail());
      return NOT_COMPLETE;
    } catch (Settings.InvalidSetting e) {
      err.println(e.getMessage());
      return USAGE;
    } catch (RuntimeException e) {
      // An engine that does not answer, as a rule; what began goes on with the next call.
      err.println(ProblemCode.UNAVAILABLE.code() + ": " + e);
      return NOT_COMPLETE;
    }
  }

  private static @Nullable Asked asked(String[] arguments) {
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      given.put(arguments[i], arguments[i + 1]);
    }
    String pilot = given.get("--pilot");
    String date = given.get("--date");
    String config = given.getOrDefault("--config", System.getProperty("pilothouse.config"));
    boolean known = List.of("--pilot", "--date", "--config").containsAll(given.keySet());
    if (pilot == null
        || date == null
        || config == null
        || !known
        || arguments.length % 2 != 0
        || !Names.isId(pilot)) {
      return null;
    }
    try {
      return new Asked(new PilotId(pilot), LocalDate.parse(date), Path.of(config));
    } catch (DateTimeException e) {
      return null;
    }
  }

  private Dump close(Asked asked) {
    try {
      return warehouse(Settings.read(asked.config(), System.getenv()))
          .closeDay(asked.pilot(), asked.date());
    } finally {
      while (!open.isEmpty()) {
        try {
          open.pop().close();
        } catch (Exception e) {
          System.err.println("a part did not close: " + e.getMessage());
        }
      }
    }
  }

  private WarehouseModule warehouse(Settings settings) {
    KafkaConfig kafka = KafkaConfig.from(settings);
    PostgresConfig postgres = PostgresConfig.from(settings);
    PilotsConfig pilotsConfig = PilotsConfig.from(settings);
    WarehouseConfig config = WarehouseConfig.from(settings);
    WebConfig web = WebConfig.from(settings);
    var metrics = new SimpleMeterRegistry();
    // The nodes bring the schemas up to date; whoever comes from cron finds them so.
    Database database = keep(Database.open(postgres, metrics));
    DatabaseClock clock = keep(DatabaseClock.start(database, Clock.systemUTC(), metrics));
    EventIds ids = new EventIds(clock, new SecureRandom());
    Outbox outbox = new Outbox();
    PilotsModule pilots =
        keep(
            PilotsModule.start(
                pilotsConfig,
                web,
                database,
                outbox,
                new PilotTopics(keep(new TopicProvisioner(kafka))),
                clock,
                metrics));
    ModelsModule models =
        keep(
            new ModelsModule(
                new ModelsModule.Needs(database, pilots.auditTrail(), pilots.directory(), clock)));
    ObjectStore store = keep(new ObjectStore(ObjectStoreConfig.from(settings), clock, metrics));
    DatasetsModule datasets =
        keep(
            new DatasetsModule(
                new DatasetsModule.Needs(
                    DatasetsConfig.from(settings),
                    web.baseUrl(),
                    Optional.empty(),
                    database,
                    outbox,
                    store,
                    EndpointRules.from(settings),
                    new Secrets(pilotsConfig.secretsKey(), new SecureRandom()),
                    pilots.directory(),
                    pilots.storage(),
                    pilots.auditTrail(),
                    ids,
                    clock,
                    metrics,
                    false)));
    return keep(
        new WarehouseModule(
            new WarehouseModule.Needs(
                config,
                database,
                store,
                keep(new LogReads(kafka, 2 * config.partitionsAtOnce() + SPARE_READS)),
                pilots.directory(),
                models.catalogue(),
                datasets.bundles(),
                pilots.auditTrail(),
                ids,
                steps -> BatchModule.engine(postgres, steps, config.partitionsAtOnce()),
                "cron-" + ProcessHandle.current().pid(),
                false)));
  }

  private <T extends AutoCloseable> T keep(T part) {
    open.push(part);
    return part;
  }
}
