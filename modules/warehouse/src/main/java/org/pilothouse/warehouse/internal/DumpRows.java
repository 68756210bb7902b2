package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.web.Json;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.PilotDay;

/** Dumps to and from the store. */
final class DumpRows {
  static final String COLUMNS =
      "pilot_id, date, revision, state, time_zone, starts_at, ends_at, close_reason, frozen_at,"
          + " dataset_id, events, rows, late, rejected, repeats, parts, attempts, step,"
          + " failure_code, failure_detail, created_at, finished_at, requested_by, amends_revision,"
          + " amends_dataset, redrive_rejects, redriven, rejects_left";

  static final String SHARE_COLUMNS =
      "partition, from_offset, to_offset, watermark, state, read_to, records, other_days, events,"
          + " rows, late, rejected, repeats, redrive_taken, redrive_events, redrive_rejected,"
          + " missing::text AS missing, failure, started_at, finished_at";

  static final String PART_COLUMNS =
      "partition, key, kind, model, rows, size_bytes, checksum, first_time, last_time";

  private static final TypeReference<List<Missing>> MISSING = new TypeReference<>() {};
  private static final TypeReference<Map<String, Integer>> COUNTS = new TypeReference<>() {};

  private DumpRows() {}

  static Dump dump(ResultSet row) throws SQLException {
    String code = row.getString("failure_code");
    String amended = row.getString("amends_dataset");
    return new Dump(
        new PilotId(row.getString("pilot_id")),
        new PilotDay(
            row.getObject("date", LocalDate.class),
            instant(row, "starts_at"),
            instant(row, "ends_at")),
        row.getInt("revision"),
        DumpState.of(row.getString("state")),
        row.getString("time_zone"),
        CloseReason.valueOf(row.getString("close_reason").toUpperCase(Locale.ROOT)),
        optionalInstant(row, "frozen_at"),
        row.getString("dataset_id"),
        row.getLong("events"),
        row.getLong("rows"),
        row.getLong("late"),
        row.getLong("rejected"),
        row.getLong("repeats"),
        row.getInt("parts"),
        row.getInt("attempts"),
        row.getString("step"),
        code == null ? null : new Dump.Failure(code, row.getString("failure_detail")),
        instant(row, "created_at"),
        optionalInstant(row, "finished_at"),
        row.getString("requested_by"),
        amended == null ? null : new Dump.Amends(row.getInt("amends_revision"), amended),
        row.getBoolean("redrive_rejects"),
        row.getLong("redriven"),
        row.getLong("rejects_left"));
  }

  static Share share(ResultSet row) throws SQLException {
    return new Share(
        row.getInt("partition"),
        row.getLong("from_offset"),
        row.getLong("to_offset"),
        optionalInstant(row, "watermark"),
        row.getString("state").equals("done"),
        row.getLong("read_to"),
        new Share.Counts(
            row.getLong("records"),
            row.getLong("other_days"),
            row.getLong("events"),
            row.getLong("rows"),
            row.getLong("late"),
            row.getLong("rejected"),
            row.getLong("repeats")),
        new Share.Redrive(
            row.getLong("redrive_taken"),
            row.getLong("redrive_events"),
            row.getLong("redrive_rejected")),
        missing(row.getString("missing")),
        row.getString("failure"),
        optionalInstant(row, "started_at"),
        optionalInstant(row, "finished_at"));
  }

  static PartFile part(ResultSet row) throws SQLException {
    return new PartFile(
        row.getInt("partition"),
        row.getString("key"),
        PartFile.Kind.of(row.getString("kind")),
        row.getString("model"),
        row.getLong("rows"),
        row.getLong("size_bytes"),
        new Checksum(row.getBytes("checksum")),
        optionalInstant(row, "first_time"),
        optionalInstant(row, "last_time"));
  }

  private static List<Missing> missing(String json) {
    try {
      return Json.mapper().readValue(json, MISSING);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("stored gaps cannot be read", e);
    }
  }

  /** Numbers by name; none where there is nothing. */
  static Map<String, Integer> counts(@Nullable String json) {
    try {
      return json == null ? Map.of() : Json.mapper().readValue(json, COUNTS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("counts cannot be read", e);
    }
  }

  static Plan plan(String json) {
    try {
      return Json.mapper().readValue(json, Plan.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored plan cannot be read", e);
    }
  }

  static String json(Object value) {
    try {
      return Json.mapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static Instant instant(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }

  static @Nullable Instant optionalInstant(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
