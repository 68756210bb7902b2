package org.pilothouse.datasets.internal.preview;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The values of a page, one after the other. Each is a piece of bytes in the form of the encoding
 * PLAIN.
 *
 * @see <a href="https://github.com/apache/parquet-format/blob/master/Encodings.md">the
 *     encodings</a>
 */
abstract class Values {
  private static final int PLAIN = 0;
  private static final int PLAIN_DICTIONARY = 2;
  private static final int RLE = 3;
  private static final int DELTA_BINARY_PACKED = 5;
  private static final int DELTA_LENGTH_BYTE_ARRAY = 6;
  private static final int DELTA_BYTE_ARRAY = 7;
  private static final int RLE_DICTIONARY = 8;
  private static final int BYTE_STREAM_SPLIT = 9;

  protected byte[] bytes = new byte[0];
  protected int from;
  protected int length;

  abstract void next() throws NotPreviewable;

  Sheet.Cell cell(Leaf leaf) {
    return Cells.text(leaf, bytes, from, length);
  }

  static Values of(Leaf leaf, int encoding, byte[] page, int from, int end, Dictionary dictionary)
      throws NotPreviewable {
    boolean whole =
        leaf.physical() == Leaf.Physical.INT32 || leaf.physical() == Leaf.Physical.INT64;
    boolean arrays = leaf.physical() == Leaf.Physical.BYTE_ARRAY;
    return switch (encoding) {
      case PLAIN -> plain(leaf, page, from, end);
      case PLAIN_DICTIONARY, RLE_DICTIONARY -> new Looked(page, from, end, dictionary);
      case RLE -> {
        require(leaf.physical() == Leaf.Physical.BOOLEAN);
        yield new Booleans(page, from, end);
      }
      case DELTA_BINARY_PACKED -> {
        require(whole);
        yield new Numbers(new Deltas(page, from, end), leaf.width());
      }
      case DELTA_LENGTH_BYTE_ARRAY -> {
        require(arrays);
        yield new Lengths(page, from, end);
      }
      case DELTA_BYTE_ARRAY -> {
        require(arrays || leaf.physical() == Leaf.Physical.FIXED_LEN_BYTE_ARRAY);
        yield new Prefixes(page, from, end, leaf.width());
      }
      case BYTE_STREAM_SPLIT -> {
        require(leaf.width() > 0);
        yield new Split(page, from, end, leaf.width());
      }
      default -> throw NotPreviewable.unsupported("it has the encoding " + encoding);
    };
  }

  private static void require(boolean right) throws NotPreviewable {
    if (!right) {
      throw NotPreviewable.malformed("its encoding does not go with its type");
    }
  }

  static NotPreviewable broken() {
    return NotPreviewable.malformed("a page ends too early");
  }

  private static Values plain(Leaf leaf, byte[] page, int from, int end) {
    return switch (leaf.physical()) {
      case BOOLEAN -> new Bits(page, from, end);
      case BYTE_ARRAY -> new Arrays32(page, from, end);
      default -> new Fixed(page, from, end, leaf.width());
    };
  }

  private static final class Fixed extends Values {
    private final int end;
    private int at;

    Fixed(byte[] page, int from, int end, int width) {
      this.bytes = page;
      this.length = width;
      this.end = end;
      this.at = from;
    }

    @Override
    void next() throws NotPreviewable {
      if (length > end - at) {
        throw broken();
      }
      from = at;
      at += length;
    }
  }

  private static final class Arrays32 extends Values {
    private final int end;
    private int at;

    Arrays32(byte[] page, int from, int end) {
      this.bytes = page;
      this.end = end;
      this.at = from;
    }

    @Override
    void next() throws NotPreviewable {
      length = length(bytes, at, end);
      from = at + 4;
      at = from + length;
    }
  }

  private static int length(byte[] bytes, int at, int end) throws NotPreviewable {
    if (end - at < 4) {
      throw broken();
    }
    int length = ByteBuffer.wrap(bytes, at, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (length < 0 || length > end - at - 4) {
      throw broken();
    }
    return length;
  }

  private static final class Bits extends Values {
    private final byte[] page;
    private final long end;
    private long bit;

    Bits(byte[] page, int from, int end) {
      this.page = page;
      this.bit = from * 8L;
      this.end = end * 8L;
      this.bytes = new byte[1];
      this.length = 1;
    }

    @Override
    void next() throws NotPreviewable {
      if (bit >= end) {
        throw broken();
      }
      bytes[0] = (byte) ((page[(int) (bit >>> 3)] >>> (bit & 7)) & 1);
      bit++;
    }
  }

  private static final class Booleans extends Values {
    private final Hybrid bits;

    Booleans(byte[] page, int from, int end) throws NotPreviewable {
      int size = Values.length(page, from, end);
      this.bits = new Hybrid(page, from + 4, from + 4 + size, 1);
      this.bytes = new byte[1];
      this.length = 1;
    }

    @Override
    void next() throws NotPreviewable {
      bytes[0] = (byte) bits.next();
    }
  }

  private static final class Numbers extends Values {
    private final Deltas deltas;

    Numbers(Deltas deltas, int width) {
      this.deltas = deltas;
      this.bytes = new byte[8];
      this.length = width;
    }

    @Override
    void next() throws NotPreviewable {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(deltas.next());
    }
  }

  private static final class Lengths extends Values {
    private final Deltas lengths;
    private final int end;
    private int at;

    Lengths(byte[] page, int from, int end) throws NotPreviewable {
      this.lengths = new Deltas(page, from, end);
      this.at = new Deltas(page, from, end).skipped();
      this.bytes = page;
      this.end = end;
    }

    @Override
    void next() throws NotPreviewable {
      long told = lengths.next();
      if (told < 0 || told > end - at) {
        throw broken();
      }
      from = at;
      length = (int) told;
      at += length;
    }
  }

  /** A value may share its beginning with the one before, so never outgrows the page. */
  private static final class Prefixes extends Values {
    private final Deltas prefixes;
    private final Lengths suffixes;
    private final int width;
    private byte[] before = new byte[0];

    Prefixes(byte[] page, int from, int end, int width) throws NotPreviewable {
      this.prefixes = new Deltas(page, from, end);
      this.suffixes = new Lengths(page, new Deltas(page, from, end).skipped(), end);
      this.width = width;
    }

    @Override
    void next() throws NotPreviewable {
      long shared = prefixes.next();
      suffixes.next();
      if (shared < 0 || shared > before.length) {
        throw broken();
      }
      byte[] value = Arrays.copyOf(before, (int) shared + suffixes.length);
      System.arraycopy(suffixes.bytes, suffixes.from, value, (int) shared, suffixes.length);
      if (width > 0 && value.length != width) {
        throw broken();
      }
      before = value;
      bytes = value;
      length = value.length;
    }
  }

  private static final class Split extends Values {
    private final byte[] page;
    private final int start;
    private final int count;
    private int done;

    Split(byte[] page, int from, int end, int width) {
      this.page = page;
      this.start = from;
      this.count = (end - from) / width;
      this.bytes = new byte[width];
      this.length = width;
    }

    @Override
    void next() throws NotPreviewable {
      if (done >= count) {
        throw broken();
      }
      for (int k = 0; k < length; k++) {
        bytes[k] = page[start + k * count + done];
      }
      done++;
    }
  }

  /** The values that indices point to, found in the bytes of their page when they are asked for. */
  static final class Dictionary {
    static final Dictionary NONE = new Dictionary(new byte[0], new int[0], 0, 0);

    private final byte[] page;
    private final int[] starts;
    private final int width;
    private final int count;

    private Dictionary(byte[] page, int[] starts, int width, int count) {
      this.page = page;
      this.starts = starts;
      this.width = width;
      this.count = count;
    }

    static Dictionary of(Leaf leaf, byte[] page, int count) throws NotPreviewable {
      int width = leaf.width();
      if (count < 0 || (long) count * Math.max(width, 4) > page.length) {
        throw NotPreviewable.malformed("a dictionary has fewer values than it says");
      }
      if (width > 0) {
        return new Dictionary(page, new int[0], width, count);
      }
      require(leaf.physical() == Leaf.Physical.BYTE_ARRAY);
      int[] starts = new int[count];
      int at = 0;
      for (int i = 0; i < count; i++) {
        starts[i] = at;
        at += 4 + Values.length(page, at, page.length);
      }
      return new Dictionary(page, starts, 0, count);
    }

    private void look(int index, Values into) throws NotPreviewable {
      if (index < 0 || index >= count) {
        throw NotPreviewable.malformed("a value is not in the dictionary");
      }
      into.bytes = page;
      if (width > 0) {
        into.from = index * width;
        into.length = width;
      } else {
        into.from = starts[index] + 4;
        into.length = Values.length(page, starts[index], page.length);
      }
    }
  }

  private static final class Looked extends Values {
    private final Hybrid indices;
    private final Dictionary dictionary;

    Looked(byte[] page, int from, int end, Dictionary dictionary) throws NotPreviewable {
      // A page in which all is null may be without a single byte.
      int width = from < end ? page[from] & 0xFF : 0;
      this.indices = new Hybrid(page, Math.min(from + 1, end), end, width);
      this.dictionary = dictionary;
    }

    @Override
    void next() throws NotPreviewable {
      dictionary.look(indices.next(), this);
    }
  }
}
