package org.pilothouse.exports.internal;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetReading;
import org.pilothouse.datasets.DatasetsConfig;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.exports.ExportsConfig;
import org.pilothouse.exports.ExportsModule;
import org.pilothouse.exports.LiveHistory;
import org.pilothouse.jobs.JobOutcome;
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
import org.pilothouse.warehouse.DayFiles.DayColumn;
import org.pilothouse.warehouse.DayFiles.DayFile;
import org.pilothouse.warehouse.DayFiles.DayTable;

/** A hold with rows in it, over the stack's object storage and a database of the test's own. */
final class Stock implements AutoCloseable {
  static final Caller ADA =
      new Caller.Person("ada", java.util.Set.of("data-steward"), null, "credential", false);

  final PilotId pilot = new PilotId("it-" + EventIds.system().next().toString().substring(9));
  final Path local;
  final TestDatabase postgres = TestDatabase.create(DatasetsModule.SCHEMAS);
  final Database database = postgres.database();
  final ObjectStore store =
      new ObjectStore(
          ObjectStoreConfig.from(TestHome.settings()),
          Clock.systemUTC(),
          new SimpleMeterRegistry());
  final FakeDays days = new FakeDays(store);
  final Recorded trail = new Recorded();
  Pilot.Storage storage = new Pilot.Storage.Centralized();
  Optional<LiveHistory> live = Optional.empty();
  Map<String, String> settings = new HashMap<>();
  private final OnePilot pilots = new OnePilot();
  final DatasetsModule datasets;
  private int files;

  Stock(Path local) {
    this.local = local;
    this.datasets =
        new DatasetsModule(
            new DatasetsModule.Needs(
                DatasetsConfig.from(new Settings(Map.of(), Map.of())),
                URI.create("https://pilothouse.example"),
                Optional.empty(),
                database,
                new Outbox(),
                store,
                EndpointRules.from(TestHome.settings()),
                new Secrets(new byte[32], new SecureRandom()),
                pilots,
                new Kept(),
                trail,
                EventIds.system(),
                Clock.systemUTC(),
                new SimpleMeterRegistry(),
                false));
  }

  Wiring room() {
    return module().inside();
  }

  ExportsModule module() {
    return new ExportsModule(
        new ExportsModule.Needs(
            ExportsConfig.from(new Settings(with(), Map.of())),
            database,
            store,
            datasets.reading(),
            datasets.bundles(),
            datasets.references(),
            days,
            live,
            pilots,
            trail,
            Clock.systemUTC()));
  }

  private Map<String, String> with() {
    Map<String, String> all = new HashMap<>(settings);
    all.putIfAbsent("pilothouse.exports.directory", local.resolve("room").toString());
    return all;
  }

  HandRun run(String parameters) throws IOException {
    return new HandRun(pilot, parameters, Files.createTempDirectory(local, "attempt"));
  }

  /** Does it, and makes its result visible. */
  Dataset export(String parameters) throws Exception {
    JobOutcome outcome = room().export(run(parameters));
    return publish(outcome);
  }

  Dataset publish(JobOutcome outcome) {
    database.runInPilot(pilot, transaction -> outcome.publication().publish(transaction));
    return find(outcome.datasetId());
  }

  Dataset find(String id) {
    return datasets.reading().find(pilot, new DatasetId(id)).orElseThrow();
  }

  /** The only object of a dataset, on the local disk. */
  Path fetch(Dataset dataset, String ending) throws IOException {
    return fetch(dataset.key(), ending);
  }

  Path fetch(String key, String ending) throws IOException {
    Path to = local.resolve("fetched-" + files++ + ending);
    try (var in = store.open(key, 0).orElseThrow()) {
      Files.copy(in, to);
    }
    return to;
  }

  List<DatasetReading.StoredObject> objects(Dataset dataset) {
    return datasets.reading().objects(dataset);
  }

  /** A dataset of one file. */
  Dataset dataset(String name, String mediaType, byte[] bytes, Map<String, Object> tags) {
    DatasetBundles.OpenedFile opened =
        datasets.bundles().openFile(ADA, pilot, wanted(name, mediaType, tags));
    store.put(opened.key(), mediaType, bytes);
    DatasetBundles.Sealed sealed =
        datasets
            .bundles()
            .readBackFile(
                pilot,
                opened.id(),
                new DatasetBundles.Part(opened.key(), bytes.length, sha256(bytes)),
                () -> {});
    return database.inPilot(
        pilot, transaction -> datasets.bundles().publish(transaction, sealed, Map.of()));
  }

  private static NewDataset wanted(String name, String mediaType, Map<String, Object> tags) {
    return new NewDataset(
        name,
        mediaType,
        0,
        Optional.empty(),
        null,
        tags,
        new Dataset.Lineage(List.of(), Dataset.Maker.UPLOAD, null),
        null,
        null);
  }

  static Checksum sha256(byte[] bytes) {
    return new Checksum(Staging.sha256().digest(bytes));
  }

  byte[] parquet(String select) throws IOException {
    Path file = local.resolve("made-" + files++ + ".parquet");
    Duck.copy(select, file, "FORMAT parquet, COMPRESSION zstd");
    return Files.readAllBytes(file);
  }

  /** A file of a closed day, with its dataset. */
  DayFile day(LocalDate date, int revision, String model, List<DayColumn> columns, String select)
      throws IOException {
    byte[] bytes = parquet(select);
    Dataset holder =
        dataset(
            "days/" + date,
            "application/json",
            bytes,
            Map.of("classification", "internal", "day", date.toString()));
    if (model != null) {
      days.tables.add(new DayTable(date, revision, model, null, columns));
    }
    DayFile file =
        new DayFile(
            date,
            revision,
            holder.id().value(),
            holder.key(),
            model,
            0,
            Long.parseLong(Duck.one("SELECT count(*) FROM (" + select + ")")),
            bytes.length,
            sha256(bytes),
            Instant.ofEpochSecond(date.toEpochDay() * 86_400),
            Instant.ofEpochSecond((date.toEpochDay() + 1) * 86_400 - 1));
    days.files.add(file);
    return file;
  }

  /** States of all datasets, with their count. */
  Map<String, Integer> states() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery("SELECT state, count(*)::int AS n FROM datasets.dataset GROUP BY state")
            .map((row, context) -> Map.entry(row.getString(1), row.getInt(2)))
            .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  int references() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery("SELECT count(*)::int FROM datasets.reference")
            .mapTo(Integer.class)
            .one());
  }

  /** Types of the events in the order in which they go out. */
  List<String> told() {
    return database.asPlatform(transaction ->
        transaction
            .createQuery("SELECT headers ->> 'ce_type' FROM outbox.message ORDER BY sequence")
            .mapTo(String.class)
            .list());
  }

  @Override
  public void close() {
    datasets.close();
    store.list(pilot + "/", "", 1_000).items().forEach(object -> store.remove(object.key()));
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
  }

  Pilot one() {
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

  private final class Kept implements PilotStorage {
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
      storage = wanted;
    }

    @Override
    public void guardedBy(Guard guard) {}
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
