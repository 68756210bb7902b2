package org.pilothouse.datasets.internal;

/**
 * How an upload is cut into parts. S3 takes 10,000 of at least 5 MiB, and all but the last of one
 * size suits every store.
 *
 * @param size of the whole, in bytes
 * @param partSize of each part but the last
 */
record PartPlan(long size, long partSize) {
  static final int MOST_PARTS = 10_000;
  static final long SMALLEST = 16L << 20;

  private static final long STEP = 1L << 20;

  PartPlan {
    if (size < 0 || partSize <= 0) {
      throw new IllegalArgumentException("size " + size + " in parts of " + partSize);
    }
  }

  static PartPlan of(long size) {
    long needed = ceiling(size, MOST_PARTS);
    return new PartPlan(size, Math.max(SMALLEST, ceiling(needed, STEP) * STEP));
  }

  /** At least one: an empty object is one empty part. */
  int count() {
    return (int) Math.max(1, ceiling(size, partSize));
  }

  /**
   * @param number from 1
   */
  long sizeOf(int number) {
    return number < count() ? partSize : size - (count() - 1) * partSize;
  }

  private static long ceiling(long dividend, long divisor) {
    return dividend / divisor + (dividend % divisor == 0 ? 0 : 1);
  }
}
