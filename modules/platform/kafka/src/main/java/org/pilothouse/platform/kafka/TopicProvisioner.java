package org.pilothouse.platform.kafka;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes topics what they must be: creates what is missing, corrects settings that drifted, adds
 * partitions and never takes any away. May run as often as one likes, on several nodes at once.
 */
public final class TopicProvisioner implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicProvisioner.class);

  /** What one call changed. */
  public record Changes(List<String> created, List<String> corrected, List<String> grown) {
    public boolean none() {
      return created.isEmpty() && corrected.isEmpty() && grown.isEmpty();
    }
  }

  private final Admin admin;
  private final long timeoutMillis;

  public TopicProvisioner(KafkaConfig config) {
    this.timeoutMillis = config.adminTimeout().toMillis();
    Properties settings = new Properties();
    settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "pilothouse-provisioner");
    settings.put(
        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
        (int) Math.min(timeoutMillis, config.requestTimeout().toMillis()));
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) timeoutMillis);
    settings.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
    settings.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    this.admin = KafkaClients.create(() -> Admin.create(settings));
  }

  /**
   * @throws BackboneUnavailable when the brokers do not answer in time; what was done stays done
   */
  public Changes ensure(Iterable<TopicSpec> specs) {
    Map<String, TopicSpec> wanted = new LinkedHashMap<>();
    specs.forEach(spec -> wanted.put(spec.name(), spec));
    if (wanted.isEmpty()) {
      return new Changes(List.of(), List.of(), List.of());
    }
    Map<String, TopicDescription> present = describe(wanted.keySet());
    List<String> created = create(wanted, present);
    List<String> grown = grow(wanted, present);
    List<String> corrected = correct(wanted, present);
    if (!created.isEmpty() || !grown.isEmpty() || !corrected.isEmpty()) {
      LOG.atInfo()
          .addKeyValue("created", created)
          .addKeyValue("grown", grown)
          .addKeyValue("corrected", corrected)
          .log("topics provisioned");
    }
    return new Changes(created, corrected, grown);
  }

  /** Removes topics; one that is not there is as good as removed. */
  public void remove(Collection<String> topics) {
    Map<String, KafkaFuture<Void>> results = admin.deleteTopics(topics).topicNameValues();
    results.forEach((topic, result) -> {
      try {
        await(result);
      } catch (UnknownTopicOrPartitionException e) {
        LOG.atDebug().addKeyValue("topic", topic).log("was not there");
      }
    });
  }

  private Map<String, TopicDescription> describe(Collection<String> topics) {
    Map<String, TopicDescription> present = new HashMap<>();
    admin
        .describeTopics(topics)
        .topicNameValues()
        .forEach((topic, result) -> {
          try {
            present.put(topic, await(result));
          } catch (UnknownTopicOrPartitionException e) {
            LOG.atDebug().addKeyValue("topic", topic).log("is not there yet");
          }
        });
    return present;
  }

  private List<String> create(
      Map<String, TopicSpec> wanted, Map<String, TopicDescription> present) {
    List<NewTopic> missing = new ArrayList<>();
    for (TopicSpec spec : wanted.values()) {
      if (!present.containsKey(spec.name())) {
        missing.add(
            new NewTopic(spec.name(), Optional.of(spec.partitions()), Optional.empty())
                .configs(spec.config()));
      }
    }
    List<String> created = new ArrayList<>();
    if (missing.isEmpty()) {
      return created;
    }
    admin
        .createTopics(missing)
        .values()
        .forEach((topic, result) -> {
          try {
            var unused = await(result);
            created.add(topic);
          } catch (TopicExistsException e) {
            LOG.atDebug().addKeyValue("topic", topic).log("another node was faster");
          }
        });
    return created;
  }

  private List<String> grow(Map<String, TopicSpec> wanted, Map<String, TopicDescription> present) {
    Map<String, NewPartitions> larger = new HashMap<>();
    present.forEach((topic, description) -> {
      TopicSpec spec = wanted.get(topic);
      if (spec != null && description.partitions().size() < spec.partitions()) {
        larger.put(topic, NewPartitions.increaseTo(spec.partitions()));
      }
    });
    List<String> grown = new ArrayList<>();
    if (!larger.isEmpty()) {
      admin
          .createPartitions(larger)
          .values()
          .forEach((topic, result) -> {
            try {
              var unused = await(result);
              grown.add(topic);
            } catch (InvalidPartitionsException e) {
              LOG.atDebug().addKeyValue("topic", topic).log("another node was faster");
            }
          });
    }
    return grown;
  }

  private List<String> correct(
      Map<String, TopicSpec> wanted, Map<String, TopicDescription> present) {
    List<ConfigResource> resources =
        present.keySet().stream()
            .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
            .toList();
    if (resources.isEmpty()) {
      return List.of();
    }
    Map<ConfigResource, Config> actual = await(admin.describeConfigs(resources).all());
    Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
    actual.forEach((resource, config) -> {
      TopicSpec spec = wanted.get(resource.name());
      if (spec == null) {
        return;
      }
      List<AlterConfigOp> drifted = new ArrayList<>();
      spec.config()
          .forEach((key, value) -> {
            ConfigEntry entry = config.get(key);
            if (entry == null || !value.equals(entry.value())) {
              drifted.add(new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET));
            }
          });
      if (!drifted.isEmpty()) {
        changes.put(resource, drifted);
      }
    });
    if (!changes.isEmpty()) {
      var unused = await(admin.incrementalAlterConfigs(changes).all());
    }
    return changes.keySet().stream().map(ConfigResource::name).sorted().toList();
  }

  private <T> T await(KafkaFuture<T> future) {
    return KafkaAnswers.await(future, timeoutMillis);
  }

  @Override
  public void close() {
    admin.close(java.time.Duration.ofSeconds(5));
  }
}
