package org.pilothouse.twins.internal;

import java.io.IOException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.twins.KeptReadings;

/** Reads reports by twin and time, each page in a transaction of its own. */
final class ReadingPages implements KeptReadings {
  private static final int PAGE = 10_000;

  private final Database database;

  ReadingPages(Database database) {
    this.database = database;
  }

  private record Row(String twin, @Nullable String model, Instant time, String properties) {
    boolean isAt(Row other) {
      return twin.equals(other.twin) && time.equals(other.time);
    }
  }

  @Override
  public void read(PilotId pilot, Set<TwinId> twins, Instant from, Instant to, Taker taker)
      throws IOException {
    List<String> named = twins.stream().map(TwinId::value).sorted().toList();
    String twin = "";
    Instant time = from;
    while (true) {
      List<Row> page = page(pilot, named, from, to, twin, time);
      boolean last = page.size() < PAGE;
      // Reports of one time are told together, or the next page would leave some out.
      List<Row> whole =
          last ? page : page.stream().filter(row -> !row.isAt(page.getLast())).toList();
      if (!last && whole.isEmpty()) {
        throw Problem.of(
            ProblemCode.LIMIT_REACHED,
            "The twin " + page.getLast().twin() + " has too many reports of one time.");
      }
      for (Row row : whole) {
        taker.reading(new TwinId(row.twin()), row.model(), row.time(), row.properties());
      }
      if (last) {
        return;
      }
      twin = page.getLast().twin();
      time = page.getLast().time();
    }
  }

  private List<Row> page(
      PilotId pilot, List<String> twins, Instant from, Instant to, String twin, Instant time) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT r.twin_id, t.model, r.time, r.props::text AS props FROM twins.reading r"
                        + " LEFT JOIN twins.twin t USING (pilot_id, twin_id)"
                        + " WHERE r.pilot_id = :pilot AND (r.twin_id, r.time) >= (:twin, :after)"
                        + (twins.isEmpty() ? "" : " AND r.twin_id = ANY(:twins)")
                        + " AND r.time >= :from AND r.time < :to"
                        + " ORDER BY r.twin_id, r.time LIMIT :most")
                .bind("pilot", pilot.value())
                .bind("twin", twin)
                .bind("after", time.atOffset(ZoneOffset.UTC))
                .bind("from", from.atOffset(ZoneOffset.UTC))
                .bind("to", to.atOffset(ZoneOffset.UTC))
                .bind("most", PAGE)
                .configure(
                    org.jdbi.v3.core.statement.SqlStatements.class,
                    statements -> statements.setUnusedBindingAllowed(true))
                .bindArray("twins", String.class, twins)
                .map((row, context) ->
                    new Row(
                        row.getString("twin_id"),
                        row.getString("model"),
                        row.getObject("time", OffsetDateTime.class).toInstant(),
                        row.getString("props")))
                .list());
  }
}
