package org.pilothouse.platform.kafka.consume;

/** Thrown by an effect for a record that can never be applied. The record goes to the rejected. */
public final class PoisonRecord extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long offset;
  private final String reason;

  /**
   * @param reason a stable code in lower case, such as {@code malformed_json}
   * @param detail one sentence without anything of the payload
   */
  public PoisonRecord(LogRecord record, String reason, String detail) {
    super(detail, null, false, false);
    this.offset = record.offset();
    this.reason = reason;
  }

  public long offset() {
    return offset;
  }

  public String reason() {
    return reason;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }
}
