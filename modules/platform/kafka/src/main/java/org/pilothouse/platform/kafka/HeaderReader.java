package org.pilothouse.platform.kafka;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers of records, one after the other. What is the same in neighbours is held once:
 * records wait in memory by the ten thousand, and most of their headers are all alike. Not for use
 * outside of this adapter, nor by several threads.
 *
 * <p>Kafka's client decodes a name into a text and copies a value when it is asked for them, which
 * costs about as much as reading a line of telemetry. So both are compared as they came, where the
 * client still has them so.
 */
public final class HeaderReader {
  private static final @Nullable VarHandle NAME = undecoded("keyBuffer");
  private static final @Nullable VarHandle VALUE = undecoded("valueBuffer");

  private String[] names = {};
  private byte[][] encoded = {};
  private byte[] @Nullable [] values = {};

  /** Null in a client that keeps them in another way: then its public methods are used. */
  private static @Nullable VarHandle undecoded(String field) {
    try {
      return MethodHandles.privateLookupIn(RecordHeader.class, MethodHandles.lookup())
          .findVarHandle(RecordHeader.class, field, ByteBuffer.class);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /**
   * @param key of the record, which some headers repeat
   */
  public EventHeaders read(Header[] headers, byte @Nullable [] key) {
    int size = headers.length;
    boolean own = size != names.length;
    if (own) {
      names = new String[size];
      encoded = new byte[size][];
      values = new byte[size][];
      Arrays.fill(names, "");
      Arrays.fill(encoded, new byte[0]);
    }
    byte[] @Nullable [] read = new byte[size][];
    for (int i = 0; i < size; i++) {
      if (!isNamedAsBefore(headers[i], i)) {
        // The neighbours' headers have this array.
        names = own ? names : names.clone();
        own = true;
        names[i] = headers[i].key();
        encoded[i] = names[i].getBytes(StandardCharsets.UTF_8);
      }
      read[i] = value(headers[i], values[i], key);
    }
    values = read;
    return new EventHeaders(names, read, size);
  }

  private boolean isNamedAsBefore(Header header, int at) {
    ByteBuffer name = undecoded(NAME, header);
    return name == null ? header.key().equals(names[at]) : holds(name, encoded[at]);
  }

  private static byte @Nullable [] value(
      Header header, byte @Nullable [] before, byte @Nullable [] key) {
    ByteBuffer undecoded = undecoded(VALUE, header);
    if (undecoded == null) {
      byte[] value = header.value();
      return Arrays.equals(value, before) ? before : Arrays.equals(value, key) ? key : value;
    }
    if (before != null && holds(undecoded, before)) {
      return before;
    }
    if (key != null && holds(undecoded, key)) {
      return key;
    }
    byte[] value = new byte[undecoded.remaining()];
    undecoded.get(undecoded.position(), value);
    return value;
  }

  /** Null where the client has decoded it, or there is none. */
  static @Nullable ByteBuffer undecodedName(Header header) {
    return undecoded(NAME, header);
  }

  private static @Nullable ByteBuffer undecoded(@Nullable VarHandle field, Header header) {
    ByteBuffer found =
        field != null && header instanceof RecordHeader known
            ? (ByteBuffer) field.get(known)
            : null;
    return found != null && found.hasArray() ? found : null;
  }

  private static boolean holds(ByteBuffer buffer, byte[] bytes) {
    int from = buffer.arrayOffset() + buffer.position();
    return buffer.remaining() == bytes.length
        && Arrays.equals(buffer.array(), from, from + bytes.length, bytes, 0, bytes.length);
  }
}
