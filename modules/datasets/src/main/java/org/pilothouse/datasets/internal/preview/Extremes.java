package org.pilothouse.datasets.internal.preview;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the row groups say of a column, put together. What one of them does not say is not known of
 * the whole.
 *
 * @see <a
 *     href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">
 *     Statistics and ColumnOrder</a>
 */
final class Extremes {
  private final Leaf leaf;
  private boolean nullsKnown = true;
  private long nulls;
  private boolean extremesKnown = true;
  private byte @Nullable [] least;
  private byte @Nullable [] most;
  private boolean exact = true;
  private int chunks;
  private @Nullable Long distinct;

  Extremes(Leaf leaf) {
    this.leaf = leaf;
  }

  /** The statistics of one chunk, as they stand in the file. */
  static final class OfChunk {
    private byte @Nullable [] oldLeast;
    private byte @Nullable [] oldMost;
    private byte @Nullable [] least;
    private byte @Nullable [] most;
    private long nulls = -1;
    private long distinct = -1;
    private boolean exact = true;

    static OfChunk read(Compact in) throws NotPreviewable {
      OfChunk read = new OfChunk();
      in.struct((id, type) -> {
        switch (id) {
          case 1 -> read.oldMost = in.binary(type);
          case 2 -> read.oldLeast = in.binary(type);
          case 3 -> read.nulls = in.i64(type);
          case 4 -> read.distinct = in.i64(type);
          case 5 -> read.most = in.binary(type);
          case 6 -> read.least = in.binary(type);
          case 7, 8 -> read.exact &= Compact.bool(type);
          default -> {
            return false;
          }
        }
        return true;
      });
      return read;
    }
  }

  void add(@Nullable OfChunk told, long values) {
    chunks++;
    if (told == null) {
      nullsKnown &= values == 0;
      extremesKnown &= values == 0;
      distinct = null;
      return;
    }
    if (told.nulls < 0 || told.nulls > values) {
      nullsKnown = false;
    } else {
      nulls += told.nulls;
    }
    distinct = chunks == 1 && told.distinct >= 0 && told.distinct <= values ? told.distinct : null;
    // The older pair of fields was compared as signed bytes: wrong for all but signed numbers.
    boolean newer = told.least != null && told.most != null;
    byte[] low = newer ? told.least : oldIsRight() ? told.oldLeast : null;
    byte[] high = newer ? told.most : oldIsRight() ? told.oldMost : null;
    if (low == null || high == null) {
      extremesKnown &= values == 0 || told.nulls == values;
      return;
    }
    if (!fits(low) || !fits(high)) {
      extremesKnown = false;
      return;
    }
    exact &= told.exact;
    least = least == null || compare(low, least) < 0 ? low : least;
    most = most == null || compare(high, most) > 0 ? high : most;
  }

  private boolean oldIsRight() {
    return switch (leaf.physical()) {
      case BOOLEAN, FLOAT, DOUBLE -> true;
      case INT32, INT64 -> leaf.logical().signed();
      case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> false;
    };
  }

  private boolean fits(byte[] value) {
    return switch (leaf.physical()) {
      case BOOLEAN -> value.length == 1;
      case INT32 -> value.length == 4;
      case INT64 -> value.length == 8;
      case FLOAT -> value.length == 4 && !Float.isNaN(little(value).getFloat());
      case DOUBLE -> value.length == 8 && !Double.isNaN(little(value).getDouble());
      // They have no order.
      case INT96 -> false;
      case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
          switch (leaf.logical().meaning()) {
            case INTERVAL, UNKNOWN, VARIANT, GEOMETRY, GEOGRAPHY -> false;
            case DECIMAL -> value.length > 0 && value.length <= 1_000;
            case FLOAT16 -> value.length == 2 && !Float.isNaN(Cells.float16(value, 0));
            default -> true;
          };
    };
  }

  private int compare(byte[] left, byte[] right) {
    return switch (leaf.physical()) {
      case BOOLEAN -> Byte.compare(left[0], right[0]);
      case INT32 -> {
        int a = little(left).getInt();
        int b = little(right).getInt();
        yield leaf.logical().signed() ? Integer.compare(a, b) : Integer.compareUnsigned(a, b);
      }
      case INT64 -> {
        long a = little(left).getLong();
        long b = little(right).getLong();
        yield leaf.logical().signed() ? Long.compare(a, b) : Long.compareUnsigned(a, b);
      }
      case FLOAT -> Float.compare(little(left).getFloat(), little(right).getFloat());
      case DOUBLE -> Double.compare(little(left).getDouble(), little(right).getDouble());
      case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
          switch (leaf.logical().meaning()) {
            case DECIMAL -> new BigInteger(left).compareTo(new BigInteger(right));
            case FLOAT16 -> Float.compare(Cells.float16(left, 0), Cells.float16(right, 0));
            default -> Arrays.compareUnsigned(left, right);
          };
    };
  }

  private static ByteBuffer little(byte[] value) {
    return ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Whether the file has none, or shortened them. */
  boolean isExact() {
    return exact;
  }

  Preview.Column column(@Nullable String unread) {
    boolean known = extremesKnown && least != null && most != null;
    return new Preview.Column(
        Texts.cut(leaf.name(), Limits.NAME_CHARACTERS),
        leaf.physical().word(),
        leaf.logicalWords(),
        leaf.isNumeric() && leaf.repetition() == 0,
        nullsKnown ? nulls : null,
        distinct,
        known ? text(least) : null,
        known ? text(most) : null,
        null,
        null,
        unread);
  }

  private @Nullable String text(byte @Nullable [] value) {
    return value == null
        ? null
        : Texts.cut(Cells.text(leaf, value, 0, value.length).text(), Limits.EXTREME_CHARACTERS);
  }
}
