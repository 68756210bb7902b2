package org.pilothouse.platform.kafka;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
  private final List<Header> headers;

  public EventHeaders() {
    this.headers = new ArrayList<>(10);
  }

  private EventHeaders(List<Header> headers) {
    this.headers = headers;
  }

  /** What a Kafka record carries. Not for use outside of this adapter. */
  public static EventHeaders of(Iterable<Header> headers) {
    EventHeaders copy = new EventHeaders();
    headers.forEach(copy.headers::add);
    return copy;
  }

  /** The same headers again, to which more can be added. */
  public EventHeaders copy() {
    ArrayList<Header> copy = new ArrayList<>(headers.size() + 4);
    copy.addAll(headers);
    return new EventHeaders(copy);
  }

  public EventHeaders add(String name, byte[] value) {
    headers.add(new RecordHeader(name, value));
    return this;
  }

  public EventHeaders add(String name, String value) {
    return add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The value of the last header of this name. */
  public byte @Nullable [] bytes(String name) {
    for (int i = headers.size() - 1; i >= 0; i--) {
      Header header = headers.get(i);
      if (header.key().equals(name)) {
        return header.value();
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
    for (Header header : headers) {
      byte[] value = header.value();
      if (value != null) {
        each.accept(header.key(), value);
      }
    }
  }

  public int size() {
    return headers.size();
  }

  Iterable<Header> kafka() {
    return headers;
  }

  int bytes() {
    int sum = 0;
    for (int i = 0; i < headers.size(); i++) {
      Header header = headers.get(i);
      byte[] value = header.value();
      sum += header.key().length() + (value == null ? 0 : value.length) + 4;
    }
    return sum;
  }
}
