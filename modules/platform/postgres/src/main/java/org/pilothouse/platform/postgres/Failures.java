package org.pilothouse.platform.postgres;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;

/** What a failure of the server means, by its SQLSTATE (PostgreSQL, appendix A). */
public final class Failures {
  private static final Set<String> REPEAT = Set.of("40001", "40P01");
  private static final Set<String> AWAY =
      Set.of("57P01", "57P02", "57P03", "57014", "55P03", "53300", "25P03", "25006");

  private Failures() {}

  /** The server is away, too busy, or too slow: the same may well go through later. */
  public static boolean isUnavailable(Throwable thrown) {
    if (thrown instanceof ConnectionException) {
      return true;
    }
    SQLException sql = sql(thrown);
    if (sql == null) {
      return false;
    }
    String state = sql.getSQLState();
    return sql instanceof SQLTransientConnectionException
        || (state != null
            && (state.startsWith("08") || state.startsWith("53") || AWAY.contains(state)));
  }

  /** Lost against another transaction; nothing was done. */
  static boolean isWorthRepeating(Throwable thrown) {
    SQLException sql = sql(thrown);
    return sql != null && sql.getSQLState() != null && REPEAT.contains(sql.getSQLState());
  }

  static String state(Throwable thrown) {
    SQLException sql = sql(thrown);
    return sql == null || sql.getSQLState() == null ? "none" : sql.getSQLState();
  }

  /** The first line of what the driver said; rows and bound values never stand there. */
  static String text(Throwable thrown) {
    SQLException sql = sql(thrown);
    String said = String.valueOf(sql == null ? thrown.getMessage() : sql.getMessage());
    int end = said.indexOf('\n');
    return end < 0 ? said : said.substring(0, end);
  }

  private static @Nullable SQLException sql(Throwable thrown) {
    int depth = 0;
    for (Throwable t = thrown; t != null && depth < 8; t = t.getCause(), depth++) {
      if (t instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }
}
