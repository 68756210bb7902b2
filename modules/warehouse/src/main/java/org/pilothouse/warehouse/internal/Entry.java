package org.pilothouse.warehouse.internal;

import java.util.Arrays;

/**
 * One event of the day on its way through the sorter; it is used again for the next.
 *
 * @see Sorter
 */
final class Entry {
  int table;
  byte[] twin = {};

  /** Event time, in microseconds since 1970. */
  long micros;

  long offset;
  byte[] source = {};
  byte[] id = {};
  byte[] value = {};

  /** By table, twin, time and offset: the order of the files. */
  int compareTo(Entry other) {
    int order = Integer.compare(table, other.table);
    if (order == 0) {
      order = Arrays.compareUnsigned(twin, other.twin);
    }
    if (order == 0) {
      order = Long.compare(micros, other.micros);
    }
    return order == 0 ? Long.compare(offset, other.offset) : order;
  }
}
