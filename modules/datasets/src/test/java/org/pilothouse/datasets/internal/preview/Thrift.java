package org.pilothouse.datasets.internal.preview;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes metadata of Parquet files that no writer would write. */
final class Thrift {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Thrift field(int delta, int type) {
    out.write(delta << 4 | type);
    return this;
  }

  Thrift varint(long value) {
    long left = value;
    while ((left & ~0x7FL) != 0) {
      out.write((int) (left & 0x7F | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
    return this;
  }

  Thrift number(int delta, int type, long value) {
    return field(delta, type).varint(value << 1 ^ value >> 63);
  }

  Thrift text(int delta, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    field(delta, Compact.BINARY).varint(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  Thrift list(int delta, int type, long size) {
    return field(delta, Compact.LIST).listHead(type, size);
  }

  Thrift listHead(int type, long size) {
    if (size < 15) {
      out.write((int) size << 4 | type);
      return this;
    }
    out.write(0xF0 | type);
    return varint(size);
  }

  Thrift stop() {
    out.write(0);
    return this;
  }

  Thrift raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** A group of the schema. */
  Thrift group(String name, int children) {
    return number(3, Compact.I32, 0).text(1, name).number(1, Compact.I32, children).stop();
  }

  /** A required column of whole numbers. */
  Thrift column(String name) {
    return number(1, Compact.I32, 1).number(2, Compact.I32, 0).text(1, name).stop();
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** A Parquet file with data and a footer. */
  static byte[] file(byte[] data, byte[] footer, long footerLength, String magic) {
    return ByteBuffer.allocate(4 + data.length + footer.length + 8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put("PAR1".getBytes(UTF_8))
        .put(data)
        .put(footer)
        .putInt((int) footerLength)
        .put(magic.getBytes(UTF_8))
        .array();
  }

  static byte[] file(byte[] footer) {
    return file(new byte[0], footer, footer.length, "PAR1");
  }

  /** One column, one row group, and the bytes of the column as given. */
  static byte[] oneColumn(byte[] data, long values, long length, long offset, long rows) {
    Thrift footer =
        new Thrift()
            .number(1, Compact.I32, 1)
            .list(1, Compact.STRUCT, 2)
            .group("root", 1)
            .column("n")
            .number(1, Compact.I64, rows)
            .list(1, Compact.STRUCT, 1)
            .list(1, Compact.STRUCT, 1)
            .field(3, Compact.STRUCT)
            .number(1, Compact.I32, 1)
            .number(3, Compact.I32, 0)
            .number(1, Compact.I64, values)
            .number(2, Compact.I64, length)
            .number(2, Compact.I64, offset)
            .stop()
            .stop()
            .number(2, Compact.I64, rows)
            .stop()
            .stop();
    return file(data, footer.bytes(), footer.bytes().length, "PAR1");
  }

  /** The header of a page of the first form. */
  static Thrift page(long unpacked, long packed, long values, int encoding) {
    return new Thrift()
        .number(1, Compact.I32, 0)
        .number(1, Compact.I32, unpacked)
        .number(1, Compact.I32, packed)
        .field(2, Compact.STRUCT)
        .number(1, Compact.I32, values)
        .number(1, Compact.I32, encoding)
        .number(1, Compact.I32, 3)
        .number(1, Compact.I32, 3)
        .stop()
        .stop();
  }
}
