package org.pilothouse.exports.internal.engine;

/** The query cannot be run for what it is, or gives more than fits. */
final class Unfit extends Exception {
  private static final long serialVersionUID = 1L;

  private final Frame.Why why;

  Unfit(Frame.Why why, String detail) {
    super(detail);
    this.why = why;
  }

  Frame.Failed frame() {
    return new Frame.Failed(why, String.valueOf(getMessage()));
  }
}
