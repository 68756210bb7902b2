package org.pilothouse.twins.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The levels of the equipment hierarchy of ISA-95 (IEC 62264-1), from the top. */
public enum Level {
  ENTERPRISE,
  SITE,
  AREA,
  LINE,
  CELL,
  UNIT;

  /**
   * The attribute of a twin that names its level. Other values of it are the pilot's own affair.
   */
  static final String ATTRIBUTE = "level";

  /** As it stands in the attribute. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Level> of(@Nullable String word) {
    return Arrays.stream(values()).filter(level -> level.word().equals(word)).findFirst();
  }

  /** A level may be left out, but never turned around. */
  boolean mayContain(Level other) {
    return ordinal() < other.ordinal();
  }

  /** The words of the levels that may not contain this one. */
  List<String> notAbove() {
    return words(level -> !level.mayContain(this));
  }

  /** The words of the levels that this one may not contain. */
  List<String> notBelow() {
    return words(level -> !mayContain(level));
  }

  private static List<String> words(java.util.function.Predicate<Level> which) {
    return Arrays.stream(values()).filter(which).map(Level::word).toList();
  }
}
