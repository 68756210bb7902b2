package org.pilothouse.datasets.internal.preview;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first values of one column in one row group, page by page.
 *
 * @see <a href="https://github.com/apache/parquet-format#data-pages">data pages</a>
 */
final class ChunkReading {
  private static final int SMALL_HEADER = 4 * 1024;

  private final Reading reading;
  private final Leaf leaf;
  private final Footer.Chunk chunk;
  private final Codec codec;
  private final long end;
  private long at;
  private int pages;
  private Values.Dictionary dictionary = Values.Dictionary.NONE;

  private long left;
  private @Nullable Hybrid repetitions;
  private @Nullable Hybrid definitions;
  private @Nullable Values values;
  private int entries;

  /**
   * @param dataEnds where the footer begins
   */
  ChunkReading(Reading reading, Leaf leaf, Footer.Chunk chunk, long dataEnds)
      throws NotPreviewable {
    if (chunk.unreadable() != null) {
      throw NotPreviewable.unsupported(chunk.unreadable());
    }
    Codec found = chunk.codec();
    if (found == null || !found.isKnown()) {
      throw NotPreviewable.unsupported(
          "it is packed as " + (found == null ? "nobody knows" : found.word()));
    }
    if (chunk.type() != leaf.physical().ordinal()) {
      throw NotPreviewable.malformed("its type is another one than in the schema");
    }
    if (chunk.from() < 4
        || chunk.length() < 0
        || chunk.from() > dataEnds
        || chunk.length() > dataEnds - chunk.from()) {
      throw NotPreviewable.malformed("its bytes are outside of the file");
    }
    this.reading = reading;
    this.leaf = leaf;
    this.chunk = chunk;
    this.codec = found;
    this.at = chunk.from();
    this.end = chunk.from() + chunk.length();
  }

  private int repetition;
  private int definition;

  /** The cells of the next rows, at most as many as asked for. */
  List<Sheet.@Nullable Cell> rows(long count) throws NotPreviewable {
    List<Sheet.@Nullable Cell> cells = new ArrayList<>();
    if (count == 0) {
      return cells;
    }
    if (leaf.repetition() == 0) {
      for (long i = 0; i < count; i++) {
        if (!advance()) {
          throw NotPreviewable.malformed("it has fewer values than rows");
        }
        cells.add(value());
      }
      return cells;
    }
    boolean more = advance();
    if (!more || repetition != 0) {
      throw NotPreviewable.malformed("it has fewer values than rows");
    }
    while (more && cells.size() < count) {
      ListText text = new ListText(leaf);
      do {
        text.add(repetition, definition, definition == leaf.definition() ? value() : null);
        more = advance();
      } while (more && repetition != 0);
      cells.add(text.cell());
    }
    if (cells.size() < count) {
      throw NotPreviewable.malformed("it has fewer values than rows");
    }
    return cells;
  }

  private Sheet.@Nullable Cell value() throws NotPreviewable {
    if (definition < leaf.definition()) {
      return null;
    }
    Values from = values;
    if (from == null) {
      throw NotPreviewable.malformed("it has a value before its first page");
    }
    from.next();
    return from.cell(leaf);
  }

  /** Goes to the next value, or place where there is none. */
  private boolean advance() throws NotPreviewable {
    while (left == 0) {
      if (at >= end || !page()) {
        return false;
      }
    }
    if (++entries > Limits.VALUES_OF_A_COLUMN) {
      throw NotPreviewable.beyond(
          "its first rows have more than " + Limits.VALUES_OF_A_COLUMN + " values");
    }
    left--;
    repetition = repetitions == null ? 0 : repetitions.next();
    definition = definitions == null ? 0 : definitions.next();
    if (repetition > leaf.repetition() || definition > leaf.definition()) {
      throw NotPreviewable.malformed("a value stands deeper than its schema");
    }
    return true;
  }

  /** The header of a page; what is not there is -1. */
  private static final class Header {
    private int type = -1;
    private int unpacked = -1;
    private int packed = -1;
    private int count = -1;
    private int encoding = -1;
    private int definitionEncoding = 3;
    private int repetitionEncoding = 3;
    private int definitionLength;
    private int repetitionLength;
    private boolean isPacked = true;
    private int size;
  }

  /** Whether there was one. */
  private boolean page() throws NotPreviewable {
    reading.goOn();
    if (++pages > Limits.PAGES_OF_A_COLUMN) {
      throw NotPreviewable.beyond("it has more than " + Limits.PAGES_OF_A_COLUMN + " pages");
    }
    Header header = header();
    at += header.size;
    if (header.packed < 0 || header.unpacked < 0 || header.packed > end - at) {
      throw NotPreviewable.malformed("a page has an impossible size");
    }
    boolean data = header.type == 0 || header.type == 3;
    if (!data && header.type != 2) {
      // An index, or what is not known yet: to be passed over.
      at += header.packed;
      return true;
    }
    if (header.packed > Limits.PACKED_PAGE || header.unpacked > Limits.UNPACKED_PAGE) {
      throw NotPreviewable.beyond("a page is larger than " + (Limits.UNPACKED_PAGE >> 20) + " MiB");
    }
    if (header.count < 0) {
      throw NotPreviewable.malformed("a page has a negative number of values");
    }
    byte[] packed = reading.readSmall(at, header.packed);
    at += header.packed;
    switch (header.type) {
      case 0 -> data(header, codec.unpack(packed, 0, packed.length, header.unpacked));
      case 3 -> data2(header, packed);
      default ->
          dictionary =
              Values.Dictionary.of(
                  leaf, codec.unpack(packed, 0, packed.length, header.unpacked), header.count);
    }
    return true;
  }

  private Header header() throws NotPreviewable {
    long there = end - at;
    int small = (int) Math.min(there, SMALL_HEADER);
    try {
      return header(reading.readSmall(at, small));
    } catch (NotPreviewable e) {
      // Statistics make some headers long.
      if (e.reason() != NotPreviewable.Reason.MALFORMED || small == there) {
        throw e;
      }
      return header(reading.read(at, (int) Math.min(there, Limits.PAGE_HEADER)));
    }
  }

  private static Header header(byte[] bytes) throws NotPreviewable {
    Header header = new Header();
    Compact in = new Compact(bytes);
    in.struct((id, type) -> {
      switch (id) {
        case 1 -> header.type = in.i32(type);
        case 2 -> header.unpacked = in.i32(type);
        case 3 -> header.packed = in.i32(type);
        case 5, 7, 8 -> {
          if (type != Compact.STRUCT) {
            throw Compact.broken();
          }
          in.struct((inner, innerType) -> ofData(in, header, id, inner, innerType));
        }
        default -> {
          return false;
        }
      }
      return true;
    });
    header.size = in.at();
    return header;
  }

  private static boolean ofData(Compact in, Header header, int kind, int id, int type)
      throws NotPreviewable {
    boolean second = kind == 8;
    switch (id) {
      case 1 -> header.count = in.i32(type);
      case 2 -> {
        if (second) {
          return false;
        }
        header.encoding = in.i32(type);
      }
      case 3 -> {
        if (kind != 5) {
          return false;
        }
        header.definitionEncoding = in.i32(type);
      }
      case 4 -> {
        if (second) {
          header.encoding = in.i32(type);
        } else {
          header.repetitionEncoding = in.i32(type);
        }
      }
      case 5 -> {
        if (!second) {
          return false;
        }
        header.definitionLength = in.i32(type);
      }
      case 6 -> {
        if (!second) {
          return false;
        }
        header.repetitionLength = in.i32(type);
      }
      case 7 -> {
        if (!second) {
          return false;
        }
        header.isPacked = Compact.bool(type);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void data(Header header, byte[] page) throws NotPreviewable {
    int from = 0;
    repetitions = null;
    definitions = null;
    if (leaf.repetition() > 0) {
      int length = levelsLength(page, from, header.repetitionEncoding);
      repetitions = levels(page, from + 4, length, leaf.repetition());
      from += 4 + length;
    }
    if (leaf.definition() > 0) {
      int length = levelsLength(page, from, header.definitionEncoding);
      definitions = levels(page, from + 4, length, leaf.definition());
      from += 4 + length;
    }
    begin(header, page, from);
  }

  private static int levelsLength(byte[] page, int from, int encoding) throws NotPreviewable {
    if (encoding != 3) {
      throw NotPreviewable.unsupported("its levels have an old encoding");
    }
    if (page.length - from < 4) {
      throw Values.broken();
    }
    int length =
        (page[from] & 0xFF)
            | (page[from + 1] & 0xFF) << 8
            | (page[from + 2] & 0xFF) << 16
            | (page[from + 3] & 0xFF) << 24;
    if (length < 0 || length > page.length - from - 4) {
      throw Values.broken();
    }
    return length;
  }

  private static Hybrid levels(byte[] page, int from, int length, int most) throws NotPreviewable {
    return new Hybrid(page, from, from + length, 32 - Integer.numberOfLeadingZeros(most));
  }

  /** The second form: levels stand before what is packed. */
  private void data2(Header header, byte[] packed) throws NotPreviewable {
    int before = header.repetitionLength + header.definitionLength;
    if (header.repetitionLength < 0
        || header.definitionLength < 0
        || before < 0
        || before > packed.length
        || before > header.unpacked) {
      throw NotPreviewable.malformed("the levels of a page have an impossible size");
    }
    repetitions =
        leaf.repetition() == 0
            ? null
            : levels(packed, 0, header.repetitionLength, leaf.repetition());
    definitions =
        leaf.definition() == 0
            ? null
            : levels(packed, header.repetitionLength, header.definitionLength, leaf.definition());
    Codec how = header.isPacked ? codec : Codec.UNCOMPRESSED;
    // Where every value is null there is nothing that could be packed.
    byte[] page =
        before == packed.length && header.unpacked == before
            ? new byte[0]
            : how.unpack(packed, before, packed.length - before, header.unpacked - before);
    begin(header, page, 0);
  }

  private void begin(Header header, byte[] page, int from) throws NotPreviewable {
    values = Values.of(leaf, header.encoding, page, from, page.length, dictionary);
    left = header.count;
  }
}
