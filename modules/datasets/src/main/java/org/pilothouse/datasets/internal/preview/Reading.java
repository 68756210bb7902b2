package org.pilothouse.datasets.internal.preview;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** The bytes of one file, as long as they and the time last. */
final class Reading {
  private static final int BLOCK = 64 * 1024;
  private static final int BLOCKS_KEPT = 144;

  private final RangedBytes bytes;
  private final LongSupplier nanos;
  private final long begun;
  private final Map<Long, byte[]> blocks =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, byte[]> eldest) {
          return size() > BLOCKS_KEPT;
        }
      };
  private final List<String> notes = new ArrayList<>();
  private long read;

  /**
   * @param nanos a clock that only goes forward
   */
  Reading(RangedBytes bytes, LongSupplier nanos) {
    this.bytes = bytes;
    this.nanos = nanos;
    this.begun = nanos.getAsLong();
  }

  long size() {
    return bytes.size();
  }

  long bytesRead() {
    return read;
  }

  List<String> notes() {
    return notes;
  }

  void note(String text) {
    if (notes.size() < Limits.MOST_NOTES && !notes.contains(text)) {
      notes.add(text);
    }
  }

  /** To be called where much is done between two reads. */
  void goOn() throws NotPreviewable {
    if (nanos.getAsLong() - begun > Limits.TIME.toNanos()) {
      throw new NotPreviewable(
          NotPreviewable.Reason.TOOK_TOO_LONG,
          "It could not be read within " + Limits.TIME.toSeconds() + " s.");
    }
  }

  /** Bytes that lie inside the file. */
  byte[] read(long from, int length) throws NotPreviewable {
    goOn();
    if (read + length > Limits.PARQUET_BYTES) {
      throw NotPreviewable.beyond("More than " + (Limits.PARQUET_BYTES >> 20) + " MiB to read.");
    }
    read += length;
    return bytes.read(from, length);
  }

  /** Fetches at once what will be asked for in small pieces; where it is too much, nothing. */
  void prefetch(long from, long end) throws NotPreviewable {
    long first = from / BLOCK;
    long blocksWanted = (end - 1) / BLOCK - first + 1;
    if (from < 0 || end > size() || from >= end || blocksWanted > BLOCKS_KEPT - 16) {
      return;
    }
    long start = first * BLOCK;
    byte[] all = read(start, (int) (Math.min(size(), (first + blocksWanted) * BLOCK) - start));
    for (int at = 0; at < all.length; at += BLOCK) {
      blocks.put(
          (start + at) / BLOCK, Arrays.copyOfRange(all, at, Math.min(all.length, at + BLOCK)));
    }
  }

  /** The same for pieces that lie close together: their neighbourhood is read and kept. */
  byte[] readSmall(long from, int length) throws NotPreviewable {
    if (length > 4 * BLOCK) {
      return read(from, length);
    }
    byte[] piece = new byte[length];
    int done = 0;
    while (done < length) {
      long at = from + done;
      long number = at / BLOCK;
      byte[] block = blocks.get(number);
      if (block == null) {
        long start = number * BLOCK;
        block = read(start, (int) Math.min(BLOCK, size() - start));
        blocks.put(number, block);
      }
      int inside = (int) (at - number * BLOCK);
      int count = Math.min(block.length - inside, length - done);
      System.arraycopy(block, inside, piece, done, count);
      done += count;
    }
    return piece;
  }
}
