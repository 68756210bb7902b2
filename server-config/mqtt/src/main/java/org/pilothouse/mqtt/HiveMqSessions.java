package org.pilothouse.mqtt;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.hivemq.extension.sdk.api.services.subscription.SubscriptionStore;
import com.hivemq.persistence.clientqueue.ClientQueuePersistence;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the bridge's sessions out of HiveMQ. The extension SDK has no call for the length of a
 * queue, so HiveMQ's own persistence is asked.
 */
final class HiveMqSessions implements Backlog.Sessions {
  private static final String ANY_TELEMETRY = "pilothouse/any/any/telemetry";
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final SubscriptionStore subscriptions;
  private final ClientQueuePersistence queues;

  HiveMqSessions(SubscriptionStore subscriptions, ClientQueuePersistence queues) {
    this.subscriptions = subscriptions;
    this.queues = queues;
  }

  @Override
  public CompletionStage<Set<String>> subscribers() {
    Set<String> clients = ConcurrentHashMap.newKeySet();
    return subscriptions
        .iterateAllSubscribersForTopic(
            ANY_TELEMETRY, (context, subscriber) -> clients.add(subscriber.getClientId()))
        .thenApply(nothing -> clients);
  }

  @Override
  public CompletionStage<Long> queued(Set<String> clients) {
    List<CompletableFuture<Long>> sizes =
        clients.stream().map(client -> completable(queues.size(client, false))).toList();
    return CompletableFuture.allOf(sizes.toArray(CompletableFuture[]::new))
        .thenApply(nothing -> sizes.stream().mapToLong(CompletableFuture::join).sum())
        .orTimeout(LONGEST.toSeconds(), TimeUnit.SECONDS);
  }

  private static CompletableFuture<Long> completable(ListenableFuture<Integer> future) {
    CompletableFuture<Long> size = new CompletableFuture<>();
    Futures.addCallback(
        future,
        new FutureCallback<Integer>() {
          @Override
          public void onSuccess(@Nullable Integer result) {
            size.complete(result == null ? 0L : result.longValue());
          }

          @Override
          public void onFailure(Throwable failure) {
            size.completeExceptionally(failure);
          }
        },
        MoreExecutors.directExecutor());
    return size;
  }
}
