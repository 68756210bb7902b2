package org.pilothouse.contracts;

/**
 * Names and bounds of the queues that jobs are dispatched through. Which queues there are follows
 * from the types of job: each has one for normal and one for urgent jobs.
 */
public final class JobQueues {
  /** The direct exchange that all jobs are published to. */
  public static final String EXCHANGE = "pilothouse.jobs";

  /**
   * A worker that ends with a message in hand counts as a return, and so does one that gives it
   * back because it has no room.
   */
  public static final int DELIVERY_LIMIT = 20;

  /** The message is only the job's id and type; the job itself is a row. */
  public static final long MAX_LENGTH = 1_000_000;

  private JobQueues() {}
}
