package org.pilothouse.contracts;

import java.time.Duration;

/** How long a topic keeps what it holds. */
public sealed interface Keep {
  /** Everything for this long; then the oldest goes. */
  record For(Duration time) implements Keep {}

  /** The last event of every key for ever. */
  record LastOfEachKey() implements Keep {}

  /** Everything until the topic is removed. */
  record UntilRemoved() implements Keep {}
}
