package org.pilothouse.platform.kafka.consume;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.PublishFailure;

/** Keeps rejected records in a topic, as {@code event.rejected}. */
public final class KafkaRejections implements Rejections {
  private static final int LONGEST_DETAIL = 500;

  private final EventPublisher publisher;
  private final UnaryOperator<String> rejectedTopic;
  private final Clock clock;
  private final Duration timeout;

  /**
   * @param publisher a live one
   * @param rejectedTopic names the topic for what was rejected, from the topic where it stood
   * @param timeout longer than the publisher's delivery may take
   */
  public KafkaRejections(
      EventPublisher publisher,
      UnaryOperator<String> rejectedTopic,
      Clock clock,
      Duration timeout) {
    this.publisher = publisher;
    this.rejectedTopic = rejectedTopic;
    this.clock = clock;
    this.timeout = timeout;
  }

  @Override
  public void keep(LogRecord record, String reader, String reason, String detail) throws Exception {
    String topic = rejectedTopic.apply(record.topic());
    if (topic.equals(record.topic())) {
      // It is among the rejected already; once more would have no end.
      return;
    }
    String shortened =
        detail.length() > LONGEST_DETAIL ? detail.substring(0, LONGEST_DETAIL) : detail;
    EventHeaders headers = RejectedHeaders.of(record, reader, reason, shortened, clock.instant());
    try {
      publish(topic, record.key(), record.value(), headers);
    } catch (PublishFailure e) {
      if (e.kind() != PublishFailure.Kind.REFUSED) {
        throw e;
      }
      // Larger than an event may be: somebody wrote it past ingest. Where it stood is kept.
      publish(
          topic,
          null,
          null,
          RejectedHeaders.withoutBytes(record, reader, reason, shortened, clock.instant()));
    }
  }

  private void publish(
      String topic, byte @Nullable [] key, byte @Nullable [] value, EventHeaders headers)
      throws Exception {
    try {
      var unused =
          publisher
              .publish(topic, key, value, headers)
              .toCompletableFuture()
              .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
