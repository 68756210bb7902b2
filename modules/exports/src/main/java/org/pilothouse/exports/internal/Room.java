package org.pilothouse.exports.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.datasets.DatasetReading;
import org.pilothouse.datasets.DatasetReferences;
import org.pilothouse.exports.ExportsConfig;
import org.pilothouse.exports.LiveHistory;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;

/** The parts that exports share. */
record Room(
    ExportsConfig config,
    Database database,
    ObjectStore store,
    DatasetReading datasets,
    DatasetBundles bundles,
    DatasetReferences references,
    Sources sources,
    Optional<LiveHistory> live,
    PilotDirectory pilots,
    AuditTrail trail,
    QueryEngine engine,
    Clock clock) {

  /**
   * The tables of a request. Live readings are written down on the way; those of closed days that
   * are among the tables are left out.
   *
   * @param between called between pieces of work
   * @param directory for live readings
   */
  Sources.Found find(PilotId pilot, ExportRequest request, Runnable between, Path directory)
      throws IOException {
    Sources.Found found =
        sources.find(pilot, request.source(), request.model(), request.twins(), request.window());
    ExportRequest.Window history = request.source().history();
    if (history == null) {
      return found;
    }
    LiveHistory kept =
        live.orElseThrow(
            () -> Sources.nothing("/parameters/source/history", "There is no live history here."));
    ExportRequest.Window window = request.window();
    Instant from =
        window == null || window.from().isBefore(history.from()) ? history.from() : window.from();
    Instant to = window == null || window.to().isAfter(history.to()) ? history.to() : window.to();
    try (LiveTables tables =
        new LiveTables(
            directory, found.tables(), found.closed(), (long) config.stagedMib() << 20, between)) {
      if (from.isBefore(to)) {
        kept.read(pilot, request.twins(), from, to, tables);
      }
      String model = request.model();
      return found.with(
          tables.tables().stream()
              .filter(table -> model == null || model.equals(table.name()))
              .toList());
    }
  }
}
