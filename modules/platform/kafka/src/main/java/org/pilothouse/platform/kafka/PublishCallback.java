package org.pilothouse.platform.kafka;

/**
 * Hears once, and only once, what became of an event. It is called on the publisher's own thread,
 * which every other event waits for: it must not block.
 */
public interface PublishCallback {
  /** All in-sync brokers have it. */
  void acknowledged(int partition, long offset);

  void failed(PublishFailure failure);
}
