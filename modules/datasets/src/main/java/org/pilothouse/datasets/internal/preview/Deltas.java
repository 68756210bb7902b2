package org.pilothouse.datasets.internal.preview;

/**
 * Numbers as differences, one by one: nothing is made of the counts at their head.
 *
 * @see <a href="https://github.com/apache/parquet-format/blob/master/Encodings.md#DELTAENC">
 *     DELTA_BINARY_PACKED</a>
 */
final class Deltas {
  private static final int MOST_IN_BLOCK = 1 << 16;
  private static final int MOST_MINI_BLOCKS = 512;

  private final byte[] bytes;
  private final int end;
  private final int miniBlocks;
  private final int inMiniBlock;
  private final int[] widths;
  private int at;
  private long left;
  private long value;
  private boolean first = true;
  private long least;
  private int miniBlock;
  private int leftInMiniBlock;
  private long bit;

  Deltas(byte[] bytes, int from, int end) throws NotPreviewable {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    long inBlock = varint();
    long blocks = varint();
    left = varint();
    long zigzag = varint();
    value = (zigzag >>> 1) ^ -(zigzag & 1);
    if (inBlock <= 0
        || inBlock > MOST_IN_BLOCK
        || blocks <= 0
        || blocks > MOST_MINI_BLOCKS
        || inBlock % blocks != 0
        || (inBlock / blocks) % 8 != 0
        || left < 0) {
      throw broken();
    }
    miniBlocks = (int) blocks;
    inMiniBlock = (int) (inBlock / blocks);
    widths = new int[miniBlocks];
    miniBlock = miniBlocks;
  }

  long next() throws NotPreviewable {
    if (left <= 0) {
      throw broken();
    }
    left--;
    if (first) {
      first = false;
      return value;
    }
    while (leftInMiniBlock == 0) {
      if (miniBlock == miniBlocks) {
        block();
      }
      bit = (long) at * 8;
      leftInMiniBlock = inMiniBlock;
      at += widths[miniBlock] * inMiniBlock / 8;
      miniBlock++;
    }
    leftInMiniBlock--;
    int width = widths[miniBlock - 1];
    long delta = 0;
    for (int i = 0; i < width; i++, bit++) {
      int index = (int) (bit >>> 3);
      if (index >= end) {
        throw broken();
      }
      delta |= (long) ((bytes[index] >>> (bit & 7)) & 1) << i;
    }
    value += least + delta;
    return value;
  }

  private void block() throws NotPreviewable {
    long zigzag = varint();
    least = (zigzag >>> 1) ^ -(zigzag & 1);
    for (int i = 0; i < miniBlocks; i++) {
      if (at >= end || (bytes[at] & 0xFF) > 64) {
        throw broken();
      }
      widths[i] = bytes[at++] & 0xFF;
    }
    miniBlock = 0;
  }

  /** Where they end. Whoever asks does so before the first number is taken. */
  int skipped() throws NotPreviewable {
    long rest = left - 1;
    while (rest > 0) {
      block();
      for (int i = 0; i < miniBlocks && rest > 0; i++) {
        at += widths[i] * inMiniBlock / 8;
        if (at > end) {
          throw broken();
        }
        rest -= inMiniBlock;
      }
    }
    return at;
  }

  private long varint() throws NotPreviewable {
    long read = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at < 0 || at >= end) {
        throw broken();
      }
      int next = bytes[at++] & 0xFF;
      read |= (long) (next & 0x7F) << shift;
      if ((next & 0x80) == 0) {
        return read;
      }
    }
    throw broken();
  }

  private static NotPreviewable broken() {
    return NotPreviewable.malformed("a page of differences cannot be read");
  }
}
