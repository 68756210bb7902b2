package org.pilothouse.webapp;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/** What a node does; all of it where nothing is said. */
public enum Sides {
  WEB,
  INGEST,
  STREAM,
  WORKER,
  BATCH;

  private static final String KEY = "pilothouse.sides";

  static Set<Sides> from(Settings settings) {
    Set<Sides> sides = EnumSet.noneOf(Sides.class);
    for (String word : settings.text(KEY, "web,ingest,stream,worker,batch").split(",", -1)) {
      try {
        sides.add(Sides.valueOf(word.strip().toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw new InvalidSetting(
            KEY
                + " names '"
                + word.strip()
                + "'; there are "
                + Arrays.toString(values()).toLowerCase(Locale.ROOT),
            e);
      }
    }
    return sides;
  }
}
