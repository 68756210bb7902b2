package org.pilothouse.platform.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The way onto the backbone. An event is acknowledged when every in-sync broker has it; events of
 * one key keep their order.
 */
public interface EventPublisher extends AutoCloseable {
  /** The CloudEvents extension that marks a replayed event, as a header. */
  String REPLAY_RUN_HEADER = "ce_replayrun";

  /** Where an event went. */
  record Position(String topic, int partition, long offset) {}

  /**
   * How the backbone takes what is sent.
   *
   * @param inFlightBytes sent or waiting, not yet acknowledged
   * @param limitBytes where new events are turned away
   * @param stalledFor how long nothing was acknowledged although something waits
   * @param pushingBack whether a publish would be turned away now
   */
  record Pressure(
      long inFlightBytes,
      long limitBytes,
      long inFlightEvents,
      Duration stalledFor,
      boolean pushingBack) {}

  /**
   * Sends one event. Never throws for what happens to the event: the callback hears it, possibly
   * before this returns. Returns within the configured {@code maxBlock}.
   *
   * @param key decides the partition; null spreads events over all
   */
  void publish(
      String topic,
      byte @Nullable [] key,
      byte @Nullable [] value,
      EventHeaders headers,
      PublishCallback callback);

  /** For rare events; completes exceptionally with {@link PublishFailure}. */
  default CompletionStage<Position> publish(
      String topic, byte @Nullable [] key, byte @Nullable [] value, EventHeaders headers) {
    CompletableFuture<Position> result = new CompletableFuture<>();
    publish(
        topic,
        key,
        value,
        headers,
        new PublishCallback() {
          @Override
          public void acknowledged(int partition, long offset) {
            result.complete(new Position(topic, partition, offset));
          }

          @Override
          public void failed(PublishFailure failure) {
            result.completeExceptionally(failure);
          }
        });
    return result;
  }

  /** Cheap enough to ask before every request. */
  boolean pushingBack();

  Pressure pressure();

  /**
   * Fetches what is needed to publish to these topics, so that the first event does not wait for
   * it. Best effort, within {@code maxBlock} a topic.
   */
  void warm(Collection<String> topics);

  /** Waits a bounded time for what is in flight. */
  @Override
  void close();
}
