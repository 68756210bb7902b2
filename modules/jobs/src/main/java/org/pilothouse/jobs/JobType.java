package org.pilothouse.jobs;

import org.pilothouse.kernel.Problem;

/**
 * A type of job. A class that implements this in any room and that CDI can make is all there is to
 * it: its queues, the check of its parameters and the workers follow from it.
 */
public interface JobType {
  /**
   * As it stands in the API, in the store and in the names of queues: a lower-case letter, then
   * lower-case letters, digits and {@code -}, at most 32 characters.
   */
  String name();

  /** A JSON Schema (2020-12) of an object; unknown fields are refused by it. */
  String parametersSchema();

  JobLimits limits();

  /**
   * What the schema cannot say: whether the caller may, whether what is named is there.
   *
   * @throws Problem {@code invalid_value} with a path below {@code /parameters}, {@code forbidden},
   *     {@code not_found}, {@code conflict}
   */
  default void check(Submission wanted) {}

  /**
   * Does the job, in a thread of its own. It may be run again, also after it was done but before
   * anybody knew: what it makes must not count before {@link JobOutcome#publication}.
   *
   * @throws JobFailed when another attempt would end the same way
   * @throws JobStopped when {@link JobRun#goOn} said so
   * @throws Exception anything else: it is tried again
   */
  JobOutcome run(JobRun run) throws Exception;
}
