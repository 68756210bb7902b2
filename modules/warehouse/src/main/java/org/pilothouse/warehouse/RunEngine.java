package org.pilothouse.warehouse;

import java.util.OptionalLong;

/** Runs the steps of a claimed day. */
public interface RunEngine extends AutoCloseable {
  /** What became of an execution. */
  enum Outcome {
    RUNNING,
    DONE,
    BROKEN
  }

  /**
   * Begins, or goes on where an earlier execution ended. One that a crash left as if it still ran
   * is known to have ended, because its claim has.
   *
   * @return the number of the execution
   */
  long begin(RunClaim claim, OptionalLong earlier);

  Outcome outcome(long execution);

  /** Asks it to end early; it may take a while. */
  void stop(long execution);

  @Override
  void close();
}
