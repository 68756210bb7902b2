package org.pilothouse.datasets.internal.preview;

import java.nio.charset.StandardCharsets;

/** Texts that are not longer than they may be. */
final class Texts {
  private Texts() {}

  /** Never in the middle of a character. */
  static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    return text.substring(0, end);
  }

  /** At most this many bytes of an answer in JSON. */
  static int written(String text) {
    int bytes = 2;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x20) {
        bytes += 6;
      } else if (c == '"' || c == '\\') {
        bytes += 2;
      } else {
        bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
      }
    }
    return bytes;
  }

  /** How many characters the bytes are, without making them. */
  static long characters(byte[] utf8, int from, int length) {
    long count = 0;
    for (int i = from; i < from + length; i++) {
      if ((utf8[i] & 0xC0) != 0x80) {
        count++;
      }
    }
    return count;
  }

  /** The beginning of what may be long; bytes that are no UTF-8 are replaced. */
  static String beginning(byte[] utf8, int from, int length, int most) {
    int bytes = Math.min(length, most * 4);
    return cut(new String(utf8, from, bytes, StandardCharsets.UTF_8), most);
  }
}
