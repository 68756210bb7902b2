package org.pilothouse.datasets.internal.preview;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Another reader and writer of the same formats, that shares nothing with ours. */
final class Duck implements AutoCloseable {
  private final Connection connection;
  private final Path folder;
  private int files;

  Duck(Path folder) throws SQLException {
    this.folder = folder;
    this.connection = DriverManager.getConnection("jdbc:duckdb:");
    run("SET threads = 1");
    run("SET TimeZone = 'UTC'");
  }

  void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  Path copy(String select, String options) throws SQLException {
    Path file = folder.resolve("file-" + files++);
    run("COPY (" + select + ") TO '" + file + "' (" + options + ")");
    return file;
  }

  byte[] written(String select, String options) throws SQLException, IOException {
    return Files.readAllBytes(copy(select, options));
  }

  /** All values as texts. */
  List<List<String>> rows(String select) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(select)) {
      List<List<String>> rows = new ArrayList<>();
      int columns = found.getMetaData().getColumnCount();
      while (found.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          row.add(found.getString(i));
        }
        rows.add(row);
      }
      return rows;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
