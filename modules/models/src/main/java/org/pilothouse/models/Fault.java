package org.pilothouse.models;

import java.util.Locale;

/**
 * Why a model refuses a value.
 *
 * @param path where in the value, as an RFC 6901 JSON pointer; empty for the whole of it
 * @param sentence for people; it repeats the model's words, never the value
 */
public record Fault(Reason reason, String path, String sentence) {

  /** For programs; the words are part of the API. */
  public enum Reason {
    WRONG_TYPE,
    OUT_OF_RANGE,
    NOT_ALLOWED,
    WRONG_LENGTH,
    WRONG_FORM,
    MISSING,
    UNKNOWN_FIELD,
    TOO_COSTLY;

    /** As it stands in answers and rejected records, for example {@code out_of_range}. */
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Fault of(Reason reason, String sentence) {
    return new Fault(reason, "", sentence);
  }
}
