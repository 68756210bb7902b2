package org.pilothouse.exports.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
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

  /** The tables of a request. */
  Sources.Found find(PilotId pilot, ExportRequest request, Runnable between, Path directory)
      throws IOException {
    return sources.find(
        pilot, request.source(), request.model(), request.twins(), request.window());
  }
}
