package org.pilothouse.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A closed loop of a few connections, each with one request under way. Counts what the platform
 * says it accepted.
 */
final class HttpLoad {
  private static final Pattern ACCEPTED = Pattern.compile("\"accepted\"\\s*:\\s*(\\d+)");
  private static final int TIMEOUT_MILLIS = 60_000;

  /**
   * @param pushedBack answers 429 and 503
   */
  record Result(long accepted, double seconds, long requests, long pushedBack) {
    double perSecond() {
      return accepted / seconds;
    }
  }

  private final URI base;
  private final Stack.Device device;
  private final int connections;
  private final int lines;
  private final String run;
  private final AtomicLong next = new AtomicLong();

  HttpLoad(URI base, Stack.Device device, int connections, int lines, String run) {
    this.base = base;
    this.device = device;
    this.connections = connections;
    this.lines = lines;
    this.run = run;
  }

  long sent() {
    return next.get();
  }

  /** Runs until the time is over or so many events were accepted, whichever comes first. */
  Result run(Duration longest, long events) throws InterruptedException {
    AtomicLong accepted = new AtomicLong();
    AtomicLong requests = new AtomicLong();
    AtomicLong pushedBack = new AtomicLong();
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    long start = System.nanoTime();
    long end = start + longest.toNanos();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      long seed = i;
      threads.add(
          Thread.ofPlatform()
              .name("load-" + i)
              .start(() -> {
                try {
                  send(seed, end, events, accepted, requests, pushedBack);
                } catch (IOException | RuntimeException e) {
                  failure.compareAndSet(null, e);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Exception failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("the load broke off: " + failed.getMessage(), failed);
    }
    return new Result(accepted.get(), seconds, requests.get(), pushedBack.get());
  }

  private void send(
      long seed,
      long end,
      long events,
      AtomicLong accepted,
      AtomicLong requests,
      AtomicLong pushedBack)
      throws IOException, InterruptedException {
    TelemetryBody body = new TelemetryBody(run, lines, seed, Instant.now());
    byte[] head =
        HttpConnection.head(
            base,
            "/api/v1/pilots/" + device.pilot() + "/telemetry",
            device.token(),
            body.bytes().length);
    HttpConnection connection = new HttpConnection(base, TIMEOUT_MILLIS);
    try {
      while (System.nanoTime() < end && accepted.get() < events) {
        body.number(next.getAndAdd(lines));
        HttpConnection.Answer answer = connection.post(head, body.bytes(), body.bytes().length);
        requests.incrementAndGet();
        if (answer.status() == 202) {
          accepted.addAndGet(accepted(answer.body()));
        } else if (answer.status() == 429 || answer.status() == 503) {
          pushedBack.incrementAndGet();
          Thread.sleep(Math.max(1, answer.retryAfterSeconds()) * 1_000L);
        } else {
          throw new IOException("answer " + answer.status() + ": " + answer.body());
        }
        if (connection.isClosing()) {
          connection.close();
          connection = new HttpConnection(base, TIMEOUT_MILLIS);
        }
      }
    } finally {
      connection.close();
    }
  }

  static long accepted(String answer) {
    Matcher matcher = ACCEPTED.matcher(answer);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }
}
