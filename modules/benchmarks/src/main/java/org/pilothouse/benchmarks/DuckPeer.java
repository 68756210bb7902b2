package org.pilothouse.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Stands for the DuckDB command line, which is not on Maven Central: the same library in a process
 * of its own, with the settings that it has when nobody says anything.
 */
final class DuckPeer {
  private DuckPeer() {}

  public static void main(String[] args) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute("SET temp_directory = '" + args[0] + "'");
      statement.execute(args[1]);
    }
  }
}
