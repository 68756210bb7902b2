package org.pilothouse.datasets.internal.preview;

/**
 * Small numbers in runs of equal ones and in packed groups of eight. They come one by one: a run
 * may claim to be as long as it likes.
 *
 * @see <a href="https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE">RLE</a>
 */
final class Hybrid {
  private final byte[] bytes;
  private final int end;
  private final int width;
  private int at;
  private long runLeft;
  private int runValue;
  private long packedLeft;
  private long bit;

  Hybrid(byte[] bytes, int from, int end, int width) throws NotPreviewable {
    if (width < 0 || width > 32 || from < 0 || end > bytes.length || from > end) {
      throw broken();
    }
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    this.width = width;
  }

  int next() throws NotPreviewable {
    while (runLeft == 0 && packedLeft == 0) {
      run();
    }
    if (runLeft > 0) {
      runLeft--;
      return runValue;
    }
    packedLeft--;
    int value = 0;
    for (int i = 0; i < width; i++, bit++) {
      int index = (int) (bit >>> 3);
      if (index >= end) {
        throw broken();
      }
      value |= ((bytes[index] >>> (bit & 7)) & 1) << i;
    }
    return value;
  }

  private void run() throws NotPreviewable {
    long head = 0;
    int shift = 0;
    int next;
    do {
      if (at >= end || shift > 28) {
        throw broken();
      }
      next = bytes[at++] & 0xFF;
      head |= (long) (next & 0x7F) << shift;
      shift += 7;
    } while ((next & 0x80) != 0);
    if ((head & 1) == 1) {
      long groups = head >>> 1;
      packedLeft = groups * 8;
      bit = (long) at * 8;
      // The last group may be cut where the page ends.
      at = (int) Math.min(end, at + groups * width);
      return;
    }
    runLeft = head >>> 1;
    runValue = 0;
    for (int i = 0; i < (width + 7) / 8; i++) {
      if (at >= end) {
        throw broken();
      }
      runValue |= (bytes[at++] & 0xFF) << (8 * i);
    }
  }

  private static NotPreviewable broken() {
    return NotPreviewable.malformed("a page ends too early");
  }
}
