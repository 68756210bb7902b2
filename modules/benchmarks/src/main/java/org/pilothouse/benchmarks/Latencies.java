package org.pilothouse.benchmarks;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Latencies by the microsecond, up to two minutes. */
final class Latencies {
  private final Histogram histogram = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(2), 3);

  /** From then until now. */
  void since(long nanos) {
    histogram.recordValue(
        Math.clamp((System.nanoTime() - nanos) / 1_000, 0, TimeUnit.MINUTES.toMicros(2)));
  }

  void add(Duration duration) {
    histogram.recordValue(Math.clamp(duration.toNanos() / 1_000, 0, TimeUnit.MINUTES.toMicros(2)));
  }

  double p50Millis() {
    return histogram.getValueAtPercentile(50) / 1e3;
  }

  double p99Millis() {
    return histogram.getValueAtPercentile(99) / 1e3;
  }

  long count() {
    return histogram.getTotalCount();
  }

  Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("p50_ms", histogram.getValueAtPercentile(50) / 1e3);
    details.put("p90_ms", histogram.getValueAtPercentile(90) / 1e3);
    details.put("p99_ms", histogram.getValueAtPercentile(99) / 1e3);
    details.put("p999_ms", histogram.getValueAtPercentile(99.9) / 1e3);
    details.put("max_ms", histogram.getMaxValue() / 1e3);
    details.put("count", histogram.getTotalCount());
    return details;
  }
}
