package org.pilothouse.datasets.internal.preview;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;

/** What a value of a text file looks like. */
enum ValueKind {
  BOOLEAN("boolean"),
  INTEGER("integer"),
  NUMBER("number"),
  DATE("date"),
  TIMESTAMP("timestamp"),
  STRING("string"),
  JSON("json"),
  MIXED("mixed");

  private static final int LONGEST_NUMBER = 40;
  private static final int LONGEST_TIME = 40;

  private final String word;

  ValueKind(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }

  boolean isNumeric() {
    return this == INTEGER || this == NUMBER;
  }

  /** What a column of both is. */
  ValueKind with(ValueKind other, boolean typed) {
    if (this == other) {
      return this;
    }
    if (isNumeric() && other.isNumeric()) {
      return NUMBER;
    }
    if (isText() && other.isText()) {
      boolean bothTimes = this != STRING && other != STRING;
      return bothTimes ? TIMESTAMP : STRING;
    }
    return typed ? MIXED : STRING;
  }

  private boolean isText() {
    return this == STRING || this == DATE || this == TIMESTAMP;
  }

  /** What a text is, where the file does not say. */
  static ValueKind of(String text) {
    if (isNumber(text)) {
      return text.indexOf('.') < 0 && text.indexOf('e') < 0 && text.indexOf('E') < 0
          ? INTEGER
          : NUMBER;
    }
    if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
      return BOOLEAN;
    }
    return ofString(text);
  }

  /** What a text is that was said to be one. */
  static ValueKind ofString(String text) {
    if (text.length() < 10
        || text.length() > LONGEST_TIME
        || text.charAt(4) != '-'
        || text.charAt(7) != '-') {
      return STRING;
    }
    try {
      if (text.length() == 10) {
        var unused = LocalDate.parse(text);
        return DATE;
      }
      String iso = text.charAt(10) == ' ' ? text.replaceFirst(" ", "T") : text;
      if (iso.endsWith("Z") || iso.indexOf('+', 11) > 0 || iso.indexOf('-', 11) > 0) {
        var unused = OffsetDateTime.parse(iso);
      } else {
        var unused = LocalDateTime.parse(iso);
      }
      return TIMESTAMP;
    } catch (DateTimeException e) {
      return STRING;
    }
  }

  private static boolean isNumber(String text) {
    int length = text.length();
    if (length == 0 || length > LONGEST_NUMBER) {
      return false;
    }
    int at = text.charAt(0) == '-' || text.charAt(0) == '+' ? 1 : 0;
    int digits = digits(text, at);
    int whole = digits;
    at += digits;
    if (at < length && text.charAt(at) == '.') {
      int fraction = digits(text, at + 1);
      whole += fraction;
      at += 1 + fraction;
    }
    if (whole == 0) {
      return false;
    }
    if (at < length && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
      at++;
      if (at < length && (text.charAt(at) == '-' || text.charAt(at) == '+')) {
        at++;
      }
      int exponent = digits(text, at);
      if (exponent == 0 || exponent > 3) {
        return false;
      }
      at += exponent;
    }
    return at == length;
  }

  private static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at - from;
  }
}
