package org.pilothouse.benchmarks;

/** Placeholder. */
final class ConnectPeer {
  record Seen(double seconds, ProcessUse.Use use) {}

  private ConnectPeer() {}

  static Seen run(Stack stack, String topic, long records) {
    throw new IllegalStateException("not yet");
  }
}
