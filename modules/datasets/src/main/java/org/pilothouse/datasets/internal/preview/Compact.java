package org.pilothouse.datasets.internal.preview;

/**
 * Reads the compact protocol of Thrift out of bytes that may say anything. Sizes are compared with
 * the bytes that are left before anything is made of them, and nothing is made of what nobody asks
 * for.
 *
 * @see <a href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md">
 *     the protocol</a>
 */
final class Compact {
  static final int TRUE = 1;
  static final int FALSE = 2;
  static final int BYTE = 3;
  static final int I16 = 4;
  static final int I32 = 5;
  static final int I64 = 6;
  static final int DOUBLE = 7;
  static final int BINARY = 8;
  static final int LIST = 9;
  static final int SET = 10;
  static final int MAP = 11;
  static final int STRUCT = 12;

  private final byte[] bytes;
  private final int end;
  private int at;
  private int depth;

  Compact(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** How many bytes were read. */
  int at() {
    return at;
  }

  /** Reads a field, or says that it does not want it. */
  @FunctionalInterface
  interface Field {
    boolean read(int id, int type) throws NotPreviewable;
  }

  /** Reads an element of a list. */
  @FunctionalInterface
  interface Element {
    void read() throws NotPreviewable;
  }

  void struct(Field field) throws NotPreviewable {
    deeper();
    int id = 0;
    while (true) {
      int head = next();
      int type = head & 0x0F;
      if (head == 0) {
        break;
      }
      int delta = head >>> 4;
      id = delta == 0 ? (int) zigzag(varint()) : id + delta;
      if (!field.read(id, type)) {
        skip(type);
      }
    }
    depth--;
  }

  /** A list of what the caller reads one by one. */
  int list(int wanted, Element element) throws NotPreviewable {
    int head = next();
    int type = head & 0x0F;
    int size = size(head);
    if (size > 0 && type != wanted) {
      throw broken();
    }
    deeper();
    for (int i = 0; i < size; i++) {
      element.read();
    }
    depth--;
    return size;
  }

  private int size(int head) throws NotPreviewable {
    int size = head >>> 4;
    if (size == 15) {
      long told = varint();
      // An element has at least a byte.
      if (told < 0 || told > end - at) {
        throw NotPreviewable.malformed("A list in its metadata is longer than the metadata.");
      }
      size = (int) told;
    }
    return size;
  }

  int i32(int type) throws NotPreviewable {
    want(type == I32);
    long value = zigzag(varint());
    if (value != (int) value) {
      throw broken();
    }
    return (int) value;
  }

  int i32() throws NotPreviewable {
    return i32(I32);
  }

  long i64(int type) throws NotPreviewable {
    want(type == I64);
    return zigzag(varint());
  }

  int i8(int type) throws NotPreviewable {
    want(type == BYTE);
    return (byte) next();
  }

  static boolean bool(int type) throws NotPreviewable {
    if (type != TRUE && type != FALSE) {
      throw broken();
    }
    return type == TRUE;
  }

  byte[] binary(int type) throws NotPreviewable {
    want(type == BINARY);
    int length = length();
    byte[] value = new byte[length];
    System.arraycopy(bytes, at, value, 0, length);
    at += length;
    return value;
  }

  String text(int type, int most) throws NotPreviewable {
    want(type == BINARY);
    int length = length();
    String text = Texts.beginning(bytes, at, length, most);
    at += length;
    return text;
  }

  private int length() throws NotPreviewable {
    long length = varint();
    if (length < 0 || length > end - at) {
      throw NotPreviewable.malformed("A text in its metadata is longer than the metadata.");
    }
    return (int) length;
  }

  void skip(int type) throws NotPreviewable {
    switch (type) {
      case TRUE, FALSE -> {}
      case BYTE -> advance(1);
      case I16, I32, I64 -> {
        var unused = varint();
      }
      case DOUBLE -> advance(8);
      case BINARY -> advance(length());
      case LIST, SET -> skipList();
      case MAP -> skipMap();
      case STRUCT -> struct((id, inner) -> false);
      default -> throw broken();
    }
  }

  private void skipList() throws NotPreviewable {
    int head = next();
    int size = size(head);
    deeper();
    for (int i = 0; i < size; i++) {
      skipElement(head & 0x0F);
    }
    depth--;
  }

  private void skipMap() throws NotPreviewable {
    long size = varint();
    if (size == 0) {
      return;
    }
    if (size < 0 || size > end - at) {
      throw broken();
    }
    int types = next();
    deeper();
    for (long i = 0; i < size; i++) {
      skipElement(types >>> 4);
      skipElement(types & 0x0F);
    }
    depth--;
  }

  /** A truth value has a byte of its own in a list. */
  private void skipElement(int type) throws NotPreviewable {
    if (type == TRUE || type == FALSE) {
      advance(1);
    } else {
      skip(type);
    }
  }

  private void deeper() throws NotPreviewable {
    if (++depth > Limits.THRIFT_DEPTH) {
      throw NotPreviewable.beyond("Its metadata is nested too deeply.");
    }
  }

  private void advance(int count) throws NotPreviewable {
    if (count > end - at) {
      throw broken();
    }
    at += count;
  }

  private int next() throws NotPreviewable {
    if (at >= end) {
      throw broken();
    }
    return bytes[at++] & 0xFF;
  }

  private long varint() throws NotPreviewable {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      int next = next();
      value |= (long) (next & 0x7F) << shift;
      if ((next & 0x80) == 0) {
        return value;
      }
    }
    throw broken();
  }

  private static long zigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }

  private static void want(boolean right) throws NotPreviewable {
    if (!right) {
      throw broken();
    }
  }

  static NotPreviewable broken() {
    return NotPreviewable.malformed("Its metadata cannot be read.");
  }
}
