package org.pilothouse.platform.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a topic must be.
 *
 * @param partitions at least; a topic that has more keeps them
 * @param config the topic's own settings by their Kafka names; what is not named here is left alone
 */
public record TopicSpec(String name, int partitions, Map<String, String> config) {
  public TopicSpec {
    if (partitions < 1 || partitions > 1000) {
      throw new IllegalArgumentException("a topic has 1 to 1000 partitions");
    }
    config = Map.copyOf(config);
  }

  /** Keeps every event for this long. */
  public static TopicSpec keeping(String name, int partitions, Duration time) {
    return new TopicSpec(
        name,
        partitions,
        Map.of("cleanup.policy", "delete", "retention.ms", Long.toString(time.toMillis())));
  }

  /** Keeps every event until the topic is removed. */
  public static TopicSpec keepingAll(String name, int partitions) {
    return new TopicSpec(
        name, partitions, Map.of("cleanup.policy", "delete", "retention.ms", "-1"));
  }

  /** Keeps the last event of each key. */
  public static TopicSpec compacted(String name, int partitions) {
    return new TopicSpec(
        name, partitions, Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.1"));
  }

  public TopicSpec with(String key, String value) {
    Map<String, String> more = new TreeMap<>(config);
    more.put(key, value);
    return new TopicSpec(name, partitions, more);
  }
}
