package org.pilothouse.batch.internal;

import jakarta.batch.operations.JobExecutionNotRunningException;
import jakarta.batch.operations.JobOperator;
import jakarta.batch.operations.JobRestartException;
import jakarta.batch.operations.NoSuchJobExecutionException;
import jakarta.batch.runtime.BatchStatus;
import jakarta.batch.runtime.JobExecution;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jberet.operations.AbstractJobOperator;
import org.jberet.repository.JdbcRepository;
import org.jberet.repository.JobRepository;
import org.jberet.runtime.JobExecutionImpl;
import org.jberet.spi.BatchEnvironment;
import org.jberet.spi.PropertyKey;
import org.pilothouse.platform.postgres.SchemaPool;
import org.pilothouse.warehouse.ClosingSteps;
import org.pilothouse.warehouse.RunClaim;
import org.pilothouse.warehouse.RunEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JBeret as the engine of runs. Which run is whose is decided by claims and not here: an execution
 * that the repository calls running, and whose claim is over, is one that a crash has left.
 */
public final class JberetEngine implements RunEngine {
  private static final Logger LOG = LoggerFactory.getLogger(JberetEngine.class);
  private static final String JOB = "close-day";
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int WAITING = 256;

  private final SchemaPool pool;
  private final ClosingSteps steps;
  private final ThreadPoolExecutor threads;
  private final JobRepository repository;
  private final JobOperator operator;

  /**
   * @param pool on the repository's schema; closed with this
   * @param partitions that are worked on at the same time
   */
  public JberetEngine(SchemaPool pool, ClosingSteps steps, int partitions) {
    this.pool = pool;
    this.steps = steps;
    this.threads = threads(partitions);
    this.repository = new JdbcRepository(pool.source());
    BatchEnvironment environment =
        new JberetEnvironment(threads, new ClosingArtifacts(steps, partitions), repository);
    this.operator =
        new AbstractJobOperator() {
          @Override
          public BatchEnvironment getBatchEnvironment() {
            return environment;
          }
        };
  }

  /** A job waits in a thread of its own for its partitions; one more for a job that ends slowly. */
  private static ThreadPoolExecutor threads(int partitions) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            partitions + 2,
            partitions + 2,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
              Thread thread =
                  Thread.ofPlatform()
                      .name("batch-" + number.incrementAndGet())
                      .daemon(true)
                      .unstarted(task);
              thread.setContextClassLoader(JberetEngine.class.getClassLoader());
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  @Override
  public long begin(RunClaim claim, OptionalLong earlier) {
    reconcile();
    Properties parameters = ClosingArtifacts.parameters(claim);
    if (earlier.isPresent() && canGoOn(earlier.getAsLong())) {
      // What the repository thinks of it was put right above.
      parameters.setProperty(PropertyKey.RESTART_MODE, PropertyKey.RESTART_MODE_FORCE);
      try {
        return operator.restart(earlier.getAsLong(), parameters);
      } catch (JobRestartException e) {
        LOG.info("cannot restart execution={}, beginning anew", earlier.getAsLong(), e);
      }
    }
    parameters.remove(PropertyKey.RESTART_MODE);
    return operator.start(JOB, parameters);
  }

  private boolean canGoOn(long execution) {
    try {
      return switch (operator.getJobExecution(execution).getBatchStatus()) {
        case FAILED, STOPPED -> true;
        case STARTING, STARTED, STOPPING, COMPLETED, ABANDONED -> false;
      };
    } catch (NoSuchJobExecutionException e) {
      return false;
    }
  }

  /** Executions of which nobody holds the claim have ended, whatever the repository says. */
  void reconcile() {
    for (long id : repository.getRunningExecutions(JOB)) {
      if (repository.getJobExecution(id) instanceof JobExecutionImpl execution
          && !steps.isHeld(ClosingArtifacts.claim(execution.getJobParameters()))) {
        LOG.info("execution={} was left as running; it has failed", id);
        execution.setBatchStatus(BatchStatus.FAILED);
        repository.updateJobExecution(execution, false, false);
      }
    }
  }

  @Override
  public Outcome outcome(long execution) {
    JobExecution found;
    try {
      found = operator.getJobExecution(execution);
    } catch (NoSuchJobExecutionException e) {
      return Outcome.BROKEN;
    }
    return switch (found.getBatchStatus()) {
      case STARTING, STARTED, STOPPING -> Outcome.RUNNING;
      case COMPLETED -> Outcome.DONE;
      case FAILED, STOPPED, ABANDONED -> Outcome.BROKEN;
    };
  }

  @Override
  public void stop(long execution) {
    try {
      operator.stop(execution);
    } catch (JobExecutionNotRunningException | NoSuchJobExecutionException e) {
      // It has ended already.
    }
  }

  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pool.close();
  }
}
