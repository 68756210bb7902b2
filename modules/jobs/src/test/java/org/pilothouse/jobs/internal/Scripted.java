package org.pilothouse.jobs.internal;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.pilothouse.jobs.JobLimits;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.JobRun;
import org.pilothouse.jobs.JobType;
import org.pilothouse.platform.web.Json;

/** A type called {@code test} that does what a test says. */
final class Scripted implements JobType {
  /** What the test says. */
  interface Work {
    JobOutcome run(JobRun run) throws Exception;
  }

  private static final JobLimits LIMITS = new JobLimits(3, 4, Duration.ofMinutes(5), 1 << 20);

  final List<JobRun> runs = new CopyOnWriteArrayList<>();
  private final JobLimits limits;
  private final Work work;

  Scripted(Work work) {
    this(LIMITS, work);
  }

  Scripted(JobLimits limits, Work work) {
    this.limits = limits;
    this.work = work;
  }

  static JobOutcome done() {
    return JobOutcome.of(Json.mapper().createObjectNode().put("done", true));
  }

  /** Goes on until it may no more. */
  static JobOutcome untilStopped(JobRun run) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    while (true) {
      run.goOn();
      var unused = never.await(20, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public String name() {
    return "test";
  }

  @Override
  public String parametersSchema() {
    return """
    {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "n": {"type": "integer", "minimum": 0},
        "of": {"type": "object", "additionalProperties": false, "properties": {"name": {"type": "string"}}}
      }
    }
    """;
  }

  @Override
  public JobLimits limits() {
    return limits;
  }

  @Override
  public JobOutcome run(JobRun run) throws Exception {
    runs.add(run);
    return work.run(run);
  }
}
