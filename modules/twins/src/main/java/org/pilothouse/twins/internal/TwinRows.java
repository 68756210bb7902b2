package org.pilothouse.twins.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.web.Json;
import org.pilothouse.twins.Twin;

/**
 * How a twin is read from rows of {@code twins.twin}, with what it reported.
 *
 * @param folded where reported states are, if not beside the twins
 */
record TwinRows(@Nullable FoldedStates folded) {
  private static final String COLUMNS =
      "t.twin_id, t.model, t.attributes::text AS attributes, t.desired::text AS desired, t.revision, t.created_at, t.updated_at,";

  /** The state is looked up for each row of a page; a merge would read them all up to the page. */
  private static final String STATE =
      " t LEFT JOIN LATERAL (SELECT properties, reported_at FROM twins.state"
          + " WHERE pilot_id = t.pilot_id AND twin_id = t.twin_id LIMIT 1) AS s ON true";

  /** Where states are elsewhere; what was reported before the twin was retired is not its state. */
  private static final String RETIREMENT =
      " t LEFT JOIN LATERAL (SELECT retired_at FROM twins.retired"
          + " WHERE pilot_id = t.pilot_id AND twin_id = t.twin_id LIMIT 1) AS r ON true";

  /**
   * A query up to its conditions. Columns of the twin are {@code t}'s, those of its state {@code
   * s}'s.
   *
   * @param from the table or rows of it
   */
  String select(String from) {
    return folded == null
        ? "SELECT " + COLUMNS + " s.properties, s.reported_at FROM " + from + STATE
        : selectWithoutState(from);
  }

  static String selectWithoutState(String from) {
    return "SELECT "
        + COLUMNS
        + " NULL AS properties, NULL::timestamptz AS reported_at, r.retired_at FROM "
        + from
        + RETIREMENT;
  }

  Twin twin(PilotId pilot, ResultSet row) throws SQLException {
    Twin twin = stored(row);
    return folded == null
        ? twin
        : folded.reported(pilot, twin, StateStore.instant(row.getTimestamp("retired_at")));
  }

  static Twin stored(ResultSet row) throws SQLException {
    String properties = row.getString("properties");
    return new Twin(
        new TwinId(row.getString("twin_id")),
        Optional.ofNullable(row.getString("model")),
        object(row.getString("attributes")),
        object(row.getString("desired")),
        properties == null ? "{}" : properties,
        row.getLong("revision"),
        row.getTimestamp("created_at").toInstant(),
        row.getTimestamp("updated_at").toInstant(),
        Optional.ofNullable(StateStore.instant(row.getTimestamp("reported_at"))));
  }

  static ObjectNode object(String json) {
    try {
      return (ObjectNode) Json.mapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stored object cannot be read", e);
    }
  }
}
