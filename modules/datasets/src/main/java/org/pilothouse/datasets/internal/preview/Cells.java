package org.pilothouse.datasets.internal.preview;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;

/** Stored values as people read them. */
final class Cells {
  private static final long JULIAN_EPOCH = 2_440_588;
  private static final long NANOS_OF_DAY = 86_400_000_000_000L;
  private static final int BYTES_SHOWN = 128;

  private Cells() {}

  /**
   * @param bytes the value in the form of the encoding PLAIN, without a length before it
   */
  static Sheet.Cell text(Leaf leaf, byte[] bytes, int from, int length) {
    ByteBuffer in = ByteBuffer.wrap(bytes, from, length).order(ByteOrder.LITTLE_ENDIAN);
    return switch (leaf.physical()) {
      case BOOLEAN -> Sheet.Cell.of(in.get() == 0 ? "false" : "true");
      case INT32 -> Sheet.Cell.of(whole(leaf.logical(), in.getInt(), 32));
      case INT64 -> Sheet.Cell.of(whole(leaf.logical(), in.getLong(), 64));
      case INT96 -> Sheet.Cell.of(int96(in));
      case FLOAT -> Sheet.Cell.of(Float.toString(in.getFloat()));
      case DOUBLE -> Sheet.Cell.of(Double.toString(in.getDouble()));
      case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> binary(leaf.logical(), bytes, from, length);
    };
  }

  private static String whole(Leaf.Logical logical, long value, int bits) {
    try {
      return switch (logical.meaning()) {
        case DATE -> LocalDate.ofEpochDay(value).toString();
        case TIME -> time(logical, value);
        case TIMESTAMP -> timestamp(logical, value);
        case DECIMAL -> BigDecimal.valueOf(value, logical.scale()).toPlainString();
        default ->
            logical.signed()
                ? Long.toString(value)
                : bits == 32 ? Integer.toUnsignedString((int) value) : Long.toUnsignedString(value);
      };
    } catch (DateTimeException | ArithmeticException e) {
      return Long.toString(value);
    }
  }

  private static String time(Leaf.Logical logical, long value) {
    int perSecond = logical.unit().inSecond();
    return DateTimeFormatter.ISO_LOCAL_TIME.format(
        LocalTime.ofNanoOfDay(Math.multiplyExact(value, (long) (1_000_000_000 / perSecond))));
  }

  private static String timestamp(Leaf.Logical logical, long value) {
    int perSecond = logical.unit().inSecond();
    Instant instant =
        Instant.ofEpochSecond(
            Math.floorDiv(value, (long) perSecond),
            Math.floorMod(value, (long) perSecond) * (1_000_000_000L / perSecond));
    return logical.utc()
        ? instant.toString()
        : DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
            LocalDateTime.ofInstant(instant, ZoneOffset.UTC));
  }

  private static String int96(ByteBuffer in) {
    long nanos = in.getLong();
    long day = Integer.toUnsignedLong(in.getInt()) - JULIAN_EPOCH;
    if (nanos < 0 || nanos >= NANOS_OF_DAY) {
      return "day " + day + ", " + nanos + " ns";
    }
    return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
        LocalDate.ofEpochDay(day).atTime(LocalTime.ofNanoOfDay(nanos)));
  }

  private static Sheet.Cell binary(Leaf.Logical logical, byte[] bytes, int from, int length) {
    return switch (logical.meaning()) {
      case STRING, ENUM, JSON -> string(bytes, from, length);
      case DECIMAL ->
          length == 0 || length > 1_000
              ? hex(bytes, from, length)
              : Sheet.Cell.of(
                  new BigDecimal(
                          new BigInteger(Arrays.copyOfRange(bytes, from, from + length)),
                          logical.scale())
                      .toPlainString());
      case UUID -> {
        if (length != 16) {
          yield hex(bytes, from, length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, from, length);
        yield Sheet.Cell.of(new UUID(in.getLong(), in.getLong()).toString());
      }
      case FLOAT16 ->
          length == 2
              ? Sheet.Cell.of(Float.toString(float16(bytes, from)))
              : hex(bytes, from, length);
      case INTERVAL -> {
        if (length != 12) {
          yield hex(bytes, from, length);
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, from, length).order(ByteOrder.LITTLE_ENDIAN);
        yield Sheet.Cell.of(
            Integer.toUnsignedString(in.getInt())
                + " months "
                + Integer.toUnsignedString(in.getInt())
                + " days "
                + Integer.toUnsignedString(in.getInt())
                + " ms");
      }
      default -> hex(bytes, from, length);
    };
  }

  private static Sheet.Cell string(byte[] bytes, int from, int length) {
    String text = Texts.beginning(bytes, from, length, Limits.CELL_CHARACTERS + 1);
    if (text.length() <= Limits.CELL_CHARACTERS) {
      return new Sheet.Cell(text, text.length());
    }
    return new Sheet.Cell(
        Texts.cut(text, Limits.CELL_CHARACTERS),
        Math.max(text.length(), Texts.characters(bytes, from, length)));
  }

  private static Sheet.Cell hex(byte[] bytes, int from, int length) {
    int shown = Math.min(length, BYTES_SHOWN);
    return new Sheet.Cell(
        "0x" + HexFormat.of().formatHex(bytes, from, from + shown), 2 + 2L * length);
  }

  /** IEEE 754, half precision. */
  static float float16(byte[] bytes, int from) {
    return Float.float16ToFloat((short) ((bytes[from] & 0xFF) | (bytes[from + 1] << 8)));
  }
}
