package org.pilothouse.twins.internal;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.pilothouse.kernel.PilotId;

/**
 * What a fold has to know of the twins of a batch. Each is looked up by its key: a plain join is
 * planned by what is known of the pilot, which of a new pilot is wrong, and then joins everything.
 */
final class KnownTwins {
  private static final String BY_KEY = " WHERE pilot_id = :pilot AND twin_id = asked.twin";

  private KnownTwins() {}

  /** Without what they reported. */
  static Map<String, StateStore.Stored> read(
      Handle transaction, PilotId pilot, Collection<String> twins) {
    return read(transaction, pilot, twins, "SELECT NULL::text AS properties", query -> query);
  }

  /**
   * @param states the table that holds what they reported
   */
  static Map<String, StateStore.Stored> read(
      Handle transaction, PilotId pilot, Collection<String> twins, States states) {
    return read(
        transaction,
        pilot,
        twins,
        "SELECT properties FROM " + states.table() + BY_KEY + states.where(),
        states.binding());
  }

  /**
   * Where states are.
   *
   * @param where what narrows them down further; empty for nothing
   * @param binding gives the values that it names
   */
  record States(String table, String where, UnaryOperator<Query> binding) {
    static final States STORED = new States("twins.state", "", query -> query);

    static States rebuilt(String rebuild) {
      return new States(
          "twins.rebuilt_state", " AND rebuild_id = :id", query -> query.bind("id", rebuild));
    }
  }

  private static Map<String, StateStore.Stored> read(
      Handle transaction,
      PilotId pilot,
      Collection<String> twins,
      String states,
      UnaryOperator<Query> binding) {
    Map<String, StateStore.Stored> known = new HashMap<>(twins.size() * 2);
    if (twins.isEmpty()) {
      return known;
    }
    Query query =
        transaction
            .createQuery(
                "SELECT asked.twin, t.known IS NOT NULL, t.model, s.properties, r.retired_at"
                    + " FROM unnest(:twins) AS asked (twin)"
                    + " LEFT JOIN LATERAL (SELECT true AS known, model FROM twins.twin"
                    + BY_KEY
                    + " LIMIT 1) t ON true LEFT JOIN LATERAL ("
                    + states
                    + " LIMIT 1) s ON true LEFT JOIN LATERAL (SELECT retired_at FROM twins.retired"
                    + BY_KEY
                    + " LIMIT 1) r ON true")
            .bind("pilot", pilot.value())
            .bindArray("twins", String.class, List.copyOf(twins));
    binding
        .apply(query)
        .map((row, context) ->
            Map.entry(
                row.getString(1),
                new StateStore.Stored(
                    row.getBoolean(2),
                    row.getString(3),
                    row.getString(4),
                    StateStore.instant(row.getTimestamp(5)))))
        .forEach(entry -> known.put(entry.getKey(), entry.getValue()));
    return known;
  }
}
