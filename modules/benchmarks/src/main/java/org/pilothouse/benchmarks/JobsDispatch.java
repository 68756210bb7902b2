package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;

/**
 * Jobs that do nothing, from the request to the state that people see: row, message, claim, end.
 * Beside it RabbitMQ alone, one message after the other, before and after ours; then how long a job
 * waits for its start at a rate that leaves room.
 */
final class JobsDispatch implements Benchmark {
  private static final String PILOT = "bench-jobs";
  private static final String JOBS = "/api/v1/pilots/" + PILOT + "/jobs";
  private static final double BOUND = 0.6;
  private static final double LEAST_A_SECOND = 600;
  private static final double LONGEST_START_MILLIS = 200;
  private static final int START_RATE = 100;

  /** What one asks for together shares a commit: so many ask at once, of each connection set. */
  private static final int PEOPLE = 8;

  private static final int PAGE = 500;
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    prepare(stack);
    int connections = options.connections() * PEOPLE;
    byte[] body = body();
    IngestHttp.say("warming up for %d s", options.seconds());
    Done warm = submitted(stack, connections, options.seconds(), body);
    IngestHttp.say("  %,.0f jobs/s while warming up", warm.perSecond());
    IngestHttp.say("limit: PerfTest, quorum queue, 1 KB, confirms and acks one by one");
    double before = RabbitLimit.run(stack, options.seconds());
    IngestHttp.say("  %,.0f messages/s", before);
    IngestHttp.say("ours: %d connections, a request of %d bytes each", connections, body.length);
    Done ours = submitted(stack, connections, options.seconds(), body);
    IngestHttp.say(
        "  %,.0f jobs/s: %,d submitted in %.1f s, all done after %.1f s",
        ours.perSecond(), ours.jobs(), ours.submitting(), ours.seconds());
    double after = RabbitLimit.run(stack, options.seconds());
    IngestHttp.say("limit again: %,.0f messages/s", after);

    Map<String, Object> details = new LinkedHashMap<>();
    details.put("limit_before", before);
    details.put("limit_after", after);
    details.put("jobs", ours.jobs());
    details.put("seconds", ours.seconds());
    details.put("seconds_submitting", ours.submitting());
    details.put("connections", connections);
    details.put("body_bytes", body.length);
    details.put("least_a_second", LEAST_A_SECOND);
    double limit = (before + after) / 2;
    List<Figure> figures = new ArrayList<>();
    figures.add(
        new Figure(
            "jobs-dispatch",
            ours.perSecond(),
            limit,
            "jobs/s",
            BOUND,
            ours.perSecond() / limit >= BOUND && ours.perSecond() >= LEAST_A_SECOND,
            details));
    figures.add(started(stack, options.seconds(), body));
    return figures;
  }

  private static void prepare(Stack stack) {
    stack.pilot(PILOT, 1);
    boolean there = false;
    for (JsonNode type :
        stack.platform().get("/api/v1/pilots/" + PILOT + "/job-types").path("items")) {
      there |= type.path("name").asText().equals("noop");
    }
    if (!there) {
      throw new IllegalStateException(
          "there is no type that does nothing: start the stack with PILOTHOUSE_JOBS_NOOP=true");
    }
    var unused =
        stack
            .platform()
            .put(
                JOBS + "/limits",
                "{\"queued_most\": 1000000, \"running_most\": 10000}",
                "application/json",
                Map.of());
  }

  /** About what PerfTest sends. */
  private static byte[] body() {
    var body = JsonNodeFactory.instance.objectNode().put("type", "noop").put("name", "bench");
    body.putObject("parameters").put("note", "x".repeat(940));
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @param submitting seconds until the last was asked for
   * @param seconds until all were seen to have succeeded
   */
  private record Done(long jobs, double submitting, double seconds) {
    double perSecond() {
      return jobs / seconds;
    }
  }

  /** A request, over and over. */
  @FunctionalInterface
  private interface Load {
    void send(HttpConnection connection, byte[] head) throws IOException, InterruptedException;
  }

  private static Done submitted(Stack stack, int connections, int seconds, byte[] body)
      throws Exception {
    long before = succeeded(stack);
    AtomicLong jobs = new AtomicLong();
    long begun = System.nanoTime();
    long end = begun + Duration.ofSeconds(seconds).toNanos();
    inParallel(
        stack,
        connections,
        body.length,
        (connection, head) -> {
          while (System.nanoTime() < end) {
            var unused = job(connection, head, body);
            jobs.incrementAndGet();
          }
        });
    double submitting = (System.nanoTime() - begun) / 1e9;
    Scenario.awaitOrFail(
        "the end of the jobs", LONGEST_WAIT, () -> succeeded(stack) - before >= jobs.get());
    return new Done(jobs.get(), submitting, (System.nanoTime() - begun) / 1e9);
  }

  private static long succeeded(Stack stack) {
    JsonNode counts = stack.platform().get(JOBS + "/summary").path("counts");
    for (String bad : List.of("failed", "dead", "cancelled")) {
      if (counts.path(bad).asLong() > 0) {
        throw new IllegalStateException("there are jobs that are " + bad + " in " + PILOT);
      }
    }
    return counts.path("succeeded").asLong();
  }

  private static JsonNode job(HttpConnection connection, byte[] head, byte[] body)
      throws IOException {
    HttpConnection.Answer answer = connection.post(head, body, body.length);
    if (answer.status() != 201) {
      throw new IOException("answer " + answer.status() + ": " + answer.body());
    }
    return JSON.readTree(answer.body());
  }

  private static void inParallel(Stack stack, int connections, int length, Load load)
      throws InterruptedException {
    byte[] head =
        HttpConnection.head(stack.http(), JOBS, stack.platformToken(), "application/json", length);
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      threads.add(
          Thread.ofPlatform()
              .name("load-" + i)
              .start(() -> {
                try (HttpConnection connection = new HttpConnection(stack.http(), TIMEOUT_MILLIS)) {
                  load.send(connection, head);
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
    Exception failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("the load broke off: " + failed.getMessage(), failed);
    }
  }

  /**
   * From when a job should have been asked for until its start, which the store's clock says: it is
   * on the same machine as ours. Who comes late because the one before took long counts as waiting.
   */
  private static Figure started(Stack stack, int seconds, byte[] body) throws Exception {
    IngestHttp.say("start: %d jobs/s for %d s, open model", START_RATE, seconds);
    int jobs = START_RATE * seconds;
    Map<String, Instant> due = new ConcurrentHashMap<>();
    AtomicLong next = new AtomicLong();
    Instant begun = Instant.now();
    long begunNanos = System.nanoTime();
    long step = Duration.ofSeconds(1).toNanos() / START_RATE;
    inParallel(
        stack,
        2 * PEOPLE,
        body.length,
        (connection, head) -> {
          for (long i = next.getAndIncrement(); i < jobs; i = next.getAndIncrement()) {
            long wait = begunNanos + i * step - System.nanoTime();
            if (wait > 0) {
              Thread.sleep(Duration.ofNanos(wait));
            }
            JsonNode job = job(connection, head, body);
            due.put(job.path("job_id").asText(), begun.plusNanos(i * step));
          }
        });
    Scenario.awaitOrFail(
        "the end of the jobs", LONGEST_WAIT, () -> latencies(stack, due).count() >= jobs);
    Latencies latencies = latencies(stack, due);
    IngestHttp.say("  p50 %.1f ms, p99 %.1f ms", latencies.p50Millis(), latencies.p99Millis());
    return Figure.ofCeiling(
        "jobs-dispatch, submit to start, p99",
        latencies.p99Millis(),
        "ms",
        LONGEST_START_MILLIS,
        latencies.details());
  }

  /** Of those that have started. */
  private static Latencies latencies(Stack stack, Map<String, Instant> due) {
    Latencies latencies = new Latencies();
    String cursor = "";
    for (int seen = 0; seen < due.size(); ) {
      JsonNode page;
      try {
        page =
            stack
                .platform()
                .get(JOBS + "?limit=" + PAGE + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
      } catch (ApiProblem e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
      for (JsonNode job : page.path("items")) {
        seen++;
        Instant wanted = due.get(job.path("job_id").asText());
        if (wanted != null && job.hasNonNull("started_at")) {
          Instant start = OffsetDateTime.parse(job.path("started_at").asText()).toInstant();
          latencies.add(Duration.between(wanted, start));
        }
      }
      cursor = page.path("next_cursor").asText("");
      if (cursor.isEmpty()) {
        break;
      }
    }
    return latencies;
  }
}
