package org.pilothouse.mqtt;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether a publish can be kept until the bridge takes it. HiveMQ acknowledges and drops what
 * has no subscriber or does not fit its queue, and it does not notice that its disk is full; so it
 * is looked at here, before, and the publish refused.
 *
 * <p>It looks a few times a second. What comes between two looks fits into the room that the queue
 * has above the bound.
 */
final class Backlog implements AutoCloseable {
  static final String TELEMETRY = "pilothouse/+/+/telemetry";
  static final String RESULTS = "pilothouse/+/+/commands/+/result";
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Logger log = LoggerFactory.getLogger(Backlog.class);

  /** What the broker knows about the bridge's sessions. */
  interface Sessions {
    /** The clients that any telemetry would be queued for. */
    CompletionStage<Set<String>> subscribers();

    CompletionStage<Long> queued(Set<String> clients);
  }

  /** Why publishes are refused now. */
  enum Refusal {
    NO_BRIDGE("no bridge has subscribed yet"),
    FULL("the bridge is too far behind"),
    NO_SPACE("the broker's disk is nearly full"),
    UNKNOWN("the broker does not know its backlog");

    private final String reason;

    Refusal(String reason) {
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  private final Sessions sessions;
  private final long most;
  private final Path dataDir;
  private final long leastFree;
  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          work -> Thread.ofPlatform().name("backlog").daemon().unstarted(work));
  private volatile @Nullable Refusal refusal = Refusal.NO_BRIDGE;
  private volatile long messages;

  Backlog(Sessions sessions, long most, Path dataDir, long leastFree) {
    this.sessions = sessions;
    this.most = most;
    this.dataDir = dataDir;
    this.leastFree = leastFree;
  }

  void start() {
    next(Duration.ZERO);
  }

  private void next(Duration pause) {
    if (!looks.isShutdown()) {
      looks.schedule(this::look, pause.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void look() {
    sessions
        .subscribers()
        .thenCompose(clients ->
            sessions
                .queued(clients)
                .thenAccept(queued -> settle(judge(!clients.isEmpty(), queued))))
        .whenComplete((nothing, failure) -> {
          if (failure != null && !looks.isShutdown()) {
            log.error("the backlog cannot be read", failure);
            settle(Refusal.UNKNOWN);
          }
          next(LOOK);
        });
  }

  @Nullable Refusal judge(boolean bridged, long queued) {
    messages = queued;
    if (!bridged) {
      return Refusal.NO_BRIDGE;
    }
    if (queued >= most) {
      return Refusal.FULL;
    }
    return free() < leastFree ? Refusal.NO_SPACE : null;
  }

  private long free() {
    try {
      return Files.getFileStore(dataDir).getUsableSpace();
    } catch (IOException e) {
      log.warn("the free space of {} cannot be read", dataDir, e);
      return 0;
    }
  }

  private void settle(@Nullable Refusal now) {
    Refusal before = refusal;
    if (before != now) {
      if (now == null) {
        log.info("publishes are taken; {} messages wait for the bridge", messages);
      } else {
        log.warn("publishes are refused: {} ({} messages wait)", now.reason(), messages);
      }
    }
    refusal = now;
  }

  /** Null when a publish can be taken. */
  @Nullable Refusal refusal() {
    return refusal;
  }

  long messages() {
    return messages;
  }

  @Override
  public void close() {
    looks.shutdownNow();
  }
}
