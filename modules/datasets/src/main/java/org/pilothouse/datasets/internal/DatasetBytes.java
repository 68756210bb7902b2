package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetReading;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Json;

/** Hands out the bytes of datasets, wherever they rest. */
final class DatasetBytes implements DatasetReading {
  /** Of a manifest: it is held in memory. */
  private static final int LONGEST_MANIFEST = 16 << 20;

  private final Database database;
  private final Catalogue catalogue;
  private final Stores stores;

  DatasetBytes(Database database, Catalogue catalogue, Stores stores) {
    this.database = database;
    this.catalogue = catalogue;
    this.stores = stores;
  }

  @Override
  public Optional<Dataset> find(PilotId pilot, DatasetId id) {
    return catalogue.find(pilot, id);
  }

  @Override
  public List<Dataset> available(PilotId pilot, @Nullable DatasetId after, int limit) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT "
                        + DatasetRows.COLUMNS
                        + " FROM datasets.dataset d WHERE d.pilot_id = :pilot AND d.state ="
                        + " 'available' AND d.dataset_id > :after ORDER BY d.dataset_id LIMIT :most")
                .bind("pilot", pilot.value())
                .bind("after", after == null ? "" : after.value())
                .bind("most", limit)
                .map((row, context) -> DatasetRows.read(row))
                .list());
  }

  @Override
  public List<StoredObject> objects(Dataset dataset) {
    StoredObject itself =
        new StoredObject(
            dataset.key(),
            "",
            dataset.size(),
            dataset
                .checksum()
                .orElseThrow(
                    () -> Problem.of(ProblemCode.CONFLICT, "The dataset was not verified yet.")));
    if (!Bundles.isManifest(dataset.key())) {
      return List.of(itself);
    }
    List<StoredObject> objects = new ArrayList<>();
    String prefix = Bundles.prefix(dataset.key());
    objects.add(
        new StoredObject(
            itself.key(),
            itself.key().substring(prefix.length()),
            itself.size(),
            itself.checksum()));
    for (JsonNode part : manifest(dataset, itself).path("parts")) {
      String path = part.path("path").asText();
      objects.add(
          new StoredObject(
              prefix + path,
              path,
              part.path("size_bytes").asLong(),
              Checksum.parse(part.path("checksum").asText())
                  .orElseThrow(() -> noManifest("names a part without a checksum"))));
    }
    return objects;
  }

  private JsonNode manifest(Dataset dataset, StoredObject itself) {
    if (itself.size() > LONGEST_MANIFEST) {
      throw noManifest("is longer than " + LONGEST_MANIFEST + " bytes");
    }
    try (InputStream in = open(dataset, itself, 0)) {
      byte[] bytes = in.readNBytes(LONGEST_MANIFEST);
      Digested digested = new Digested(bytes.length);
      digested.add(bytes);
      if (bytes.length != itself.size()) {
        throw Problem.of(ProblemCode.SIZE_MISMATCH, "The manifest is not as long as it was.");
      }
      if (!digested.checksum().equals(itself.checksum())) {
        throw Problem.of(ProblemCode.CHECKSUM_MISMATCH, "The manifest is not what it was.");
      }
      return Json.mapper().readTree(bytes);
    } catch (IOException e) {
      throw Problem.caused(ProblemCode.UNAVAILABLE, "The manifest cannot be read now.", e);
    }
  }

  private static Problem noManifest(String why) {
    return Problem.of(ProblemCode.CONFLICT, "The dataset's manifest " + why + ".");
  }

  @Override
  public InputStream open(Dataset dataset, StoredObject object, long from) {
    return stores
        .of(dataset)
        .open(object.key(), from)
        .orElseThrow(() ->
            Problem.of(
                ProblemCode.OBJECT_MISSING,
                "An object of the dataset " + dataset.id() + " is not in object storage."));
  }
}
