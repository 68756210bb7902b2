package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.jspecify.annotations.Nullable;

/** The table of a model: a row an event, a column a property. */
final class ModelTable implements RowWriter {
  private final TableSpec table;
  private final int partition;
  private final Map<String, Integer> places = new HashMap<>();
  private final ValueReader reader = new ValueReader();
  private final Row row;
  private final ParquetWriter<Row> writer;
  private long rows;

  ModelTable(TableSpec table, int partition, Map<String, String> about, PositionOutputStream to)
      throws IOException {
    this.table = table;
    this.partition = partition;
    for (int i = 0; i < table.columns().size(); i++) {
      places.put(table.columns().get(i).property(), i);
    }
    this.row = new Row(table.columns().size());
    this.writer = ParquetOutput.open(to, Schemas.of(table), about, new Support(table));
  }

  /** The values of an event by column; used again for the next. */
  private static final class Row {
    private final boolean[] given;
    private final double[] numbers;
    private final long[] integers;
    private final boolean[] truths;
    private final @Nullable Binary[] texts;
    private final StringBuilder others = new StringBuilder();
    private @Nullable Entry event;
    private int partition;

    Row(int columns) {
      given = new boolean[columns];
      numbers = new double[columns];
      integers = new long[columns];
      truths = new boolean[columns];
      texts = new Binary[columns];
    }

    void clear() {
      Arrays.fill(given, false);
      Arrays.fill(texts, null);
      others.setLength(0);
    }
  }

  @Override
  public void write(Entry event) throws IOException, Unconvertible {
    row.clear();
    row.event = event;
    row.partition = partition;
    reader.read(event.value, this::take);
    if (!row.others.isEmpty()) {
      row.others.append('}');
    }
    writer.write(row);
    rows++;
  }

  private void take(String property, JsonToken token, Scalar value)
      throws IOException, Unconvertible {
    Integer place = places.get(property);
    if (place == null) {
      other(property, value);
      return;
    }
    Column column = table.columns().get(place);
    switch (column.kind()) {
      case NUMBER -> row.numbers[place] = number(column, token, value);
      case INTEGER -> row.integers[place] = integer(column, token, value);
      case TRUTH -> row.truths[place] = truth(column, token);
      case TEXT -> {
        if (token != JsonToken.VALUE_STRING) {
          throw wrong(column, "a text");
        }
        row.texts[place] = value.binary();
      }
      case JSON -> row.texts[place] = Binary.fromString(value.literal());
    }
    row.given[place] = true;
  }

  private static double number(Column column, JsonToken token, Scalar value)
      throws IOException, Unconvertible {
    if (!token.isNumeric()) {
      throw wrong(column, "a number");
    }
    double number = value.number();
    if (Double.isInfinite(number)) {
      throw wrong(column, "a number of 64 bits");
    }
    return number;
  }

  private static long integer(Column column, JsonToken token, Scalar value)
      throws IOException, Unconvertible {
    if (token == JsonToken.VALUE_NUMBER_INT) {
      if (value.isLong()) {
        return value.whole();
      }
    } else if (token == JsonToken.VALUE_NUMBER_FLOAT) {
      // 3.0 and 3e2 are whole numbers (JSON Schema 2020-12, section 6.1.1).
      double number = value.number();
      if (Math.rint(number) == number && Math.abs(number) <= 1L << 53) {
        return (long) number;
      }
    }
    throw wrong(column, "a whole number of 64 bits");
  }

  private static boolean truth(Column column, JsonToken token) throws Unconvertible {
    if (!token.isBoolean()) {
      throw wrong(column, "true or false");
    }
    return token == JsonToken.VALUE_TRUE;
  }

  private static Unconvertible wrong(Column column, String what) {
    return new Unconvertible(
        "wrong_type", "/values/" + column.property() + " must be " + what + ".");
  }

  private void other(String property, Scalar value) throws IOException {
    row.others.append(row.others.isEmpty() ? '{' : ',').append('"');
    JsonStringEncoder.getInstance().quoteAsString(property, row.others);
    row.others.append("\":").append(value.literal());
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class Support extends ParquetOutput.Support<Row> {
    private final Column[] columns;
    private @Nullable RecordConsumer to;

    Support(TableSpec table) {
      this.columns = table.columns().toArray(Column[]::new);
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      to = consumer;
    }

    @Override
    public void write(Row row) {
      RecordConsumer out = to;
      Entry event = row.event;
      if (out == null || event == null) {
        throw new IllegalStateException("a row before there is a file");
      }
      out.startMessage();
      Fields.text(out, TableSpec.TWIN, 0, event.twin);
      Fields.number(out, TableSpec.TIME, 1, event.micros);
      for (int i = 0; i < columns.length; i++) {
        if (row.given[i]) {
          property(out, row, i);
        }
      }
      int next = Schemas.FIRST_PROPERTY + columns.length;
      if (!row.others.isEmpty()) {
        out.startField(TableSpec.OTHERS, next);
        out.addBinary(Binary.fromString(row.others.toString()));
        out.endField(TableSpec.OTHERS, next);
      }
      Fields.identity(out, next + 1, event, row.partition);
      out.endMessage();
    }

    private void property(RecordConsumer out, Row row, int i) {
      Column column = columns[i];
      out.startField(column.name(), Schemas.FIRST_PROPERTY + i);
      switch (column.kind()) {
        case NUMBER -> out.addDouble(row.numbers[i]);
        case INTEGER -> out.addLong(row.integers[i]);
        case TRUTH -> out.addBoolean(row.truths[i]);
        case TEXT, JSON -> out.addBinary(row.texts[i]);
      }
      out.endField(column.name(), Schemas.FIRST_PROPERTY + i);
    }
  }
}
