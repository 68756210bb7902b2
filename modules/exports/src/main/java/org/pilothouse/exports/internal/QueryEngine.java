package org.pilothouse.exports.internal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pilothouse.exports.ExportsConfig;
import org.pilothouse.exports.internal.engine.Frame;
import org.pilothouse.exports.internal.engine.QueryRequest;

/**
 * Runs queries, each in a process of its own: what breaks, hangs or grows there ends there. A query
 * that is to stop is interrupted, and its process is ended a second later at the latest.
 */
final class QueryEngine {
  /** For the rows of a sheet; all else of a query is outside of the heap. */
  private static final int HEAP_MIB = 64;

  /** What the process takes beside what the engine counts: its code, heap, threads and buffers. */
  private static final int BESIDE_MIB = 360;

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final int LONGEST_DETAIL = 600;
  private static final int FRAMES_AHEAD = 512;
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");

  private final ExportsConfig config;
  private final Path directory;

  QueryEngine(ExportsConfig config, Path directory) {
    this.config = config;
    this.directory = directory.toAbsolutePath();
  }

  /**
   * What is to be run.
   *
   * @param views statements before it
   * @param foreign whether a person wrote it
   * @param order columns to sort by
   * @param hidden columns that are only there to sort by
   * @param mostRows 0: all
   * @param enough whether that many rows are wanted, and not an answer of no more
   */
  record Query(
      List<String> views,
      String sql,
      List<Object> values,
      boolean foreign,
      List<String> order,
      List<String> hidden,
      long mostRows,
      boolean enough,
      QueryRequest.Output output) {}

  /**
   * What came of it.
   *
   * @param rows those that were told
   * @param peakBytes the most memory that its process had, 0 where nobody tells
   */
  record Answer(
      List<Frame.Column> columns, List<List<@Nullable Object>> rows, long count, long peakBytes) {}

  /** Is asked again and again while a query runs. */
  interface Watch {
    /**
     * @param percent below 0 where nobody knows
     * @throws RuntimeException to stop it
     */
    void look(double percent);
  }

  /**
   * Runs it, and returns when it has ended.
   *
   * @param place a directory that it may read and write, and nothing beside it
   * @param within how long it may take
   * @throws QueryFailed where nothing came of it
   */
  Answer run(Query query, Path place, Duration within, Watch watch) throws QueryFailed {
    Path own = place.toAbsolutePath();
    Process process = null;
    try {
      Path temporary = Files.createDirectories(own.resolve("engine"));
      process = start(own, temporary);
      ask(process, query, own, temporary);
      return new Listening(process, query, own, within, watch).answer();
    } catch (IOException e) {
      throw new QueryFailed(Frame.Why.BROKEN, "The engine cannot be started.");
    } finally {
      if (process != null) {
        end(process);
      }
    }
  }

  private Process start(Path own, Path temporary) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(EngineProgram.command(directory, HEAP_MIB, temporary))
            .directory(own.toFile())
            .redirectError(temporary.resolve("said.log").toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("LC_ALL", "C.UTF-8");
    environment.put("TZ", "UTC");
    environment.put("MALLOC_ARENA_MAX", "2");
    return builder.start();
  }

  private void ask(Process process, Query query, Path own, Path temporary) throws IOException {
    DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
    new QueryRequest(
            config.memoryMib() - BESIDE_MIB,
            config.threads(),
            temporary.resolve("spill").toString(),
            config.spillMib(),
            List.of(own.resolve("in") + "/", own.resolve("out") + "/"),
            query.views(),
            query.sql(),
            query.values(),
            query.foreign(),
            query.order(),
            query.hidden(),
            query.mostRows(),
            query.output())
        .write(out);
  }

  /** The end of its input is what the process takes for a wish to stop. */
  private static void end(Process process) {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // It has ended by itself.
    }
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private final class Listening {
    private final Process process;
    private final Query query;
    private final Path own;
    private final Duration within;
    private final Watch watch;
    private final BlockingQueue<Frame> frames = new ArrayBlockingQueue<>(FRAMES_AHEAD);
    private final long begun = System.nanoTime();
    private List<Frame.Column> columns = List.of();
    private final List<List<@Nullable Object>> rows = new ArrayList<>();
    private double percent = -1;
    private long looked = begun;
    private long peak;

    Listening(Process process, Query query, Path own, Duration within, Watch watch) {
      this.process = process;
      this.query = query;
      this.own = own;
      this.within = within;
      this.watch = watch;
    }

    Answer answer() throws QueryFailed {
      Thread reader = Thread.ofPlatform().daemon().name("query-answers").start(this::read);
      try {
        while (true) {
          Frame frame = frames.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
          if (System.nanoTime() - looked >= LOOK.toNanos()) {
            look();
          }
          switch (frame) {
            case null -> {}
            case Frame.Columns told -> columns = told.columns();
            case Frame.Row row -> rows.add(row.values());
            case Frame.Progress progress -> percent = progress.percent();
            case Frame.Done done -> {
              return done(done.rows());
            }
            case Frame.Failed failed -> throw new QueryFailed(failed.why(), plain(failed.detail()));
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new QueryFailed(Frame.Why.BROKEN, "The node is stopping.");
      } finally {
        reader.interrupt();
      }
    }

    private Answer done(long count) throws QueryFailed {
      if (query.mostRows() > 0 && count > query.mostRows()) {
        if (!query.enough()) {
          throw new QueryFailed(
              Frame.Why.TOO_MUCH, "There are more than " + query.mostRows() + " rows.");
        }
        return new Answer(columns, rows.subList(0, (int) query.mostRows()), count, peak);
      }
      return new Answer(columns, rows, count, peak);
    }

    private void look() throws QueryFailed {
      looked = System.nanoTime();
      watch.look(percent);
      if (looked - begun > within.toNanos()) {
        throw new QueryFailed(
            Frame.Why.TOO_MUCH, "The query took longer than " + within.toSeconds() + " s.");
      }
      String status = status();
      long resident = bytes(RESIDENT, status);
      peak = Math.max(peak, bytes(PEAK, status));
      if (resident > (long) config.memoryMib() << 20) {
        process.destroyForcibly();
        throw new QueryFailed(
            Frame.Why.TOO_MUCH,
            "The query takes more than " + config.memoryMib() + " MiB of memory.");
      }
    }

    /** Empty where the machine tells nothing of its processes. */
    private String status() {
      try {
        return Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"));
      } catch (IOException e) {
        return "";
      }
    }

    private static long bytes(Pattern line, String status) {
      Matcher found = line.matcher(status);
      return found.find() ? Long.parseLong(found.group(1)) << 10 : 0;
    }

    private void read() {
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16))) {
        Frame frame;
        do {
          frame = Frame.read(in);
          frames.put(frame == null ? ended() : frame);
        } while (frame != null);
      } catch (IOException e) {
        boolean unused = frames.offer(ended());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private Frame ended() {
      return new Frame.Failed(Frame.Why.BROKEN, "The engine has ended before its answer.");
    }

    /** People need not know where on the node their rows lie. */
    private String plain(String detail) {
      String first = detail.replace(own.toString(), "").lines().findFirst().orElse("").strip();
      byte[] bytes = first.getBytes(StandardCharsets.UTF_8);
      return bytes.length <= LONGEST_DETAIL ? first : first.substring(0, LONGEST_DETAIL / 4) + "…";
    }
  }
}
