package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.Replayability;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Json;

/** Datasets to and from the store. */
final class DatasetRows {
  static final String COLUMNS =
      "d.pilot_id, d.dataset_id, d.name, d.version, d.state, d.object_key, d.size_bytes,"
          + " d.declared_type, d.media_type, d.declared_checksum, d.sent_checksum, d.checksum, d.schema_ref,"
          + " d.tags::text AS tags, d.made_by, d.made_by_id, d.inputs, d.retention_days,"
          + " d.verified_bytes, d.failure_code, d.failure_detail, d.revision, d.created_at,"
          + " d.created_by, d.available_at, d.expires_at, d.removed_after, d.site_bucket, d.object_etag,"
          + " d.site_written,"
          + " d.seen_state, d.seen_detail, d.seen_at";

  private static final TypeReference<TreeMap<String, Object>> TAGS = new TypeReference<>() {};

  private DatasetRows() {}

  static Optional<Dataset> find(Handle transaction, PilotId pilot, DatasetId id) {
    return one(transaction, pilot, id, "");
  }

  /** Nobody else changes it until the transaction ends. */
  static Optional<Dataset> lock(Handle transaction, PilotId pilot, DatasetId id) {
    return one(transaction, pilot, id, " FOR UPDATE");
  }

  /**
   * @throws Problem {@code not_found}
   */
  static Dataset lockExisting(Handle transaction, PilotId pilot, DatasetId id) {
    return lock(transaction, pilot, id).orElseThrow(DatasetRows::notFound);
  }

  private static Optional<Dataset> one(
      Handle transaction, PilotId pilot, DatasetId id, String lock) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM datasets.dataset d WHERE d.pilot_id = :pilot AND d.dataset_id = :id"
                + lock)
        .bind("pilot", pilot.value())
        .bind("id", id.value())
        .map((row, context) -> read(row))
        .findOne();
  }

  static Dataset read(ResultSet row) throws SQLException {
    String failure = row.getString("failure_code");
    int retention = row.getInt("retention_days");
    boolean forEver = row.wasNull();
    return new Dataset(
        new PilotId(row.getString("pilot_id")),
        new DatasetId(row.getString("dataset_id")),
        row.getString("name"),
        row.getInt("version"),
        DatasetState.of(row.getString("state")).orElseThrow(),
        row.getString("object_key"),
        row.getLong("size_bytes"),
        row.getString("declared_type"),
        row.getString("media_type"),
        checksum(row.getBytes("declared_checksum")),
        checksum(row.getBytes("sent_checksum")),
        checksum(row.getBytes("checksum")),
        row.getString("schema_ref"),
        tags(row.getString("tags")),
        new Dataset.Lineage(
            ids(row.getArray("inputs")),
            Dataset.Maker.valueOf(row.getString("made_by").toUpperCase(Locale.ROOT)),
            row.getString("made_by_id")),
        forEver ? null : retention,
        row.getLong("verified_bytes"),
        failure == null
            ? Optional.empty()
            : Optional.of(new Dataset.Failure(failure, row.getString("failure_detail"))),
        row.getLong("revision"),
        instant(row, "created_at"),
        row.getString("created_by"),
        optionalInstant(row, "available_at"),
        optionalInstant(row, "expires_at"),
        optionalInstant(row, "removed_after"),
        place(row),
        seen(row));
  }

  private static Dataset.Place place(ResultSet row) throws SQLException {
    String bucket = row.getString("site_bucket");
    return bucket == null
        ? new Dataset.Place.Centre()
        : new Dataset.Place.AtSite(
            bucket, row.getString("object_etag"), row.getBoolean("site_written"));
  }

  private static Optional<Replayability> seen(ResultSet row) throws SQLException {
    String state = row.getString("seen_state");
    return state == null
        ? Optional.empty()
        : Optional.of(
            Replayability.of(state, row.getString("seen_detail"), optionalInstant(row, "seen_at")));
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  static @Nullable Instant optionalInstant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  static Optional<Checksum> checksum(byte @Nullable [] digest) {
    return Optional.ofNullable(digest).map(Checksum::new);
  }

  private static List<DatasetId> ids(Array array) throws SQLException {
    return Arrays.stream((String[]) array.getArray()).map(DatasetId::new).toList();
  }

  private static Map<String, Object> tags(String json) {
    try {
      return Json.mapper().readValue(json, TAGS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored tags cannot be read", e);
    }
  }

  static String json(Map<String, Object> tags) {
    try {
      return Json.mapper().writeValueAsString(tags);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("tags cannot be written", e);
    }
  }

  /** The time of the transaction, by the clock that all nodes share. */
  static Instant now(Handle transaction) {
    return transaction.createQuery("SELECT now()").mapTo(OffsetDateTime.class).one().toInstant();
  }

  static Problem notFound() {
    return Problem.of(ProblemCode.NOT_FOUND, "There is no such dataset.");
  }
}
