package org.pilothouse.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Watches what a process takes of the machine while this is open. */
final class ProcessUse implements AutoCloseable {
  private static final Duration EVERY = Duration.ofMillis(50);

  /** Of {@code /proc/<pid>/stat}, which Linux counts in hundredths of a second. */
  private static final double TICKS_A_SECOND = 100;

  private static final int USER_TICKS_AFTER_NAME = 11;

  private final Path process;
  private final long before;
  private final Thread watch;
  private volatile long last;
  private volatile long peak;
  private volatile boolean ended;

  /**
   * @param cpuSeconds of all its threads
   * @param peakMegabytes the most that was resident at any look
   */
  record Use(double cpuSeconds, double peakMegabytes) {
    void into(Map<String, Object> details, String whose) {
      details.put(whose + "_cpu_seconds", cpuSeconds);
      details.put(whose + "_peak_resident_mb", peakMegabytes);
    }
  }

  private ProcessUse(long pid, long before) {
    this.process = Path.of("/proc", Long.toString(pid));
    this.before = before;
    this.last = before;
    this.watch = Thread.ofPlatform().daemon().name("process-use").start(this::watch);
  }

  /** From its start, which was just now. */
  static ProcessUse ofNew(Process process) {
    return new ProcessUse(process.pid(), 0);
  }

  /** From now on. */
  static ProcessUse ofRunning(long pid) throws IOException {
    return new ProcessUse(pid, ticks(Path.of("/proc", Long.toString(pid))));
  }

  private void watch() {
    try {
      while (!ended) {
        look();
        Thread.sleep(EVERY);
      }
    } catch (IOException e) {
      // It has ended; what it took is known up to the last look.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() throws IOException {
    last = ticks(process);
    for (String line : Files.readAllLines(process.resolve("status"))) {
      if (line.startsWith("VmRSS:")) {
        peak = Math.max(peak, Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024);
      }
    }
  }

  private static long ticks(Path process) throws IOException {
    String stat = Files.readString(process.resolve("stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[USER_TICKS_AFTER_NAME])
        + Long.parseLong(fields[USER_TICKS_AFTER_NAME + 1]);
  }

  /** Up to now, or to the end of the process. */
  Use use() {
    return new Use((last - before) / TICKS_A_SECOND, peak / 1e6);
  }

  @Override
  public void close() {
    ended = true;
    watch.interrupt();
  }
}
