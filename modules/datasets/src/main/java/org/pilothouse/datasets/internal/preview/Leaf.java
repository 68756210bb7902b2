package org.pilothouse.datasets.internal.preview;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A column of a Parquet file.
 *
 * @param number among the columns of the file
 * @param length of a value of fixed length
 * @param repetition highest repetition level
 * @param definition highest definition level
 * @param repeatedAt the definition level of each repeated group above it, outermost first
 */
record Leaf(
    String name,
    int number,
    Physical physical,
    int length,
    Logical logical,
    int repetition,
    int definition,
    int[] repeatedAt) {

  /** How values are stored, by the number that the format gives it. */
  enum Physical {
    BOOLEAN(0),
    INT32(4),
    INT64(8),
    INT96(12),
    FLOAT(4),
    DOUBLE(8),
    BYTE_ARRAY(0),
    FIXED_LEN_BYTE_ARRAY(0);

    private final int width;

    Physical(int width) {
      this.width = width;
    }

    static Physical of(int number) throws NotPreviewable {
      if (number < 0 || number >= values().length) {
        throw NotPreviewable.malformed("A column has a type that does not exist.");
      }
      return values()[number];
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What values stand for. */
  enum Meaning {
    NONE,
    STRING,
    ENUM,
    JSON,
    BSON,
    UUID,
    DECIMAL,
    DATE,
    TIME,
    TIMESTAMP,
    INTEGER,
    FLOAT16,
    INTERVAL,
    UNKNOWN,
    LIST,
    MAP,
    VARIANT,
    GEOMETRY,
    GEOGRAPHY
  }

  /** The unit of a time. */
  enum Unit {
    MILLIS(1_000, "ms"),
    MICROS(1_000_000, "us"),
    NANOS(1_000_000_000, "ns");

    private final int inSecond;
    private final String word;

    Unit(int inSecond, String word) {
      this.inSecond = inSecond;
      this.word = word;
    }

    int inSecond() {
      return inSecond;
    }

    String word() {
      return word;
    }
  }

  /**
   * What values stand for, with what goes with it.
   *
   * @param utc whether times are in UTC, or of an unknown zone
   * @param bits of an integer
   */
  record Logical(
      Meaning meaning, int scale, int precision, Unit unit, boolean utc, int bits, boolean signed) {
    static final Logical NONE = of(Meaning.NONE);

    static Logical of(Meaning meaning) {
      return new Logical(meaning, 0, 0, Unit.MILLIS, false, 0, true);
    }

    static Logical decimal(int scale, int precision) {
      return new Logical(Meaning.DECIMAL, scale, precision, Unit.MILLIS, false, 0, true);
    }

    static Logical time(Meaning meaning, Unit unit, boolean utc) {
      return new Logical(meaning, 0, 0, unit, utc, 0, true);
    }

    static Logical integer(int bits, boolean signed) {
      return new Logical(Meaning.INTEGER, 0, 0, Unit.MILLIS, false, bits, signed);
    }

    @Nullable String words() {
      return switch (meaning) {
        case NONE, LIST, MAP -> null;
        case DECIMAL -> "decimal(" + precision + "," + scale + ")";
        case TIME, TIMESTAMP ->
            meaning.name().toLowerCase(Locale.ROOT)
                + "("
                + unit.word()
                + (utc ? ", utc)" : ", local)");
        case INTEGER -> (signed ? "int" : "uint") + bits;
        default -> meaning.name().toLowerCase(Locale.ROOT);
      };
    }
  }

  /** Of a stored value; 0 where each has a length of its own. */
  int width() {
    return physical == Physical.FIXED_LEN_BYTE_ARRAY ? length : physical.width;
  }

  boolean isNumeric() {
    return switch (physical) {
      case INT32, INT64 ->
          switch (logical.meaning()) {
            case NONE, INTEGER, DECIMAL -> true;
            default -> false;
          };
      case FLOAT, DOUBLE -> true;
      case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY ->
          logical.meaning() == Meaning.DECIMAL || logical.meaning() == Meaning.FLOAT16;
      case BOOLEAN, INT96 -> false;
    };
  }

  @Nullable String logicalWords() {
    String words = logical.words();
    if (repetition == 0) {
      return words;
    }
    return "list<".repeat(repetition)
        + (words == null ? physical.word() : words)
        + ">".repeat(repetition);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Leaf leaf && leaf.number == number && leaf.name.equals(name);
  }

  @Override
  public int hashCode() {
    return number;
  }
}
