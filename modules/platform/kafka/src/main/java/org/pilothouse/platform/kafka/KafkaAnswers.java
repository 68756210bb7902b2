package org.pilothouse.platform.kafka;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Waits for an administrative answer, never for ever. */
final class KafkaAnswers {
  private KafkaAnswers() {}

  /**
   * @throws BackboneUnavailable when there is no answer in time
   * @throws KafkaException what the brokers answered
   */
  static <T> T await(KafkaFuture<T> future, long timeoutMillis) {
    try {
      return future.get(timeoutMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackboneUnavailable("interrupted while waiting for the brokers", e);
    } catch (TimeoutException e) {
      throw new BackboneUnavailable(
          "the brokers did not answer within " + timeoutMillis + " ms", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RetriableException
          && !(cause instanceof UnknownTopicOrPartitionException)) {
        throw new BackboneUnavailable("the brokers did not answer: " + cause.getMessage(), cause);
      }
      throw cause instanceof KafkaException known
          ? known
          : new KafkaException("the brokers failed", cause);
    }
  }
}
