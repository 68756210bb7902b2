package org.pilothouse.platform.kafka.fold;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.KafkaClients;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.TopicSpec;

/**
 * The topics of a fold. Records to be folded are kept until they are, and removed then: by any
 * node, as often as one likes.
 */
final class FoldUpkeep implements AutoCloseable {
  private static final String SEGMENT = Integer.toString(64 * 1024 * 1024);

  private final FoldSpec spec;
  private final KafkaConfig config;
  private final Admin admin;

  FoldUpkeep(FoldSpec spec, KafkaConfig config) {
    this.spec = spec;
    this.config = config;
    Properties settings = new Properties();
    settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "pilothouse-" + spec.name() + "-upkeep");
    settings.put(
        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
        (int) Math.min(config.adminTimeout().toMillis(), config.requestTimeout().toMillis()));
    settings.put(
        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) config.adminTimeout().toMillis());
    settings.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
    settings.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    this.admin = KafkaClients.create(() -> Admin.create(settings));
  }

  /** Before the fold: the store that follows needs the topic that it follows. */
  void provision(TopicProvisioner topics) {
    var unused =
        topics.ensure(
            List.of(
                TopicSpec.keepingAll(spec.source(), spec.partitions())
                    .with("segment.bytes", SEGMENT),
                TopicSpec.compacted(spec.changelog(), spec.partitions())
                    .with("max.message.bytes", Integer.toString(FoldTopology.LARGEST))));
  }

  /**
   * Removes what is folded.
   *
   * @return how many records are still to be folded, by all nodes, about
   */
  long tidy() {
    Map<TopicPartition, OffsetAndMetadata> folded =
        await(admin.listConsumerGroupOffsets(spec.name()).partitionsToOffsetAndMetadata());
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (int i = 0; i < spec.partitions(); i++) {
      asked.put(new TopicPartition(spec.source(), i), OffsetSpec.latest());
    }
    var ends = await(admin.listOffsets(asked).all());
    asked.replaceAll((partition, latest) -> OffsetSpec.earliest());
    var begins = await(admin.listOffsets(asked).all());
    long left = 0;
    Map<TopicPartition, RecordsToDelete> done = new HashMap<>();
    for (TopicPartition partition : asked.keySet()) {
      var first = begins.get(partition);
      var end = ends.get(partition);
      if (first == null || end == null) {
        continue;
      }
      long begin = first.offset();
      OffsetAndMetadata committed = folded.get(partition);
      long position = committed == null ? begin : Math.max(begin, committed.offset());
      left += Math.max(0, end.offset() - position);
      if (position > begin) {
        done.put(partition, RecordsToDelete.beforeOffset(position));
      }
    }
    if (!done.isEmpty()) {
      var unused = await(admin.deleteRecords(done).all());
    }
    return left;
  }

  private <T> T await(KafkaFuture<T> future) {
    try {
      return future.get(config.adminTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackboneUnavailable("interrupted", e);
    } catch (TimeoutException | ExecutionException e) {
      throw new BackboneUnavailable("the brokers did not answer: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(2));
  }
}
