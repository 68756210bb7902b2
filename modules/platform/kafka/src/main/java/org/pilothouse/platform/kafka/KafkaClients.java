package org.pilothouse.platform.kafka;

import java.util.Properties;
import java.util.function.Supplier;
import net.jpountz.lz4.LZ4Factory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all Kafka clients of this adapter have in common. Not for use outside of it. */
public final class KafkaClients {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaClients.class);

  // Below a server's class loader Kafka takes the native LZ4 only where somebody has loaded it
  // before; the plain Java one costs ingest several times the compression.
  static {
    try {
      LOG.atDebug().addKeyValue("lz4", LZ4Factory.nativeInstance()).log("native compression");
    } catch (LinkageError | AssertionError e) {
      LOG.atInfo().addKeyValue("reason", e.toString()).log("compressing without native code");
    }
  }

  private KafkaClients() {}

  /**
   * Makes a client with the class loader of this adapter as the thread's own: Kafka finds its
   * plug-ins through the thread's loader, and a managed thread of the server may carry another.
   */
  public static <T> T create(Supplier<T> maker) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(KafkaClients.class.getClassLoader());
    try {
      return maker.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** How a consumer reaches the brokers, and how much it may fetch at once. */
  public static Properties consumer(KafkaConfig config) {
    Properties settings = new Properties();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(
        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    settings.put(
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    settings.put(
        ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) config.requestTimeout().toMillis());
    settings.put(
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        (int) Math.max(config.adminTimeout().toMillis(), config.requestTimeout().toMillis()));
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, config.metadataMaxAge().toMillis());
    settings.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
    settings.put(ConsumerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 1000);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 3 * 1024 * 1024);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1024 * 1024);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    return settings;
  }
}
