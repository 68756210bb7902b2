package org.pilothouse.exports.internal;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import org.pilothouse.exports.ExportsModule;
import org.pilothouse.jobs.JobLimits;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.JobRun;
import org.pilothouse.jobs.JobType;
import org.pilothouse.jobs.Submission;

/** Reads stored datasets again and compares them with their checksums. */
@ApplicationScoped
public class VerifyJob implements JobType {
  private static final int ATTEMPTS = 4;
  private static final Duration LONGEST = Duration.ofHours(24);

  private final Wiring room;

  @Inject
  public VerifyJob(ExportsModule module) {
    this.room = module.inside();
  }

  /** For the proxy alone. */
  @SuppressWarnings("NullAway")
  protected VerifyJob() {
    this.room = null;
  }

  @Override
  public String name() {
    return "verify";
  }

  @Override
  public String parametersSchema() {
    return Schema.of("verify");
  }

  @Override
  public JobLimits limits() {
    return new JobLimits(ATTEMPTS, 1, LONGEST, 1 << 20);
  }

  @Override
  public void check(Submission wanted) {
    VerifyRequest request = VerifyRequest.of(wanted.parameters());
    room.check(wanted.pilot().id(), request);
  }

  @Override
  public JobOutcome run(JobRun run) throws IOException {
    return room.verify(run);
  }
}
