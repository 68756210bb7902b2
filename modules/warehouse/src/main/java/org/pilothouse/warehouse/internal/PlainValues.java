package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.parquet.io.api.Binary;
import org.jspecify.annotations.Nullable;

/**
 * Reads events of the form that nearly all have: scalars only, in ASCII, without escapes, and short
 * numbers. It takes a fraction of what a parser of all JSON takes, and leaves to that whatever has
 * another form, be it right or wrong. Not for several threads.
 */
final class PlainValues {
  private static final String VALUES = "values";
  private static final int LONGEST_TEXT = 1_000;

  /** What is longer is left to the parser, which keeps the bound of names. */
  private static final int LONGEST_NAME = 200;

  /** Of an object. */
  private static final int MOST_MEMBERS = 48;

  private static final int KNOWN_NAMES = 256;

  /** Whole numbers of so many digits are exact as doubles, and so are these powers of ten. */
  private static final int EXACT_DIGITS = 15;

  private static final double[] POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
  };

  /** By their hash; a name that is met again is not made again. */
  private final @Nullable String[] known = new String[KNOWN_NAMES];

  private final Members outer = new Members();
  private final Members values = new Members();
  private final Value value = new Value();

  private byte[] line = {};
  private int at;

  /**
   * The names of an object's members; where their values begin and end, and what they are. Most
   * objects have the names of the one before, in its order: those are only compared.
   */
  private static final class Members {
    private final String[] names = new String[MOST_MEMBERS];
    private final byte[][] quoted = new byte[MOST_MEMBERS][];
    private final JsonToken[] tokens = new JsonToken[MOST_MEMBERS];
    private final int[] from = new int[MOST_MEMBERS];
    private final int[] to = new int[MOST_MEMBERS];
    private int size;

    /** So many names are those of the object before, or were found to differ from each other. */
    private int different;

    void begin() {
      size = 0;
    }

    /** The name that stood here in the object before, with its quotes; null where none did. */
    byte @Nullable [] expected() {
      return size < different ? quoted[size] : null;
    }

    /** The expected one. */
    String again() {
      return names[size++];
    }

    /** False where there are too many, or another has the name. */
    boolean add(String name) {
      if (size == MOST_MEMBERS) {
        return false;
      }
      for (int i = 0; i < size; i++) {
        if (names[i].equals(name)) {
          return false;
        }
      }
      names[size] = name;
      quoted[size] = ('"' + name + '"').getBytes(StandardCharsets.ISO_8859_1);
      different = ++size;
      return true;
    }
  }

  /**
   * Hands the members of {@code values} on, in order.
   *
   * @return false for an event of another form: then nothing was handed on
   */
  boolean read(byte[] data, ValueReader.Taker taker) throws IOException, Unconvertible {
    line = data;
    at = 0;
    outer.begin();
    values.begin();
    if (!isPlain()) {
      return false;
    }
    for (int i = 0; i < values.size; i++) {
      value.token = values.tokens[i];
      value.from = values.from[i];
      value.to = values.to[i];
      taker.take(values.names[i], value.token, value);
    }
    return true;
  }

  private boolean isPlain() {
    boolean found = false;
    if (!next('{')) {
      return false;
    }
    do {
      String name = name(outer);
      if (name == null) {
        return false;
      }
      if (name.equals(VALUES)) {
        found = true;
        if (!members()) {
          return false;
        }
      } else if (scalar() == null) {
        return false;
      }
    } while (next(','));
    return next('}') && peek() < 0 && at == line.length && found;
  }

  private boolean members() {
    if (!next('{')) {
      return false;
    }
    do {
      if (name(values) == null) {
        return false;
      }
      int place = values.size - 1;
      int unused = peek();
      values.from[place] = at;
      JsonToken token = scalar();
      if (token == null) {
        return false;
      }
      values.tokens[place] = token;
      values.to[place] = at;
    } while (next(','));
    return next('}');
  }

  /** With the colon after it; null also where another member has it. */
  private @Nullable String name(Members members) {
    if (peek() != '"') {
      return null;
    }
    byte[] expected = members.expected();
    if (expected != null
        && Arrays.equals(
            line, at, Math.min(line.length, at + expected.length), expected, 0, expected.length)) {
      at += expected.length;
      return next(':') ? members.again() : null;
    }
    int from = at + 1;
    int end = textEnd();
    if (end < 0 || end - from > LONGEST_NAME) {
      return null;
    }
    at = end + 1;
    if (!next(':')) {
      return null;
    }
    String name = known(from, end);
    return members.add(name) ? name : null;
  }

  private String known(int from, int end) {
    int hash = 0;
    for (int i = from; i < end; i++) {
      hash = hash * 31 + line[i];
    }
    int slot = (hash ^ (hash >>> 8)) & (KNOWN_NAMES - 1);
    String met = known[slot];
    if (met != null && isAt(met, from, end)) {
      return met;
    }
    String fresh = text(from, end);
    known[slot] = fresh;
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

  /** What stands here; null where it is not plain, as {@code null} is not. */
  private @Nullable JsonToken scalar() {
    int first = peek();
    if (first == '"') {
      int end = textEnd();
      if (end < 0) {
        return null;
      }
      at = end + 1;
      return JsonToken.VALUE_STRING;
    }
    if (first == 't') {
      return word("true") ? JsonToken.VALUE_TRUE : null;
    }
    if (first == 'f') {
      return word("false") ? JsonToken.VALUE_FALSE : null;
    }
    return number();
  }

  private boolean word(String word) {
    if (line.length - at < word.length() || !isAt(word, at, at + word.length())) {
      return false;
    }
    at += word.length();
    return true;
  }

  /** RFC 8259, section 6, without exponents, and with few enough digits to be exact. */
  private @Nullable JsonToken number() {
    boolean negative = at < line.length && line[at] == '-';
    if (negative) {
      at++;
    }
    int whole = digits();
    if (whole == 0 || whole > 1 && line[at - whole] == '0') {
      return null;
    }
    JsonToken token = JsonToken.VALUE_NUMBER_INT;
    int fraction = 0;
    if (at < line.length && line[at] == '.') {
      at++;
      fraction = digits();
      if (fraction == 0) {
        return null;
      }
      token = JsonToken.VALUE_NUMBER_FLOAT;
    } else if (negative && line[at - 1] == '0' && whole == 1) {
      // Whether a zero without a fraction has a sign, the parser decides.
      return null;
    }
    if (whole + fraction > EXACT_DIGITS) {
      return null;
    }
    return at < line.length && (line[at] == 'e' || line[at] == 'E') ? null : token;
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

  /** One of them, with the quotes of a text. */
  private final class Value implements Scalar {
    private JsonToken token = JsonToken.NOT_AVAILABLE;
    private int from;
    private int to;

    @Override
    public String text() {
      return PlainValues.this.text(from + 1, to - 1);
    }

    @Override
    public Binary binary() {
      // Copied where it is kept: it would keep the whole event.
      return Binary.fromReusedByteArray(line, from + 1, to - from - 2);
    }

    @Override
    public double number() {
      long digits = 0;
      int fraction = 0;
      boolean negative = line[from] == '-';
      for (int i = negative ? from + 1 : from; i < to; i++) {
        if (line[i] == '.') {
          fraction = to - i - 1;
        } else {
          digits = digits * 10 + line[i] - '0';
        }
      }
      // Both are exact, so the quotient is the nearest double, as it would be by parsing.
      double number = digits / POWERS[fraction];
      return negative ? -number : number;
    }

    @Override
    public boolean isLong() {
      return true;
    }

    @Override
    public long whole() {
      long digits = 0;
      boolean negative = line[from] == '-';
      for (int i = negative ? from + 1 : from; i < to; i++) {
        digits = digits * 10 + line[i] - '0';
      }
      return negative ? -digits : digits;
    }

    @Override
    public String literal() {
      if (token != JsonToken.VALUE_STRING) {
        return PlainValues.this.text(from, to);
      }
      StringBuilder quoted = new StringBuilder().append('"');
      JsonStringEncoder.getInstance().quoteAsString(text(), quoted);
      return quoted.append('"').toString();
    }
  }
}
