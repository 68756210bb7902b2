package org.pilothouse.twins.internal;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;

/**
 * What a fold has to know of the twins of a batch. Each table is asked for all keys at once: one
 * walk through its index finds thousands of neighbours, where looking each of them up begins at the
 * root every time.
 */
final class KnownTwins {
  private static final String BY_KEY = " WHERE pilot_id = :pilot AND twin_id = ANY(:twins)";

  private final Handle transaction;
  private final PilotId pilot;
  private final List<String> twins;

  private KnownTwins(Handle transaction, PilotId pilot, Collection<String> twins) {
    this.transaction = transaction;
    this.pilot = pilot;
    this.twins = List.copyOf(twins);
    // A plan for these values would count a new pilot's rows as none, and read them all.
    transaction.execute("SET LOCAL plan_cache_mode TO force_generic_plan");
  }

  /** Without what they reported. */
  static Map<String, StateStore.Stored> read(
      Handle transaction, PilotId pilot, Collection<String> twins) {
    return twins.isEmpty()
        ? Map.of()
        : new KnownTwins(transaction, pilot, twins).together(Map.of());
  }

  /**
   * @param states the table that holds what they reported
   */
  static Map<String, StateStore.Stored> read(
      Handle transaction, PilotId pilot, Collection<String> twins, States states) {
    if (twins.isEmpty()) {
      return Map.of();
    }
    KnownTwins known = new KnownTwins(transaction, pilot, twins);
    return known.together(known.properties(states));
  }

  /** The models of those twins that have one. */
  static Map<String, String> models(Handle transaction, PilotId pilot, Collection<String> twins) {
    Map<String, String> models = new HashMap<>();
    if (!twins.isEmpty()) {
      new KnownTwins(transaction, pilot, twins)
          .twins()
          .forEach((twin, known) -> {
            if (known.model() != null) {
              models.put(twin, known.model());
            }
          });
    }
    return models;
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

  /** A twin that there is. */
  private record Known(@Nullable String model) {}

  private Map<String, StateStore.Stored> together(Map<String, String> properties) {
    Map<String, Known> found = twins();
    Map<String, Instant> retired = retired();
    Map<String, StateStore.Stored> together = new HashMap<>(twins.size() * 2);
    for (String twin : twins) {
      Known known = found.get(twin);
      together.put(
          twin,
          new StateStore.Stored(
              known != null,
              known == null ? null : known.model(),
              properties.get(twin),
              retired.get(twin)));
    }
    return together;
  }

  private Map<String, Known> twins() {
    return byTwin(
        "SELECT twin_id, model FROM twins.twin" + BY_KEY,
        query -> query,
        (row, context) -> Map.entry(row.getString(1), new Known(row.getString(2))));
  }

  private Map<String, String> properties(States states) {
    return byTwin(
        "SELECT twin_id, properties FROM " + states.table() + BY_KEY + states.where(),
        states.binding(),
        (row, context) -> Map.entry(row.getString(1), row.getString(2)));
  }

  private Map<String, Instant> retired() {
    return byTwin(
        "SELECT twin_id, retired_at FROM twins.retired" + BY_KEY,
        query -> query,
        (row, context) -> Map.entry(row.getString(1), row.getTimestamp(2).toInstant()));
  }

  private <T> Map<String, T> byTwin(
      String sql, UnaryOperator<Query> binding, RowMapper<Map.Entry<String, T>> mapper) {
    Map<String, T> found = new HashMap<>(twins.size() * 2);
    binding
        .apply(
            transaction
                .createQuery(sql)
                .bind("pilot", pilot.value())
                .bindArray("twins", String.class, twins))
        .map(mapper)
        .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
    return found;
  }
}
