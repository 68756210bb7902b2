package org.pilothouse.ctl.progress;

import java.io.IOException;
import java.nio.file.Path;

/** Whether a person sees what is written now. */
public final class Terminal {
  private Terminal() {}

  /** A bar where a person watches, lines elsewhere. */
  public static Progress.Style style(boolean quiet) {
    return quiet ? Progress.Style.QUIET : isErr() ? Progress.Style.BAR : Progress.Style.LINES;
  }

  /**
   * Of the standard error, wherever the other streams go: {@code System.console} speaks of standard
   * input and output, and not the same in every Java.
   */
  private static boolean isErr() {
    if ("dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      Path device = Path.of("/proc/self/fd/2").toRealPath();
      return device.startsWith("/dev/pts") || device.toString().startsWith("/dev/tty");
    } catch (IOException e) {
      return System.console() != null;
    }
  }
}
