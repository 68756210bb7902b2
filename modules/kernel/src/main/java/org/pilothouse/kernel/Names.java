package org.pilothouse.kernel;

/**
 * The form of ids. Written by hand rather than as regular expressions because every telemetry line
 * passes here.
 */
public final class Names {
  private static final int ID_LENGTH = 63;
  private static final int TWIN_ID_LENGTH = 128;
  private static final int SHOWN_LENGTH = 64;

  private Names() {}

  /** {@code [a-z0-9][a-z0-9-]{0,62}}. */
  public static boolean isId(String text) {
    return hasForm(text, ID_LENGTH, false);
  }

  /** {@code [a-z0-9][a-z0-9._-]{0,127}}. */
  public static boolean isTwinId(String text) {
    return hasForm(text, TWIN_ID_LENGTH, true);
  }

  private static boolean hasForm(String text, int most, boolean dots) {
    int length = text.length();
    if (length == 0 || length > most || !isAlphanumeric(text.charAt(0))) {
      return false;
    }
    for (int i = 1; i < length; i++) {
      char c = text.charAt(i);
      if (!isAlphanumeric(c) && c != '-' && !(dots && (c == '.' || c == '_'))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  /**
   * What of a caller's text may be repeated to it and written to a log: cut, and without control
   * characters.
   */
  public static String shown(String text) {
    StringBuilder shown = new StringBuilder(Math.min(text.length(), SHOWN_LENGTH + 1));
    for (int i = 0; i < text.length() && i < SHOWN_LENGTH; i++) {
      char c = text.charAt(i);
      shown.append(
          c < 0x20
                  || c == 0x7f
                  || Character.isSurrogate(c)
                  || Character.getType(c) == Character.FORMAT
              ? '\uFFFD'
              : c);
    }
    return text.length() > SHOWN_LENGTH ? shown.append('…').toString() : shown.toString();
  }

  static String of(Class<?> idType) {
    return switch (idType.getSimpleName()) {
      case "PilotId" -> "pilot id";
      case "DeviceId" -> "device id";
      case "TwinId" -> "twin id";
      default -> "id";
    };
  }
}
