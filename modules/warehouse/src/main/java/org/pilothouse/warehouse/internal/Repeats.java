package org.pilothouse.warehouse.internal;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the events of a partition that have come before, by source and id, however far apart. Each
 * event leaves 24 bytes in one of many files, by its digest; afterwards one file after the other is
 * looked through in memory.
 *
 * <p>What earlier revisions hold is told afterwards, and leaves something only where it may be one
 * of the events: a correction of three events leaves little of a day of millions.
 */
final class Repeats implements Closeable {
  private static final int BUCKETS = 128;
  private static final int RECORD = 24;
  private static final int BUFFER = 320 * RECORD;
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Instead of an offset: an earlier revision holds it. */
  private static final long HELD = -1;

  private static final int FILTER_BITS = 1 << 23;

  private final Path directory;
  private final long from;
  private final @Nullable Bucket[] out = new Bucket[BUCKETS];
  private final long[] counts = new long[BUCKETS];
  private final MessageDigest digest;
  private final @Nullable BitSet filter;
  private long held;
  private boolean empty = true;

  /**
   * @param from the first offset that may come
   * @param afterOthers whether it will be told what earlier revisions hold
   */
  Repeats(Path directory, long from, boolean afterOthers) {
    this.directory = directory;
    this.from = from;
    this.filter = afterOthers ? new BitSet(FILTER_BITS) : null;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether no event was taken. */
  boolean isEmpty() {
    return empty;
  }

  /** Takes an event. Of several, the first stays. */
  void add(byte[] source, byte[] id, long offset) throws IOException {
    ByteBuffer sum = sum(source, id);
    long high = sum.getLong();
    empty = false;
    if (filter != null) {
      filter.set(bit(high));
    }
    note(high, sum.getLong(), offset);
  }

  /** An event that an earlier revision holds; after all of {@link #add}. */
  void held(byte[] source, byte[] id) throws IOException {
    BitSet wanted = filter;
    if (wanted == null) {
      throw new IllegalStateException("nobody said that there are earlier revisions");
    }
    ByteBuffer sum = sum(source, id);
    long high = sum.getLong();
    if (wanted.get(bit(high))) {
      note(high, sum.getLong(), HELD);
      held++;
    }
  }

  private ByteBuffer sum(byte[] source, byte[] id) {
    digest.update(source);
    // No source holds it, so no two pairs read alike.
    digest.update((byte) 0);
    return ByteBuffer.wrap(digest.digest(id));
  }

  private static int bit(long high) {
    return (int) high & (FILTER_BITS - 1);
  }

  private void note(long high, long low, long offset) throws IOException {
    int bucket = (int) (high >>> 57);
    Bucket file = out[bucket];
    if (file == null) {
      file = new Bucket(Files.newOutputStream(file(bucket)));
      out[bucket] = file;
    }
    file.add(high, low, offset);
    counts[bucket]++;
  }

  /** What has come of one of many digests, by whole records. */
  private static final class Bucket implements Closeable {
    private final OutputStream file;
    private final byte[] buffer = new byte[BUFFER];
    private int used;

    Bucket(OutputStream file) {
      this.file = file;
    }

    void add(long high, long low, long offset) throws IOException {
      if (used == BUFFER) {
        flush();
      }
      LONG.set(buffer, used, high);
      LONG.set(buffer, used + 8, low);
      LONG.set(buffer, used + 16, offset);
      used += RECORD;
    }

    private void flush() throws IOException {
      file.write(buffer, 0, used);
      used = 0;
    }

    @Override
    public void close() throws IOException {
      try {
        flush();
      } finally {
        file.close();
      }
    }
  }

  private Path file(int bucket) {
    return directory.resolve("ids-" + bucket);
  }

  /** The offsets of the repeats, counted from the first that may come. */
  BitSet find() throws IOException {
    BitSet repeats = new BitSet();
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      Bucket file = out[bucket];
      if (file != null) {
        file.close();
        find(bucket, repeats);
        Files.delete(file(bucket));
        out[bucket] = null;
      }
    }
    return repeats;
  }

  private void find(int bucket, BitSet repeats) throws IOException {
    int count = Math.toIntExact(counts[bucket]);
    int mask = Integer.highestOneBit(Math.max(8, count)) * 4 - 1;
    long[] high = new long[mask + 1];
    long[] low = new long[mask + 1];
    boolean[] taken = new boolean[mask + 1];
    if (held > 0) {
      look(bucket, count, true, high, low, taken, repeats);
    }
    look(bucket, count, false, high, low, taken, repeats);
  }

  /** One way through the file: for what is held already, or for the events. */
  private void look(
      int bucket,
      int count,
      boolean forHeld,
      long[] high,
      long[] low,
      boolean[] taken,
      BitSet repeats)
      throws IOException {
    int mask = taken.length - 1;
    byte[] block = new byte[RECORD * 1024];
    int at = 0;
    int size = 0;
    try (InputStream in = Files.newInputStream(file(bucket))) {
      for (int i = 0; i < count; i++) {
        if (at == size) {
          size = in.readNBytes(block, 0, Math.min(block.length, (count - i) * RECORD));
          at = 0;
          if (size == 0 || size % RECORD != 0) {
            throw new EOFException("a file of identities breaks off");
          }
        }
        long h = (long) LONG.get(block, at);
        long l = (long) LONG.get(block, at + 8);
        long offset = (long) LONG.get(block, at + 16);
        at += RECORD;
        if (forHeld != (offset == HELD)) {
          continue;
        }
        int slot = (int) l & mask;
        while (taken[slot] && (high[slot] != h || low[slot] != l)) {
          slot = (slot + 1) & mask;
        }
        if (taken[slot] && !forHeld) {
          repeats.set(Math.toIntExact(offset - from));
        } else {
          taken[slot] = true;
          high[slot] = h;
          low[slot] = l;
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Bucket file : out) {
      if (file != null) {
        file.close();
      }
    }
  }
}
