package org.pilothouse.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/** A subscriber of live events that comes back with its last id whenever it is cut off. */
final class Stream implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Stack stack;
  private final String pilot;
  private final String prefix;
  private final BitSet seen = new BitSet();
  private final AtomicLong twice = new AtomicLong();
  private final AtomicLong gaps = new AtomicLong();
  private final AtomicLong cuts = new AtomicLong();
  private final Thread reader;
  private volatile boolean connected;
  private volatile boolean ended;

  /**
   * @param run the first part of the event ids that count
   */
  Stream(Stack stack, String pilot, String run) {
    this.stack = stack;
    this.pilot = pilot;
    this.prefix = "\"" + run + "-";
    this.reader = Thread.ofPlatform().daemon().name("stream").start(this::read);
  }

  private void read() {
    @Nullable String[] last = new String[1];
    while (!ended) {
      try {
        stack
            .platform()
            .tail(
                pilot,
                Map.of("type", List.of("telemetry.reported")),
                last[0],
                () -> connected = true,
                event -> {
                  if (!event.id().isEmpty()) {
                    last[0] = event.id();
                  }
                  take(event);
                  return !ended;
                });
      } catch (IOException e) {
        cuts.incrementAndGet();
      } catch (ApiProblem problem) {
        cuts.incrementAndGet();
        if (problem.status() == 401) {
          signInAgain();
        }
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void signInAgain() {
    try {
      stack.signInAgain();
    } catch (ApiProblem away) {
      // The next attempt signs in again.
    }
  }

  private void take(PilothouseApi.LiveEvent event) {
    if (event.type().equals("gap")) {
      gaps.incrementAndGet();
      return;
    }
    String data = event.data();
    int at = data.indexOf(prefix);
    if (at < 0) {
      return;
    }
    int start = at + prefix.length();
    int end = data.indexOf('"', start);
    int number = Integer.parseInt(data.substring(start, end));
    synchronized (seen) {
      if (seen.get(number)) {
        twice.incrementAndGet();
      }
      seen.set(number);
    }
  }

  boolean connected() {
    return connected;
  }

  BitSet seen() {
    synchronized (seen) {
      return (BitSet) seen.clone();
    }
  }

  long twice() {
    return twice.get();
  }

  long gaps() {
    return gaps.get();
  }

  long cuts() {
    return cuts.get();
  }

  @Override
  public void close() {
    ended = true;
    reader.interrupt();
  }
}
