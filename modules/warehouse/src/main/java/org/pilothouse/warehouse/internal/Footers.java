package org.pilothouse.warehouse.internal;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.format.Util;
import org.pilothouse.platform.objectstore.ObjectStore;

/** What the ends of Parquet files say, read back from the store. */
final class Footers {
  private static final byte[] MAGIC = {'P', 'A', 'R', '1'};
  private static final int TAIL = 8;
  private static final int LARGEST = 64 << 20;

  private Footers() {}

  /**
   * How many rows the file has.
   *
   * @throws IOException also when it does not end as such a file does
   */
  static long rows(ObjectStore store, String key, long size) throws IOException {
    return Util.readFileMetaData(new ByteArrayInputStream(footer(store, key, size)), true)
        .getNum_rows();
  }

  private static byte[] footer(ObjectStore store, String key, long size) throws IOException {
    byte[] tail = bytes(store, key, size - TAIL, TAIL);
    int length = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt();
    boolean ends = Arrays.equals(tail, TAIL - MAGIC.length, TAIL, MAGIC, 0, MAGIC.length);
    if (!ends || length <= 0 || length > LARGEST || length > size - TAIL - MAGIC.length) {
      throw new IOException(key + " does not end as a Parquet file does");
    }
    return bytes(store, key, size - TAIL - length, length);
  }

  private static byte[] bytes(ObjectStore store, String key, long from, int length)
      throws IOException {
    if (from < 0) {
      throw new EOFException(key + " is too short");
    }
    try (InputStream in =
        store.open(key, from, length).orElseThrow(() -> new EOFException(key + " is not there"))) {
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException(key + " breaks off");
      }
      return bytes;
    }
  }
}
