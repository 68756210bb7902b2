package org.pilothouse.twins.internal;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads telemetry lines of the form that nearly all have: scalars only, in ASCII, without escapes.
 * It takes a fraction of what a parser of all JSON takes, and leaves to that whatever has another
 * form, be it right or wrong. Not for several threads.
 */
final class PlainLines {
  private static final String VALUES = "values";
  private static final int LONGEST_TEXT = 1_000;
  private static final int LONGEST_NUMBER = 100;
  private static final int KNOWN_NAMES = 256;

  /** By their hash; a name that is met again is not made again. */
  private final @Nullable String[] names = new String[KNOWN_NAMES];

  private byte[] line = {};
  private int at;

  /** The members of {@code values}, in order; null for a line of another form. */
  @Nullable Map<String, Reported> values(byte[] of, Instant time) {
    line = of;
    at = 0;
    Map<String, Reported> values = new LinkedHashMap<>();
    if (!next('{')) {
      return null;
    }
    do {
      String name = name();
      if (name == null) {
        return null;
      }
      boolean read = name.equals(VALUES) ? members(values, time) : scalar() != null;
      if (!read) {
        return null;
      }
    } while (next(','));
    return next('}') ? values : null;
  }

  private boolean members(Map<String, Reported> values, Instant time) {
    if (!next('{')) {
      return false;
    }
    do {
      String name = name();
      String literal = name == null ? null : scalar();
      if (name == null || literal == null) {
        return false;
      }
      values.put(name, new Reported(literal, time));
    } while (next(','));
    return next('}');
  }

  /** With the colon after it. */
  private @Nullable String name() {
    if (peek() != '"') {
      return null;
    }
    int from = at + 1;
    int end = textEnd();
    if (end < 0) {
      return null;
    }
    at = end + 1;
    return next(':') ? known(from, end) : null;
  }

  private String known(int from, int end) {
    int hash = 0;
    for (int i = from; i < end; i++) {
      hash = hash * 31 + line[i];
    }
    int slot = (hash ^ (hash >>> 8)) & (KNOWN_NAMES - 1);
    String met = names[slot];
    if (met != null && isAt(met, from, end)) {
      return met;
    }
    String fresh = text(from, end);
    names[slot] = fresh;
    return fresh;
  }

  private boolean isAt(String name, int from, int end) {
    if (name.length() != end - from) {
      return false;
    }
    for (int i = from; i < end; i++) {
      if (name.charAt(i - from) != line[i]) {
        return false;
      }
    }
    return true;
  }

  /** As JSON; null also for the literal {@code null}. */
  private @Nullable String scalar() {
    int first = peek();
    int from = at;
    if (first == '"') {
      int end = textEnd();
      if (end < 0) {
        return null;
      }
      at = end + 1;
    } else if (first == 't') {
      return word("true");
    } else if (first == 'f') {
      return word("false");
    } else if (!number()) {
      return null;
    }
    return text(from, at);
  }

  private @Nullable String word(String word) {
    if (line.length - at < word.length() || !isAt(word, at, at + word.length())) {
      return null;
    }
    at += word.length();
    return word;
  }

  /** RFC 8259, section 6. */
  private boolean number() {
    int from = at;
    if (at < line.length && line[at] == '-') {
      at++;
    }
    int whole = digits();
    if (whole == 0 || whole > 1 && line[at - whole] == '0') {
      return false;
    }
    if (at < line.length && line[at] == '.') {
      at++;
      if (digits() == 0) {
        return false;
      }
    }
    if (at < line.length && (line[at] == 'e' || line[at] == 'E')) {
      at++;
      if (at < line.length && (line[at] == '+' || line[at] == '-')) {
        at++;
      }
      if (digits() == 0) {
        return false;
      }
    }
    return at - from <= LONGEST_NUMBER;
  }

  private int digits() {
    int from = at;
    while (at < line.length && line[at] >= '0' && line[at] <= '9') {
      at++;
    }
    return at - from;
  }

  /** Where the quote is that ends the text which begins here; negative where it is not plain. */
  private int textEnd() {
    int most = Math.min(line.length, at + LONGEST_TEXT);
    for (int i = at + 1; i < most; i++) {
      byte each = line[i];
      if (each == '"') {
        return i;
      }
      // What is not ASCII is negative.
      if (each < ' ' || each == '\\') {
        return -1;
      }
    }
    return -1;
  }

  private String text(int from, int end) {
    return new String(line, from, end - from, StandardCharsets.ISO_8859_1);
  }

  private boolean next(char expected) {
    if (peek() != expected) {
      return false;
    }
    at++;
    return true;
  }

  /** The next byte that is not a space; negative at the end. */
  private int peek() {
    while (at < line.length) {
      byte each = line[at];
      if (each != ' ' && each != '\t' && each != '\n' && each != '\r') {
        return each;
      }
      at++;
    }
    return -1;
  }
}
