package org.pilothouse.platform.kafka.consume;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.pilothouse.platform.kafka.EventPublisher;

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
    String shortened =
        detail.length() > LONGEST_DETAIL ? detail.substring(0, LONGEST_DETAIL) : detail;
    try {
      var unused =
          publisher
              .publish(
                  rejectedTopic.apply(record.topic()),
                  record.key(),
                  record.value(),
                  RejectedHeaders.of(record, reader, reason, shortened, clock.instant()))
              .toCompletableFuture()
              .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
