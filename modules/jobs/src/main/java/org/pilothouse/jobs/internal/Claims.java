package org.pilothouse.jobs.internal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;

/**
 * What a worker writes of the jobs that it does. All after the claim carries the claim's fence: a
 * worker that comes too late changes nothing.
 */
final class Claims {
  private static final int MOST_TOGETHER = 64;

  private static final String CLAIM =
      "WITH due AS (SELECT j.job_id FROM jobs.job j JOIN unnest(:ids, :types) AS w(job_id, type) ON"
          + " j.job_id = w.job_id AND j.type = w.type WHERE j.state = 'queued' AND j.dispatched_at IS NOT NULL AND (j.not_before IS"
          + " NULL OR j.not_before <= now()) AND (j.deadline IS NULL OR j.deadline > now()) ORDER BY"
          + " j.job_id FOR UPDATE OF j), claimed AS (UPDATE jobs.job j SET state = 'running', fence"
          + " = fence + 1, attempts = attempts + 1, runs = runs + 1, node = :node, lease_until ="
          + " now() + :lease * interval '1 millisecond', dispatched_at = NULL, dispatches = 0,"
          + " not_before = NULL, started_at = now(), progress_done = 0, progress_total = 0,"
          + " progress_message = '', revision = revision + 1 FROM due WHERE j.job_id = due.job_id"
          + " RETURNING j.pilot_id, j.job_id, j.type, j.parameters, j.requested_by, j.attempts,"
          + " j.max_attempts, j.runs, j.fence), noted AS (INSERT INTO jobs.attempt (pilot_id,"
          + " job_id, attempt, fence, node, started_at) SELECT pilot_id, job_id, runs, fence, :node,"
          + " now() FROM claimed) SELECT * FROM claimed";

  private static final String END =
      "WITH w AS (SELECT * FROM unnest(:ids, :fences, :states, :outcomes, :codes, :details,"
          + " :datasets, :summaries, :backoffs, :done, :total, :messages, :lines) AS w(job_id,"
          + " fence, state, outcome, code, detail, dataset, summary, backoff, done, total, message,"
          + " lines)), held AS (SELECT j.job_id FROM jobs.job j JOIN w ON j.job_id = w.job_id AND"
          + " j.fence = w.fence WHERE j.state = 'running' ORDER BY j.job_id FOR UPDATE OF j), ended"
          + " AS (UPDATE jobs.job j SET state = e.state, attempts = CASE WHEN w.outcome ="
          + " 'released' THEN greatest(0, j.attempts - 1) ELSE j.attempts END, finished_at = CASE"
          + " WHEN e.state = 'queued' THEN NULL ELSE now() END, not_before = CASE WHEN e.state ="
          + " 'queued' AND w.backoff > 0 THEN now() + w.backoff * (0.5 + random() / 2) * interval"
          + " '1 millisecond' END, node = NULL, lease_until = NULL, cancel_requested = false,"
          + " progress_done = w.done, progress_total = w.total, progress_message = w.message,"
          + " error_code = w.code, error_detail = w.detail, result_dataset = w.dataset,"
          + " result_summary = w.summary, revision = revision + 1 FROM w JOIN held USING (job_id)"
          + " CROSS JOIN LATERAL (SELECT CASE WHEN w.state = 'queued' AND (SELECT c.cancel_requested"
          + " FROM jobs.job c WHERE c.job_id = w.job_id) THEN 'cancelled' ELSE w.state END AS state)"
          + " e WHERE j.job_id = w.job_id RETURNING j.job_id, j.runs), noted AS (UPDATE"
          + " jobs.attempt a SET ended_at = now(), outcome = w.outcome, error_code = w.code,"
          + " error_detail = w.detail, log_lines = w.lines FROM ended e JOIN w USING (job_id) WHERE"
          + " a.job_id = e.job_id AND a.attempt = e.runs) SELECT job_id FROM ended";

  private final Database database;
  private final Dispatcher dispatcher;
  private final Duration lease;
  private final String node;
  private final Counter claimed;
  private final Counter idle;
  private final Counter fenced;
  private final Gathering<End, Ended> ends = new Gathering<>(MOST_TOGETHER, this::endTogether);

  Claims(
      Database database,
      Dispatcher dispatcher,
      Duration lease,
      String node,
      MeterRegistry metrics) {
    this.database = database;
    this.dispatcher = dispatcher;
    this.lease = lease;
    this.node = node;
    this.claimed =
        Counter.builder("pilothouse.jobs.claimed")
            .description("Attempts at jobs that were begun")
            .register(metrics);
    this.idle =
        Counter.builder("pilothouse.jobs.messages.idle")
            .description("Messages of jobs that were not to be done: ended, running, or not due")
            .register(metrics);
    this.fenced =
        Counter.builder("pilothouse.jobs.fenced")
            .description("Attempts that came back after their job had become another's")
            .register(metrics);
  }

  /**
   * A job that is this node's.
   *
   * @param run which attempt it is of all there ever were
   * @param attempts that counted, this one included
   */
  record Claim(
      PilotId pilot,
      UUID job,
      String type,
      String parameters,
      String requestedBy,
      int run,
      long fence,
      int attempts,
      int maxAttempts) {}

  /** How an attempt ended; the words are part of the API. */
  enum Verdict {
    SUCCEEDED,
    FAILED,
    CANCELLED,
    RELEASED;

    String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /**
   * What is to become of a claimed job.
   *
   * @param backoff before the next attempt; zero: at once
   */
  record End(
      Claim claim,
      JobState state,
      Verdict verdict,
      Job.@Nullable Failure failure,
      Job.@Nullable Result result,
      Duration backoff,
      Job.Progress progress,
      int lines,
      JobOutcome.Publication publication) {}

  /** What has become of it. */
  enum Ended {
    DONE,
    /** It had ended so before, and only the answer was lost. */
    DONE_BEFORE,
    /** It was another's: nothing changed. */
    FENCED
  }

  /** What the store says of an attempt that goes on. */
  record Standing(boolean cancelRequested, boolean late) {}

  /** How far an attempt is. */
  record Beat(Claim claim, Job.Progress progress) {}

  /** Those of the jobs that are to be done, now this node's; messages of others are done with. */
  List<Claim> claim(Collection<Dispatcher.Named> named) {
    List<UUID> ids = named.stream().map(Dispatcher.Named::job).toList();
    List<Claim> claims =
        database.asPlatform(transaction -> {
          dispatcher.lockNearlyFullOf(transaction, ids);
          List<Claim> found =
              transaction
                  .createQuery(CLAIM)
                  .bindArray("ids", UUID.class, ids)
                  .bindArray(
                      "types", String.class, named.stream().map(Dispatcher.Named::type).toList())
                  .bind("node", node)
                  .bind("lease", lease.toMillis())
                  .map((row, context) ->
                      new Claim(
                          new PilotId(row.getString("pilot_id")),
                          row.getObject("job_id", UUID.class),
                          row.getString("type"),
                          row.getString("parameters"),
                          row.getString("requested_by"),
                          row.getInt("runs"),
                          row.getLong("fence"),
                          row.getInt("attempts"),
                          row.getInt("max_attempts")))
                  .list();
          int unused = dispatcher.next(transaction, pilots(found));
          return found;
        });
    claimed.increment(claims.size());
    idle.increment(named.size() - claims.size());
    return claims;
  }

  private static Set<String> pilots(Collection<Claim> claims) {
    Set<String> pilots = new HashSet<>();
    claims.forEach(claim -> pilots.add(claim.pilot().value()));
    return pilots;
  }

  /** Extends the leases; attempts that are missing in the answer are no longer this node's. */
  Map<UUID, Standing> renew(Collection<Beat> beats) {
    List<Beat> all = List.copyOf(beats);
    Map<UUID, Standing> standings = new HashMap<>();
    if (all.isEmpty()) {
      return standings;
    }
    database.runAsPlatform(transaction -> {
      standings.clear();
      transaction
          .createQuery(
              "WITH w AS (SELECT * FROM unnest(:ids, :fences, :done, :total, :messages) AS"
                  + " w(job_id, fence, done, total, message)), held AS (SELECT j.job_id FROM"
                  + " jobs.job j JOIN w ON j.job_id = w.job_id AND j.fence = w.fence WHERE j.state ="
                  + " 'running' ORDER BY j.job_id FOR UPDATE OF j) UPDATE jobs.job j SET lease_until"
                  + " = now() + :lease * interval '1 millisecond', progress_done = w.done,"
                  + " progress_total = w.total, progress_message = w.message, revision = revision +"
                  + " CASE WHEN (j.progress_done, j.progress_total, j.progress_message) = (w.done,"
                  + " w.total, w.message) THEN 0 ELSE 1 END FROM w JOIN held USING (job_id) WHERE"
                  + " j.job_id = w.job_id RETURNING j.job_id, j.cancel_requested, coalesce(j.deadline"
                  + " <= now(), false) AS late")
          .bindArray("ids", UUID.class, all.stream().map(beat -> beat.claim().job()).toList())
          .bindArray("fences", Long.class, all.stream().map(beat -> beat.claim().fence()).toList())
          .bindArray("done", Long.class, all.stream().map(beat -> beat.progress().done()).toList())
          .bindArray(
              "total", Long.class, all.stream().map(beat -> beat.progress().total()).toList())
          .bindArray(
              "messages",
              String.class,
              all.stream().map(beat -> beat.progress().message()).toList())
          .bind("lease", lease.toMillis())
          .map((row, context) ->
              Map.entry(
                  row.getObject("job_id", UUID.class),
                  new Standing(row.getBoolean("cancel_requested"), row.getBoolean("late"))))
          .forEach(entry -> standings.put(entry.getKey(), entry.getValue()));
    });
    return standings;
  }

  /**
   * Ends an attempt, if its job is still this node's, and makes visible what it has made: both or
   * neither. The same again changes nothing.
   */
  Ended end(End end) {
    Ended ended =
        end.publication() == JobOutcome.NOTHING
            ? ends.call(end)
            : database.asPlatform(transaction -> {
              Ended done = end(transaction, List.of(end)).getFirst();
              if (done == Ended.DONE) {
                end.publication().publish(transaction);
              }
              return done;
            });
    if (ended == Ended.FENCED) {
      fenced.increment();
    }
    return ended;
  }

  private List<Ended> endTogether(List<End> lot) {
    return database.asPlatform(transaction -> end(transaction, lot));
  }

  private List<Ended> end(Handle transaction, List<End> lot) {
    Set<String> waiting =
        new HashSet<>(
            dispatcher.lockNearlyFull(transaction, pilots(lot.stream().map(End::claim).toList())));
    Set<UUID> held = new HashSet<>(update(transaction, lot));
    List<Ended> ended = new ArrayList<>();
    for (End each : lot) {
      ended.add(
          held.contains(each.claim().job())
              ? Ended.DONE
              : isDone(transaction, each) ? Ended.DONE_BEFORE : Ended.FENCED);
    }
    // Of the others none waits for this end; but what was given back goes out again.
    waiting.addAll(
        pilots(
            lot.stream().filter(each -> each.state() == JobState.QUEUED).map(End::claim).toList()));
    int unused = dispatcher.next(transaction, waiting);
    return ended;
  }

  private static List<UUID> update(Handle transaction, List<End> lot) {
    List<@Nullable String> codes = new ArrayList<>();
    List<@Nullable String> details = new ArrayList<>();
    List<@Nullable String> datasets = new ArrayList<>();
    List<@Nullable String> summaries = new ArrayList<>();
    for (End each : lot) {
      Job.Failure failure = each.failure();
      codes.add(failure == null ? null : failure.code());
      details.add(failure == null ? null : failure.detail());
      Job.Result result = each.result();
      datasets.add(result == null ? null : result.datasetId());
      summaries.add(result == null ? null : result.summary());
    }
    return transaction
        .createQuery(END)
        .bindArray("ids", UUID.class, lot.stream().map(each -> each.claim().job()).toList())
        .bindArray("fences", Long.class, lot.stream().map(each -> each.claim().fence()).toList())
        .bindArray("states", String.class, lot.stream().map(each -> each.state().word()).toList())
        .bindArray(
            "outcomes", String.class, lot.stream().map(each -> each.verdict().word()).toList())
        .bindArray("codes", String.class, codes)
        .bindArray("details", String.class, details)
        .bindArray("datasets", String.class, datasets)
        .bindArray("summaries", String.class, summaries)
        .bindArray(
            "backoffs", Long.class, lot.stream().map(each -> each.backoff().toMillis()).toList())
        .bindArray("done", Long.class, lot.stream().map(each -> each.progress().done()).toList())
        .bindArray("total", Long.class, lot.stream().map(each -> each.progress().total()).toList())
        .bindArray(
            "messages", String.class, lot.stream().map(each -> each.progress().message()).toList())
        .bindArray("lines", Integer.class, lot.stream().map(End::lines).toList())
        .mapTo(UUID.class)
        .list();
  }

  /**
   * Whether it had ended so before, and only the answer was lost. If not, the attempt came back
   * after its job had become another's, and that is written down.
   */
  private static boolean isDone(Handle transaction, End end) {
    boolean done =
        transaction
                .createQuery(
                    "SELECT count(*) FROM jobs.attempt WHERE job_id = :job AND attempt = :run AND fence"
                        + " = :fence AND outcome = :outcome")
                .bind("job", end.claim().job())
                .bind("run", end.claim().run())
                .bind("fence", end.claim().fence())
                .bind("outcome", end.verdict().word())
                .mapTo(Integer.class)
                .one()
            > 0;
    if (!done) {
      int unused =
          transaction
              .createUpdate(
                  "UPDATE jobs.attempt SET outcome = 'fenced', ended_at = coalesce(ended_at, now()),"
                      + " log_lines = greatest(log_lines, :lines) WHERE job_id = :job AND attempt ="
                      + " :run AND fence = :fence AND (outcome IS NULL OR outcome = 'lost')")
              .bind("job", end.claim().job())
              .bind("run", end.claim().run())
              .bind("fence", end.claim().fence())
              .bind("lines", end.lines())
              .execute();
    }
    return done;
  }
}
