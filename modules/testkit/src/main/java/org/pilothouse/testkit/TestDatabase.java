package org.pilothouse.testkit;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Migrations;
import org.pilothouse.platform.postgres.PostgresConfig;

/** A database of the test's own on the stack's PostgreSQL, migrated; dropped when closed. */
public final class TestDatabase implements AutoCloseable {
  private final PostgresConfig stack;
  private final PostgresConfig own;
  private final String name;
  private final Database database;

  private TestDatabase(PostgresConfig stack, PostgresConfig own, String name) {
    this.stack = stack;
    this.own = own;
    this.name = name;
    this.database = Database.open(own, new SimpleMeterRegistry());
  }

  /**
   * @param schemas of the rooms under test, beside the adapter's own
   */
  public static TestDatabase create(List<String> schemas) {
    PostgresConfig stack = PostgresConfig.from(TestHome.settings());
    byte[] random = new byte[6];
    ThreadLocalRandom.current().nextBytes(random);
    String name = "it_" + HexFormat.of().formatHex(random);
    execute(stack, stack.url(), "CREATE DATABASE " + name);
    PostgresConfig own =
        new PostgresConfig(
            stack.url().substring(0, stack.url().lastIndexOf('/') + 1) + name,
            stack.owner(),
            stack.application(),
            12,
            Duration.ofSeconds(2),
            Duration.ofSeconds(5));
    new Migrations(own, TestDatabase.class.getClassLoader()).run(schemas, Duration.ofSeconds(20));
    return new TestDatabase(stack, own, name);
  }

  public Database database() {
    return database;
  }

  public PostgresConfig config() {
    return own;
  }

  /** A connection as the application's role, without any scope. */
  public Connection asApplication() throws SQLException {
    return DriverManager.getConnection(
        own.url(), own.application().user(), own.application().password());
  }

  /** A connection as the owner of the tables. */
  public Connection asOwner() throws SQLException {
    return DriverManager.getConnection(own.url(), own.owner().user(), own.owner().password());
  }

  @Override
  public void close() {
    database.close();
    try {
      // The server ends closed connections, and an autovacuum, in its own time.
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptions()
          .until(() -> {
            execute(stack, stack.url(), "DROP DATABASE " + name);
            return true;
          });
    } catch (ConditionTimeoutException e) {
      // It goes with the test's home.
    }
  }

  private static void execute(PostgresConfig config, String url, String sql) {
    try (Connection connection =
            DriverManager.getConnection(url, config.owner().user(), config.owner().password());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }
}
