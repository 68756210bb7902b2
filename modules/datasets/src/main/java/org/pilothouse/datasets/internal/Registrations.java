package org.pilothouse.datasets.internal;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.datasets.Site;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.pilots.PilotStorage;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.JsonFields;

/** Datasets of bytes that stay where they are: at the endpoint of a federated pilot. */
public final class Registrations {
  /** Of the S3 API, in UTF-8. */
  private static final int LONGEST_KEY = 1_024;

  /** What pointers have room for. */
  private static final int LONGEST_URI = 1_024;

  private final Database database;
  private final Sites sites;
  private final Stores stores;
  private final PilotDirectory pilots;
  private final PilotStorage storage;
  private final Quotas quotas;
  private final AuditTrail trail;
  private final EventIds ids;
  private final Steps steps;

  Registrations(
      Database database,
      Sites sites,
      Stores stores,
      PilotDirectory pilots,
      PilotStorage storage,
      Quotas quotas,
      AuditTrail trail,
      EventIds ids,
      Steps steps) {
    this.database = database;
    this.sites = sites;
    this.stores = stores;
    this.pilots = pilots;
    this.storage = storage;
    this.quotas = quotas;
    this.trail = trail;
    this.ids = ids;
    this.steps = steps;
  }

  /** The dataset, and whether it was there before. */
  public record Registered(Dataset dataset, boolean before) {}

  /**
   * Puts an object at the pilot's endpoint into the catalogue, in {@code verifying}. The same again
   * changes nothing.
   *
   * @throws Problem {@code invalid_value}, {@code conflict}, {@code object_missing}, {@code
   *     size_mismatch}, {@code already_exists} for an object that is registered otherwise, and what
   *     keeps the endpoint from answering
   */
  public Registered register(Caller caller, PilotId pilot, NewDataset wanted, URI objectUri) {
    checkForm(objectUri);
    Site site = siteOf(pilot);
    String key = keyOf(site, objectUri);
    ObjectStore.Head head =
        stores
            .of(site)
            .describe(key, false)
            .orElseThrow(() ->
                Problem.at(
                    ProblemCode.OBJECT_MISSING,
                    "/object_uri",
                    "There is no such object in " + site.bucket() + "."));
    if (head.size() != wanted.size()) {
      throw Problem.at(
          ProblemCode.SIZE_MISMATCH,
          "/size_bytes",
          "The object has " + head.size() + " bytes, declared were " + wanted.size() + ".");
    }
    Registered registered =
        database.inPilot(
            pilot, transaction -> register(transaction, caller, pilot, wanted, site, key));
    steps.reached(Step.REGISTERED);
    return registered;
  }

  private static void requireFederated(Pilot.Storage storage) {
    if (!(storage instanceof Pilot.Storage.Federated)) {
      throw Problem.at(
          ProblemCode.CONFLICT,
          "/object_uri",
          "The pilot's storage is centralized: send the bytes. Objects are registered in place"
              + " where it is federated.");
    }
  }

  private Site siteOf(PilotId pilot) {
    requireFederated(pilots.require(pilot).storage());
    return sites
        .find(pilot)
        .orElseThrow(() ->
            Problem.at(
                ProblemCode.CONFLICT,
                "/object_uri",
                "The pilot has no endpoint of its own yet: PUT …/storage/site sets it."));
  }

  private static void checkForm(URI uri) {
    boolean form =
        "s3".equals(uri.getScheme())
            && uri.getRawQuery() == null
            && uri.getRawFragment() == null
            && uri.getRawUserInfo() == null
            && uri.getPath() != null
            && uri.getPath().length() > 1;
    if (!form) {
      throw invalid("must be s3://bucket/key");
    }
  }

  /** RFC 3986; what a URI may not hold is encoded in it, and not in the key. */
  private static String keyOf(Site site, URI uri) {
    if (!site.bucket().equals(uri.getRawAuthority())) {
      throw invalid("must name the bucket of the pilot's endpoint, " + site.bucket());
    }
    String key = uri.getPath().substring(1);
    // A client on the way may resolve what looks like steps of a path, and reach another object.
    boolean steps =
        key.startsWith("/")
            || Arrays.stream(key.split("/", -1)).anyMatch(s -> s.equals(".") || s.equals(".."));
    if (steps
        || key.indexOf('\\') >= 0
        || !JsonFields.isPrintable(key)
        || key.indexOf('\uFFFD') >= 0
        || key.getBytes(StandardCharsets.UTF_8).length > LONGEST_KEY
        || ObjectStore.uriOf(site.bucket(), key).toString().length() > LONGEST_URI) {
      throw invalid(
          "must name a key of at most 1,024 bytes without control characters, backslashes and the"
              + " steps . and ..");
    }
    if (key.startsWith(Stores.OWN_PREFIX)) {
      throw invalid("must not begin with " + Stores.OWN_PREFIX + ", where the platform writes");
    }
    return key;
  }

  private static Problem invalid(String expected) {
    return Problem.at(
        ProblemCode.INVALID_VALUE, "/object_uri", "The field /object_uri " + expected + ".");
  }

  private Registered register(
      Handle transaction, Caller caller, PilotId pilot, NewDataset wanted, Site site, String key) {
    // Also keeps others of this pilot from registering until the transaction ends.
    quotas.hold(transaction, pilot);
    requireFederated(storage.of(transaction, pilot));
    Optional<Dataset> there = at(transaction, pilot, site.bucket(), key);
    if (there.isPresent()) {
      if (!isTheSame(there.get(), wanted)) {
        throw Problem.at(
            ProblemCode.ALREADY_EXISTS,
            "/object_uri",
            "The object is registered already, and otherwise, as dataset "
                + there.get().id()
                + ".");
      }
      return new Registered(there.get(), true);
    }
    quotas.add(transaction, pilot, 0, false);
    boolean stillThere =
        Sites.find(transaction, pilot, true)
            .filter(now -> now.revision() == site.revision())
            .isPresent();
    if (!stillThere) {
      throw Problem.of(ProblemCode.CONFLICT, "The endpoint was changed meanwhile; try again.");
    }
    if (Moves.isAwaitedAt(transaction, pilot, site.bucket(), key)) {
      throw Problem.at(
          ProblemCode.CONFLICT, "/object_uri", "A dataset is being moved back to that object.");
    }
    DatasetId id = new DatasetId(ids.next().toString());
    Declarations.checkInputs(transaction, pilot, wanted.lineage().inputs());
    Declarations.insert(
        transaction, caller, pilot, id, wanted, Declarations.At.registered(site.bucket(), key));
    Dataset dataset = DatasetRows.lockExisting(transaction, pilot, id);
    trail.record(
        transaction,
        AuditEvent.allowed(caller, pilot, "dataset.register", Uploads.resource(dataset))
            .with(
                Map.of(
                    "version", Integer.toString(dataset.version()),
                    "size_bytes", Long.toString(dataset.size()))));
    return new Registered(dataset, false);
  }

  private static Optional<Dataset> at(
      Handle transaction, PilotId pilot, String bucket, String key) {
    return transaction
        .createQuery(
            "SELECT "
                + DatasetRows.COLUMNS
                + " FROM datasets.dataset d WHERE d.pilot_id = :pilot AND d.site_bucket = :bucket"
                + " AND d.object_key = :key AND d.state NOT IN ('quarantined', 'deleted')")
        .bind("pilot", pilot.value())
        .bind("bucket", bucket)
        .bind("key", key)
        .map((row, context) -> DatasetRows.read(row))
        .findOne();
  }

  private static boolean isTheSame(Dataset there, NewDataset wanted) {
    return there.name().equals(wanted.name())
        && there.size() == wanted.size()
        && there.declaredType().equals(wanted.mediaType())
        && there.declared().equals(wanted.checksum())
        && java.util.Objects.equals(there.schemaRef(), wanted.schemaRef())
        && DatasetRows.json(there.tags()).equals(DatasetRows.json(wanted.tags()))
        && there.lineage().inputs().equals(wanted.lineage().inputs())
        && java.util.Objects.equals(there.retentionDays(), wanted.retentionDays());
  }
}
