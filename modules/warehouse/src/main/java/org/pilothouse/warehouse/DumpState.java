package org.pilothouse.warehouse;

import java.util.Locale;

/** Where a day stands; the words are part of the API. */
public enum DumpState {
  /** It is not closed: it goes on, or events of it are waited for. */
  OPEN,
  RUNNING,
  FAILED,
  COMPLETE,
  /** It is closed, and says which offsets the backbone no longer had. */
  INCOMPLETE;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static DumpState of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
