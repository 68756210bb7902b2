package org.pilothouse.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;

/**
 * One connection to PostgreSQL in the application's role, with row-level security as for the
 * platform. It looks at how far readers are, and fills in what would take hours through the door.
 */
final class Store implements AutoCloseable {
  private final Connection connection;

  private Store(Connection connection) {
    this.connection = connection;
  }

  /** Sees one pilot's rows. */
  static Store ofPilot(Stack stack, String pilot) throws SQLException {
    return open(stack, "pilothouse.pilot", pilot);
  }

  /** Sees every pilot's rows. */
  static Store ofPlatform(Stack stack) throws SQLException {
    return open(stack, "pilothouse.platform", "on");
  }

  private static Store open(Stack stack, String setting, String value) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", stack.jdbc("user"));
    properties.setProperty("password", stack.jdbc("password"));
    properties.setProperty("ApplicationName", "pilothouse-bench");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "300");
    Connection connection = DriverManager.getConnection(stack.jdbc("url"), properties);
    try (PreparedStatement scope = connection.prepareStatement("SELECT set_config(?, ?, false)")) {
      scope.setString(1, setting);
      scope.setString(2, value);
      scope.execute();
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
    return new Store(connection);
  }

  long number(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql);
        ResultSet rows = bound(statement, values).executeQuery()) {
      rows.next();
      return rows.getLong(1);
    }
  }

  int change(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql)) {
      return bound(statement, values).executeUpdate();
    }
  }

  /** A statement that is asked often. */
  PreparedStatement prepare(String sql) throws SQLException {
    return connection.prepareStatement(sql);
  }

  java.sql.Array array(Object[] texts) throws SQLException {
    return connection.createArrayOf("text", texts);
  }

  private static PreparedStatement bound(PreparedStatement statement, Object... values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
    return statement;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
