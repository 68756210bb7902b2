package org.pilothouse.warehouse.internal;

/** A record that no row can be made of, for good: it goes to the rejects. */
final class Unconvertible extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param reason for programs; the words are part of the rejects' form
   * @param detail for people; it repeats no value
   */
  Unconvertible(String reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
