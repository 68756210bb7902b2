package org.pilothouse.jobs.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobFailed;
import org.pilothouse.jobs.JobId;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.JobRun;
import org.pilothouse.jobs.JobStopped;
import org.pilothouse.jobs.JobType;
import org.pilothouse.jobs.JobsConfig;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An attempt that this node makes at a job, from the claim to its end. One thread does the work;
 * the watch looks after it from another.
 */
final class Attempt implements JobRun, Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Attempt.class);
  private static final int LONGEST_MESSAGE = 200;

  /** Lines that wait to be kept; the newest count. */
  private static final int MOST_PENDING = 2 * LogLines.KEPT;

  private static final long LONGEST_LOG = 16L << 20;
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** How long the end of an attempt is tried to be written down. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** Why an attempt has to end before its work is done. */
  enum Stop {
    CANCELLED,
    TIMED_OUT,
    DEADLINE_PASSED,
    DIRECTORY_FULL,
    /** The job is another's by now. */
    FENCED,
    /** The node stops. */
    RELEASED
  }

  private final Claims.Claim claim;
  private final JobType type;
  private final Path home;
  private final Claims claims;
  private final LogLines logLines;
  private final Clock clock;
  private final JobsConfig config;
  private final long startedNanos = System.nanoTime();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition stopping = lock.newCondition();

  // Guarded by the lock.
  private @Nullable Thread worker;
  private @Nullable Stop stop;
  private long stoppedNanos;
  private @Nullable Runnable interruption;
  private boolean overItsHead;
  private final Deque<LogLines.Line> pending = new ArrayDeque<>();
  private int lines;
  private @Nullable BufferedWriter whole;
  private long wholeBytes;
  private boolean wholeIsFull;

  private volatile boolean ending;
  private volatile Job.Progress progress = Job.Progress.NONE;

  Attempt(
      Claims.Claim claim,
      JobType type,
      Path home,
      Claims claims,
      LogLines logLines,
      Clock clock,
      JobsConfig config) {
    this.claim = claim;
    this.type = type;
    this.home = home.resolve(claim.job() + "-" + claim.run());
    this.claims = claims;
    this.logLines = logLines;
    this.clock = clock;
    this.config = config;
  }

  Claims.Claim claim() {
    return claim;
  }

  Claims.Beat beat() {
    return new Claims.Beat(claim, progress);
  }

  @Override
  public JobId job() {
    return new JobId(claim.job());
  }

  @Override
  public PilotId pilot() {
    return claim.pilot();
  }

  @Override
  public JsonNode parameters() {
    try {
      return Json.mapper().readTree(claim.parameters());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("parameters that were checked cannot be read", e);
    }
  }

  @Override
  public int attempt() {
    return claim.run();
  }

  @Override
  public Caller caller() {
    String name = claim.requestedBy();
    return new Caller.Person(
        name.startsWith("person:") ? name.substring("person:".length()) : name,
        Set.of(),
        claim.pilot(),
        "job:" + claim.job(),
        false);
  }

  @Override
  public Path directory() {
    return home.resolve("work");
  }

  @Override
  public void progress(long done, long total, String message) {
    progress =
        new Job.Progress(
            Math.max(0, done), Math.max(0, total), printable(message, LONGEST_MESSAGE));
  }

  @Override
  public void log(String text) {
    add(LogLines.Line.INFO, text);
  }

  @Override
  public void warn(String text) {
    add(LogLines.Line.WARN, text);
  }

  private void add(String level, String text) {
    lock.lock();
    try {
      LogLines.Line line =
          new LogLines.Line(++lines, clock.instant(), level, printable(text, LogLines.LONGEST));
      pending.add(line);
      if (pending.size() > MOST_PENDING) {
        var unused = pending.poll();
      }
      write(line);
    } finally {
      lock.unlock();
    }
  }

  /** What the store takes: no NUL, no half of a surrogate pair, no more than so much. */
  private static String printable(String text, int longest) {
    StringBuilder kept = new StringBuilder(Math.min(text.length(), longest));
    text.codePoints()
        .limit(longest)
        .filter(c -> c >= ' ' || c == '\t')
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? '?' : c)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  private void write(LogLines.Line line) {
    if (wholeIsFull) {
      return;
    }
    try {
      BufferedWriter file = whole;
      if (file == null) {
        Files.createDirectories(home);
        file = Files.newBufferedWriter(home.resolve("log"));
        whole = file;
      }
      String text =
          wholeBytes < LONGEST_LOG
              ? line.json()
              : new LogLines.Line(
                      line.number(),
                      line.at(),
                      LogLines.Line.WARN,
                      "The log is too long; what comes after this is not kept.")
                  .json();
      wholeIsFull = wholeBytes >= LONGEST_LOG;
      wholeBytes += text.length() + 1;
      file.write(text);
      file.newLine();
    } catch (IOException e) {
      // A full disk must not end the work; what is in the store is what there is of the log.
      wholeIsFull = true;
      LOG.warn(
          "the log of an attempt is not kept whole job={} error={}", claim.job(), e.toString());
    }
  }

  /** The lines since the last call. */
  LogLines.Told told() {
    lock.lock();
    try {
      List<LogLines.Line> told = new ArrayList<>(pending);
      pending.clear();
      return new LogLines.Told(claim, told);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void goOn() {
    Stop why = stopped();
    if (why != null) {
      throw new JobStopped("the attempt has to end: " + why);
    }
  }

  private @Nullable Stop stopped() {
    lock.lock();
    try {
      return stop;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onStop(Runnable interruption) {
    lock.lock();
    try {
      if (stop == null) {
        this.interruption = interruption;
        return;
      }
    } finally {
      lock.unlock();
    }
    interruption.run();
  }

  /** Waits until the attempt has to end, at most so long. */
  void awaitStop(Duration longest) throws InterruptedException {
    lock.lock();
    try {
      long left = longest.toNanos();
      while (stop == null && left > 0) {
        left = stopping.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks it to end; the first reason counts, but that the job is another's. */
  void stop(Stop why) {
    Runnable interrupt;
    lock.lock();
    try {
      if (why == Stop.FENCED) {
        boolean first = stop == null;
        stop = why;
        if (!first) {
          return;
        }
      } else if (stop != null) {
        return;
      } else {
        stop = why;
      }
      stoppedNanos = System.nanoTime();
      interrupt = interruption;
      interruption = null;
      stopping.signalAll();
    } finally {
      lock.unlock();
    }
    if (interrupt != null) {
      try {
        interrupt.run();
      } catch (RuntimeException e) {
        LOG.warn("an attempt could not be interrupted job={}", claim.job(), e);
      }
    }
  }

  boolean hasRunFor(Duration longest) {
    return System.nanoTime() - startedNanos > longest.toNanos();
  }

  Duration longestRun() {
    return type.limits().longestRun();
  }

  /** Whether its work is done and only its end is to be written down. */
  boolean isEnding() {
    return ending;
  }

  /** Whether it was asked to end so long ago and has not. */
  boolean lingers(Duration since) {
    lock.lock();
    try {
      return stop != null
          && worker != null
          && !overItsHead
          && System.nanoTime() - stoppedNanos > since.toNanos();
    } finally {
      lock.unlock();
    }
  }

  /** For what does not ask whether it may go on, and waits. */
  void interrupt() {
    lock.lock();
    try {
      Thread working = worker;
      if (working != null) {
        working.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the job while its work does not end; the thread is left to itself. */
  void endOverItsHead() {
    Stop why;
    lock.lock();
    try {
      why = stop;
      if (why == null || overItsHead || worker == null) {
        return;
      }
      overItsHead = true;
    } finally {
      lock.unlock();
    }
    LOG.warn("an attempt does not end when asked to job={} reason={}", claim.job(), why);
    try {
      Claims.Ended unused = claims.end(end(why));
    } catch (RuntimeException e) {
      lock.lock();
      try {
        overItsHead = false;
      } finally {
        lock.unlock();
      }
      throw e;
    }
  }

  /** True when it holds more than the type may take. */
  boolean isOverItsBound() {
    long bound = type.limits().directoryBytes();
    try {
      return Directories.size(directory(), bound) > bound;
    } catch (IOException | UncheckedIOException e) {
      // Files come and go while they are counted.
      return false;
    }
  }

  @Override
  public void run() {
    begin(Thread.currentThread());
    try {
      commit(work());
    } catch (RuntimeException e) {
      LOG.error("the end of an attempt was not written down job={}", claim.job(), e);
    } finally {
      begin(null);
      Directories.remove(home);
    }
  }

  private void begin(@Nullable Thread thread) {
    lock.lock();
    try {
      worker = thread;
    } finally {
      lock.unlock();
    }
  }

  private Claims.End work() {
    try {
      Files.createDirectories(directory());
      JobOutcome outcome = type.run(this);
      return new Claims.End(
          claim,
          JobState.SUCCEEDED,
          Claims.Verdict.SUCCEEDED,
          null,
          new Job.Result(outcome.datasetId(), outcome.summary().toString()),
          Duration.ZERO,
          progress,
          0,
          outcome.publication());
    } catch (JobFailed e) {
      Stop why = stopped();
      return why == null
          ? failed(JobState.FAILED, new Job.Failure(e.code().code(), e.detail()))
          : end(why);
    } catch (Exception | LinkageError | StackOverflowError | OutOfMemoryError e) {
      Stop why = stopped();
      if (why != null) {
        return end(why);
      }
      LOG.warn("an attempt failed job={} attempt={}", claim.job(), claim.run(), e);
      return again(failure(e));
    }
  }

  private static Job.Failure failure(Throwable e) {
    return e instanceof Problem problem
        ? new Job.Failure(problem.code().code(), problem.detail())
        : new Job.Failure("internal", "Something broke inside: " + e.getClass().getSimpleName());
  }

  private Claims.End end(Stop why) {
    return switch (why) {
      case CANCELLED ->
          new Claims.End(
              claim,
              JobState.CANCELLED,
              Claims.Verdict.CANCELLED,
              null,
              null,
              Duration.ZERO,
              progress,
              0,
              JobOutcome.NOTHING);
      // Nothing comes of it: the store refuses the fence, and says of the attempt that it did.
      case FENCED, RELEASED ->
          new Claims.End(
              claim,
              JobState.QUEUED,
              Claims.Verdict.RELEASED,
              null,
              null,
              Duration.ZERO,
              Job.Progress.NONE,
              0,
              JobOutcome.NOTHING);
      case TIMED_OUT ->
          again(
              new Job.Failure(
                  "timed_out", "It took longer than " + type.limits().longestRun() + "."));
      case DEADLINE_PASSED ->
          failed(
              JobState.FAILED,
              new Job.Failure("deadline_passed", "It had not ended by its deadline."));
      case DIRECTORY_FULL ->
          failed(
              JobState.FAILED,
              new Job.Failure(
                  "directory_full",
                  "It wrote more than "
                      + type.limits().directoryBytes()
                      + " bytes to its directory."));
    };
  }

  private Claims.End again(Job.Failure failure) {
    return claim.attempts() >= claim.maxAttempts()
        ? failed(JobState.DEAD, failure)
        : failed(JobState.QUEUED, failure);
  }

  private Claims.End failed(JobState state, Job.Failure failure) {
    return new Claims.End(
        claim,
        state,
        Claims.Verdict.FAILED,
        failure,
        null,
        state == JobState.QUEUED ? backOff(config, claim.attempts()) : Duration.ZERO,
        progress,
        0,
        JobOutcome.NOTHING);
  }

  /** Doubled with each attempt that failed; the store takes up to half of it off by chance. */
  static Duration backOff(JobsConfig config, int attempts) {
    Duration wait = config.firstRetry().multipliedBy(1L << Math.min(20, Math.max(0, attempts - 1)));
    return wait.compareTo(config.longestRetry()) > 0 ? config.longestRetry() : wait;
  }

  private void commit(Claims.End wanted) {
    keepLog();
    // From here on nobody interrupts it.
    begin(null);
    boolean interrupted = Thread.interrupted();
    ending = true;
    Claims.End end = withLines(wanted);
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        if (claims.end(end) == Claims.Ended.FENCED) {
          LOG.warn(
              "an attempt came back too late job={} attempt={} fence={}",
              claim.job(),
              claim.run(),
              claim.fence());
        }
        return;
      } catch (RuntimeException e) {
        if (!isAway(e)) {
          if (end.publication() == JobOutcome.NOTHING) {
            throw e;
          }
          LOG.warn("what a job made was not made visible job={}", claim.job(), e);
          end = withLines(again(failure(e)));
        } else if (System.nanoTime() - until > 0 || !paused()) {
          throw e;
        }
      }
    }
  }

  private static boolean isAway(RuntimeException e) {
    return e instanceof Problem problem
        && problem.code() == org.pilothouse.kernel.ProblemCode.UNAVAILABLE;
  }

  /** False when the node stops meanwhile. */
  private boolean paused() {
    lock.lock();
    try {
      if (stop == Stop.RELEASED) {
        return false;
      }
      var unused = stopping.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private Claims.End withLines(Claims.End end) {
    int told;
    lock.lock();
    try {
      told = lines;
    } finally {
      lock.unlock();
    }
    return new Claims.End(
        end.claim(),
        end.state(),
        end.verdict(),
        end.failure(),
        end.result(),
        end.backoff(),
        end.progress(),
        told,
        end.publication());
  }

  /** What is not kept of a log is missing, no more: the work is done. */
  private void keepLog() {
    try {
      LogLines.Told rest = told();
      if (!rest.lines().isEmpty()) {
        logLines.add(List.of(rest));
      }
      Path file = home.resolve("log");
      int told;
      lock.lock();
      try {
        told = lines;
        BufferedWriter open = whole;
        if (open != null) {
          open.close();
          whole = null;
          wholeIsFull = true;
        }
      } finally {
        lock.unlock();
      }
      if (told > 2 * LogLines.KEPT && Files.exists(file)) {
        logLines.keep(claim, Files.readAllBytes(file), told);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("the log of an attempt is not kept job={} error={}", claim.job(), e.toString());
    }
  }
}
