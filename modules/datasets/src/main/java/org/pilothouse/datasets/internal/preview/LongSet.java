package org.pilothouse.datasets.internal.preview;

/** Numbers that were met, up to a bound. */
final class LongSet {
  private final int most;
  private long[] slots = new long[16];
  private boolean zero;
  private int size;
  private boolean more;

  LongSet(int most) {
    this.most = most;
  }

  /** A text as a number; different texts may share one, which is rare enough for counting. */
  static long hash(CharSequence text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    hash ^= hash >>> 32;
    return hash * 0x9E3779B97F4A7C15L;
  }

  void add(long value) {
    if (more) {
      return;
    }
    if (value == 0) {
      size += zero ? 0 : 1;
      zero = true;
    } else if (put(slots, value)) {
      size++;
      if (size * 2 > slots.length) {
        grow();
      }
    }
    if (size > most) {
      more = true;
      slots = new long[0];
    }
  }

  private static boolean put(long[] slots, long value) {
    int at = (int) (value >>> 33) & (slots.length - 1);
    while (slots[at] != 0) {
      if (slots[at] == value) {
        return false;
      }
      at = (at + 1) & (slots.length - 1);
    }
    slots[at] = value;
    return true;
  }

  private void grow() {
    long[] larger = new long[slots.length * 2];
    for (long value : slots) {
      if (value != 0) {
        put(larger, value);
      }
    }
    slots = larger;
  }

  /** Whether there were more than are counted. */
  boolean isMore() {
    return more;
  }

  int size() {
    return size;
  }
}
