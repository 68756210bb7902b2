package org.pilothouse.platform.kafka.consume;

import java.util.Arrays;

/**
 * A set of 128-bit identities in the order in which they came; the oldest leave when there are too
 * many. Memory grows with what it holds, to about 40 bytes an identity. Not for several threads.
 */
final class IdentityWindow {
  private static final int SMALLEST = 64;

  private final int most;
  private final long maxAgeMillis;

  // A ring of what came, and an open-addressing table of indices into it.
  private long[] high;
  private long[] low;
  private long[] times;
  private int[] table;
  private int head;
  private int size;

  IdentityWindow(int most, long maxAgeMillis) {
    this.most = Math.max(1, most);
    this.maxAgeMillis = maxAgeMillis;
    int capacity = Math.min(SMALLEST, this.most);
    this.high = new long[capacity];
    this.low = new long[capacity];
    this.times = new long[capacity];
    this.table = emptyTable(capacity);
  }

  private static int[] emptyTable(int capacity) {
    int[] empty = new int[Integer.highestOneBit(Math.max(2, capacity * 2 - 1)) << 1];
    Arrays.fill(empty, -1);
    return empty;
  }

  boolean contains(long h, long l, long now) {
    int at = find(h, l);
    return at >= 0 && now - times[table[at]] <= maxAgeMillis;
  }

  /** False when it was there already. */
  boolean add(long h, long l, long time) {
    int at = find(h, l);
    if (at >= 0) {
      boolean known = time - times[table[at]] <= maxAgeMillis;
      times[table[at]] = Math.max(times[table[at]], time);
      return !known;
    }
    if (size == high.length) {
      if (size < most) {
        grow();
      } else {
        removeOldest();
      }
    }
    int slot = (head + size) % high.length;
    high[slot] = h;
    low[slot] = l;
    times[slot] = time;
    size++;
    insert(slot);
    return true;
  }

  int size() {
    return size;
  }

  private void grow() {
    int capacity = (int) Math.min(most, high.length * 2L);
    long[] newHigh = new long[capacity];
    long[] newLow = new long[capacity];
    long[] newTimes = new long[capacity];
    for (int i = 0; i < size; i++) {
      int slot = (head + i) % high.length;
      newHigh[i] = high[slot];
      newLow[i] = low[slot];
      newTimes[i] = times[slot];
    }
    high = newHigh;
    low = newLow;
    times = newTimes;
    head = 0;
    table = emptyTable(capacity);
    for (int i = 0; i < size; i++) {
      insert(i);
    }
  }

  private int find(long h, long l) {
    int mask = table.length - 1;
    int at = (int) (h ^ (h >>> 32)) & mask;
    while (table[at] >= 0) {
      int slot = table[at];
      if (high[slot] == h && low[slot] == l) {
        return at;
      }
      at = (at + 1) & mask;
    }
    return -1;
  }

  private void insert(int slot) {
    int mask = table.length - 1;
    int at = (int) (high[slot] ^ (high[slot] >>> 32)) & mask;
    while (table[at] >= 0) {
      at = (at + 1) & mask;
    }
    table[at] = slot;
  }

  private void removeOldest() {
    int at = find(high[head], low[head]);
    int mask = table.length - 1;
    // Later entries of the probe move up into the gap, so that no search stops early.
    int gap = at;
    int next = (gap + 1) & mask;
    while (table[next] >= 0) {
      int slot = table[next];
      int wanted = (int) (high[slot] ^ (high[slot] >>> 32)) & mask;
      if (((next - wanted) & mask) >= ((next - gap) & mask)) {
        table[gap] = slot;
        gap = next;
      }
      next = (next + 1) & mask;
    }
    table[gap] = -1;
    head = (head + 1) % high.length;
    size--;
  }
}
