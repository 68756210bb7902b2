package org.pilothouse.contracts;

/**
 * The catalogue of queues. Each kind of job has a quorum queue of its own, so that a flood of one
 * kind does not hold up another; what was delivered too often is kept in its dead-letter queue.
 */
public enum QueueKind {
  EXPORTS("export"),
  SIMULATIONS("simulation"),
  VERIFICATIONS("verify");

  /** The direct exchange that all jobs are published to. */
  public static final String EXCHANGE = "pilothouse.jobs";

  /** A worker that dies with a message in hand counts as a delivery. */
  public static final int DELIVERY_LIMIT = 5;

  /** The message is only the job's id and type; the job itself is a row. */
  public static final long MAX_LENGTH = 1_000_000;

  private final String jobType;

  QueueKind(String jobType) {
    this.jobType = jobType;
  }

  /** The type of job; also the routing key. */
  public String jobType() {
    return jobType;
  }

  public String queue() {
    return EXCHANGE + "." + jobType;
  }
}
