package org.pilothouse.exports.internal;

import org.pilothouse.exports.internal.engine.Frame;

/** A query of which nothing came. */
final class QueryFailed extends Exception {
  private static final long serialVersionUID = 1L;

  private final Frame.Why why;

  /**
   * @param detail for people; nothing of the inside
   */
  QueryFailed(Frame.Why why, String detail) {
    super(detail);
    this.why = why;
  }

  Frame.Why why() {
    return why;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
