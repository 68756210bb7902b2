package org.pilothouse.exports.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.exports.LiveHistory;
import org.pilothouse.exports.internal.SourceTable.Column;
import org.pilothouse.exports.internal.SourceTable.Form;
import org.pilothouse.exports.internal.SourceTable.Kind;
import org.pilothouse.exports.internal.SourceTable.SourceFile;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.web.Json;
import org.pilothouse.warehouse.PilotDay;

/**
 * Writes live readings down as tables of the form that closed days have, and puts them beside
 * those. A value that its column cannot hold stands in {@code other_properties}, as what a model
 * does not know does.
 */
final class LiveTables implements LiveHistory.Taker, AutoCloseable {
  private static final Set<String> TAKEN =
      Set.of(
          "twin",
          "time",
          "other_properties",
          "source",
          "event_id",
          "partition",
          "offset",
          "model",
          "pilot",
          "date",
          "day");
  private static final int LOOK_EVERY = 1_000;

  private final Path directory;
  private final List<PilotDay> closed;
  private final long mostBytes;
  private final Runnable between;
  private final Map<String, Table> tables = new LinkedHashMap<>();
  private long bytes;
  private long readings;

  /**
   * @param known tables of closed days
   * @param closed days whose readings are in these tables
   * @param between called between pieces of work
   */
  LiveTables(
      Path directory,
      List<SourceTable> known,
      List<PilotDay> closed,
      long mostBytes,
      Runnable between) {
    this.directory = directory;
    this.closed = List.copyOf(closed);
    this.mostBytes = mostBytes;
    this.between = between;
    known.forEach(table -> tables.put(table.name(), new Table(table.name(), table)));
  }

  private static final class Table {
    private final String name;
    private final @Nullable SourceTable known;
    private final Map<String, Column> columns = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>(TAKEN);
    private @Nullable BufferedWriter writer;
    private @Nullable Path file;
    private long rows;
    private Instant first = Instant.MAX;
    private Instant last = Instant.MIN;

    Table(String name, @Nullable SourceTable known) {
      this.name = name;
      this.known = known;
      if (known != null) {
        for (Column column : known.columns()) {
          names.add(column.name().toLowerCase(Locale.ROOT));
          String property = column.property();
          if (property != null) {
            columns.put(property, column);
          }
        }
      }
    }

    boolean isTidy() {
      return name.equals(ExportRequest.TIDY);
    }

    /** The column of a property; a new one where no closed day has known it. */
    Column column(String property, JsonNode value) {
      return columns.computeIfAbsent(
          property,
          name -> {
            String free = name;
            for (int n = 2; !names.add(free.toLowerCase(Locale.ROOT)); n++) {
              free = name + "_" + n;
            }
            return new Column(free, name, kindOf(value), null, null);
          });
    }

    SourceTable table() throws IOException {
      List<Column> all = new ArrayList<>(known == null ? usual() : known.columns());
      if (!isTidy()) {
        int at = 2;
        for (Column column : columns.values()) {
          if (all.stream().noneMatch(there -> there.name().equals(column.name()))) {
            all.add(known == null ? at++ : all.size(), column);
          }
        }
      }
      List<SourceFile> files = new ArrayList<>(known == null ? List.of() : known.files());
      Path written = file;
      if (written != null) {
        files.add(liveFile(written));
      }
      return new SourceTable(
          name,
          isTidy() ? Kind.TIDY : Kind.MODEL,
          known == null ? null : known.title(),
          all,
          files);
    }

    private List<Column> usual() {
      List<Column> usual = new ArrayList<>();
      usual.add(Column.plain("twin", "text"));
      usual.add(Column.plain("time", "time"));
      if (isTidy()) {
        usual.add(Column.plain("property", "text"));
        usual.add(Column.plain("number", "number"));
        usual.add(Column.plain("text", "text"));
        usual.add(Column.plain("truth", "truth"));
      } else {
        usual.add(Column.plain("other_properties", "json"));
      }
      usual.add(Column.plain("source", "text"));
      usual.add(Column.plain("event_id", "text"));
      usual.add(Column.plain("partition", "integer"));
      usual.add(Column.plain("offset", "integer"));
      return usual;
    }

    private SourceFile liveFile(Path written) throws IOException {
      MessageDigest digest = Staging.sha256();
      byte[] buffer = new byte[1 << 16];
      try (InputStream in = Files.newInputStream(written)) {
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          digest.update(buffer, 0, length);
        }
      }
      return new SourceFile(
          new DatasetId("live"),
          null,
          0,
          Form.LIVE,
          rows,
          Files.size(written),
          new Checksum(digest.digest()),
          first,
          last,
          from -> {
            try {
              InputStream in = Files.newInputStream(written);
              in.skipNBytes(from);
              return in;
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  private static String kindOf(JsonNode value) {
    return value.isNumber()
        ? "number"
        : value.isTextual() ? "text" : value.isBoolean() ? "truth" : "json";
  }

  private static boolean fits(Column column, JsonNode value) {
    return switch (column.kind()) {
      case "number" -> value.isNumber() && Double.isFinite(value.doubleValue());
      case "integer" -> value.isIntegralNumber() && value.canConvertToLong();
      case "text" -> value.isTextual();
      case "truth" -> value.isBoolean();
      default -> true;
    };
  }

  @Override
  public void reading(TwinId twin, @Nullable String model, Instant time, String values)
      throws IOException {
    if (++readings % LOOK_EVERY == 0) {
      between.run();
    }
    if (closed.stream().anyMatch(day -> day.holds(time))) {
      return;
    }
    Table table =
        tables.computeIfAbsent(
            model == null ? ExportRequest.TIDY : model, name -> new Table(name, null));
    table.first = time.isBefore(table.first) ? time : table.first;
    table.last = time.isAfter(table.last) ? time : table.last;
    JsonNode object = Json.mapper().readTree(values);
    if (table.isTidy()) {
      for (Map.Entry<String, JsonNode> value : object.properties()) {
        String kind = kindOf(value.getValue());
        if (!kind.equals("json")) {
          ObjectNode row = row(twin, time);
          row.put("property", value.getKey());
          row.set(kind, value.getValue());
          write(table, row);
        }
      }
      return;
    }
    ObjectNode row = row(twin, time);
    ObjectNode others = Json.mapper().createObjectNode();
    for (Map.Entry<String, JsonNode> value : object.properties()) {
      Column column = table.column(value.getKey(), value.getValue());
      if (!fits(column, value.getValue())) {
        others.set(value.getKey(), value.getValue());
      } else if (column.kind().equals("json")) {
        row.put(column.name(), value.getValue().toString());
      } else {
        row.set(column.name(), value.getValue());
      }
    }
    if (!others.isEmpty()) {
      row.put("other_properties", others.toString());
    }
    write(table, row);
  }

  private static ObjectNode row(TwinId twin, Instant time) {
    ObjectNode row = Json.mapper().createObjectNode();
    row.put("twin", twin.value());
    row.put("time", time.toString());
    return row;
  }

  private void write(Table table, ObjectNode row) throws IOException {
    BufferedWriter writer = table.writer;
    if (writer == null) {
      Files.createDirectories(directory);
      Path file = directory.resolve("live-" + tables.size() + "-" + bytes + ".ndjson");
      table.file = file;
      writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8);
      table.writer = writer;
    }
    // In the order in which they came: what tells equal times apart.
    row.put("partition", -1);
    row.put("offset", table.rows++);
    String line =
        Json.mapper()
            .writer()
            .without(JsonGenerator.Feature.ESCAPE_NON_ASCII)
            .writeValueAsString(row);
    writer.write(line);
    writer.write('\n');
    bytes += line.length() + 1L;
    if (bytes > mostBytes) {
      throw Problem.of(
          ProblemCode.LIMIT_REACHED,
          "There is more live history than "
              + (mostBytes >> 20)
              + " MiB: choose a shorter window.");
    }
  }

  /** All tables, those of closed days too. */
  List<SourceTable> tables() throws IOException {
    close();
    List<SourceTable> all = new ArrayList<>();
    for (Table table : tables.values()) {
      SourceTable made = table.table();
      if (!made.files().isEmpty()) {
        all.add(made);
      }
    }
    all.sort(java.util.Comparator.comparing(SourceTable::name));
    return all;
  }

  @Override
  public void close() throws IOException {
    for (Table table : tables.values()) {
      BufferedWriter writer = table.writer;
      if (writer != null) {
        writer.close();
      }
    }
  }
}
