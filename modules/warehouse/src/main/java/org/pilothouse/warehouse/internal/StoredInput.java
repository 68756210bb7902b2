package org.pilothouse.warehouse.internal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.pilothouse.platform.objectstore.ObjectStore;

/** An object as Parquet reads files: piece by piece, each piece asked of the store by its range. */
record StoredInput(ObjectStore store, String key, long size) implements InputFile {
  /** Small pieces are read ahead: a footer's length comes byte by byte. */
  private static final int AHEAD = 64 * 1024;

  @Override
  public long getLength() {
    return size;
  }

  @Override
  public SeekableInputStream newStream() {
    return new Ranges();
  }

  private final class Ranges extends SeekableInputStream {
    private byte[] ahead = {};
    private long aheadFrom;
    private long position;

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void seek(long to) {
      position = to;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (position >= size) {
        return -1;
      }
      int wanted = (int) Math.min(length, size - position);
      if (position < aheadFrom || position >= aheadFrom + ahead.length) {
        if (wanted >= AHEAD) {
          fetch(bytes, offset, wanted);
          position += wanted;
          return wanted;
        }
        ahead = new byte[(int) Math.min(AHEAD, size - position)];
        fetch(ahead, 0, ahead.length);
        aheadFrom = position;
      }
      int from = (int) (position - aheadFrom);
      int taken = Math.min(wanted, ahead.length - from);
      System.arraycopy(ahead, from, bytes, offset, taken);
      position += taken;
      return taken;
    }

    private void fetch(byte[] bytes, int offset, int length) throws IOException {
      try (InputStream in =
          store
              .open(key, position, length)
              .orElseThrow(() -> new EOFException(key + " is not there"))) {
        if (in.readNBytes(bytes, offset, length) < length) {
          throw new EOFException(key + " breaks off");
        }
      }
    }

    @Override
    public void readFully(byte[] bytes) throws IOException {
      readFully(bytes, 0, bytes.length);
    }

    @Override
    public void readFully(byte[] bytes, int start, int length) throws IOException {
      int at = 0;
      while (at < length) {
        int read = read(bytes, start + at, length - at);
        if (read < 0) {
          throw new EOFException(key + " is too short");
        }
        at += read;
      }
    }

    @Override
    public int read(ByteBuffer buffer) throws IOException {
      byte[] bytes = new byte[buffer.remaining()];
      int read = read(bytes, 0, bytes.length);
      if (read > 0) {
        buffer.put(bytes, 0, read);
      }
      return read;
    }

    @Override
    public void readFully(ByteBuffer buffer) throws IOException {
      byte[] bytes = new byte[buffer.remaining()];
      readFully(bytes, 0, bytes.length);
      buffer.put(bytes);
    }
  }
}
