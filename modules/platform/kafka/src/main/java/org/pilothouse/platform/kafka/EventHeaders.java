package org.pilothouse.platform.kafka;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * The headers of one event, in order. What many events have in common can be made once and copied:
 * names and values are shared, not cloned, so values must not be changed afterwards.
 */
public final class EventHeaders {
  private static final int USUAL = 12;

  private String[] names;
  private byte[] @Nullable [] values;
  private int size;

  public EventHeaders() {
    this(new String[USUAL], new byte[USUAL][], 0);
  }

  EventHeaders(String[] names, byte[] @Nullable [] values, int size) {
    this.names = names;
    this.values = values;
    this.size = size;
  }

  /** The same headers again, to which more can be added. */
  public EventHeaders copy() {
    int room = Math.max(USUAL, size + 4);
    return new EventHeaders(Arrays.copyOf(names, room), Arrays.copyOf(values, room), size);
  }

  public EventHeaders add(String name, byte[] value) {
    if (size == names.length) {
      names = Arrays.copyOf(names, size + USUAL);
      values = Arrays.copyOf(values, size + USUAL);
    }
    names[size] = name;
    values[size] = value;
    size++;
    return this;
  }

  public EventHeaders add(String name, String value) {
    return add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The value of the last header of this name. */
  public byte @Nullable [] bytes(String name) {
    for (int i = size - 1; i >= 0; i--) {
      if (names[i].equals(name)) {
        return values[i];
      }
    }
    return null;
  }

  /** The value of the last header of this name, read as UTF-8. */
  public @Nullable String text(String name) {
    byte[] value = bytes(name);
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  public boolean has(String name) {
    return bytes(name) != null;
  }

  /** A header without a value is passed over. */
  public void forEach(BiConsumer<String, byte[]> each) {
    for (int i = 0; i < size; i++) {
      byte[] value = values[i];
      if (value != null) {
        each.accept(names[i], value);
      }
    }
  }

  public int size() {
    return size;
  }

  Iterable<Header> kafka() {
    List<Header> headers = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      headers.add(new RecordHeader(names[i], values[i]));
    }
    return headers;
  }

  /** What they take on the backbone, about. */
  int bytes() {
    int sum = 0;
    for (int i = 0; i < size; i++) {
      byte[] value = values[i];
      sum += names[i].length() + (value == null ? 0 : value.length) + 4;
    }
    return sum;
  }
}
