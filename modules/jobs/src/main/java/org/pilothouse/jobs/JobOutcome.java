package org.pilothouse.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What a job has come to.
 *
 * @param datasetId what it made; null where it made none
 * @param summary for people, a small object of its own form
 * @param publication makes it visible; run as the last thing in the transaction that ends the job,
 *     and only where the attempt still holds it
 */
public record JobOutcome(@Nullable String datasetId, ObjectNode summary, Publication publication) {
  /** A part of the transaction that ends a job. It may be run again after a deadlock. */
  @FunctionalInterface
  public interface Publication {
    void publish(Handle transaction);
  }

  /** There is nothing to make visible; the ends of several such jobs may share a transaction. */
  public static final Publication NOTHING = transaction -> {};

  public static JobOutcome of(ObjectNode summary) {
    return new JobOutcome(null, summary, NOTHING);
  }
}
