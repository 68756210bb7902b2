package org.pilothouse.benchmarks;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * From the start of the deployable's process, its servers being up, to the first "ready". The
 * deployable is ended politely; the launcher starts it again.
 */
final class Startup implements Benchmark {
  private static final double BOUND_SECONDS = 15;
  private static final int TIMES = 3;
  private static final Duration LONGEST = Duration.ofSeconds(120);

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    List<Double> seconds = new ArrayList<>();
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build()) {
      for (int i = 0; i < TIMES; i++) {
        seconds.add(once(stack, http));
        IngestHttp.say("  ready after %.1f s", seconds.getLast());
      }
    }
    Collections.sort(seconds);
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("seconds", seconds);
    return List.of(
        Figure.ofCeiling(
            "startup, deployable", seconds.get(TIMES / 2), "s", BOUND_SECONDS, details));
  }

  private static double once(Stack stack, HttpClient http) throws Exception {
    OptionalLong before = stack.pid("pilothouse");
    if (before.isEmpty()) {
      throw new IllegalStateException("the deployable does not run; see ./pilothouse status");
    }
    ProcessHandle old =
        ProcessHandle.of(before.getAsLong())
            .orElseThrow(() -> new IllegalStateException("the deployable has just ended"));
    old.destroy();
    long end = System.nanoTime() + LONGEST.toNanos();
    OptionalLong pid = stack.pid("pilothouse");
    while (pid.isEmpty() || pid.getAsLong() == before.getAsLong()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the launcher did not start the deployable again");
      }
      Thread.sleep(200);
      pid = stack.pid("pilothouse");
    }
    Instant started =
        ProcessHandle.of(pid.getAsLong())
            .flatMap(process -> process.info().startInstant())
            .orElseThrow(() -> new IllegalStateException("the new process has just ended"));
    while (!isReady(stack, http)) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the deployable did not get ready");
      }
      Thread.sleep(50);
    }
    return Duration.between(started, Instant.now()).toMillis() / 1_000.0;
  }

  private static boolean isReady(Stack stack, HttpClient http) throws InterruptedException {
    try {
      return http.send(
                  HttpRequest.newBuilder(stack.http().resolve("/health/ready"))
                      .timeout(Duration.ofSeconds(5))
                      .build(),
                  HttpResponse.BodyHandlers.discarding())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
