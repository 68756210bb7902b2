package org.pilothouse.exports.internal;

import java.io.IOException;
import java.nio.file.Path;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.exports.ExportsConfig;
import org.pilothouse.exports.ExportsModule;
import org.pilothouse.jobs.JobFailed;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.JobRun;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.pilots.PilotDirectory;

/** The parts of the room and how they hang together. */
public final class Wiring {
  private final Room room;
  private final Looks looks;

  public Wiring(ExportsModule.Needs needs) {
    Path directory = needs.config().directory().toAbsolutePath();
    this.room =
        new Room(
            needs.config(),
            needs.database(),
            needs.store(),
            needs.datasets(),
            needs.bundles(),
            needs.references(),
            new Sources(needs.datasets(), needs.days()),
            needs.live(),
            needs.pilots(),
            needs.trail(),
            new QueryEngine(needs.config(), directory),
            needs.clock());
    this.looks = new Looks(room, directory);
    looks.tidyUp();
  }

  public Looks looks() {
    return looks;
  }

  public PilotDirectory pilots() {
    return room.pilots();
  }

  ExportsConfig config() {
    return room.config();
  }

  /**
   * Whether what is named is there.
   *
   * @throws Problem {@code invalid_value} with a path below {@code /parameters}
   */
  void check(PilotId pilot, ExportRequest request) {
    Sources.Found found =
        room.sources()
            .find(pilot, request.source(), request.model(), request.twins(), request.window());
    String unknown = ExportSql.unknown(request, found.tables());
    if (unknown != null && !found.tables().isEmpty()) {
      throw Sources.nothing("/parameters/properties", "No table has the column " + unknown + ".");
    }
  }

  /**
   * @throws Problem {@code invalid_value} with a path below {@code /parameters}
   */
  void check(PilotId pilot, VerifyRequest request) {
    for (DatasetId id : request.datasets()) {
      if (room.datasets().find(pilot, id).isEmpty()) {
        throw Sources.nothing("/parameters/datasets", "There is no dataset " + id + ".");
      }
    }
  }

  JobOutcome verify(JobRun run) throws IOException {
    return new VerifyWork(room, run, VerifyRequest.of(run.parameters())).outcome();
  }

  JobOutcome export(JobRun run) throws JobFailed, IOException {
    try {
      return new ExportWork(room, run, ExportRequest.of(run.parameters())).outcome();
    } catch (Problem e) {
      if (e.path() != null) {
        throw new JobFailed(e.code(), e.detail());
      }
      throw e;
    }
  }
}
