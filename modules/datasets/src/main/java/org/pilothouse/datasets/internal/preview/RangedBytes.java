package org.pilothouse.datasets.internal.preview;

/** Bytes that can be read anywhere. */
public interface RangedBytes {
  long size();

  /**
   * Exactly these bytes; the range lies inside. A store that does not answer is a problem {@code
   * unavailable}.
   */
  byte[] read(long from, int length);
}
