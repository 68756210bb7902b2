package org.pilothouse.exports.internal.engine;

/** Texts as SQL takes them. */
public final class Sql {
  private Sql() {}

  /** A name, whatever it holds. */
  public static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A text; the engine knows no other escapes between quotes. */
  public static String text(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}
