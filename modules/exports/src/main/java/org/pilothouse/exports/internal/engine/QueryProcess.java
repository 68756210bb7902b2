package org.pilothouse.exports.internal.engine;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.duckdb.DuckDBPreparedStatement;
import org.jspecify.annotations.Nullable;

/**
 * Runs one query and ends. It reads the request from its input and answers on its output; when its
 * input ends, whoever asked has gone or wants it to stop: it interrupts the query, and ends in any
 * case.
 *
 * <p>The engine may read and write the directories of the request and nothing else, load nothing,
 * and change none of its own settings.
 */
public final class QueryProcess {
  /** How long an interrupted query may take to notice. */
  private static final long GRACE_MS = 800;

  private static final long PROGRESS_MS = 250;

  /** Excel's, with the line of names. */
  private static final int MOST_SHEET_ROWS = 1_048_576;

  private static final String TIMES = "TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%fZ'";
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT);
  private static final Pattern KIND_OF_ERROR = Pattern.compile("^([A-Za-z -]+?) Error: ");

  private final QueryRequest request;
  private final DataOutputStream out;
  private volatile @Nullable Statement running;

  private QueryProcess(QueryRequest request, DataOutputStream out) {
    this.request = request;
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException {
    // Not the objects that libraries print to: what they say must not get between frames.
    DataInputStream in =
        new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
    DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16));
    QueryProcess process = new QueryProcess(QueryRequest.read(in), out);
    Thread.ofPlatform().daemon().name("asked-to-stop").start(() -> process.stopAtTheEndOf(in));
    process.answer();
    Runtime.getRuntime().halt(0);
  }

  private void stopAtTheEndOf(DataInputStream in) {
    try {
      while (in.read() >= 0) {
        // Nothing is said after the request.
      }
    } catch (IOException e) {
      // As good as its end.
    }
    ScheduledExecutorService last = Executors.newSingleThreadScheduledExecutor();
    var unused = last.schedule(() -> Runtime.getRuntime().halt(3), GRACE_MS, TimeUnit.MILLISECONDS);
    Statement statement = running;
    try {
      if (statement != null) {
        statement.cancel();
      }
    } catch (SQLException e) {
      Runtime.getRuntime().halt(3);
    }
  }

  private void answer() throws IOException {
    Frame.Failed failed = null;
    long rows = 0;
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", settings())) {
      lock(connection);
      for (String view : request.views()) {
        execute(connection, view);
      }
      rows = run(connection);
    } catch (SQLException e) {
      failed = failure(e);
    } catch (Unfit e) {
      failed = e.frame();
    } catch (IOException e) {
      failed = new Frame.Failed(Frame.Why.BROKEN, "The result cannot be written.");
    }
    synchronized (out) {
      if (failed == null) {
        out.writeByte(Frame.DONE);
        out.writeLong(rows);
      } else {
        out.writeByte(Frame.FAILED);
        out.writeUTF(failed.why().name());
        QueryRequest.text(out, failed.detail());
      }
      out.flush();
    }
  }

  private static Properties settings() {
    Properties settings = new Properties();
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("allow_community_extensions", "false");
    // Rows are made as they are read, and are not held all at once.
    settings.setProperty("jdbc_stream_results", "true");
    return settings;
  }

  private void lock(Connection connection) throws SQLException {
    execute(connection, "SET TimeZone = 'UTC'");
    execute(connection, "SET memory_limit = '" + request.memoryMib() + "MiB'");
    execute(connection, "SET threads = " + request.threads());
    execute(connection, "SET temp_directory = " + Sql.text(request.spillDirectory()));
    execute(connection, "SET max_temp_directory_size = '" + request.spillMib() + "MiB'");
    execute(connection, "SET enable_progress_bar = true");
    execute(connection, "SET enable_progress_bar_print = false");
    execute(
        connection,
        "SET allowed_directories = ["
            + request.directories().stream().map(Sql::text).collect(Collectors.joining(", "))
            + "]");
    execute(connection, "SET enable_external_access = false");
    execute(connection, "SET lock_configuration = true");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private long run(Connection connection) throws SQLException, IOException, Unfit {
    String query = request.foreign() ? parsed(connection, request.query()) : request.query();
    List<Frame.Column> columns = columns(connection, query);
    tell(columns);
    String file = request.output().file();
    if (file == null) {
      return tellRows(connection, select(query, names(columns)));
    }
    return switch (request.output().format()) {
      case CSV -> copy(connection, select(query, Cells.ofCsv(columns)), file);
      case NDJSON -> copy(connection, select(query, Cells.ofJson(columns)), file);
      case PARQUET -> copy(connection, select(query, names(columns)), file);
      case XLSX -> sheet(connection, select(query, names(columns)), columns, Path.of(file));
    };
  }

  /**
   * The statement as the engine has understood it: one SELECT, without comments or whatever else
   * could reach beyond the place where it is put.
   */
  private String parsed(Connection connection, String query) throws SQLException, Unfit {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT s ->> '$.error', s ->> '$.error_message', json_array_length(s -> 'statements'),"
                + " CASE WHEN s ->> '$.error' = 'false' AND json_array_length(s -> 'statements') ="
                + " 1 THEN json_deserialize_sql(s) END"
                + " FROM (SELECT CAST(json_serialize_sql(CAST(? AS VARCHAR)) AS JSON) AS s)")) {
      statement.setString(1, query);
      try (Watch watched = new Watch(statement);
          ResultSet row = statement.executeQuery()) {
        if (!row.next() || !"false".equals(row.getString(1))) {
          throw new Unfit(Frame.Why.REFUSED, "It is not one SELECT: " + row.getString(2));
        }
        if (row.getInt(3) != 1) {
          throw new Unfit(Frame.Why.REFUSED, "There must be one SELECT, not " + row.getInt(3));
        }
        return row.getString(4);
      }
    }
  }

  private List<Frame.Column> columns(Connection connection, String query)
      throws SQLException, Unfit {
    List<Frame.Column> columns = new ArrayList<>();
    // The types of parameters are only known when they have their values.
    try (PreparedStatement statement =
            prepared(connection, "SELECT * FROM (" + query + ") AS q LIMIT 0");
        Watch watched = new Watch(statement);
        ResultSet none = statement.executeQuery()) {
      ResultSetMetaData about = none.getMetaData();
      for (int i = 1; i <= about.getColumnCount(); i++) {
        if (!request.hidden().contains(about.getColumnName(i))) {
          columns.add(new Frame.Column(about.getColumnName(i), about.getColumnTypeName(i)));
        }
      }
    }
    if (columns.isEmpty() || columns.size() > Frame.MOST_COLUMNS) {
      throw new Unfit(Frame.Why.REFUSED, "There must be 1 to " + Frame.MOST_COLUMNS + " columns.");
    }
    return columns;
  }

  private PreparedStatement prepared(Connection connection, String sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < request.values().size(); i++) {
      statement.setObject(i + 1, request.values().get(i));
    }
    return statement;
  }

  private static List<String> names(List<Frame.Column> columns) {
    return columns.stream().map(column -> Sql.name(column.name())).toList();
  }

  private String select(String query, List<String> cells) {
    String order =
        request.order().stream()
            .map(column -> "q." + Sql.name(column))
            .collect(Collectors.joining(", "));
    return "SELECT "
        + String.join(", ", cells)
        + " FROM ("
        + query
        + ") AS q"
        + (order.isEmpty() ? "" : " ORDER BY " + order)
        + (request.mostRows() > 0 ? " LIMIT " + (request.mostRows() + 1) : "");
  }

  private long copy(Connection connection, String select, String file) throws SQLException {
    String sql =
        "COPY (" + select + ") TO " + Sql.text(file) + " (" + String.join(", ", options()) + ")";
    try (PreparedStatement statement = prepared(connection, sql);
        Watch watched = new Watch(statement)) {
      return statement.executeLargeUpdate();
    }
  }

  private List<String> options() {
    QueryRequest.Output output = request.output();
    String packed = output.compression().name().toLowerCase(Locale.ROOT);
    List<String> options = new ArrayList<>();
    switch (output.format()) {
      case CSV -> {
        options.add("FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"'");
        options.add(TIMES);
        options.add("COMPRESSION " + packed);
      }
      case NDJSON -> {
        options.add("FORMAT json, ARRAY false");
        options.add(TIMES);
        options.add("COMPRESSION " + packed);
      }
      case PARQUET -> {
        options.add("FORMAT parquet");
        options.add(
            "COMPRESSION "
                + (output.compression() == QueryRequest.Compression.NONE
                    ? "uncompressed"
                    : packed));
      }
      case XLSX -> throw new IllegalStateException("the engine writes no sheets");
    }
    options.add(
        output.splitBytes() > 0
            ? "FILE_SIZE_BYTES " + output.splitBytes()
            // A file that grows under its own name can be sent on while it is written.
            : "USE_TMP_FILE false");
    return options;
  }

  private long tellRows(Connection connection, String sql) throws SQLException, IOException {
    try (PreparedStatement statement = prepared(connection, sql);
        Watch watched = new Watch(statement);
        ResultSet rows = statement.executeQuery()) {
      int columns = rows.getMetaData().getColumnCount();
      long count = 0;
      for (; rows.next(); count++) {
        synchronized (out) {
          out.writeByte(Frame.ROW);
          out.writeInt(columns);
          for (int i = 1; i <= columns; i++) {
            QueryRequest.value(out, value(rows, i));
          }
        }
      }
      return count;
    }
  }

  private long sheet(Connection connection, String sql, List<Frame.Column> columns, Path file)
      throws SQLException, IOException, Unfit {
    try (PreparedStatement statement = prepared(connection, sql);
        Watch watched = new Watch(statement);
        ResultSet rows = statement.executeQuery();
        Sheet sheet = new Sheet(file, columns)) {
      long count = 0;
      while (rows.next()) {
        if (++count >= MOST_SHEET_ROWS) {
          throw new Unfit(
              Frame.Why.TOO_MUCH,
              "A sheet has at most "
                  + MOST_SHEET_ROWS
                  + " lines, with that of the names: choose CSV or Parquet, or fewer rows.");
        }
        for (int i = 0; i < columns.size(); i++) {
          sheet.cell(i, value(rows, i + 1));
        }
        sheet.endRow();
      }
      sheet.finish();
      return count;
    }
  }

  /** Long, double, truth value, text or null; times as RFC 3339 has them. */
  private static @Nullable Object value(ResultSet rows, int column) throws SQLException {
    Object value = rows.getObject(column);
    return switch (value) {
      case null -> null;
      case Boolean truth -> truth;
      case Long number -> number;
      case Double number -> number;
      case Integer number -> number.longValue();
      case Short number -> number.longValue();
      case Byte number -> number.longValue();
      case Float number -> number.doubleValue();
      case Timestamp time -> MICROS.format(time.toLocalDateTime());
      case LocalDateTime time -> MICROS.format(time);
      case OffsetDateTime time -> MICROS.format(time.withOffsetSameInstant(ZoneOffset.UTC));
      default -> value.toString();
    };
  }

  private void tell(List<Frame.Column> columns) throws IOException {
    synchronized (out) {
      out.writeByte(Frame.COLUMNS);
      out.writeInt(columns.size());
      for (Frame.Column column : columns) {
        QueryRequest.text(out, column.name());
        QueryRequest.text(out, column.type());
      }
      out.flush();
    }
  }

  /** Tells how far a statement is, and knows which one is to be interrupted. */
  private final class Watch implements AutoCloseable {
    private final ScheduledExecutorService looks =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("progress").factory());

    Watch(PreparedStatement statement) {
      running = statement;
      var unused =
          looks.scheduleWithFixedDelay(
              () -> look(statement), PROGRESS_MS, PROGRESS_MS, TimeUnit.MILLISECONDS);
    }

    private void look(PreparedStatement statement) {
      try {
        double percent =
            statement.unwrap(DuckDBPreparedStatement.class).getQueryProgress().getPercentage();
        synchronized (out) {
          out.writeByte(Frame.PROGRESS);
          out.writeDouble(percent);
          out.flush();
        }
      } catch (SQLException | IOException e) {
        // Nobody waits for it.
      }
    }

    @Override
    public void close() {
      running = null;
      looks.shutdownNow();
    }
  }

  /** The engine's messages begin with the kind of error. */
  private static Frame.Failed failure(SQLException e) {
    String message = String.valueOf(e.getMessage()).strip();
    Matcher kind = KIND_OF_ERROR.matcher(message);
    Frame.Why why =
        switch (kind.find() ? kind.group(1) : "") {
          case "Out of Memory", "Out of Range" -> Frame.Why.TOO_MUCH;
          case "Parser",
              "Binder",
              "Catalog",
              "Permission",
              "Conversion",
              "Invalid Input",
              "Not implemented",
              "Constraint",
              "Dependency",
              "Syntax",
              "Mismatch Type",
              "Divide by Zero",
              "Missing Extension" ->
              Frame.Why.REFUSED;
          default -> Frame.Why.BROKEN;
        };
    return new Frame.Failed(why, message);
  }
}
