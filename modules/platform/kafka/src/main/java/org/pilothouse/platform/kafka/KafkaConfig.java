package org.pilothouse.platform.kafka;

import java.time.Duration;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * How the backbone is reached and how much of it this node may hold in memory.
 *
 * @param bootstrapServers host and port pairs, separated by commas
 * @param requestTimeout one request to a broker, 1 to 60 s
 * @param deliveryTimeout from publish to the verdict, longer than a request; an event that the
 *     brokers have not acknowledged by then has failed
 * @param maxBlock how long a publish may wait for metadata, at most 10 s
 * @param stallLimit how long nothing may be acknowledged before new events are turned away
 * @param linger how long an event may wait for company in its batch, at most 1 s
 * @param batchBytes the largest batch of one partition
 * @param bufferBytes the most that unacknowledged events may take in memory
 * @param maxEventBytes the largest event, headers and key included
 * @param adminTimeout one administrative call, with its retries
 * @param metadataMaxAge how soon a new topic is found, 1 s to 5 min
 */
public record KafkaConfig(
    String bootstrapServers,
    Duration requestTimeout,
    Duration deliveryTimeout,
    Duration maxBlock,
    Duration stallLimit,
    Duration linger,
    int batchBytes,
    long bufferBytes,
    int maxEventBytes,
    Duration adminTimeout,
    Duration metadataMaxAge) {

  private static final String PREFIX = "pilothouse.kafka.";

  public KafkaConfig {
    if (bootstrapServers.isBlank()) {
      throw new InvalidSetting(PREFIX + "bootstrap-servers is not set");
    }
    within("request-timeout", requestTimeout, Duration.ofMillis(100), Duration.ofSeconds(60));
    within("delivery-timeout", deliveryTimeout, Duration.ofSeconds(1), Duration.ofMinutes(5));
    within("max-block", maxBlock, Duration.ofMillis(10), Duration.ofSeconds(10));
    within("stall-limit", stallLimit, Duration.ofMillis(100), Duration.ofMinutes(1));
    within("linger", linger, Duration.ZERO, Duration.ofSeconds(1));
    within("admin-timeout", adminTimeout, Duration.ofSeconds(1), Duration.ofMinutes(2));
    within("metadata-max-age", metadataMaxAge, Duration.ofSeconds(1), Duration.ofMinutes(5));
    if (deliveryTimeout.compareTo(requestTimeout.plus(linger)) < 0) {
      throw new InvalidSetting(
          PREFIX + "delivery-timeout must not be shorter than request-timeout and linger together");
    }
    if (bufferBytes < 4L * batchBytes) {
      throw new InvalidSetting(PREFIX + "buffer-bytes must hold at least four batches");
    }
  }

  private static void within(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new InvalidSetting(
          PREFIX + key + " must be from " + least + " to " + most + ", not " + value);
    }
  }

  /** The defaults for these brokers. */
  public static KafkaConfig of(String bootstrapServers) {
    return from(
        new Settings(
            java.util.Map.of(PREFIX + "bootstrap-servers", bootstrapServers), java.util.Map.of()));
  }

  public static KafkaConfig from(Settings settings) {
    return new KafkaConfig(
        settings.required(PREFIX + "bootstrap-servers"),
        settings.duration(PREFIX + "request-timeout", Duration.ofSeconds(10)),
        settings.duration(PREFIX + "delivery-timeout", Duration.ofSeconds(30)),
        settings.duration(PREFIX + "max-block", Duration.ofSeconds(1)),
        settings.duration(PREFIX + "stall-limit", Duration.ofSeconds(5)),
        settings.duration(PREFIX + "linger", Duration.ofMillis(5)),
        settings.number(PREFIX + "batch-bytes", 256 * 1024, 1024, 1024 * 1024),
        settings.number(PREFIX + "buffer-bytes", 64 * 1024 * 1024, 1024 * 1024, 1024 * 1024 * 1024),
        settings.number(PREFIX + "max-event-bytes", 96 * 1024, 1024, 1024 * 1024),
        settings.duration(PREFIX + "admin-timeout", Duration.ofSeconds(15)),
        settings.duration(PREFIX + "metadata-max-age", Duration.ofSeconds(5)));
  }
}
