package org.pilothouse.platform.kafka;

import org.jspecify.annotations.Nullable;

/**
 * Why an event was not acknowledged. It carries no stack trace: it tells of a broker, not of code.
 */
public final class PublishFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the one who publishes may conclude. */
  public enum Kind {
    /**
     * The backbone takes no more at the moment; nothing was sent; the same event may be tried
     * again.
     */
    BUSY,
    /**
     * The brokers did not answer in time: the event may or may not be there. Trying again is safe
     * only because a repeat of source and id is the same event.
     */
    UNCERTAIN,
    /** It will never be taken as it is: too large, wrong topic, not allowed. */
    REFUSED
  }

  private final Kind kind;

  public PublishFailure(Kind kind, String detail, @Nullable Throwable cause) {
    super(detail, cause, false, false);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  public String detail() {
    return String.valueOf(getMessage());
  }
}
