package org.pilothouse.twins.internal;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.postgres.Database;

/** The digital threads in PostgreSQL: a projection of the facts on the backbone. */
public final class ThreadStore {
  private final Database database;

  ThreadStore(Database database) {
    this.database = database;
  }

  /**
   * One fact of a twin's life.
   *
   * @param data JSON
   */
  public record Fact(
      String twin, String id, Instant time, String type, @Nullable String actor, String data) {}

  /** Where a page goes on. */
  public record Before(Instant time, String id) {}

  /** Each once, by its id. */
  void add(PilotId pilot, List<Fact> facts) {
    List<String> twins = new ArrayList<>(facts.size());
    List<String> ids = new ArrayList<>(facts.size());
    List<String> times = new ArrayList<>(facts.size());
    List<String> types = new ArrayList<>(facts.size());
    List<@Nullable String> actors = new ArrayList<>(facts.size());
    List<String> data = new ArrayList<>(facts.size());
    for (Fact fact : facts) {
      twins.add(fact.twin());
      ids.add(fact.id());
      times.add(fact.time().toString());
      types.add(fact.type());
      actors.add(fact.actor());
      data.add(fact.data());
    }
    database.runInPilot(
        pilot,
        transaction ->
            transaction
                .createUpdate(
                    "INSERT INTO twins.fact (pilot_id, twin_id, id, time, type, actor, data)"
                        + " SELECT :pilot, twin, id, time::timestamptz, type, actor, data::jsonb"
                        + " FROM unnest(:twins, :ids, :times, :types, :actors, :data) AS told (twin, id, time, type, actor, data)"
                        + " ON CONFLICT DO NOTHING")
                .bind("pilot", pilot.value())
                .bindArray("twins", String.class, twins)
                .bindArray("ids", String.class, ids)
                .bindArray("times", String.class, times)
                .bindArray("types", String.class, types)
                .bindArray("actors", String.class, actors)
                .bindArray("data", String.class, data)
                .execute());
  }

  /** Those of the span, newest first, before one. */
  public List<Fact> page(
      PilotId pilot, TwinId twin, Span span, Optional<Before> before, int limit) {
    return database.inPilot(
        pilot,
        transaction -> {
          var query =
              transaction
                  .createQuery(
                      "SELECT id, time, type, actor, data::text FROM twins.fact WHERE pilot_id = :pilot AND twin_id = :twin"
                          + span.sql(" AND time >= :from", " AND time < :to")
                          + (before.isPresent() ? " AND (time, id) < (:time, :id)" : "")
                          + " ORDER BY time DESC, id DESC LIMIT :limit")
                  .bind("pilot", pilot.value())
                  .bind("twin", twin.value())
                  .bind("limit", limit);
          span.bind(query);
          before.ifPresent(
              last -> query.bind("time", Timestamp.from(last.time())).bind("id", last.id()));
          return query
              .map((row, context) ->
                  new Fact(
                      twin.value(),
                      row.getString(1),
                      row.getTimestamp(2).toInstant(),
                      row.getString(3),
                      row.getString(4),
                      row.getString(5)))
              .list();
        });
  }
}
