package org.pilothouse.datasets.internal;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Caller;

/** Writes a new dataset into the catalogue. */
final class Declarations {
  private Declarations() {}

  /**
   * Where a dataset begins.
   *
   * @param siteBucket null: in the consortium's bucket
   * @param key null: the one that is made of its id
   * @param written whether the platform puts it at the pilot's endpoint
   */
  record At(String state, @Nullable String siteBucket, @Nullable String key, boolean written) {
    static final At UPLOADING = new At("uploading", null, null, false);

    static At uploadingTo(String siteBucket) {
      return new At("uploading", siteBucket, null, true);
    }

    static At registered(String siteBucket, String key) {
      return new At("verifying", siteBucket, key, false);
    }

    private String keyOf(PilotId pilot, DatasetId id, Instant created) {
      if (key != null) {
        return key;
      }
      String made = Uploads.key(pilot, id, created);
      return written ? Stores.OWN_PREFIX + made : made;
    }
  }

  static void checkInputs(Handle transaction, PilotId pilot, List<DatasetId> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      if (DatasetRows.find(transaction, pilot, inputs.get(i)).isEmpty()) {
        throw Problem.at(
            ProblemCode.INVALID_VALUE,
            "/lineage/inputs/" + i,
            "There is no dataset " + inputs.get(i) + ".");
      }
    }
  }

  static void insert(
      Handle transaction, Caller caller, PilotId pilot, DatasetId id, NewDataset wanted, At at) {
    Instant now = DatasetRows.now(transaction);
    List<String> inputs = wanted.lineage().inputs().stream().map(DatasetId::value).toList();
    transaction
        .createUpdate(
            "INSERT INTO datasets.dataset (pilot_id, dataset_id, name, version, state, object_key,"
                + " site_bucket, site_written, size_bytes, declared_type, media_type, declared_checksum,"
                + " schema_ref, tags, made_by, made_by_id, inputs, retention_days, part_size,"
                + " created_at, created_by, updated_at) VALUES (:pilot, :id, :name, (SELECT"
                + " coalesce(max(version), 0) + 1 FROM datasets.dataset WHERE pilot_id = :pilot AND"
                + " name = :name), :state, :key, :bucket, :written, :size, :type, :type, :checksum, :schema,"
                + " CAST(:tags AS jsonb), :maker, :madeById, :inputs, :retention, :partSize, now(),"
                + " :actor, now())")
        .bind("pilot", pilot.value())
        .bind("id", id.value())
        .bind("name", wanted.name())
        .bind("state", at.state())
        .bind("key", at.keyOf(pilot, id, now))
        .bind("bucket", at.siteBucket())
        .bind("written", at.written())
        .bind("size", wanted.size())
        .bind("type", wanted.mediaType())
        .bind("checksum", wanted.checksum().map(Checksum::digest).orElse(null))
        .bind("schema", wanted.schemaRef())
        .bind("tags", DatasetRows.json(wanted.tags()))
        .bind("maker", wanted.lineage().maker().name().toLowerCase(Locale.ROOT))
        .bind("madeById", wanted.lineage().id())
        .bindArray("inputs", String.class, inputs)
        .bind("retention", wanted.retentionDays())
        .bind("partSize", PartPlan.of(wanted.size()).partSize())
        .bind("actor", caller.actor())
        .execute();
    for (String input : inputs) {
      transaction
          .createUpdate(
              "INSERT INTO datasets.derivation (pilot_id, output_id, input_id) VALUES (:pilot,"
                  + " :output, :input) ON CONFLICT DO NOTHING")
          .bind("pilot", pilot.value())
          .bind("output", id.value())
          .bind("input", input)
          .execute();
    }
    TagRows.write(transaction, pilot, id, now, wanted.tags());
  }
}
