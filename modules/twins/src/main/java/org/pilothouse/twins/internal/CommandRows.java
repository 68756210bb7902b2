package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.web.Json;
import org.pilothouse.twins.Command;

/** Commands as rows. */
final class CommandRows {
  /** What {@link #command} reads. */
  static final String COLUMNS =
      "command_id, pilot_id, twin_id, device, name, input::text AS input, state, output::text AS output, error, sent_by, created_at,"
          + " delivered_at, ended_at, expires_at";

  private CommandRows() {}

  /** As it is in the store then: times are less fine there. */
  static Command insert(Handle transaction, PilotId pilot, Command command) {
    return transaction
        .createQuery(
            "INSERT INTO twins.command (pilot_id, command_id, twin_id, device, name, input, state, sent_by, created_at, expires_at, next_attempt_at)"
                + " VALUES (:pilot, :id, :twin, :device, :name, :input::jsonb, :state, :by, :now, :expires, :now) RETURNING "
                + COLUMNS)
        .bind("pilot", pilot.value())
        .bind("id", command.id())
        .bind("twin", command.twin().value())
        .bind("device", command.device().value())
        .bind("name", command.name())
        .bind("input", command.input().map(Twins::text).orElse(null))
        .bind("state", command.state().word())
        .bind("by", command.sentBy())
        .bind("now", Timestamp.from(command.createdAt()))
        .bind("expires", Timestamp.from(command.expiresAt()))
        .map((row, context) -> command(row))
        .one();
  }

  /** The newest desired change of a twin, held until the commit. */
  static Optional<Command> lastDesired(Handle transaction, PilotId pilot, TwinId twin) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM twins.command WHERE pilot_id = :pilot AND twin_id = :twin AND name = '"
                + Command.DESIRED
                + "' ORDER BY created_at DESC, command_id DESC LIMIT 1 FOR UPDATE")
        .bind("pilot", pilot.value())
        .bind("twin", twin.value())
        .map((row, context) -> command(row))
        .findOne();
  }

  static Optional<Command> read(Handle transaction, PilotId pilot, TwinId twin, String id) {
    return transaction
        .createQuery(
            "SELECT "
                + COLUMNS
                + " FROM twins.command WHERE pilot_id = :pilot AND twin_id = :twin AND command_id = :id")
        .bind("pilot", pilot.value())
        .bind("twin", twin.value())
        .bind("id", id)
        .map((row, context) -> command(row))
        .findOne();
  }

  static Command command(ResultSet row) throws SQLException {
    return new Command(
        row.getString("command_id"),
        new TwinId(row.getString("twin_id")),
        new DeviceId(row.getString("device")),
        row.getString("name"),
        json(row.getString("input")),
        Command.State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        json(row.getString("output")),
        Optional.ofNullable(row.getString("error")),
        row.getString("sent_by"),
        row.getTimestamp("created_at").toInstant(),
        Optional.ofNullable(StateStore.instant(row.getTimestamp("delivered_at"))),
        Optional.ofNullable(StateStore.instant(row.getTimestamp("ended_at"))),
        row.getTimestamp("expires_at").toInstant());
  }

  private static Optional<JsonNode> json(@Nullable String text) {
    try {
      return text == null ? Optional.empty() : Optional.of(Json.mapper().readTree(text));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored value cannot be read", e);
    }
  }
}
