package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/**
 * An open model: requests are due at random moments (a Poisson process) at a quarter of the top
 * rate, whether or not the ones before were answered. Each latency counts from the moment when the
 * request was due, so that a stall is felt by all that should have been sent during it.
 */
final class IngestLatency implements Benchmark {
  private static final int LINES = 100;
  private static final int SENDERS = 48;
  private static final int WARM_SECONDS = 30;
  private static final double ACKNOWLEDGED_BOUND = 50;
  private static final double SHOWN_BOUND = 250;
  private static final String PROBE = "probe";
  private static final int TIMEOUT_MILLIS = 30_000;

  private record Due(int number, long nanos) {}

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    Stack.Device device = stack.device(IngestHttp.PILOT, "load-1");
    double top = topRate(stack, device, options);
    IngestHttp.say("readers caught up after %d s", stack.untilCaughtUp().toSeconds());
    double eventsPerSecond = top / 4;
    double requestsPerSecond = eventsPerSecond / LINES;
    int seconds = WARM_SECONDS + Math.max(30, options.seconds());
    int requests = (int) (requestsPerSecond * seconds);
    int warm = (int) (requestsPerSecond * WARM_SECONDS);
    IngestHttp.say(
        "open model: %,.0f events/s in %,.0f requests/s for %d s",
        eventsPerSecond, requestsPerSecond, seconds);

    String run = "l" + Long.toString(System.currentTimeMillis(), 36);
    AtomicReferenceArray<@Nullable Due> sent = new AtomicReferenceArray<>(requests);
    Histogram acknowledged = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(2), 3);
    Histogram shown = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(2), 3);
    AtomicLong refused = new AtomicLong();
    BlockingQueue<Due> queue = new ArrayBlockingQueue<>(1_000_000);
    AtomicLong seen = new AtomicLong();
    Thread subscriber = subscribe(stack, run, warm, sent, shown, seen);
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      long seed = i;
      senders.add(
          Thread.ofPlatform()
              .name("sender-" + i)
              .start(() -> send(stack, device, run, seed, queue, warm, acknowledged, refused)));
    }
    long start = System.nanoTime() + 200_000_000L;
    SplittableRandom random = new SplittableRandom(1);
    double at = start;
    for (int i = 0; i < requests; i++) {
      at += -Math.log(1 - random.nextDouble()) / requestsPerSecond * 1e9;
      Due due = new Due(i, (long) at);
      sent.set(i, due);
      sleepUntil(due.nanos());
      queue.add(due);
    }
    for (int i = 0; i < SENDERS; i++) {
      queue.add(new Due(-1, 0));
    }
    for (Thread sender : senders) {
      sender.join(60_000);
    }
    double took = (System.nanoTime() - start) / 1e9;
    long wanted = acknowledged.getTotalCount();
    for (int i = 0; i < 100 && shown.getTotalCount() < wanted; i++) {
      Thread.sleep(100);
    }
    subscriber.interrupt();

    Map<String, Object> details = details(acknowledged);
    details.put("top_events_per_second", top);
    details.put("offered_events_per_second", eventsPerSecond);
    details.put("achieved_events_per_second", (requests - refused.get()) * (double) LINES / took);
    details.put("lines_per_request", LINES);
    details.put("not_acknowledged", refused.get());
    Map<String, Object> shownDetails = details(shown);
    shownDetails.put("probes", shown.getTotalCount());
    shownDetails.put("probes_not_shown", wanted - shown.getTotalCount());
    Figure first =
        Figure.ofCeiling(
            "ingest-latency p99, to 202",
            acknowledged.getValueAtPercentile(99) / 1e3,
            "ms",
            ACKNOWLEDGED_BOUND,
            details);
    Figure second =
        Figure.ofCeiling(
            "ingest-latency p99, to SSE",
            shown.getValueAtPercentile(99) / 1e3,
            "ms",
            SHOWN_BOUND,
            shownDetails);
    if (shown.getTotalCount() < wanted * 0.999) {
      second =
          new Figure(second.name(), second.figure(), null, "ms", SHOWN_BOUND, false, shownDetails);
    }
    return List.of(first, second);
  }

  private static Map<String, Object> details(Histogram histogram) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("p50_ms", histogram.getValueAtPercentile(50) / 1e3);
    details.put("p90_ms", histogram.getValueAtPercentile(90) / 1e3);
    details.put("p99_ms", histogram.getValueAtPercentile(99) / 1e3);
    details.put("p999_ms", histogram.getValueAtPercentile(99.9) / 1e3);
    details.put("max_ms", histogram.getMaxValue() / 1e3);
    details.put("count", histogram.getTotalCount());
    return details;
  }

  /** The rate that the throughput benchmark found, or a quick look of its own. */
  private static double topRate(Stack stack, Stack.Device device, Options options)
      throws Exception {
    Path file = Stack.repository().resolve("target/bench/ingest-http.json");
    if (Files.exists(file)) {
      JsonNode document = new ObjectMapper().readTree(file.toFile());
      Instant at = Instant.parse(document.path("at").asText());
      if (at.isAfter(Instant.now().minus(Duration.ofHours(1)))) {
        return document.path("figure").asDouble();
      }
    }
    IngestHttp.say("finding the top rate first");
    HttpLoad load =
        new HttpLoad(
            stack.http(),
            device,
            options.connections(),
            options.lines(),
            "t" + Long.toString(System.currentTimeMillis(), 36));
    load.run(Duration.ofSeconds(options.seconds()), Long.MAX_VALUE);
    return load.run(Duration.ofSeconds(options.seconds()), Long.MAX_VALUE).perSecond();
  }

  private static void send(
      Stack stack,
      Stack.Device device,
      String run,
      long seed,
      BlockingQueue<Due> queue,
      int warm,
      Histogram acknowledged,
      AtomicLong refused) {
    TelemetryBody rest = new TelemetryBody(run + "x" + seed, LINES - 1, seed, Instant.now());
    @Nullable HttpConnection connection = null;
    long own = 0;
    try {
      for (Due due = queue.take(); due.number() >= 0; due = queue.take()) {
        rest.number(own);
        own += LINES;
        byte[] probe = probe(run, due.number());
        byte[] body = new byte[probe.length + rest.bytes().length];
        System.arraycopy(probe, 0, body, 0, probe.length);
        System.arraycopy(rest.bytes(), 0, body, probe.length, rest.bytes().length);
        byte[] head =
            HttpConnection.head(
                stack.http(),
                "/api/v1/pilots/" + device.pilot() + "/telemetry",
                device.token(),
                body.length);
        try {
          if (connection == null) {
            connection = new HttpConnection(stack.http(), TIMEOUT_MILLIS);
          }
          HttpConnection.Answer answer = connection.post(head, body, body.length);
          if (answer.status() != 202) {
            refused.incrementAndGet();
          } else if (due.number() >= warm) {
            acknowledged.recordValue(Math.max(0, (System.nanoTime() - due.nanos()) / 1_000));
          }
          if (connection.isClosing()) {
            connection.close();
            connection = null;
          }
        } catch (IOException e) {
          refused.incrementAndGet();
          if (connection != null) {
            connection.close();
            connection = null;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (connection != null) {
        connection.close();
      }
    }
  }

  private static byte[] probe(String run, int number) {
    return ("{\"id\":\""
            + run
            + "-"
            + number
            + "\",\"twin\":\""
            + PROBE
            + "\",\"time\":\""
            + Instant.now()
            + "\",\"values\":{\"number\":"
            + number
            + "}}\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static Thread subscribe(
      Stack stack,
      String run,
      int warm,
      AtomicReferenceArray<@Nullable Due> sent,
      Histogram shown,
      AtomicLong seen)
      throws InterruptedException {
    String prefix = "\"" + run + "-";
    java.util.concurrent.CountDownLatch connected = new java.util.concurrent.CountDownLatch(1);
    PilothouseApi platform = stack.platform();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("subscriber")
            .start(() -> {
              try {
                platform.tail(
                    IngestHttp.PILOT,
                    Map.of("twin", List.of(PROBE)),
                    null,
                    connected::countDown,
                    event -> {
                      int at = event.data().indexOf(prefix);
                      if (at >= 0) {
                        int from = at + prefix.length();
                        int number =
                            Integer.parseInt(
                                event.data().substring(from, event.data().indexOf('"', from)));
                        Due due = sent.get(number);
                        if (due != null && number >= warm) {
                          shown.recordValue(Math.max(0, (System.nanoTime() - due.nanos()) / 1_000));
                        }
                        seen.incrementAndGet();
                      }
                      return true;
                    });
              } catch (IOException | ApiProblem e) {
                // What was not shown is counted at the end.
              }
            });
    if (!connected.await(20, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the live stream does not open");
    }
    return thread;
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }
}
