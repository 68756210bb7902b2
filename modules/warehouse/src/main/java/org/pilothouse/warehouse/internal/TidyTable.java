package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.jspecify.annotations.Nullable;

/** The table of twins that follow no model: a row a value. */
final class TidyTable implements RowWriter {
  private final int partition;
  private final ParquetWriter<Cell> writer;
  private final ValueReader reader = new ValueReader();
  private final List<Cell> cells = new ArrayList<>();
  private long rows;

  TidyTable(int partition, Map<String, String> about, PositionOutputStream to) throws IOException {
    this.partition = partition;
    this.writer = ParquetOutput.open(to, Schemas.tidy(), about, new Support());
  }

  /** One value. */
  private record Cell(Entry event, int partition, String property, Value value) {}

  private sealed interface Value {
    record Number(double number) implements Value {}

    record Text(String text) implements Value {}

    record Truth(boolean truth) implements Value {}
  }

  @Override
  public void write(Entry event) throws IOException, Unconvertible {
    cells.clear();
    reader.read(
        event.value,
        (property, token, scalar) -> {
          Value value;
          if (token.isNumeric()) {
            double number = scalar.number();
            if (Double.isInfinite(number)) {
              throw new Unconvertible(
                  "wrong_type", "/values/" + property + " must be a number of 64 bits.");
            }
            value = new Value.Number(number);
          } else if (token.isBoolean()) {
            value = new Value.Truth(token == JsonToken.VALUE_TRUE);
          } else if (token == JsonToken.VALUE_STRING) {
            value = new Value.Text(scalar.text());
          } else {
            throw new Unconvertible(
                "wrong_type", "/values/" + property + " is neither number, text nor truth value.");
          }
          cells.add(new Cell(event, partition, property, value));
        });
    for (Cell cell : cells) {
      writer.write(cell);
    }
    rows += cells.size();
  }

  @Override
  public long rows() {
    return rows;
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }

  private static final class Support extends ParquetOutput.Support<Cell> {
    private @Nullable RecordConsumer to;

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      to = consumer;
    }

    @Override
    public void write(Cell cell) {
      RecordConsumer out = to;
      if (out == null) {
        throw new IllegalStateException("a row before there is a file");
      }
      out.startMessage();
      Fields.text(out, TableSpec.TWIN, 0, cell.event().twin);
      Fields.number(out, TableSpec.TIME, 1, cell.event().micros);
      out.startField(Schemas.PROPERTY, 2);
      out.addBinary(Binary.fromString(cell.property()));
      out.endField(Schemas.PROPERTY, 2);
      switch (cell.value()) {
        case Value.Number number -> {
          out.startField(Schemas.NUMBER, 3);
          out.addDouble(number.number());
          out.endField(Schemas.NUMBER, 3);
        }
        case Value.Text text -> {
          out.startField(Schemas.TEXT, 4);
          out.addBinary(Binary.fromString(text.text()));
          out.endField(Schemas.TEXT, 4);
        }
        case Value.Truth truth -> {
          out.startField(Schemas.TRUTH, 5);
          out.addBoolean(truth.truth());
          out.endField(Schemas.TRUTH, 5);
        }
      }
      Fields.identity(out, 6, cell.event(), cell.partition());
      out.endMessage();
    }
  }
}
