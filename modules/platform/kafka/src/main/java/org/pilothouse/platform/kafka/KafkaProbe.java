package org.pilothouse.platform.kafka;

import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;

/** Asks the brokers whether they are there. */
public final class KafkaProbe implements AutoCloseable {
  /** What the brokers answered, and after how long. */
  public sealed interface Answer {
    record Up(Duration latency, int brokers) implements Answer {}

    record Away(String detail) implements Answer {}
  }

  private final Admin admin;

  public KafkaProbe(KafkaConfig config) {
    Properties settings = new Properties();
    settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "pilothouse-probe");
    settings.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 3000);
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5000);
    settings.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    this.admin = KafkaClients.create(() -> Admin.create(settings));
  }

  /** Returns within the timeout. */
  public Answer ask(Duration timeout) {
    long start = System.nanoTime();
    try {
      int brokers =
          KafkaAnswers.await(
                  admin
                      .describeCluster(
                          new DescribeClusterOptions().timeoutMs((int) timeout.toMillis()))
                      .nodes(),
                  timeout.toMillis())
              .size();
      return new Answer.Up(Duration.ofNanos(System.nanoTime() - start), brokers);
    } catch (BackboneUnavailable | KafkaException e) {
      return new Answer.Away(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(2));
  }
}
