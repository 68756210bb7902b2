package org.pilothouse.jobs.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.pilothouse.jobs.JobFailed;
import org.pilothouse.jobs.JobLimits;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.JobRun;
import org.pilothouse.jobs.JobType;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Json;

/**
 * A job that makes nothing, and may take its time, fail, talk and fill its directory on the way;
 * for tests and measurements, and only where the settings say so.
 */
public final class NoOperation implements JobType {
  private static final Duration STEP = Duration.ofMillis(50);

  @Override
  public String name() {
    return "noop";
  }

  @Override
  public String parametersSchema() {
    return """
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "millis": {"type": "integer", "minimum": 0, "maximum": 600000},
        "fail_attempts": {"type": "integer", "minimum": 0, "maximum": 1000},
        "fail_for_good": {"type": "boolean"},
        "log_lines": {"type": "integer", "minimum": 0, "maximum": 100000},
        "write_bytes": {"type": "integer", "minimum": 0, "maximum": 1000000000},
        "note": {"type": "string", "maxLength": 4000}
      }
    }
    """;
  }

  @Override
  public JobLimits limits() {
    return new JobLimits(5, 64, Duration.ofMinutes(15), 64L << 20);
  }

  @Override
  public JobOutcome run(JobRun run) throws Exception {
    JsonNode wanted = run.parameters();
    int lines = wanted.path("log_lines").asInt(0);
    for (int i = 1; i <= lines; i++) {
      run.log("line " + i);
    }
    write(run, wanted.path("write_bytes").asLong(0));
    rest(run, wanted.path("millis").asLong(0));
    if (wanted.path("fail_for_good").asBoolean(false)) {
      throw new JobFailed(ProblemCode.CONFLICT, "It was asked to fail for good.");
    }
    if (run.attempt() <= wanted.path("fail_attempts").asInt(0)) {
      throw new IllegalStateException("it was asked to fail");
    }
    return JobOutcome.of(Json.mapper().createObjectNode().put("attempt", run.attempt()));
  }

  private static void rest(JobRun run, long millis) throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    long start = System.nanoTime();
    for (long passed = 0;
        passed < millis;
        passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)) {
      run.goOn();
      run.progress(passed, millis, "at rest");
      var unused = never.await(Math.min(STEP.toMillis(), millis - passed), TimeUnit.MILLISECONDS);
    }
  }

  private static void write(JobRun run, long bytes) throws IOException {
    byte[] block = new byte[1 << 16];
    for (long left = bytes, number = 0; left > 0; left -= block.length, number++) {
      run.goOn();
      Path file = Files.write(run.directory().resolve("block-" + number), block);
    }
  }
}
