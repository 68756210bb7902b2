package org.pilothouse.testkit;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.KafkaEventPublisher;
import org.pilothouse.platform.kafka.KafkaEventPublisher.Purpose;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.TopicSpec;
import org.pilothouse.platform.kafka.consume.Deduplicator;
import org.pilothouse.platform.kafka.consume.KafkaLogClients;
import org.pilothouse.platform.kafka.consume.LogClients;
import org.pilothouse.platform.kafka.consume.LogReads;

class KafkaReaderIT implements ReaderContract {
  private static final SimpleMeterRegistry REGISTRY = new SimpleMeterRegistry();
  private static KafkaConfig config;
  private static TopicProvisioner provisioner;
  private static KafkaEventPublisher publisher;
  private static LogReads reads;

  @BeforeAll
  static void connect() {
    config = KafkaConfig.from(TestHome.settings());
    provisioner = new TopicProvisioner(config);
    publisher =
        new KafkaEventPublisher("reader-it", config, Purpose.LIVE, Clock.systemUTC(), REGISTRY);
    reads = new LogReads(config, 2);
  }

  @AfterAll
  static void disconnect() {
    publisher.close();
    provisioner.close();
    reads.close();
  }

  @Override
  public Backbone backbone() {
    return new Backbone() {
      @Override
      public void create(String topic, int partitions) {
        provisioner.ensure(List.of(TopicSpec.keepingAll(topic, partitions)));
        publisher.warm(List.of(topic));
      }

      @Override
      public void trim(String topic) {
        Map<TopicPartition, RecordsToDelete> dropped = new HashMap<>();
        reads
            .ends(List.of(topic))
            .forEach((partition, end) ->
                dropped.put(
                    new TopicPartition(topic, partition.number()),
                    RecordsToDelete.beforeOffset(end)));
        try (Admin admin =
            Admin.create(
                Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers()))) {
          var unused = admin.deleteRecords(dropped).all().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
          throw new IllegalStateException(e);
        }
      }

      @Override
      public EventPublisher publisher() {
        return publisher;
      }

      @Override
      public LogClients clients() {
        return new KafkaLogClients(config, REGISTRY);
      }

      @Override
      public Deduplicator.Past past() {
        return Deduplicator.Past.of(reads);
      }
    };
  }
}
