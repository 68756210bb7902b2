package org.pilothouse.platform.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Connections of the application's role for a library with tables of its own, which stand in one
 * schema and hold nothing of pilots.
 */
public final class SchemaPool implements AutoCloseable {
  private final HikariDataSource pool;

  private SchemaPool(HikariDataSource pool) {
    this.pool = pool;
  }

  /** Opens it. It does not wait for the server. */
  public static SchemaPool open(PostgresConfig config, String schema, int connections) {
    PGSimpleDataSource source =
        (PGSimpleDataSource)
            Database.source(config.url(), config.application(), config.statementTimeout());
    source.setCurrentSchema(schema);
    HikariConfig hikari = new HikariConfig();
    hikari.setPoolName("pilothouse-" + schema);
    hikari.setDataSource(source);
    hikari.setMaximumPoolSize(connections);
    hikari.setMinimumIdle(0);
    hikari.setConnectionTimeout(config.acquireTimeout().toMillis());
    hikari.setValidationTimeout(Math.min(1_000, config.acquireTimeout().toMillis()));
    hikari.setMaxLifetime(Duration.ofMinutes(15).toMillis());
    hikari.setInitializationFailTimeout(-1);
    return new SchemaPool(new HikariDataSource(hikari));
  }

  public DataSource source() {
    return pool;
  }

  @Override
  public void close() {
    pool.close();
  }
}
