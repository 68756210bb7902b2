package org.pilothouse.warehouse;

import java.util.List;

/**
 * What is done to close a day, step by step; whoever runs the steps calls them in this order. Each
 * may be done again after it was broken off, on any node, and then gives the same.
 *
 * <p>All of them throw {@link LeaseLost} once another node has claimed the run.
 */
public interface ClosingSteps {
  /** Freezes what will be read and how it will be written; nothing where that was done before. */
  void plan(RunClaim claim);

  /** The partitions that are not written yet, by number. */
  List<Integer> unwritten(RunClaim claim);

  /** Reads one partition, sorts it and writes its files. */
  void write(RunClaim claim, int partition);

  /** Holds the files against the counts of their reading, and those against the plan. */
  void verify(RunClaim claim);

  /** Puts the manifest, and makes the day known in one transaction. */
  void publish(RunClaim claim);

  /** Whether the run is still the claim's, and its lease not over. */
  boolean isHeld(RunClaim claim);

  /** Notes down why a step ended; the first of an attempt stays. */
  void broke(RunClaim claim, Throwable failure);
}
