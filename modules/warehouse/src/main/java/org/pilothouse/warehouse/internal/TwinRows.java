package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.filter2.predicate.Operators.BinaryColumn;
import org.apache.parquet.filter2.predicate.Operators.LongColumn;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.InitContext;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.web.Json;
import org.pilothouse.warehouse.ClosedDays;

/** The rows of one twin in one file, with the columns of some properties. */
final class TwinRows implements AutoCloseable {
  private static final TypeReference<List<Column>> COLUMNS = new TypeReference<>() {};

  /** Beyond it a double leaves out whole numbers. */
  private static final long LARGEST_EXACT = 1L << 53;

  private final ParquetReader<Row> reader;

  private TwinRows(ParquetReader<Row> reader) {
    this.reader = reader;
  }

  /**
   * @param from microseconds since 1970
   * @param to is excluded
   */
  static TwinRows open(InputFile file, String twin, Set<String> properties, long from, long to)
      throws IOException {
    BinaryColumn twins = FilterApi.binaryColumn(TableSpec.TWIN);
    LongColumn times = FilterApi.longColumn(TableSpec.TIME);
    FilterPredicate wanted =
        FilterApi.and(
            FilterApi.eq(twins, Binary.fromString(twin)),
            FilterApi.and(FilterApi.gtEq(times, from), FilterApi.lt(times, to)));
    return new TwinRows(
        new Builder(file, Set.copyOf(properties), FilterCompat.get(wanted)).build());
  }

  /** Hands on what one row holds; false when there is none left. */
  boolean next(ClosedDays.Taker taker) throws IOException {
    Row row = reader.read();
    if (row == null) {
      return false;
    }
    row.tell(taker);
    return true;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  /** The row that was read last. */
  private abstract static class Row {
    long micros;

    abstract void clear();

    abstract void tell(ClosedDays.Taker taker) throws IOException;

    /** Of a column after twin and time. */
    abstract Converter column(int place);
  }

  /** A value as its column stores it. */
  private static final class Cell extends PrimitiveConverter {
    private final Column.Kind kind;
    boolean given;
    private double number;
    private long integer;
    private boolean truth;
    private Binary bytes = Binary.EMPTY;

    Cell(Column.Kind kind) {
      this.kind = kind;
    }

    @Override
    public void addDouble(double value) {
      number = value;
      given = true;
    }

    @Override
    public void addLong(long value) {
      integer = value;
      given = true;
    }

    @Override
    public void addBoolean(boolean value) {
      truth = value;
      given = true;
    }

    @Override
    public void addBinary(Binary value) {
      bytes = value;
      given = true;
    }

    String text() {
      return bytes.toStringUsingUTF8();
    }

    void tell(String property, long micros, ClosedDays.Taker taker) {
      if (!given) {
        return;
      }
      switch (kind) {
        case NUMBER -> taker.number(property, micros, number);
        case INTEGER -> {
          if (Math.abs(integer) <= LARGEST_EXACT) {
            taker.number(property, micros, integer);
          } else {
            taker.literal(property, micros, Long.toString(integer));
          }
        }
        case TRUTH -> taker.literal(property, micros, Boolean.toString(truth));
        case TEXT -> taker.literal(property, micros, quoted(text()));
        case JSON -> taker.literal(property, micros, text());
      }
    }
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  /** Of a model's table: a column a property, and what the model does not know. */
  private static final class ModelRow extends Row {
    private final List<Column> columns;
    private final List<Cell> cells = new ArrayList<>();
    private final Cell others = new Cell(Column.Kind.JSON);
    private final Set<String> properties;

    ModelRow(List<Column> columns, Set<String> properties) {
      this.columns = columns;
      this.properties = properties;
      columns.forEach(column -> cells.add(new Cell(column.kind())));
    }

    @Override
    void clear() {
      cells.forEach(cell -> cell.given = false);
      others.given = false;
    }

    @Override
    Converter column(int place) {
      return place < cells.size() ? cells.get(place) : others;
    }

    @Override
    void tell(ClosedDays.Taker taker) throws IOException {
      for (int i = 0; i < columns.size(); i++) {
        cells.get(i).tell(columns.get(i).property(), micros, taker);
      }
      if (others.given) {
        JsonNode values = Json.mapper().readTree(others.text());
        for (Iterator<Map.Entry<String, JsonNode>> each = values.fields(); each.hasNext(); ) {
          Map.Entry<String, JsonNode> value = each.next();
          if (!properties.contains(value.getKey())) {
            continue;
          }
          if (value.getValue().isNumber()) {
            taker.number(value.getKey(), micros, value.getValue().doubleValue());
          } else {
            taker.literal(value.getKey(), micros, value.getValue().toString());
          }
        }
      }
    }
  }

  /** Of the tidy table: one value. */
  private static final class TidyRow extends Row {
    private final Set<String> properties;
    private final Cell property = new Cell(Column.Kind.TEXT);
    private final List<Cell> values =
        List.of(
            new Cell(Column.Kind.NUMBER), new Cell(Column.Kind.TEXT), new Cell(Column.Kind.TRUTH));

    TidyRow(Set<String> properties) {
      this.properties = properties;
    }

    @Override
    void clear() {
      values.forEach(cell -> cell.given = false);
    }

    @Override
    Converter column(int place) {
      return place == 0 ? property : values.get(place - 1);
    }

    @Override
    void tell(ClosedDays.Taker taker) {
      String name = property.text();
      if (properties.contains(name)) {
        values.forEach(cell -> cell.tell(name, micros, taker));
      }
    }
  }

  private static final class Builder extends ParquetReader.Builder<Row> {
    private final Set<String> properties;

    Builder(InputFile file, Set<String> properties, FilterCompat.Filter filter) {
      super(file, new PlainParquetConfiguration());
      this.properties = properties;
      withCodecFactory(new ZstdCodecs(1));
      withFilter(filter);
    }

    @Override
    protected ReadSupport<Row> getReadSupport() {
      return new Support(properties);
    }
  }

  private static final class Support extends ReadSupport<Row> {
    private final Set<String> properties;
    private @Nullable Row row;

    Support(Set<String> properties) {
      this.properties = properties;
    }

    @Override
    public ReadContext init(InitContext context) {
      MessageType file = context.getFileSchema();
      List<Type> fields = new ArrayList<>();
      fields.add(file.getType(TableSpec.TWIN));
      fields.add(file.getType(TableSpec.TIME));
      String about = context.getMergedKeyValueMetaData().get(Schemas.ABOUT_COLUMNS);
      if (about == null) {
        fields.add(file.getType(Schemas.PROPERTY));
        fields.add(file.getType(Schemas.NUMBER));
        fields.add(file.getType(Schemas.TEXT));
        fields.add(file.getType(Schemas.TRUTH));
        row = new TidyRow(properties);
      } else {
        List<Column> columns = wanted(about);
        columns.forEach(column -> fields.add(file.getType(column.name())));
        if (columns.size() < properties.size()) {
          fields.add(file.getType(TableSpec.OTHERS));
        }
        row = new ModelRow(columns, properties);
      }
      return new ReadContext(new MessageType(file.getName(), fields));
    }

    private List<Column> wanted(String about) {
      try {
        return Json.mapper().readValue(about, COLUMNS).stream()
            .filter(column -> properties.contains(column.property()))
            .toList();
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a closed day's columns cannot be read", e);
      }
    }

    private RecordMaterializer<Row> materializer() {
      Row made = row;
      if (made == null) {
        throw new IllegalStateException("the file was not looked at");
      }
      return new Materializer(made);
    }

    @Override
    public RecordMaterializer<Row> prepareForRead(
        Configuration configuration,
        Map<String, String> about,
        MessageType file,
        ReadContext context) {
      return materializer();
    }

    @Override
    public RecordMaterializer<Row> prepareForRead(
        ParquetConfiguration configuration,
        Map<String, String> about,
        MessageType file,
        ReadContext context) {
      return materializer();
    }
  }

  private static final class Materializer extends RecordMaterializer<Row> {
    private static final int COLUMNS_BEFORE = 2;

    private final Row row;
    private final GroupConverter root =
        new GroupConverter() {
          private final Converter twin =
              new PrimitiveConverter() {
                @Override
                public void addBinary(Binary value) {}
              };
          private final Converter time =
              new PrimitiveConverter() {
                @Override
                public void addLong(long value) {
                  row.micros = value;
                }
              };

          @Override
          public Converter getConverter(int field) {
            return switch (field) {
              case 0 -> twin;
              case 1 -> time;
              default -> row.column(field - COLUMNS_BEFORE);
            };
          }

          @Override
          public void start() {
            row.clear();
          }

          @Override
          public void end() {}
        };

    Materializer(Row row) {
      this.row = row;
    }

    @Override
    public Row getCurrentRecord() {
      return row;
    }

    @Override
    public GroupConverter getRootConverter() {
      return root;
    }
  }
}
