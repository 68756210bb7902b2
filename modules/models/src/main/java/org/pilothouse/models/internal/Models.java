package org.pilothouse.models.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.ModelCatalogue;
import org.pilothouse.models.ThingModel;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.pilothouse.platform.web.Revision;

/**
 * Keeps models and all their revisions. A change and its entry in the trail are one transaction.
 */
public final class Models {
  private static final int MOST_OF_A_PILOT = 2_000;
  private static final int BREAKS_TOLD = 10;

  /** The upper half of the advisory lock's key; the lower is the pilot. */
  private static final int LOCK = 0x0b0c0101;

  private static final String COLUMNS =
      "model_id, revision, title, description, version, properties, actions, events, digest,"
          + " created_at, updated_at, updated_by";

  private final Database database;
  private final AuditTrail trail;
  private final Clock clock;
  private final ThingModelReader reader = new ThingModelReader();
  private final CachedModelCatalogue catalogue;

  public Models(Database database, AuditTrail trail, Clock clock) {
    this.database = database;
    this.trail = trail;
    this.clock = clock;
    this.catalogue = new CachedModelCatalogue(new Stored(), clock);
  }

  /** A model as lists show it, without its document. */
  public record Listed(
      String id,
      long revision,
      String title,
      @Nullable String description,
      @Nullable String version,
      int properties,
      int actions,
      int events,
      String digest,
      Instant createdAt,
      Instant updatedAt,
      String updatedBy) {}

  /** A document of a revision. */
  public record Document(long revision, JsonNode document) {}

  /** What a put did. */
  public sealed interface Put {
    Listed model();

    /** There was no such model. */
    record Created(Listed model) implements Put {}

    /** A next revision. */
    record Changed(Listed model) implements Put {}

    /** It says what the current revision says. */
    record Unchanged(Listed model) implements Put {}
  }

  public ModelCatalogue catalogue() {
    return catalogue;
  }

  /** Models by id, after one. */
  public List<Listed> page(PilotId pilot, String after, int limit) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT "
                        + COLUMNS
                        + " FROM models.model WHERE pilot_id = :pilot AND model_id > :after"
                        + " ORDER BY model_id LIMIT :limit")
                .bind("pilot", pilot.value())
                .bind("after", after)
                .bind("limit", limit)
                .map((row, context) -> listed(row))
                .list());
  }

  /**
   * @param revision 0 for the current one
   */
  public Optional<Document> document(PilotId pilot, String modelId, long revision) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT r.revision, r.document FROM models.revision r JOIN models.model m"
                        + " USING (pilot_id, model_id) WHERE pilot_id = :pilot AND model_id ="
                        + " :model AND r.revision = CASE WHEN :revision = 0 THEN m.revision ELSE"
                        + " :revision END")
                .bind("pilot", pilot.value())
                .bind("model", modelId)
                .bind("revision", revision)
                .map((row, context) ->
                    new Document(row.getLong("revision"), json(row.getString("document"))))
                .findOne());
  }

  /**
   * Creates the model or adds a revision, unless the document says what the current one says.
   *
   * @param modelId of the form of an id
   * @param ifMatch the header; where it is given it must be of the revision that is there
   * @param imported where the document came from when it was not a Thing Model; for the trail
   * @throws Problem where the document is not sound, {@code conflict} where it takes something away
   */
  public Put put(
      Caller caller,
      PilotId pilot,
      String modelId,
      @Nullable String ifMatch,
      JsonNode document,
      @Nullable String imported) {
    return database.inPilot(
        pilot,
        transaction -> {
          // Models of a pilot change one after the other: two that extend each other at the same
          // time would each miss the circle.
          transaction
              .createQuery("SELECT pg_advisory_xact_lock(:space, hashtext(:pilot)) IS NULL")
              .bind("space", LOCK)
              .bind("pilot", pilot.value())
              .mapTo(Boolean.class)
              .one();
          Optional<Listed> before = read(transaction, pilot, modelId);
          checkMatch(before, ifMatch);
          long revision = before.map(Listed::revision).orElse(0L) + 1;
          ThingModelReader.Sound sound =
              reader.read(modelId, revision, document, id -> base(transaction, pilot, id));
          String digest = HexFormat.of().formatHex(sound.digest());
          if (before.isPresent() && before.get().digest().equals(digest)) {
            return new Put.Unchanged(before.get());
          }
          if (before.isPresent()) {
            checkCompatible(transaction, pilot, before.get(), sound.resolved());
          } else {
            checkRoom(transaction, pilot);
          }
          write(transaction, caller, pilot, sound, before.isEmpty());
          transaction.afterCommit(() -> catalogue.forget(pilot, modelId));
          Listed now = read(transaction, pilot, modelId).orElseThrow();
          trail.record(
              transaction,
              AuditEvent.allowed(
                      caller,
                      pilot,
                      before.isEmpty() ? "model.create" : "model.update",
                      "model:" + pilot + "/" + modelId)
                  .with(
                      Map.of(
                          "revision",
                          Long.toString(revision),
                          "digest",
                          digest,
                          "from",
                          imported == null ? "tm" : imported)));
          return before.isEmpty() ? new Put.Created(now) : new Put.Changed(now);
        });
  }

  private static void checkMatch(Optional<Listed> before, @Nullable String ifMatch) {
    if (ifMatch == null || ifMatch.isBlank()) {
      return;
    }
    if (before.isEmpty()) {
      throw Problem.of(ProblemCode.PRECONDITION_FAILED, "There is no such model yet.");
    }
    new Revision(before.get().revision()).check(ifMatch);
  }

  private static void checkCompatible(
      Handle transaction, PilotId pilot, Listed before, JsonNode resolved) {
    JsonNode was =
        transaction
            .createQuery(
                "SELECT resolved FROM models.revision WHERE pilot_id = :pilot AND model_id = :model"
                    + " AND revision = :revision")
            .bind("pilot", pilot.value())
            .bind("model", before.id())
            .bind("revision", before.revision())
            .map((row, context) -> json(row.getString("resolved")))
            .one();
    List<Compatibility.Break> breaks = Compatibility.breaks(was, resolved);
    if (!breaks.isEmpty()) {
      String told =
          breaks.stream()
              .limit(BREAKS_TOLD)
              .map(one -> one.path() + " " + one.what())
              .collect(Collectors.joining("; "));
      int more = breaks.size() - BREAKS_TOLD;
      throw Problem.at(
          ProblemCode.CONFLICT,
          breaks.getFirst().path(),
          "A next revision must not take anything away: "
              + told
              + (more > 0 ? "; and " + more + " more." : "."));
    }
  }

  private static void checkRoom(Handle transaction, PilotId pilot) {
    long models =
        transaction
            .createQuery("SELECT count(*) FROM models.model WHERE pilot_id = :pilot")
            .bind("pilot", pilot.value())
            .mapTo(Long.class)
            .one();
    if (models >= MOST_OF_A_PILOT) {
      throw Problem.of(ProblemCode.CONFLICT, "A pilot has at most " + MOST_OF_A_PILOT + " models.");
    }
  }

  private void write(
      Handle transaction,
      Caller caller,
      PilotId pilot,
      ThingModelReader.Sound sound,
      boolean first) {
    ThingModel model = sound.model();
    OffsetDateTime now = clock.instant().atOffset(ZoneOffset.UTC);
    String head =
        first
            ? "INSERT INTO models.model (pilot_id, model_id, revision, title, description, version,"
                + " extends, properties, actions, events, digest, created_at, created_by,"
                + " updated_at, updated_by) VALUES (:pilot, :model, :revision, :title,"
                + " :description, :version, :extends, :properties, :actions, :events, :digest,"
                + " :now, :actor, :now, :actor)"
            : "UPDATE models.model SET revision = :revision, title = :title, description ="
                + " :description, version = :version, extends = :extends, properties ="
                + " :properties, actions = :actions, events = :events, digest = :digest,"
                + " updated_at = :now, updated_by = :actor WHERE pilot_id = :pilot AND model_id ="
                + " :model";
    transaction
        .createUpdate(head)
        .bind("pilot", pilot.value())
        .bind("model", model.id())
        .bind("revision", model.revision())
        .bind("title", model.title())
        .bind("description", model.description())
        .bind("version", model.version())
        .bind("extends", sound.base())
        .bind("properties", model.properties().size())
        .bind("actions", model.actions().size())
        .bind("events", model.events().size())
        .bind("digest", sound.digest())
        .bind("now", now)
        .bind("actor", caller.actor())
        .execute();
    transaction
        .createUpdate(
            "INSERT INTO models.revision (pilot_id, model_id, revision, document, resolved, digest,"
                + " created_at, created_by) VALUES (:pilot, :model, :revision,"
                + " CAST(:document AS json), CAST(:resolved AS json), :digest, :now, :actor)")
        .bind("pilot", pilot.value())
        .bind("model", model.id())
        .bind("revision", model.revision())
        .bind("document", sound.document().toString())
        .bind("resolved", sound.resolved().toString())
        .bind("digest", sound.digest())
        .bind("now", now)
        .bind("actor", caller.actor())
        .execute();
  }

  private static Optional<Listed> read(Handle transaction, PilotId pilot, String modelId) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM models.model WHERE pilot_id = :pilot AND model_id = :model")
        .bind("pilot", pilot.value())
        .bind("model", modelId)
        .map((row, context) -> listed(row))
        .findOne();
  }

  private static Bases.@Nullable Base base(Handle transaction, PilotId pilot, String modelId) {
    return transaction
        .createQuery(
            "SELECT r.resolved, m.extends FROM models.model m JOIN models.revision r"
                + " USING (pilot_id, model_id, revision)"
                + " WHERE pilot_id = :pilot AND model_id = :model")
        .bind("pilot", pilot.value())
        .bind("model", modelId)
        .map((row, context) ->
            new Bases.Base(json(row.getString("resolved")), row.getString("extends")))
        .findOne()
        .orElse(null);
  }

  private static Listed listed(ResultSet row) throws SQLException {
    return new Listed(
        row.getString("model_id"),
        row.getLong("revision"),
        row.getString("title"),
        row.getString("description"),
        row.getString("version"),
        row.getInt("properties"),
        row.getInt("actions"),
        row.getInt("events"),
        HexFormat.of().formatHex(row.getBytes("digest")),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant(),
        row.getString("updated_by"));
  }

  private static JsonNode json(String text) {
    try {
      return Json.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored model cannot be read", e);
    }
  }

  public static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such model.");
  }

  private final class Stored implements CachedModelCatalogue.Source {
    @Override
    public long revision(PilotId pilot, String modelId) {
      return database.inPilot(
          pilot,
          transaction ->
              transaction
                  .createQuery(
                      "SELECT revision FROM models.model WHERE pilot_id = :pilot AND model_id ="
                          + " :model")
                  .bind("pilot", pilot.value())
                  .bind("model", modelId)
                  .mapTo(Long.class)
                  .findOne()
                  .orElse(0L));
    }

    @Override
    public Optional<ThingModel> read(PilotId pilot, String modelId) {
      return database.inPilot(
          pilot,
          transaction ->
              transaction
                  .createQuery(
                      "SELECT r.revision, r.document, r.resolved FROM models.model m JOIN"
                          + " models.revision r USING (pilot_id, model_id, revision) WHERE"
                          + " pilot_id = :pilot AND model_id = :model")
                  .bind("pilot", pilot.value())
                  .bind("model", modelId)
                  .map((row, context) ->
                      ThingModelReader.model(
                          modelId,
                          row.getLong("revision"),
                          json(row.getString("document")),
                          json(row.getString("resolved"))))
                  .findOne());
    }
  }
}
