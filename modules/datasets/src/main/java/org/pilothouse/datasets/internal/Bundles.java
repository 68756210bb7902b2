package org.pilothouse.datasets.internal;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.pilothouse.contracts.EventType;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;

/** Datasets of several objects that other rooms of the house write. */
final class Bundles implements DatasetBundles {
  /** Engines that read a directory leave out what begins so; and it comes before its parts. */
  private static final String MANIFEST = "_manifest.json";

  /** The one object of a dataset that another room writes. */
  private static final String FILE = "file";

  /** A condition on a dataset {@code d}, the same as {@link #isManifest}. */
  static final String IS_BUNDLE = "right(d.object_key, 15) = '/_manifest.json'";

  private static final int BUFFER = 256 * 1024;
  private static final int TRIES_AT_ONE_PLACE = 3;

  private final Database database;
  private final ObjectStore store;
  private final Pointers pointers;
  private final Quotas quotas;
  private final Lifecycle lifecycle;
  private final AuditTrail trail;
  private final EventIds ids;

  Bundles(
      Database database,
      ObjectStore store,
      Pointers pointers,
      Quotas quotas,
      Lifecycle lifecycle,
      AuditTrail trail,
      EventIds ids) {
    this.database = database;
    this.store = store;
    this.pointers = pointers;
    this.quotas = quotas;
    this.lifecycle = lifecycle;
    this.trail = trail;
    this.ids = ids;
  }

  /** Keys are made by the server: nothing else ends so. */
  static boolean isManifest(String key) {
    return key.endsWith("/" + MANIFEST);
  }

  /** Whether another room of the house writes it, and no upload can. */
  static boolean isWrittenByAnotherRoom(String key) {
    return isManifest(key) || key.endsWith("/" + FILE);
  }

  /** What every key of the bundle begins with. */
  static String prefix(String manifestKey) {
    return manifestKey.substring(0, manifestKey.length() - MANIFEST.length());
  }

  private record Parts(PilotId pilot, DatasetId id, String manifestKey) implements ReadParts {}

  /**
   * @param counted of its bytes, those that count against the quota already
   */
  private record Whole(PilotId pilot, DatasetId id, long size, Checksum checksum, long counted)
      implements Sealed {}

  @Override
  public Opened open(Caller caller, PilotId pilot, NewDataset wanted) {
    OpenedFile manifest = open(caller, pilot, wanted, MANIFEST);
    return new Opened(manifest.id(), prefix(manifest.key()), manifest.key());
  }

  @Override
  public OpenedFile openFile(Caller caller, PilotId pilot, NewDataset wanted) {
    return open(caller, pilot, wanted, FILE);
  }

  private OpenedFile open(Caller caller, PilotId pilot, NewDataset wanted, String named) {
    DatasetId id = new DatasetId(ids.next().toString());
    return database.inPilot(
        pilot,
        transaction -> {
          quotas.add(transaction, pilot, 0, true);
          Declarations.checkInputs(transaction, pilot, wanted.lineage().inputs());
          String plain = Uploads.key(pilot, id, DatasetRows.now(transaction));
          String key = plain.substring(0, plain.lastIndexOf('/') + 1) + named;
          Declarations.insert(
              transaction,
              caller,
              pilot,
              id,
              wanted,
              new Declarations.At("uploading", null, key, false));
          trail.record(
              transaction,
              AuditEvent.allowed(
                  caller, pilot, "dataset.create", "dataset:" + pilot + "/" + id.value()));
          return new OpenedFile(id, key);
        });
  }

  @Override
  public boolean goOn(PilotId pilot, DatasetId id) {
    return database.inPilot(
            pilot,
            transaction ->
                transaction
                    .createUpdate(
                        "UPDATE datasets.dataset SET updated_at = now() WHERE pilot_id = :pilot AND"
                            + " dataset_id = :id AND state = 'uploading'")
                    .bind("pilot", pilot.value())
                    .bind("id", id.value())
                    .execute())
        == 1;
  }

  @Override
  public ReadParts readBack(PilotId pilot, DatasetId id, List<Part> parts, Runnable between) {
    Dataset dataset =
        database.inPilot(
            pilot,
            transaction ->
                DatasetRows.find(transaction, pilot, id).orElseThrow(DatasetRows::notFound));
    if (!isManifest(dataset.key())) {
      throw Problem.of(ProblemCode.CONFLICT, "The dataset is no bundle.");
    }
    String prefix = prefix(dataset.key());
    for (Part part : parts) {
      if (!part.key().startsWith(prefix) || isManifest(part.key())) {
        throw Problem.of(ProblemCode.CONFLICT, "A part lies outside of its dataset.");
      }
      readBack(part, between);
    }
    return new Parts(pilot, id, dataset.key());
  }

  @Override
  public Sealed seal(ReadParts parts, byte[] manifest) {
    if (!(parts instanceof Parts read)) {
      throw new IllegalStateException("parts that this room has not read back");
    }
    Digested bytes = new Digested(manifest.length);
    bytes.add(manifest);
    Part whole = new Part(read.manifestKey(), manifest.length, bytes.checksum());
    boolean put = store.putNew(whole.key(), "application/json", manifest);
    try {
      readBack(whole, () -> {});
    } catch (Problem e) {
      boolean other =
          e.code() == ProblemCode.SIZE_MISMATCH || e.code() == ProblemCode.CHECKSUM_MISMATCH;
      if (!put && other) {
        throw Problem.caused(ProblemCode.CONFLICT, "Another manifest is there already.", e);
      }
      throw e;
    }
    return new Whole(read.pilot(), read.id(), whole.size(), whole.checksum(), 0);
  }

  @Override
  public Sealed readBackFile(PilotId pilot, DatasetId id, Part file, Runnable between) {
    database.runInPilot(
        pilot,
        transaction -> {
          Dataset dataset = DatasetRows.lockExisting(transaction, pilot, id);
          if (dataset.state() != DatasetState.UPLOADING || !dataset.key().equals(file.key())) {
            throw Problem.of(ProblemCode.CONFLICT, "The dataset is no longer being written.");
          }
          // Whoever gives it up gives back what its row says.
          quotas.reserve(transaction, pilot, file.size() - dataset.size());
          transaction
              .createUpdate(
                  "UPDATE datasets.dataset SET size_bytes = :size, updated_at = now() WHERE pilot_id"
                      + " = :pilot AND dataset_id = :id")
              .bind("size", file.size())
              .bind("pilot", pilot.value())
              .bind("id", id.value())
              .execute();
        });
    readBack(file, between);
    return new Whole(pilot, id, file.size(), file.checksum(), file.size());
  }

  private void readBack(Part part, Runnable between) {
    Digested bytes = new Digested(part.size());
    int tries = 0;
    long before = -1;
    while (true) {
      if (bytes.count() > before) {
        tries = 0;
        before = bytes.count();
      }
      try (InputStream in =
          store.open(part.key(), bytes.count()).orElseThrow(() -> missing(part))) {
        byte[] buffer = new byte[BUFFER];
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          bytes.add(buffer, length);
          between.run();
          if (bytes.count() > part.size()) {
            break;
          }
        }
        break;
      } catch (IOException e) {
        if (++tries >= TRIES_AT_ONE_PLACE) {
          throw Problem.caused(
              ProblemCode.UNAVAILABLE, "Object storage breaks off while it is read.", e);
        }
      }
    }
    if (bytes.count() != part.size()) {
      throw Problem.of(
          ProblemCode.SIZE_MISMATCH,
          named(part) + " has " + bytes.count() + " bytes, written were " + part.size() + ".");
    }
    Checksum seen = bytes.checksum();
    if (!seen.equals(part.checksum())) {
      throw Problem.of(
          ProblemCode.CHECKSUM_MISMATCH,
          named(part) + " has " + seen + " as read back, written was " + part.checksum() + ".");
    }
  }

  private static Problem missing(Part part) {
    return Problem.of(ProblemCode.OBJECT_MISSING, named(part) + " is not in object storage.");
  }

  private static String named(Part part) {
    return "The object " + part.key().substring(part.key().lastIndexOf('/') + 1);
  }

  @Override
  public Dataset publish(Handle transaction, Sealed bundle, Map<String, Object> tags) {
    Dataset available = makeAvailable(transaction, bundle, tags);
    pointers.tell(
        transaction, EventType.DATASET_AVAILABLE, available, DatasetRows.now(transaction));
    return available;
  }

  @Override
  public Dataset revise(
      Handle transaction, Sealed bundle, DatasetId revised, Map<String, Object> tags) {
    Dataset available = makeAvailable(transaction, bundle, tags);
    pointers.tellRevised(transaction, available, revised, DatasetRows.now(transaction));
    return available;
  }

  @Override
  public void giveUp(Handle transaction, PilotId pilot, DatasetId id) {
    Dataset unused = lifecycle.giveUp(transaction, pilot, id);
  }

  private Dataset makeAvailable(Handle transaction, Sealed bundle, Map<String, Object> tags) {
    if (!(bundle instanceof Whole bytes)) {
      throw new IllegalStateException("bytes that this room has not read back");
    }
    int changed =
        transaction
            .createUpdate(
                "UPDATE datasets.dataset SET state = 'available', checksum = :checksum, size_bytes"
                    + " = :size, tags = tags || CAST(:tags AS jsonb), verified_bytes = :size, revision = revision + 1, updated_at ="
                    + " now(), available_at = now(), expires_at = now() + make_interval(days =>"
                    + " retention_days) WHERE pilot_id = :pilot AND dataset_id = :id AND state ="
                    + " 'uploading'")
            .bind("checksum", bytes.checksum().digest())
            .bind("size", bytes.size())
            .bind("tags", DatasetRows.json(tags))
            .bind("pilot", bytes.pilot().value())
            .bind("id", bytes.id().value())
            .execute();
    if (changed == 0) {
      throw Problem.of(ProblemCode.CONFLICT, "The dataset is no longer being written.");
    }
    quotas.written(transaction, bytes.pilot(), bytes.size() - bytes.counted());
    Dataset available = DatasetRows.lockExisting(transaction, bytes.pilot(), bytes.id());
    TagRows.write(transaction, bytes.pilot(), bytes.id(), available.createdAt(), available.tags());
    trail.record(
        transaction,
        Verification.event(available, "dataset.available", AuditEvent.Outcome.ALLOWED)
            .with(Map.of("checksum", bytes.checksum().toString())));
    return available;
  }
}
