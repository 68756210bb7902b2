package org.pilothouse.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Samples what a server process holds: its resident memory, and its heap where it tells. */
final class ServerMemory implements AutoCloseable {
  private static final Pattern HEAP =
      Pattern.compile("(?m)^jvm_memory_used_bytes\\{[^}]*area=\"heap\"[^}]*\\}\\s+([0-9.eE+]+)$");
  private static final Duration EVERY = Duration.ofSeconds(2);

  /** Bytes; the heap is 0 where the server does not tell. */
  record Sample(long resident, long heap) {}

  private final Path status;
  private final URI metrics;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
  private final List<Sample> samples = new ArrayList<>();
  private final Thread sampler;
  private volatile boolean ended;

  ServerMemory(long pid, URI base) {
    this.status = Path.of("/proc/" + pid + "/status");
    this.metrics = base.resolve("/metrics");
    this.sampler = Thread.ofPlatform().daemon().name("memory").start(this::sample);
  }

  private void sample() {
    while (!ended) {
      try {
        Sample sample = new Sample(resident(), heap());
        synchronized (samples) {
          samples.add(sample);
        }
        Thread.sleep(EVERY);
      } catch (IOException e) {
        return;
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private long resident() throws IOException {
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    return 0;
  }

  private long heap() throws InterruptedException {
    try {
      HttpResponse<String> response =
          http.send(
              HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(5)).build(),
              HttpResponse.BodyHandlers.ofString());
      Matcher matcher = HEAP.matcher(response.body());
      double sum = 0;
      while (matcher.find()) {
        sum += Double.parseDouble(matcher.group(1));
      }
      return (long) sum;
    } catch (IOException e) {
      return 0;
    }
  }

  List<Sample> samples() {
    synchronized (samples) {
      return List.copyOf(samples);
    }
  }

  /** The largest resident size in a part of the run; the parts are shares from 0 to 1. */
  static long peak(List<Sample> samples, double from, double to) {
    int first = (int) (samples.size() * from);
    int last = Math.max(first + 1, (int) (samples.size() * to));
    return samples.subList(first, Math.min(last, samples.size())).stream()
        .mapToLong(Sample::resident)
        .max()
        .orElse(0);
  }

  @Override
  public void close() {
    ended = true;
    sampler.interrupt();
    http.shutdownNow();
  }
}
