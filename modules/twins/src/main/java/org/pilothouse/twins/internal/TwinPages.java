package org.pilothouse.twins.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jdbi.v3.core.statement.Query;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.twins.Twin;

/**
 * Twins in the order of their ids, page by page. A page costs about the same whatever is asked for:
 * it looks at a bounded number of twins one after the other, and where these were too few, an index
 * names those that hold the text further on. Where no index can, it ends short.
 */
final class TwinPages {
  /** A page ends early when its twins hold more characters than this. */
  private static final long MOST_IN_A_PAGE = 4L * 1024 * 1024;

  private static final int FETCHED_AT_ONCE = 50;

  /**
   * How many are looked at first. Where not one of them fits, a text is rare, and the index names
   * few.
   */
  private static final int FIRST_LOOKED_AT = 2_500;

  /** How many after those, where some fitted: more than a page of what one in 500 holds. */
  private static final int THEN_LOOKED_AT = 22_500;

  /** Twins of one model lie apart from one another. */
  private static final int THEN_LOOKED_AT_OF_A_MODEL = 2_500;

  /** That the index names for a page; other filters may rule them out. */
  private static final int MOST_NAMED = 1_000;

  /** The index knows sequences of so many characters. */
  private static final int SHORTEST_INDEXED = 3;

  private final Database database;
  private final TwinRows rows;

  TwinPages(Database database, TwinRows rows) {
    this.database = database;
    this.rows = rows;
  }

  /**
   * What is asked for.
   *
   * @param silentSince twins that have not reported since
   */
  record Wanted(
      PilotId pilot,
      Optional<String> model,
      Optional<String> text,
      Optional<Instant> silentSince,
      int limit) {
    /** How many to look at, one time after the other. */
    List<Integer> walks() {
      if (silentSince.isPresent()) {
        return List.of(FIRST_LOOKED_AT);
      }
      if (text.isPresent()) {
        return List.of(
            FIRST_LOOKED_AT, model.isPresent() ? THEN_LOOKED_AT_OF_A_MODEL : THEN_LOOKED_AT);
      }
      return List.of(limit + 1);
    }

    boolean isIndexed() {
      return text.filter(each -> each.codePointCount(0, each.length()) >= SHORTEST_INDEXED)
          .isPresent();
    }

    boolean isFilteredTwinByTwin() {
      return text.isPresent() || silentSince.isPresent();
    }
  }

  Twins.Slice page(Wanted wanted, String after) {
    return database.inPilot(
        wanted.pilot(),
        transaction -> {
          Gathering page = new Gathering(wanted, after);
          if (!walk(transaction, page)) {
            return page.slice(false);
          }
          if (!wanted.isIndexed()) {
            return page.slice(true);
          }
          List<String> named = named(transaction, page);
          gather(
              transaction,
              page,
              "(SELECT * FROM twins.twin WHERE pilot_id = :pilot AND twin_id = ANY(:named)"
                  + model(wanted)
                  + ")",
              query -> query.bindArray("named", String.class, named));
          if (!page.isFull() && named.size() == MOST_NAMED) {
            page.lookedAtUpTo(named.getLast());
            return page.slice(true);
          }
          return page.slice(false);
        });
  }

  /** Whether the page has room still, and there are twins that were not looked at. */
  private boolean walk(Handle transaction, Gathering page) {
    Wanted wanted = page.wanted;
    for (int most : wanted.walks()) {
      String from = page.last;
      gather(
          transaction,
          page,
          "(SELECT * " + walked(wanted) + " LIMIT :looked)",
          query -> query.bind("after", from).bind("looked", most));
      if (page.isFull() || !wanted.isFilteredTwinByTwin()) {
        return false;
      }
      Optional<String> walkedTo = lastLookedAt(transaction, wanted, from, most);
      if (walkedTo.isEmpty()) {
        return false;
      }
      page.lookedAtUpTo(walkedTo.get());
      if (page.twins.isEmpty() && wanted.isIndexed()) {
        return true;
      }
    }
    return true;
  }

  private static String walked(Wanted wanted) {
    return "FROM twins.twin WHERE pilot_id = :pilot AND twin_id > :after"
        + model(wanted)
        + " ORDER BY twin_id";
  }

  private static String model(Wanted wanted) {
    return wanted.model().isPresent() ? " AND model = :model" : "";
  }

  private static Optional<String> lastLookedAt(
      Handle transaction, Wanted wanted, String after, int looked) {
    Query query =
        transaction
            .createQuery("SELECT twin_id " + walked(wanted) + " OFFSET :looked - 1 LIMIT 1")
            .bind("pilot", wanted.pilot().value())
            .bind("after", after)
            .bind("looked", looked);
    wanted.model().ifPresent(model -> query.bind("model", model));
    return query.mapTo(String.class).findOne();
  }

  private static List<String> named(Handle transaction, Gathering page) {
    return transaction
        .createQuery("SELECT twins.with_text(lower(:text), :behind, :most)")
        .bind("text", page.wanted.text().orElseThrow())
        .bind("behind", page.last)
        .bind("most", MOST_NAMED)
        .mapTo(String.class)
        .list();
  }

  private void gather(Handle transaction, Gathering page, String from, Consumer<Query> parameters) {
    Wanted wanted = page.wanted;
    StringBuilder sql = new StringBuilder(rows.select(from)).append(" WHERE true");
    wanted.text().ifPresent(text -> sql.append(" AND strpos(t.searched, lower(:text)) > 0"));
    // Where states are elsewhere, PostgreSQL cannot tell who is silent.
    boolean looksHere = wanted.silentSince().isPresent() && rows.folded() != null;
    boolean looksThere = wanted.silentSince().isPresent() && rows.folded() == null;
    if (looksThere) {
      sql.append(" AND (s.reported_at IS NULL OR s.reported_at < :silent)");
    }
    Query query =
        transaction
            .createQuery(sql.append(" ORDER BY t.twin_id LIMIT :rows").toString())
            .bind("pilot", wanted.pilot().value())
            .bind("rows", looksHere ? FIRST_LOOKED_AT : page.missing() + 1)
            .setFetchSize(FETCHED_AT_ONCE);
    wanted.model().ifPresent(model -> query.bind("model", model));
    wanted.text().ifPresent(text -> query.bind("text", text));
    wanted
        .silentSince()
        .filter(time -> looksThere)
        .ifPresent(time -> query.bind("silent", Timestamp.from(time)));
    parameters.accept(query);
    try (ResultIterator<Sized> found =
        query.map((row, context) -> sized(wanted.pilot(), row)).iterator()) {
      page.take(found);
    }
  }

  /** A twin with the size of what it holds, in characters. */
  private record Sized(Twin twin, int characters) {}

  private Sized sized(PilotId pilot, ResultSet row) throws SQLException {
    Twin twin = rows.twin(pilot, row);
    return new Sized(
        twin,
        row.getString("attributes").length()
            + row.getString("desired").length()
            + twin.properties().length());
  }

  /** A page while it is put together. */
  private static final class Gathering {
    private final Wanted wanted;
    private final List<Twin> twins = new ArrayList<>();
    private long characters;
    private boolean full;
    private String last;

    Gathering(Wanted wanted, String after) {
      this.wanted = wanted;
      this.last = after;
    }

    void take(Iterator<Sized> found) {
      while (!full && found.hasNext()) {
        Sized next = found.next();
        if (isSilent(next.twin())) {
          characters += next.characters();
          full =
              twins.size() == wanted.limit() || (characters > MOST_IN_A_PAGE && !twins.isEmpty());
          if (!full) {
            twins.add(next.twin());
            last = next.twin().id().value();
          }
        }
      }
    }

    private boolean isSilent(Twin twin) {
      return wanted
          .silentSince()
          .flatMap(since -> twin.reportedAt().map(time -> time.isBefore(since)))
          .orElse(true);
    }

    int missing() {
      return wanted.limit() - twins.size();
    }

    boolean isFull() {
      return full;
    }

    /** None up to there is missing. */
    void lookedAtUpTo(String twin) {
      last = twin;
    }

    Twins.Slice slice(boolean more) {
      return new Twins.Slice(twins, full || more, last);
    }
  }
}
