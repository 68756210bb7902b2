package org.pilothouse.datasets.internal;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.Pilot;

/** Datasets for tests that need no store. */
final class Examples {
  static final Instant AVAILABLE = Instant.parse("2026-03-04T05:06:07.008009Z");
  static final Pilot PILOT =
      new Pilot(
          new PilotId("aurora"),
          "Aurora Werke",
          ZoneOffset.UTC,
          new Pilot.Storage.Centralized(),
          Pilot.Retention.DEFAULT,
          1,
          Instant.EPOCH,
          Instant.EPOCH);

  private Examples() {}

  static Dataset dataset(String id, String name, int version, Map<String, Object> tags) {
    return dataset(id, name, version, tags, DatasetState.AVAILABLE, 365);
  }

  static Dataset dataset(
      String id,
      String name,
      int version,
      Map<String, Object> tags,
      DatasetState state,
      Integer retentionDays) {
    byte[] digest = new byte[Checksum.LENGTH];
    digest[0] = (byte) 0xab;
    return new Dataset(
        PILOT.id(),
        new DatasetId(id),
        name,
        version,
        state,
        "aurora/2026/03/04/" + id + "/content",
        1234,
        "text/csv",
        "text/csv",
        Optional.empty(),
        Optional.empty(),
        Optional.of(new Checksum(digest)),
        null,
        tags,
        new Dataset.Lineage(
            List.of(new DatasetId("raw-1"), new DatasetId("raw-2")), Dataset.Maker.JOB, "job-7"),
        retentionDays,
        1234,
        Optional.empty(),
        3,
        AVAILABLE.minusSeconds(60),
        "person:ada",
        AVAILABLE,
        null,
        null,
        new Dataset.Place.Centre(),
        Optional.empty());
  }
}
