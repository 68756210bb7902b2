package org.pilothouse.kernel.outbox;

import java.util.concurrent.CompletionStage;

/** Where messages go; an engine's adapter. */
public interface OutboxSink {
  OutboxMessage.Destination destination();

  /**
   * Completes when the engine has acknowledged the message as durable, and exceptionally when it
   * has not; then it is sent again later. It must complete within a bounded time and must not
   * block.
   */
  CompletionStage<Void> send(OutboxMessage message);
}
