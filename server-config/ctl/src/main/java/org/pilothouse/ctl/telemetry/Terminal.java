package org.pilothouse.ctl.telemetry;

import java.io.IOException;
import java.nio.file.Path;

/** Whether a person sees what is written now. */
final class Terminal {
  private Terminal() {}

  /**
   * Of the standard error, wherever the other streams go: {@code System.console} speaks of standard
   * input and output, and not the same in every Java.
   */
  static boolean isErr() {
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
