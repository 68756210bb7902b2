package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;

/**
 * The life of datasets as run events of OpenLineage 2-0-2. All datasets of a name are one dataset
 * there, with a version each; what made a dataset is a run, whose id follows from the dataset's.
 */
public final class OpenLineage {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String SPEC = "https://openlineage.io/spec/";
  private static final String EVENT = SPEC + "2-0-2/OpenLineage.json#/$defs/RunEvent";

  private final URI base;
  private final Iris iris;
  private final ContentFacts facts;
  private final Function<Dataset, URI> places;

  /**
   * @param places where the bytes of a dataset are
   */
  OpenLineage(URI base, Iris iris, ContentFacts facts, Function<Dataset, URI> places) {
    this.base = base;
    this.iris = iris;
    this.facts = facts;
    this.places = places;
  }

  /** A dataset that was made from others, as far as they are known. */
  record Made(Dataset dataset, Instant changed, Map<DatasetId, Input> inputs) {}

  /** What another was made from. */
  record Input(String name, int version) {}

  /** Oldest first; none where it was never available. */
  List<ObjectNode> events(Made made) {
    Dataset dataset = made.dataset();
    Instant available = dataset.availableAt();
    if (available == null) {
      return List.of();
    }
    List<ObjectNode> events = new ArrayList<>();
    events.add(making(made, "START", dataset.createdAt()));
    events.add(making(made, "COMPLETE", available));
    switch (dataset.state()) {
      case EXPIRED -> events.add(ending(made, "expire"));
      case DELETING, DELETED -> events.add(ending(made, "withdraw"));
      case AVAILABLE, UPLOADING, VERIFYING, QUARANTINED -> {}
    }
    return events;
  }

  private ObjectNode making(Made made, String type, Instant time) {
    Dataset dataset = made.dataset();
    String maker = dataset.lineage().maker().name();
    ObjectNode event =
        event(type, time, dataset, "available", maker.toLowerCase(Locale.ROOT), maker);
    ArrayNode inputs = event.putArray("inputs");
    for (DatasetId id : dataset.lineage().inputs()) {
      Optional.ofNullable(made.inputs().get(id)).ifPresent(input -> inputs.add(input(id, input)));
    }
    ArrayNode outputs = event.putArray("outputs");
    if (type.equals("COMPLETE")) {
      outputs.add(output(dataset));
    }
    return event;
  }

  private ObjectNode ending(Made made, String job) {
    Dataset dataset = made.dataset();
    ObjectNode event =
        event("COMPLETE", made.changed(), dataset, job, job, job.toUpperCase(Locale.ROOT));
    event.putArray("inputs");
    ObjectNode output = named(dataset.name());
    ObjectNode described = output.putObject("facets");
    version(described, dataset.id(), dataset.version());
    facet(described, "lifecycleStateChange", "1-0-1", "LifecycleStateChangeDatasetFacet")
        .put("lifecycleStateChange", "DROP");
    event.putArray("outputs").add(output);
    return event;
  }

  private ObjectNode event(
      String type, Instant time, Dataset dataset, String run, String job, String jobType) {
    ObjectNode event = JSON.objectNode();
    event.put("eventType", type);
    event.put("eventTime", time.toString());
    event.put("producer", producer());
    event.put("schemaURL", EVENT);
    event.putObject("run").put("runId", runId(run, dataset).toString());
    ObjectNode made = event.putObject("job");
    made.put("namespace", iris.pilot());
    made.put("name", job + "." + dataset.name());
    ObjectNode described = made.putObject("facets");
    facet(described, "jobType", "2-0-3", "JobTypeJobFacet")
        .put("processingType", "BATCH")
        .put("integration", "PILOTHOUSE")
        .put("jobType", jobType);
    return event;
  }

  /** The same for ever: an event that is sent again is known by it (RFC 9562, section 5.5). */
  private UUID runId(String run, Dataset dataset) {
    try {
      byte[] name = (iris.dataset(dataset.id()) + "#" + run).getBytes(StandardCharsets.UTF_8);
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      // The name space of URLs, RFC 9562, section 6.6.
      sha1.update(HexFormat.of().parseHex("6ba7b8119dad11d180b400c04fd430c8"));
      ByteBuffer digest = ByteBuffer.wrap(sha1.digest(name));
      long high = (digest.getLong() & 0xffffffffffff0fffL) | 0x5000L;
      long low = (digest.getLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
      return new UUID(high, low);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private ObjectNode input(DatasetId id, Input input) {
    ObjectNode node = named(input.name());
    version(node.putObject("facets"), id, input.version());
    return node;
  }

  private ObjectNode output(Dataset dataset) {
    ObjectNode node = named(dataset.name());
    ObjectNode described = node.putObject("facets");
    URI place = places.apply(dataset);
    facet(described, "dataSource", "1-0-1", "DatasourceDatasetFacet")
        .put("name", store(place))
        .put("uri", store(place));
    version(described, dataset.id(), dataset.version());
    facet(described, "lifecycleStateChange", "1-0-1", "LifecycleStateChangeDatasetFacet")
        .put("lifecycleStateChange", "CREATE");
    facet(described, "symlinks", "1-0-1", "SymlinksDatasetFacet")
        .putArray("identifiers")
        .addObject()
        .put("namespace", store(place))
        .put("name", place.getPath().replaceFirst("^/", ""))
        .put("type", "FILE");
    if (dataset.tags().get("purpose") instanceof String purpose) {
      facet(described, "documentation", "1-0-1", "DocumentationDatasetFacet")
          .put("description", purpose);
    }
    if (dataset.tags().get("owner") instanceof String owner) {
      facet(described, "ownership", "1-0-1", "OwnershipDatasetFacet")
          .putArray("owners")
          .addObject()
          .put("name", owner)
          .put("type", "OWNER");
    }
    if (!dataset.tags().isEmpty()) {
      ArrayNode tags = facet(described, "tags", "1-0-0", "TagsDatasetFacet").putArray("tags");
      dataset
          .tags()
          .forEach((name, value) ->
              tags.addObject()
                  .put("key", name)
                  .put("value", value.toString())
                  .put("source", "PILOTHOUSE"));
    }
    Optional<ContentFacts.Facts> known = facts.of(dataset);
    known
        .flatMap(ContentFacts.Facts::columns)
        .ifPresent(columns -> {
          ArrayNode fields =
              facet(described, "schema", "1-1-1", "SchemaDatasetFacet").putArray("fields");
          new TreeSet<>(columns).forEach(column -> fields.addObject().put("name", column));
        });
    dataset
        .checksum()
        .ifPresent(checksum ->
            described
                .putObject("pilothouse_checksum")
                .put("_producer", producer())
                .put("_schemaURL", base.resolve("/openapi") + "#/components/schemas/ChecksumFacet")
                .put("algorithm", "SHA-256")
                .put("value", HexFormat.of().formatHex(checksum.digest())));
    ObjectNode statistics =
        facet(
            node.putObject("outputFacets"),
            "outputStatistics",
            "1-0-2",
            "OutputStatisticsOutputDatasetFacet");
    known
        .filter(facts -> facts.rows().isPresent())
        .ifPresent(facts -> statistics.put("rowCount", facts.rows().getAsLong()));
    statistics.put("size", dataset.size()).put("fileCount", 1);
    return node;
  }

  private ObjectNode named(String name) {
    return JSON.objectNode().put("namespace", iris.pilot()).put("name", name);
  }

  private void version(ObjectNode facets, DatasetId id, int version) {
    facet(facets, "version", "1-0-1", "DatasetVersionDatasetFacet")
        .put("datasetVersion", version + "/" + id);
  }

  private ObjectNode facet(ObjectNode facets, String name, String version, String schema) {
    return facets
        .putObject(name)
        .put("_producer", producer())
        .put("_schemaURL", SPEC + "facets/" + version + "/" + schema + ".json#/$defs/" + schema);
  }

  private String producer() {
    return base.resolve("/api/v1").toString();
  }

  /** {@code s3://bucket}, as OpenLineage names object storage. */
  private static String store(URI place) {
    return place.getScheme() + "://" + place.getAuthority();
  }
}
