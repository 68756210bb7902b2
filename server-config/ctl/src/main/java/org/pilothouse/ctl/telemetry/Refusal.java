package org.pilothouse.ctl.telemetry;

/** Why one row makes no telemetry line; the rows around it may. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1L;
  private final String code;

  Refusal(String code, String detail) {
    super(detail, null, false, false);
    this.code = code;
  }

  String code() {
    return code;
  }

  String detail() {
    return String.valueOf(getMessage());
  }

  /** A cell as a message can show it. */
  static String shown(String cell) {
    String short40 = cell.length() <= 40 ? cell : cell.substring(0, 40) + "…";
    return "'" + short40.replaceAll("\\p{Cntrl}", "?") + "'";
  }
}
