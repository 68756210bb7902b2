package org.pilothouse.warehouse.internal;

import static org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit.MICROS;
import static org.apache.parquet.schema.LogicalTypeAnnotation.stringType;
import static org.apache.parquet.schema.LogicalTypeAnnotation.timestampType;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BOOLEAN;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.DOUBLE;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** The tables in Parquet's words. */
final class Schemas {
  static final String PROPERTY = "property";
  static final String NUMBER = "number";
  static final String TEXT = "text";
  static final String TRUTH = "truth";

  /** The key of a file's metadata under which its columns of properties are told of, as JSON. */
  static final String ABOUT_COLUMNS = "pilothouse.columns";

  /** Where the columns of a model begin. */
  static final int FIRST_PROPERTY = 2;

  private Schemas() {}

  /** Twin, time, the properties, what the model does not know, and which event it was. */
  static MessageType of(TableSpec table) {
    List<Type> fields = new ArrayList<>();
    fields.add(text(TableSpec.TWIN));
    fields.add(time());
    for (Column column : table.columns()) {
      fields.add(optional(column));
    }
    fields.add(Types.optional(BINARY).as(stringType()).named(TableSpec.OTHERS));
    identity(fields);
    return new MessageType(table.model(), fields);
  }

  /** A row a value, of twins without a model. */
  static MessageType tidy() {
    List<Type> fields = new ArrayList<>();
    fields.add(text(TableSpec.TWIN));
    fields.add(time());
    fields.add(text(PROPERTY));
    fields.add(Types.optional(DOUBLE).named(NUMBER));
    fields.add(Types.optional(BINARY).as(stringType()).named(TEXT));
    fields.add(Types.optional(BOOLEAN).named(TRUTH));
    identity(fields);
    return new MessageType("tidy", fields);
  }

  private static void identity(List<Type> fields) {
    fields.add(text(TableSpec.SOURCE));
    fields.add(text(TableSpec.EVENT_ID));
    fields.add(Types.required(INT32).named(TableSpec.PARTITION));
    fields.add(Types.required(INT64).named(TableSpec.OFFSET));
  }

  private static Type text(String name) {
    return Types.required(BINARY).as(stringType()).named(name);
  }

  private static Type time() {
    return Types.required(INT64).as(timestampType(true, MICROS)).named(TableSpec.TIME);
  }

  private static Type optional(Column column) {
    return switch (column.kind()) {
      case NUMBER -> Types.optional(DOUBLE).named(column.name());
      case INTEGER -> Types.optional(INT64).named(column.name());
      case TRUTH -> Types.optional(BOOLEAN).named(column.name());
      case TEXT, JSON -> Types.optional(BINARY).as(stringType()).named(column.name());
    };
  }
}
