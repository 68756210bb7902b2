package org.pilothouse.platform.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schemas up to date, one a room, from {@code classpath:db/<schema>}, as the owner. The
 * placeholder {@code ${app_role}} is the application's role. Nodes that start together take turns.
 */
public final class Migrations {
  /** Schemas of the adapter itself; the others build on them. */
  private static final List<String> OWN = List.of("tenancy", "outbox");

  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);
  private static final Duration STATEMENT = Duration.ofMinutes(5);
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final PostgresConfig config;
  private final ClassLoader resources;

  public Migrations(PostgresConfig config, ClassLoader resources) {
    this.config = config;
    this.resources = resources;
  }

  /**
   * @param schemas the rooms' schemas, in the order in which they are made
   * @param patience how long to wait for a server that does not answer yet
   * @throws Settings.InvalidSetting when a role has rights that it must not have
   */
  public void run(List<String> schemas, Duration patience) {
    DataSource owner = Database.source(config.url(), config.owner(), STATEMENT);
    await(owner, patience);
    OWN.forEach(schema -> migrate(owner, schema));
    schemas.forEach(schema -> migrate(owner, schema));
    checkApplicationRole(owner);
  }

  private void migrate(DataSource owner, String schema) {
    int done =
        Flyway.configure(resources)
            .dataSource(owner)
            .schemas(schema)
            .defaultSchema(schema)
            .locations("classpath:db/" + schema)
            .placeholders(Map.of("app_role", quoted(config.application().user())))
            .failOnMissingLocations(true)
            .cleanDisabled(true)
            .connectRetries(0)
            .load()
            .migrate()
            .migrationsExecuted;
    if (done > 0) {
      LOG.info("migrated schema={} migrations={}", schema, done);
    }
  }

  private static String quoted(String role) {
    return "\"" + role.replace("\"", "\"\"") + "\"";
  }

  private static void await(DataSource owner, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    while (true) {
      try (Connection connection = owner.getConnection()) {
        if (connection.isValid(2)) {
          return;
        }
      } catch (SQLException e) {
        if (!Failures.isUnavailable(e)) {
          throw new Settings.InvalidSetting(
              "PostgreSQL refuses the owner's role: " + Failures.text(e), e);
        }
        if (System.nanoTime() - until > 0) {
          throw new IllegalStateException(
              "PostgreSQL did not answer within " + patience + ": " + Failures.text(e), e);
        }
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for PostgreSQL", e);
      }
    }
  }

  /** Row-level security is only a lock when the role cannot walk around it. */
  private void checkApplicationRole(DataSource owner) {
    try (Connection connection = owner.getConnection();
        var query =
            connection.prepareStatement(
                "SELECT rolsuper OR rolbypassrls OR pg_has_role(rolname, ?, 'member')"
                    + " FROM pg_roles WHERE rolname = ?")) {
      query.setString(1, config.owner().user());
      query.setString(2, config.application().user());
      try (var rows = query.executeQuery()) {
        @Nullable Boolean tooStrong = rows.next() ? (Boolean) rows.getBoolean(1) : null;
        if (tooStrong == null || tooStrong) {
          throw new Settings.InvalidSetting(
              "the role of pilothouse.postgres.app-user must exist, be no superuser, not bypass"
                  + " row-level security and not be a member of the owner's role");
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the application's role cannot be checked", e);
    }
  }
}
