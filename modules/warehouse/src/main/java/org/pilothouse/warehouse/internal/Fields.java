package org.pilothouse.warehouse.internal;

import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/** The columns that all tables have. */
final class Fields {
  private Fields() {}

  static void text(RecordConsumer out, String name, int place, byte[] text) {
    out.startField(name, place);
    out.addBinary(Binary.fromConstantByteArray(text));
    out.endField(name, place);
  }

  static void number(RecordConsumer out, String name, int place, long number) {
    out.startField(name, place);
    out.addLong(number);
    out.endField(name, place);
  }

  /** Which event it was, in four columns. */
  static void identity(RecordConsumer out, int from, Entry event, int partition) {
    text(out, TableSpec.SOURCE, from, event.source);
    text(out, TableSpec.EVENT_ID, from + 1, event.id);
    out.startField(TableSpec.PARTITION, from + 2);
    out.addInteger(partition);
    out.endField(TableSpec.PARTITION, from + 2);
    number(out, TableSpec.OFFSET, from + 3, event.offset);
  }
}
