package org.pilothouse.datasets;

/**
 * How much a pilot has, or may have, in the hold.
 *
 * @param bytes 0 to 1 PiB
 * @param objects datasets whose bytes are not gone, 0 to 100,000,000
 * @param uploads under way at once, 0 to 1,000
 */
public record Quota(long bytes, long objects, int uploads) {
  public static final long MOST_BYTES = 1L << 50;
  public static final int MOST_OBJECTS = 100_000_000;
  public static final int MOST_UPLOADS = 1_000;

  public Quota {
    if (bytes < 0 || bytes > MOST_BYTES) {
      throw new IllegalArgumentException("bytes " + bytes);
    }
    if (objects < 0 || objects > MOST_OBJECTS) {
      throw new IllegalArgumentException("objects " + objects);
    }
    if (uploads < 0 || uploads > MOST_UPLOADS) {
      throw new IllegalArgumentException("uploads " + uploads);
    }
  }
}
