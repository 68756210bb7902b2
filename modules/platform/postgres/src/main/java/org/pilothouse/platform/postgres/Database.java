package org.pilothouse.platform.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions that see one tenant, or, where it is said, all of them. The tenant is set for the
 * transaction alone (row-level security reads it), so a pooled connection carries nothing over and
 * a forgotten scope sees nothing.
 */
public final class Database implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final int TRIES = 3;
  private static final Duration AWAY = Duration.ofSeconds(1);
  private static final String SCOPE =
      "SELECT set_config('pilothouse.pilot', ?, true), set_config('pilothouse.platform', ?, true)";

  private final HikariDataSource pool;
  private final Jdbi jdbi;
  private final AtomicLong awayUntil = new AtomicLong(System.nanoTime());

  private Database(HikariDataSource pool) {
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
  }

  /**
   * Opens the application's pool. It does not wait for the server: until it answers, work fails
   * with {@code unavailable}.
   */
  public static Database open(PostgresConfig config, MeterRegistry registry) {
    HikariConfig hikari = new HikariConfig();
    hikari.setPoolName("pilothouse");
    hikari.setDataSource(source(config.url(), config.application(), config.statementTimeout()));
    hikari.setMaximumPoolSize(config.poolSize());
    hikari.setMinimumIdle(Math.min(4, config.poolSize()));
    hikari.setConnectionTimeout(config.acquireTimeout().toMillis());
    hikari.setValidationTimeout(Math.min(1_000, config.acquireTimeout().toMillis()));
    hikari.setMaxLifetime(Duration.ofMinutes(15).toMillis());
    hikari.setKeepaliveTime(Duration.ofMinutes(1).toMillis());
    hikari.setAutoCommit(true);
    hikari.setInitializationFailTimeout(-1);
    hikari.setMetricsTrackerFactory(
        new com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory(registry));
    return new Database(new HikariDataSource(hikari));
  }

  static DataSource source(String url, PostgresConfig.Account account, Duration statementTimeout) {
    org.postgresql.ds.PGSimpleDataSource source = new org.postgresql.ds.PGSimpleDataSource();
    source.setUrl(url);
    source.setUser(account.user());
    source.setPassword(account.password());
    source.setConnectTimeout(3);
    source.setLoginTimeout(5);
    // Longer than any statement may run: it only ends waits on a server that went silent.
    source.setSocketTimeout(Math.toIntExact(statementTimeout.toSeconds() + 10));
    source.setTcpKeepAlive(true);
    source.setApplicationName("pilothouse");
    source.setReWriteBatchedInserts(true);
    source.setOptions(
        "-c statement_timeout="
            + statementTimeout.toMillis()
            + " -c lock_timeout="
            + Math.max(1, statementTimeout.toMillis() / 2)
            + " -c idle_in_transaction_session_timeout=60000");
    return source;
  }

  /** A transaction that sees and changes one pilot's rows only. */
  public <T extends @Nullable Object> T inPilot(PilotId pilot, Work<T> work) {
    return transaction(pilot.value(), Scope.PILOT, work);
  }

  /** Makes something of the row that the cursor is on. */
  @FunctionalInterface
  public interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /**
   * The row of one query that sees one pilot's rows only. Scope and query go to the server together
   * and are one transaction there: a third of the round trips of {@link #inPilot}.
   *
   * @param query with a {@code ?} for each value; it must have no row where it sees none of a pilot
   */
  public <T> Optional<T> findInPilot(PilotId pilot, String query, Row<T> reader, String... values) {
    Optional<T> found = inOneTrip(pilot, query, reader, values);
    // The driver may part the two, and then the query saw nothing: only what was found is certain.
    return found.isPresent()
        ? found
        : inPilot(pilot, transaction -> inTransaction(transaction, query, reader, values));
  }

  private <T> Optional<T> inOneTrip(PilotId pilot, String query, Row<T> reader, String... values) {
    try (Handle handle = open();
        PreparedStatement statement =
            handle.getConnection().prepareStatement(SCOPE + ";" + query)) {
      bindScope(statement, pilot.value(), false);
      bind(statement, 2, values);
      statement.execute();
      return statement.getMoreResults() ? first(statement, reader) : Optional.empty();
    } catch (SQLException e) {
      if (Failures.isUnavailable(e)) {
        throw unavailable(new TransactionException(e));
      }
      throw new TransactionException(e);
    } catch (JdbiException e) {
      throw Failures.isUnavailable(e) ? unavailable(e) : e;
    }
  }

  private static <T> Optional<T> inTransaction(
      Handle transaction, String query, Row<T> reader, String... values) {
    try (PreparedStatement statement = transaction.getConnection().prepareStatement(query)) {
      bind(statement, 0, values);
      return statement.execute() ? first(statement, reader) : Optional.empty();
    } catch (SQLException e) {
      throw new TransactionException(e);
    }
  }

  private static void bind(PreparedStatement statement, int before, String... values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setString(before + i + 1, values[i]);
    }
  }

  private static <T> Optional<T> first(PreparedStatement statement, Row<T> reader)
      throws SQLException {
    try (ResultSet rows = statement.getResultSet()) {
      return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
    }
  }

  public void runInPilot(PilotId pilot, Consumer<Handle> work) {
    this.<@Nullable Void>inPilot(
        pilot,
        transaction -> {
          work.accept(transaction);
          return null;
        });
  }

  /** A transaction that sees every pilot's rows; for what is not one tenant's. */
  public <T extends @Nullable Object> T asPlatform(Work<T> work) {
    return transaction("", Scope.PLATFORM, work);
  }

  /**
   * A transaction that sees every pilot's rows as they all were at one instant, and changes none.
   */
  public <T extends @Nullable Object> T snapshot(Work<T> work) {
    return transaction("", Scope.SNAPSHOT, work);
  }

  public void runAsPlatform(Consumer<Handle> work) {
    this.<@Nullable Void>asPlatform(transaction -> {
      work.accept(transaction);
      return null;
    });
  }

  /** A round trip; for the health check. */
  public void ping() {
    asPlatform(transaction -> transaction.createQuery("SELECT 1").mapTo(Integer.class).one());
  }

  private enum Scope {
    PILOT,
    PLATFORM,
    SNAPSHOT
  }

  private <T extends @Nullable Object> T transaction(String pilot, Scope scope, Work<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return attempt(pilot, scope, work);
      } catch (JdbiException e) {
        if (Failures.isWorthRepeating(e) && attempt < TRIES) {
          continue;
        }
        throw Failures.isUnavailable(e) ? unavailable(e) : e;
      }
    }
  }

  private <T extends @Nullable Object> T attempt(String pilot, Scope scope, Work<T> work) {
    try (Handle handle = open()) {
      handle.begin();
      try {
        if (scope == Scope.SNAPSHOT) {
          handle.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
        }
        scope(handle, pilot, scope != Scope.PILOT);
        T result = work.run(handle);
        handle.commit();
        return result;
      } catch (RuntimeException | Error e) {
        rollBack(handle, e);
        throw e;
      }
    }
  }

  private Handle open() {
    // Every waiting request would hold a thread for the whole timeout: while the server is known to
    // be away, one in a second tries and the others are told at once.
    long away = awayUntil.get();
    if (away - System.nanoTime() > 0 && pool.getHikariPoolMXBean().getIdleConnections() == 0) {
      throw unavailable(null);
    }
    try {
      return jdbi.open();
    } catch (JdbiException e) {
      if (Failures.isUnavailable(e) && pool.getHikariPoolMXBean().getTotalConnections() == 0) {
        awayUntil.set(System.nanoTime() + AWAY.toNanos());
      }
      throw e;
    }
  }

  private static void scope(Handle handle, String pilot, boolean platform) {
    // Every transaction comes here: jdbi's own work would cost more than the statement.
    try (PreparedStatement statement = handle.getConnection().prepareStatement(SCOPE)) {
      bindScope(statement, pilot, platform);
      statement.execute();
    } catch (SQLException e) {
      throw new TransactionException(e);
    }
  }

  private static void bindScope(PreparedStatement statement, String pilot, boolean platform)
      throws SQLException {
    statement.setString(1, pilot);
    statement.setString(2, platform ? "on" : "off");
  }

  private static void rollBack(Handle handle, Throwable because) {
    try {
      if (handle.isInTransaction()) {
        handle.rollback();
      }
    } catch (RuntimeException e) {
      because.addSuppressed(e);
    }
  }

  private static Problem unavailable(@Nullable JdbiException e) {
    if (e == null) {
      return Problem.retry(
          ProblemCode.UNAVAILABLE, "The store does not answer.", Duration.ofSeconds(2));
    }
    LOG.warn("PostgreSQL does not answer state={} error={}", Failures.state(e), Failures.text(e));
    return Problem.retry(
        ProblemCode.UNAVAILABLE, "The store does not answer.", Duration.ofSeconds(2));
  }

  @Override
  public void close() {
    pool.close();
  }
}
