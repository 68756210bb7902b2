package org.pilothouse.twins.internal;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.statement.Query;

/**
 * A stretch of time, open where an end is absent.
 *
 * @param from inclusive
 * @param to exclusive
 */
public record Span(Optional<Instant> from, Optional<Instant> to) {
  /** All there is. */
  public static final Span EVER = new Span(Optional.empty(), Optional.empty());

  /** What a statement says of its ends; {@link #bind} gives the values. */
  String sql(String ifFrom, String ifTo) {
    return (from.isPresent() ? ifFrom : "") + (to.isPresent() ? ifTo : "");
  }

  void bind(Query query) {
    from.ifPresent(time -> query.bind("from", Timestamp.from(time)));
    to.ifPresent(time -> query.bind("to", Timestamp.from(time)));
  }
}
