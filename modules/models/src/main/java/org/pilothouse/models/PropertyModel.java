package org.pilothouse.models;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model says of one property. The checks of single values allocate nothing while the value
 * is right: every reading passes here.
 *
 * @param unit as the author wrote it, for example {@code °C}
 * @param minimum the least value, itself allowed; null for no bound
 * @param exclusiveMinimum every value is above it; null for no bound
 * @param minLength in characters (code points)
 * @param allowed the only values, as {@link Double}, {@link String} or {@link Boolean}; empty when
 *     any is
 * @param readOnly people cannot wish for a value of it
 * @param structure for objects and arrays
 */
public record PropertyModel(
    String name,
    Type type,
    @Nullable String title,
    @Nullable String description,
    @Nullable String unit,
    @Nullable Double minimum,
    @Nullable Double maximum,
    @Nullable Double exclusiveMinimum,
    @Nullable Double exclusiveMaximum,
    @Nullable Integer minLength,
    @Nullable Integer maxLength,
    List<Object> allowed,
    boolean readOnly,
    ValueCheck structure) {

  /** The data schema's type. */
  public enum Type {
    NUMBER("a number"),
    INTEGER("a whole number"),
    STRING("a text"),
    BOOLEAN("true or false"),
    OBJECT("an object"),
    ARRAY("a list"),
    NULL("null"),
    /** The model leaves it open. */
    ANY("any value");

    private final String words;

    Type(String words) {
      this.words = words;
    }

    /** With its article, to follow "must be". */
    public String words() {
      return words;
    }
  }

  public PropertyModel {
    allowed = List.copyOf(allowed);
  }

  /** Null when the model takes the value. */
  public @Nullable Fault check(double value) {
    switch (type) {
      case NUMBER, ANY -> {
        if (!Double.isFinite(value)) {
          return wrongType();
        }
      }
      case INTEGER -> {
        if (!Double.isFinite(value) || Math.rint(value) != value) {
          return wrongType();
        }
      }
      case STRING, BOOLEAN, OBJECT, ARRAY, NULL -> {
        return wrongType();
      }
    }
    if (minimum != null && value < minimum) {
      return outOfRange("at least ", minimum);
    }
    if (maximum != null && value > maximum) {
      return outOfRange("at most ", maximum);
    }
    if (exclusiveMinimum != null && value <= exclusiveMinimum) {
      return outOfRange("above ", exclusiveMinimum);
    }
    if (exclusiveMaximum != null && value >= exclusiveMaximum) {
      return outOfRange("below ", exclusiveMaximum);
    }
    if (!allowed.isEmpty()) {
      for (Object one : allowed) {
        if (one instanceof Double number && number == value) {
          return null;
        }
      }
      return notAllowed();
    }
    return null;
  }

  /** Null when the model takes the value. */
  public @Nullable Fault check(String value) {
    if (type != Type.STRING && type != Type.ANY) {
      return wrongType();
    }
    if (minLength != null || maxLength != null) {
      int length = value.codePointCount(0, value.length());
      if (minLength != null && length < minLength) {
        return Fault.of(
            Fault.Reason.WRONG_LENGTH, name + " must hold at least " + minLength + " characters.");
      }
      if (maxLength != null && length > maxLength) {
        return Fault.of(
            Fault.Reason.WRONG_LENGTH, name + " may hold at most " + maxLength + " characters.");
      }
    }
    return allowed.isEmpty() || allowed.contains(value) ? null : notAllowed();
  }

  /** Null when the model takes the value. */
  public @Nullable Fault check(boolean value) {
    if (type != Type.BOOLEAN && type != Type.ANY) {
      return wrongType();
    }
    return allowed.isEmpty() || allowed.contains(value) ? null : notAllowed();
  }

  /** Any JSON; objects and lists are looked into. Null when the model takes the value. */
  public @Nullable Fault check(JsonNode value) {
    if (value.isNumber()) {
      return check(value.doubleValue());
    }
    if (value.isTextual()) {
      return check(value.textValue());
    }
    if (value.isBoolean()) {
      return check(value.booleanValue());
    }
    boolean fits =
        switch (type) {
          case ANY -> true;
          case OBJECT -> value.isObject();
          case ARRAY -> value.isArray();
          case NULL -> value.isNull();
          case NUMBER, INTEGER, STRING, BOOLEAN -> false;
        };
    if (!fits) {
      return wrongType();
    }
    List<Fault> faults = structure.faults(value);
    return faults.isEmpty() ? null : faults.getFirst();
  }

  private Fault wrongType() {
    return Fault.of(Fault.Reason.WRONG_TYPE, name + " must be " + type.words() + ".");
  }

  private Fault outOfRange(String words, double bound) {
    return Fault.of(
        Fault.Reason.OUT_OF_RANGE,
        name + " must be " + words + shown(bound) + (unit == null ? "" : " " + unit) + ".");
  }

  private Fault notAllowed() {
    return Fault.of(
        Fault.Reason.NOT_ALLOWED, name + " must be one of the values that the model names.");
  }

  private static String shown(double number) {
    return Math.abs(number) < 1e15
        ? BigDecimal.valueOf(number).stripTrailingZeros().toPlainString()
        : Double.toString(number);
  }
}
