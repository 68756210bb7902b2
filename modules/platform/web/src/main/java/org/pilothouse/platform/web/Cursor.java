package org.pilothouse.platform.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32C;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/**
 * Where a list goes on. Opaque outside; it holds no right: what a list shows is decided anew for
 * every page. The check sum only tells a mangled cursor from one that was given.
 */
public final class Cursor {
  private static final String SEPARATOR = "\u001f";

  private Cursor() {}

  /**
   * @param list the name of the list, so that one list's cursor is refused by another
   */
  public static String of(String list, String... position) {
    byte[] text =
        (list + SEPARATOR + String.join(SEPARATOR, position)).getBytes(StandardCharsets.UTF_8);
    ByteBuffer whole = ByteBuffer.allocate(4 + text.length).putInt(sum(text)).put(text);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(whole.array());
  }

  /**
   * @throws Problem {@code invalid_cursor} when this list did not give it
   */
  public static List<String> read(String list, String cursor, int parts) {
    byte[] whole;
    try {
      whole = Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException e) {
      throw invalid();
    }
    if (whole.length < 5) {
      throw invalid();
    }
    ByteBuffer buffer = ByteBuffer.wrap(whole);
    int sum = buffer.getInt();
    byte[] text = new byte[buffer.remaining()];
    buffer.get(text);
    List<String> read = List.of(new String(text, StandardCharsets.UTF_8).split(SEPARATOR, -1));
    if (sum != sum(text) || read.size() != parts + 1 || !read.getFirst().equals(list)) {
      throw invalid();
    }
    List<String> position = read.subList(1, read.size());
    if (!position.stream().allMatch(JsonFields::isPrintable)) {
      throw invalid();
    }
    return position;
  }

  /**
   * A time in a position.
   *
   * @throws Problem {@code invalid_cursor}
   */
  public static Instant time(String part) {
    try {
      return Instant.parse(part);
    } catch (DateTimeException e) {
      throw invalid();
    }
  }

  static Problem invalid() {
    return Problem.at(ProblemCode.INVALID_CURSOR, "cursor", "The cursor is not one of this list.");
  }

  private static int sum(byte[] text) {
    CRC32C crc = new CRC32C();
    crc.update(text);
    return (int) crc.getValue();
  }
}
