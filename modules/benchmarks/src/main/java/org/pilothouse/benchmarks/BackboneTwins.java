package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.ObjLongConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.pilothouse.ctl.api.ApiProblem;

/**
 * States that the backbone alone keeps: a reader routes the telemetry to a topic, which Kafka
 * Streams folds. They are seen as people see them, over the API.
 */
final class BackboneTwins implements FoldedTwins {
  private static final String ROUTER = "twin-state";
  private static final String FOLD = "pilothouse.twin-state.";
  private static final int NOT_FOUND = 404;

  private final Stack stack;
  private final String pilot;
  private final String fold;
  private final Store store;
  private final Admin admin;

  private BackboneTwins(Stack stack, String pilot, String fold) throws SQLException {
    this.stack = stack;
    this.pilot = pilot;
    this.fold = fold;
    this.store = Store.ofPlatform(stack);
    this.admin = stack.admin();
  }

  /** Empty where the installation keeps states in PostgreSQL. */
  static Optional<FoldedTwins> find(Stack stack, String pilot) throws SQLException {
    for (JsonNode reader : stack.platform().get(Readers.PATH).path("items")) {
      String name = reader.path("name").asText();
      if (name.startsWith(FOLD)) {
        return Optional.of(new BackboneTwins(stack, pilot, name));
      }
    }
    return Optional.empty();
  }

  @Override
  public List<String> readers() {
    return List.of(ROUTER, fold);
  }

  @Override
  public String kept() {
    return "the backbone";
  }

  /** What is routed, once all of it is folded; before, nothing is certain of a single topic. */
  @Override
  public long position() throws SQLException, ExecutionException, InterruptedException {
    long routed =
        StoredTwins.positionOf(store, "twin-state-to-fold." + fold.substring(FOLD.length()), pilot);
    return isFolded() ? routed : 0;
  }

  private boolean isFolded() throws ExecutionException, InterruptedException {
    String records = fold + "-records";
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (TopicDescription topic :
        admin.describeTopics(List.of(records)).allTopicNames().get().values()) {
      topic
          .partitions()
          .forEach(each ->
              asked.put(new TopicPartition(records, each.partition()), OffsetSpec.latest()));
    }
    var ends = admin.listOffsets(asked).all().get();
    Map<TopicPartition, OffsetAndMetadata> folded =
        admin.listConsumerGroupOffsets(fold).partitionsToOffsetAndMetadata().get();
    return ends.entrySet().stream()
        .allMatch(end -> {
          OffsetAndMetadata at = folded.get(end.getKey());
          return end.getValue().offset() == 0
              || at != null && at.offset() >= end.getValue().offset();
        });
  }

  @Override
  public long twins() {
    return stack.platform().get("/api/v1/pilots/" + pilot + "/twin-digest").path("twins").asLong();
  }

  @Override
  public void numbers(List<String> twins, ObjLongConsumer<String> each) {
    for (String twin : twins) {
      try {
        JsonNode value =
            stack
                .platform()
                .get("/api/v1/pilots/" + pilot + "/twins/" + twin)
                .at("/properties/number/value");
        if (value.isNumber()) {
          each.accept(twin, value.asLong());
        }
      } catch (ApiProblem problem) {
        if (problem.status() != NOT_FOUND) {
          throw problem;
        }
      }
    }
  }

  @Override
  public void close() throws SQLException {
    admin.close();
    store.close();
  }
}
