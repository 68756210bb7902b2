package org.pilothouse.datasets.internal;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.datasets.Site;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotStorage;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;

/**
 * How bytes come in: declared, put in parts straight into object storage, completed. They go past
 * this node; what it holds is the plan of the parts.
 */
public final class Uploads {
  private final Database database;
  private final Stores stores;
  private final PilotStorage storage;
  private final Quotas quotas;
  private final AuditTrail trail;
  private final EventIds ids;
  private final Steps steps;

  Uploads(
      Database database,
      Stores stores,
      PilotStorage storage,
      Quotas quotas,
      AuditTrail trail,
      EventIds ids,
      Steps steps) {
    this.database = database;
    this.stores = stores;
    this.storage = storage;
    this.quotas = quotas;
    this.trail = trail;
    this.ids = ids;
    this.steps = steps;
  }

  /**
   * One part of an upload.
   *
   * @param url where it can be put for a while
   * @param etag of the part that is stored; null where it must be sent
   */
  public record Part(int number, long size, String url, @Nullable String etag) {}

  /**
   * Where an upload stands.
   *
   * @param storedBytes of all parts that are stored
   * @param nextPart the first that {@code parts} does not tell of; null where it tells of the last
   */
  public record Upload(
      long partSize,
      int partCount,
      List<Part> parts,
      @Nullable Integer nextPart,
      long storedBytes) {}

  /** A part as its sender names it. */
  public record SentPart(int number, String etag) {}

  /** Puts a dataset into the catalogue, in {@code uploading}, and begins its upload. */
  public Dataset declare(Caller caller, PilotId pilot, NewDataset wanted) {
    DatasetId id = new DatasetId(ids.next().toString());
    Dataset declared =
        database.inPilot(
            pilot,
            transaction -> {
              quotas.add(transaction, pilot, wanted.size(), true);
              Declarations.checkInputs(transaction, pilot, wanted.lineage().inputs());
              Declarations.insert(
                  transaction, caller, pilot, id, wanted, place(transaction, pilot));
              Dataset dataset = DatasetRows.lockExisting(transaction, pilot, id);
              trail.record(
                  transaction,
                  AuditEvent.allowed(caller, pilot, "dataset.create", resource(dataset))
                      .with(
                          Map.of(
                              "version",
                              Integer.toString(dataset.version()),
                              "size_bytes",
                              Long.toString(dataset.size()))));
              return dataset;
            });
    steps.reached(Step.DECLARED);
    return declared;
  }

  /**
   * To the endpoint of a federated pilot, where that takes uploads, and nowhere else then: its data
   * does not come to the centre because its endpoint is away. The transaction has the pilot's
   * usage, without which no migration switches.
   */
  private Declarations.At place(Handle transaction, PilotId pilot) {
    return switch (storage.of(transaction, pilot)) {
      case Pilot.Storage.Centralized centralized -> Declarations.At.UPLOADING;
      case Pilot.Storage.Federated federated ->
          Sites.find(transaction, pilot, false)
              .filter(Site::takesUploads)
              .map(site -> Declarations.At.uploadingTo(site.bucket()))
              .orElse(Declarations.At.UPLOADING);
    };
  }

  /** No text of a caller is any part of it. */
  static String key(PilotId pilot, DatasetId id, Instant created) {
    LocalDate day = LocalDate.ofInstant(created, ZoneOffset.UTC);
    return String.format(
        Locale.ROOT,
        "%s/%04d/%02d/%02d/%s/data",
        pilot,
        day.getYear(),
        day.getMonthValue(),
        day.getDayOfMonth(),
        id);
  }

  /**
   * Which parts are stored and where the others go.
   *
   * @param from the first part to tell of
   * @param limit how many to tell of
   * @throws Problem {@code not_found}, and {@code conflict} where nothing is being uploaded
   */
  public Upload look(PilotId pilot, DatasetId id, int from, int limit) {
    Open open = open(pilot, id);
    ObjectStore store = stores.of(open.dataset());
    Optional<List<ObjectStore.Part>> known = store.parts(open.dataset().key(), open.uploadId());
    if (known.isEmpty() && !isMade(open.dataset())) {
      // The store has forgotten it, and not because it was completed: it is begun anew.
      forget(open);
      open = open(pilot, id);
    }
    Map<Integer, ObjectStore.Part> stored = new HashMap<>();
    long storedBytes = 0;
    for (ObjectStore.Part part : known.orElse(List.of())) {
      stored.put(part.number(), part);
      storedBytes += part.size();
    }
    PartPlan plan = open.plan();
    int last = (int) Math.min(plan.count(), from + (long) limit - 1);
    List<Part> parts = new ArrayList<>();
    for (int number = from; number <= last; number++) {
      long size = plan.sizeOf(number);
      ObjectStore.Part there = stored.get(number);
      parts.add(
          new Part(
              number,
              size,
              store.partUrl(open.dataset().key(), open.uploadId(), number, size).toString(),
              there != null && there.size() == size ? there.etag() : null));
    }
    return new Upload(
        plan.partSize(), plan.count(), parts, last < plan.count() ? last + 1 : null, storedBytes);
  }

  /** Puts a part that this node holds in memory, and returns its etag. */
  String putPart(PilotId pilot, DatasetId id, int number, byte[] bytes) {
    Open open = open(pilot, id);
    return stores.of(open.dataset()).putPart(open.dataset().key(), open.uploadId(), number, bytes);
  }

  /** An upload that the store has begun. */
  private record Open(Dataset dataset, String uploadId, PartPlan plan) {}

  private Open open(PilotId pilot, DatasetId id) {
    Open open = find(pilot, id);
    if (!open.uploadId().isEmpty()) {
      return open;
    }
    ObjectStore store = stores.of(open.dataset());
    String begun = store.begin(open.dataset().key(), open.dataset().declaredType());
    steps.reached(Step.UPLOAD_BEGUN);
    boolean first = name(pilot, id, begun);
    if (!first) {
      // Two asked at the same time; parts go to the upload that the catalogue names.
      store.abort(open.dataset().key(), begun);
    }
    return find(pilot, id);
  }

  private void forget(Open open) {
    database.runInPilot(
        open.dataset().pilot(),
        transaction ->
            transaction
                .createUpdate(
                    "UPDATE datasets.dataset SET upload_id = NULL WHERE pilot_id = :pilot AND"
                        + " dataset_id = :id AND state = 'uploading' AND upload_id = :forgotten")
                .bind("pilot", open.dataset().pilot().value())
                .bind("id", open.dataset().id().value())
                .bind("forgotten", open.uploadId())
                .execute());
  }

  private boolean name(PilotId pilot, DatasetId id, String uploadId) {
    return database.inPilot(
            pilot,
            transaction ->
                transaction
                    .createUpdate(
                        "UPDATE datasets.dataset SET upload_id = :upload WHERE pilot_id = :pilot"
                            + " AND dataset_id = :id AND state = 'uploading' AND upload_id IS"
                            + " NULL")
                    .bind("pilot", pilot.value())
                    .bind("id", id.value())
                    .bind("upload", uploadId)
                    .execute())
        == 1;
  }

  private Open find(PilotId pilot, DatasetId id) {
    return database.inPilot(
        pilot,
        transaction -> {
          Dataset dataset =
              DatasetRows.find(transaction, pilot, id).orElseThrow(DatasetRows::notFound);
          if (dataset.state() != DatasetState.UPLOADING) {
            throw notUploading(dataset);
          }
          if (Bundles.isWrittenByAnotherRoom(dataset.key())) {
            throw Problem.of(ProblemCode.CONFLICT, "The platform writes this dataset itself.");
          }
          return opened(transaction, dataset);
        });
  }

  private static Open opened(Handle transaction, Dataset dataset) {
    return transaction
        .createQuery(
            "SELECT coalesce(upload_id, ''), part_size FROM datasets.dataset WHERE pilot_id ="
                + " :pilot AND dataset_id = :id")
        .bind("pilot", dataset.pilot().value())
        .bind("id", dataset.id().value())
        .map((row, context) ->
            new Open(dataset, row.getString(1), new PartPlan(dataset.size(), row.getLong(2))))
        .one();
  }

  private static Problem notUploading(Dataset dataset) {
    return Problem.of(
        ProblemCode.CONFLICT, "Nothing is being uploaded: it is " + dataset.state().word() + ".");
  }

  /**
   * Has the object made of its parts, and hands it over to verification. The same again, whenever
   * it comes, changes nothing.
   *
   * @param checksum of the whole; needed where none was declared
   * @return the dataset in whatever state it is then, {@code uploading} excepted
   * @throws Problem {@code size_mismatch}, {@code part_mismatch}: the upload stays open; {@code
   *     missing_field}, {@code conflict}
   */
  public Dataset complete(
      Caller caller,
      PilotId pilot,
      DatasetId id,
      List<SentPart> parts,
      Optional<Checksum> checksum) {
    Dataset dataset =
        database.inPilot(
            pilot,
            transaction ->
                DatasetRows.find(transaction, pilot, id).orElseThrow(DatasetRows::notFound));
    if (dataset.declared().isEmpty() && checksum.isEmpty()) {
      throw Problem.at(
          ProblemCode.MISSING_FIELD,
          "/checksum",
          "The checksum of the whole is missing; it was not declared either.");
    }
    if (dataset.state() != DatasetState.UPLOADING) {
      return completedBefore(dataset, checksum);
    }
    Open open = open(pilot, id);
    makeObject(open, parts);
    steps.reached(Step.OBJECT_COMPLETED);
    return handOver(caller, open.dataset(), checksum);
  }

  private static Dataset completedBefore(Dataset dataset, Optional<Checksum> checksum) {
    boolean asked =
        dataset.state() == DatasetState.VERIFYING
            || dataset.state() == DatasetState.AVAILABLE
            || dataset.state() == DatasetState.QUARANTINED;
    if (!asked || !checksum.equals(dataset.sent())) {
      throw notUploading(dataset);
    }
    return dataset;
  }

  private void makeObject(Open open, List<SentPart> sent) {
    Dataset dataset = open.dataset();
    ObjectStore store = stores.of(dataset);
    Optional<List<ObjectStore.Part>> stored = store.parts(dataset.key(), open.uploadId());
    if (stored.filter(parts -> !parts.isEmpty()).isEmpty() && isMade(dataset)) {
      return;
    }
    List<ObjectStore.Part> chosen =
        chosen(open.plan(), sent, stored.orElseThrow(Uploads::uploadGone));
    switch (store.complete(dataset.key(), open.uploadId(), chosen)) {
      case COMPLETED -> {}
      case NO_SUCH_UPLOAD -> {
        if (!isMade(dataset)) {
          // Some stores do not say so before this.
          forget(open);
          throw uploadGone();
        }
      }
      case PART_MISMATCH -> throw mismatch("Object storage does not have the parts as named.");
    }
  }

  /** By a completion before this one, which did not come to say so. */
  private boolean isMade(Dataset dataset) {
    return stores
        .of(dataset)
        .find(dataset.key())
        .filter(object -> object.size() == dataset.size())
        .isPresent();
  }

  private static Problem uploadGone() {
    return Problem.of(
        ProblemCode.CONFLICT,
        "Object storage no longer knows the upload; ask where its parts go, and send them again.");
  }

  private static List<ObjectStore.Part> chosen(
      PartPlan plan, List<SentPart> sent, List<ObjectStore.Part> stored) {
    Map<Integer, ObjectStore.Part> byNumber = new HashMap<>();
    stored.forEach(part -> byNumber.put(part.number(), part));
    List<ObjectStore.Part> chosen = new ArrayList<>(sent.size());
    long size = 0;
    for (SentPart part : sent) {
      ObjectStore.Part there = byNumber.get(part.number());
      if (there == null) {
        throw mismatch("Part " + part.number() + " is not stored.");
      }
      if (!there.etag().equalsIgnoreCase(part.etag().replace("\"", ""))) {
        throw mismatch("Part " + part.number() + " is stored with another etag.");
      }
      chosen.add(there);
      size += there.size();
    }
    if (size != plan.size()) {
      throw Problem.of(
          ProblemCode.SIZE_MISMATCH,
          "The parts have " + size + " bytes, declared were " + plan.size() + ".");
    }
    return chosen;
  }

  private static Problem mismatch(String detail) {
    return Problem.of(ProblemCode.PART_MISMATCH, detail);
  }

  private Dataset handOver(Caller caller, Dataset dataset, Optional<Checksum> checksum) {
    return database.inPilot(
        dataset.pilot(),
        transaction -> {
          Dataset now = DatasetRows.lockExisting(transaction, dataset.pilot(), dataset.id());
          if (now.state() != DatasetState.UPLOADING) {
            return completedBefore(now, checksum);
          }
          transaction
              .createUpdate(
                  "UPDATE datasets.dataset SET state = 'verifying', upload_id = NULL,"
                      + " sent_checksum = :checksum, revision = revision + 1, updated_at = now()"
                      + " WHERE pilot_id = :pilot AND dataset_id = :id")
              .bind("pilot", now.pilot().value())
              .bind("id", now.id().value())
              .bind("checksum", checksum.map(Checksum::digest).orElse(null))
              .execute();
          quotas.uploadEnded(transaction, now.pilot());
          Dataset handed = DatasetRows.lockExisting(transaction, now.pilot(), now.id());
          trail.record(
              transaction,
              AuditEvent.allowed(caller, now.pilot(), "dataset.complete", resource(now)));
          return handed;
        });
  }

  static String resource(Dataset dataset) {
    return "dataset:" + dataset.pilot() + "/" + dataset.id();
  }
}
