package org.pilothouse.exports.internal;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.Set;
import org.pilothouse.exports.ExportsModule;
import org.pilothouse.jobs.JobFailed;
import org.pilothouse.jobs.JobLimits;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.JobRun;
import org.pilothouse.jobs.JobType;
import org.pilothouse.jobs.Submission;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.web.Caller;

/** Rows of the hold as files of a new dataset. */
@ApplicationScoped
public class ExportJob implements JobType {
  /** Who may write queries by hand: they see every column of what they name. */
  private static final Set<String> STEWARDS = Set.of("data-steward", "platform-admin");

  private static final int ATTEMPTS = 4;

  private final Wiring room;

  @Inject
  public ExportJob(ExportsModule module) {
    this.room = module.inside();
  }

  /** For the proxy alone. */
  @SuppressWarnings("NullAway")
  protected ExportJob() {
    this.room = null;
  }

  @Override
  public String name() {
    return "export";
  }

  @Override
  public String parametersSchema() {
    return Schema.of("export");
  }

  @Override
  public JobLimits limits() {
    return new JobLimits(
        ATTEMPTS,
        room.config().atOnce(),
        room.config().longest().multipliedBy(2),
        room.config().directoryBytes());
  }

  @Override
  public void check(Submission wanted) {
    ExportRequest request = ExportRequest.of(wanted.parameters());
    requireCentralized(wanted.pilot());
    requireSteward(wanted.caller(), request);
    room.check(wanted.pilot().id(), request);
  }

  static void requireCentralized(Pilot pilot) {
    if (!(pilot.storage() instanceof Pilot.Storage.Centralized)) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "The pilot's storage is federated: its bulk data stays with it, and is not exported to"
              + " the consortium's bucket.");
    }
  }

  static void requireSteward(Caller caller, ExportRequest request) {
    if (request.sql() != null
        && !(caller instanceof Caller.Person person && person.hasAnyRole(STEWARDS))) {
      throw Problem.at(
          ProblemCode.FORBIDDEN, "/parameters/sql", "Only data stewards write queries by hand.");
    }
  }

  @Override
  public JobOutcome run(JobRun run) throws JobFailed, IOException {
    return room.export(run);
  }
}
