package org.pilothouse.jobs.internal;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobsConfig;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.rabbit.RabbitConnection;
import org.pilothouse.platform.rabbit.RabbitUnavailable;
import org.pilothouse.platform.rabbit.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings rows and queues together again. Any number of nodes may do so at once: each act is decided
 * by a row that one of them changes.
 */
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final int AT_ONCE = 200;

  /** A message that others stand before is not lost only because it waits. */
  private static final Duration BEHIND_OTHERS = Duration.ofMinutes(10);

  private static final Duration KEYS = Duration.ofDays(7);
  private static final int STRAYS_KEPT = 1_000;
  private static final int LONGEST_BODY = 2_000;
  private static final int LOT = 500;
  private static final int MOST_LOTS = 20;

  private final Database database;
  private final Dispatcher dispatcher;
  private final JobTypes types;
  private final PilotDirectory pilots;
  private final @Nullable RabbitConnection rabbit;
  private final ObjectStore objects;
  private final JobsConfig config;
  private final String node;

  Recovery(
      Database database,
      Dispatcher dispatcher,
      JobTypes types,
      PilotDirectory pilots,
      @Nullable RabbitConnection rabbit,
      ObjectStore objects,
      JobsConfig config,
      String node) {
    this.database = database;
    this.dispatcher = dispatcher;
    this.types = types;
    this.pilots = pilots;
    this.rabbit = rabbit;
    this.objects = objects;
    this.config = config;
    this.node = node;
  }

  /** A job that something is to be done about. */
  private record Found(String pilot, UUID job, long fence) {}

  /** Takes jobs from workers that are not heard of any more. */
  int takeLost() {
    List<Found> found =
        find(
            "SELECT pilot_id, job_id, fence FROM jobs.job WHERE state = 'running' AND lease_until <"
                + " now() LIMIT :limit");
    if (found.isEmpty()) {
      return 0;
    }
    int lost =
        database.asPlatform(transaction -> {
          Dispatcher.lock(transaction, pilotsOf(found));
          int taken =
              transaction
                  .createQuery(
                      "WITH held AS (SELECT j.job_id FROM jobs.job j JOIN unnest(:jobs, :fences) AS"
                          + " w(job_id, fence) ON j.job_id = w.job_id AND j.fence = w.fence WHERE"
                          + " j.state = 'running' AND j.lease_until < now() ORDER BY j.job_id FOR"
                          + " UPDATE OF j SKIP LOCKED), lost AS (UPDATE jobs.job j SET state ="
                          + " e.state, finished_at = CASE WHEN e.state <> 'queued' THEN now() END,"
                          + " node = NULL, lease_until = NULL, cancel_requested = false, error_code ="
                          + " CASE e.state WHEN 'cancelled' THEN NULL WHEN 'failed' THEN"
                          + " 'deadline_passed' ELSE 'lost' END, error_detail = CASE e.state WHEN"
                          + " 'cancelled' THEN NULL WHEN 'failed' THEN 'It had not ended by its"
                          + " deadline.' ELSE 'Its node was not heard of any more.' END, revision ="
                          + " revision + 1 FROM held CROSS JOIN LATERAL (SELECT CASE WHEN"
                          + " o.cancel_requested THEN 'cancelled' WHEN o.deadline <= now() THEN"
                          + " 'failed' WHEN o.attempts >= o.max_attempts THEN 'dead' ELSE 'queued'"
                          + " END AS state FROM jobs.job o WHERE o.job_id = held.job_id) e WHERE"
                          + " j.job_id = held.job_id RETURNING j.job_id, j.runs), noted AS (UPDATE"
                          + " jobs.attempt a SET outcome = 'lost', ended_at = now(), error_code ="
                          + " 'lost', error_detail = 'Its node was not heard of any more.' FROM lost"
                          + " WHERE a.job_id = lost.job_id AND a.attempt = lost.runs AND a.outcome IS"
                          + " NULL) SELECT count(*) FROM lost")
                  .bindArray("jobs", UUID.class, found.stream().map(Found::job).toList())
                  .bindArray("fences", Long.class, found.stream().map(Found::fence).toList())
                  .mapTo(Integer.class)
                  .one();
          int unused = dispatcher.next(transaction, pilotsOf(found));
          return taken;
        });
    if (lost > 0) {
      LOG.warn("jobs were taken from nodes that are not heard of number={}", lost);
    }
    return lost;
  }

  private List<Found> find(String sql) {
    return database.asPlatform(transaction ->
        transaction
            .createQuery(sql)
            .bind("limit", AT_ONCE)
            .map((row, context) ->
                new Found(
                    row.getString("pilot_id"),
                    row.getObject("job_id", UUID.class),
                    row.getLong("fence")))
            .list());
  }

  private static Set<String> pilotsOf(List<Found> found) {
    Set<String> pilots = new HashSet<>();
    found.forEach(each -> pilots.add(each.pilot()));
    return pilots;
  }

  /** Ends jobs that wait and whose deadline has passed. */
  int endLate() {
    List<Found> found =
        find(
            "SELECT pilot_id, job_id, fence FROM jobs.job WHERE state = 'queued' AND deadline IS NOT"
                + " NULL AND deadline <= now() LIMIT :limit");
    if (found.isEmpty()) {
      return 0;
    }
    return database.asPlatform(transaction -> {
      Dispatcher.lock(transaction, pilotsOf(found));
      int ended =
          transaction
              .createUpdate(
                  "WITH held AS (SELECT job_id FROM jobs.job WHERE job_id = ANY(:jobs) AND state ="
                      + " 'queued' AND deadline <= now() ORDER BY job_id FOR UPDATE) UPDATE jobs.job"
                      + " j SET state = 'failed', finished_at = now(), dispatched_at = NULL,"
                      + " not_before = NULL, error_code = 'deadline_passed', error_detail = 'It had"
                      + " not ended by its deadline.', revision = revision + 1 FROM held WHERE"
                      + " j.job_id = held.job_id")
              .bindArray("jobs", UUID.class, found.stream().map(Found::job).toList())
              .execute();
      int unused = dispatcher.next(transaction, pilotsOf(found));
      return ended;
    });
  }

  /** Sends messages for jobs that wait and are due, where there is room for them. */
  int sendDue() {
    List<String> waiting =
        database.asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT p FROM unnest(:pilots) AS p WHERE EXISTS (SELECT 1 FROM jobs.job WHERE"
                        + " pilot_id = p AND state = 'queued' AND dispatched_at IS NULL AND"
                        + " (not_before IS NULL OR not_before <= now()))")
                .bindArray(
                    "pilots",
                    String.class,
                    pilots.list().stream().map(Pilot::id).map(Object::toString).toList())
                .mapTo(String.class)
                .list());
    int sent = 0;
    for (String pilot : waiting) {
      sent +=
          database.asPlatform(transaction -> {
            Dispatcher.lock(transaction, List.of(pilot));
            return dispatcher.next(transaction, List.of(pilot));
          });
    }
    return sent;
  }

  /** A job whose message went out some time ago and was not taken. */
  private record Unanswered(UUID job, Lane lane, boolean longAgo) {}

  /**
   * Sends messages again that are not at the broker any more. One too many does no harm; so where
   * others stand before it, it is long until one is sent.
   */
  int sendUnanswered(Topology topology) {
    if (rabbit == null) {
      return 0;
    }
    List<Unanswered> unanswered =
        database.asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT job_id, type, priority, dispatched_at < now() - :long * power(2,"
                        + " least(dispatches - 1, 6)) * interval '1 millisecond' AS long_ago FROM"
                        + " jobs.job WHERE state = 'queued' AND dispatched_at < now() - :patience *"
                        + " power(2, least(dispatches - 1, 6)) * interval '1 millisecond' ORDER BY"
                        + " dispatched_at LIMIT :limit")
                .bind("patience", config.redispatch().toMillis())
                .bind("long", BEHIND_OTHERS.toMillis())
                .bind("limit", AT_ONCE)
                .map((row, context) ->
                    new Unanswered(
                        row.getObject("job_id", UUID.class),
                        new Lane(
                            row.getString("type"),
                            Priority.of(row.getString("priority")).orElseThrow()),
                        row.getBoolean("long_ago")))
                .list());
    if (unanswered.isEmpty()) {
      return 0;
    }
    Map<Lane, Boolean> empty = new HashMap<>();
    List<UUID> again = new ArrayList<>();
    try {
      for (Unanswered each : unanswered) {
        if (each.longAgo() || empty.computeIfAbsent(each.lane(), lane -> isEmpty(topology, lane))) {
          again.add(each.job());
        }
      }
    } catch (RabbitUnavailable e) {
      // Then no message is lost either: the outbox has it, or the broker, when it is back.
      return 0;
    }
    return send(again);
  }

  private boolean isEmpty(Topology topology, Lane lane) {
    RabbitConnection broker = rabbit;
    if (broker == null) {
      return false;
    }
    OptionalLong ready = broker.ready(topology.queue(lane.routingKey()));
    return ready.isEmpty() || ready.getAsLong() == 0;
  }

  private int send(List<UUID> jobs) {
    if (jobs.isEmpty()) {
      return 0;
    }
    int sent =
        database.asPlatform(transaction -> {
          Dispatcher.lockOf(transaction, jobs);
          List<Dispatcher.Sent> again =
              transaction
                  .createQuery(
                      "WITH held AS (SELECT job_id FROM jobs.job WHERE job_id = ANY(:jobs) AND state"
                          + " = 'queued' AND dispatched_at IS NOT NULL ORDER BY job_id FOR UPDATE)"
                          + " UPDATE jobs.job j SET dispatched_at = now(), dispatches = dispatches +"
                          + " 1 FROM held WHERE j.job_id = held.job_id RETURNING j.job_id, j.type,"
                          + " j.priority")
                  .bindArray("jobs", UUID.class, jobs)
                  .map((row, context) ->
                      new Dispatcher.Sent(
                          row.getObject("job_id", UUID.class),
                          new Lane(
                              row.getString("type"),
                              Priority.of(row.getString("priority")).orElseThrow())))
                  .list();
          dispatcher.send(transaction, again);
          return again.size();
        });
    if (sent > 0) {
      LOG.info("messages of jobs were sent again number={}", sent);
    }
    return sent;
  }

  /** Sends the message of a job anew, for one that came back too often. */
  void sendAgain(Dispatcher.Named named) {
    int unused = send(List.of(named.job()));
  }

  /** The queue of its message was not there; it is by now. */
  void unroutable(byte[] body, Optional<Dispatcher.Named> named) {
    if (named.isEmpty()) {
      keep("unreadable", body, null);
      return;
    }
    Dispatcher.Named job = named.get();
    if (types.find(job.type()).isEmpty() || send(List.of(job.job())) == 0) {
      keep(reason(job), body, job.job());
    }
  }

  /**
   * A dead letter. Of a job that waits for it, it is an attempt that failed: so a message that no
   * worker survives ends where people see it.
   */
  void deadLetter(byte[] body, Optional<Dispatcher.Named> named) {
    if (named.isEmpty()) {
      keep("unreadable", body, null);
      return;
    }
    Dispatcher.Named job = named.get();
    if (!count(job)) {
      keep(reason(job), body, job.job());
    }
  }

  private boolean count(Dispatcher.Named named) {
    return database.asPlatform(transaction -> {
      Dispatcher.lockOf(transaction, List.of(named.job()));
      List<String> counted =
          transaction
              .createQuery(
                  "WITH counted AS (UPDATE jobs.job SET attempts = attempts + 1, runs = runs + 1,"
                      + " fence = fence + 1, dispatched_at = NULL, dispatches = 0, state = CASE WHEN"
                      + " attempts + 1 >= max_attempts THEN 'dead' ELSE 'queued' END, finished_at ="
                      + " CASE WHEN attempts + 1 >= max_attempts THEN now() END, not_before = CASE"
                      + " WHEN attempts + 1 < max_attempts THEN now() + :wait * interval '1"
                      + " millisecond' END, error_code = 'undeliverable', error_detail ="
                      + " :detail, revision = revision + 1 WHERE job_id = :job AND type = :type AND"
                      + " state = 'queued' AND dispatched_at IS NOT NULL RETURNING pilot_id, job_id,"
                      + " runs, fence), noted AS (INSERT INTO jobs.attempt (pilot_id, job_id,"
                      + " attempt, fence, node, started_at, ended_at, outcome, error_code,"
                      + " error_detail) SELECT pilot_id, job_id, runs, fence, :node, now(), now(),"
                      + " 'failed', 'undeliverable', :detail FROM counted) SELECT pilot_id FROM"
                      + " counted")
              .bind("job", named.job())
              .bind("type", named.type())
              .bind("node", node)
              .bind("wait", config.firstRetry().toMillis())
              .bind("detail", "No worker that got its message has claimed it.")
              .mapTo(String.class)
              .list();
      int unused = dispatcher.next(transaction, counted);
      return !counted.isEmpty();
    });
  }

  private String reason(Dispatcher.Named named) {
    return database
        .asPlatform(transaction ->
            transaction
                .createQuery("SELECT state FROM jobs.job WHERE job_id = :job AND type = :type")
                .bind("job", named.job())
                .bind("type", named.type())
                .mapTo(String.class)
                .findOne())
        .map(state -> state.equals("queued") ? "delivered_too_often" : "ended_job")
        .orElse("unknown_job");
  }

  private void keep(String reason, byte[] body, @Nullable UUID job) {
    String text = printable(new String(body, StandardCharsets.UTF_8));
    LOG.warn("a message went astray reason={} job={}", reason, job);
    database.runAsPlatform(transaction -> {
      int inserted =
          transaction
              .createUpdate(
                  "INSERT INTO jobs.stray (at, reason, body, job_id) VALUES (now(), :reason, :body,"
                      + " CAST(:job AS uuid))")
              .bind("reason", reason)
              .bind("body", text)
              .bind("job", job)
              .execute();
      int removed =
          transaction
              .createUpdate(
                  "DELETE FROM jobs.stray WHERE stray_id <= (SELECT max(stray_id) FROM jobs.stray) -"
                      + " :kept")
              .bind("kept", STRAYS_KEPT)
              .execute();
    });
  }

  private static String printable(String text) {
    StringBuilder kept = new StringBuilder();
    text.codePoints()
        .limit(LONGEST_BODY)
        .map(c ->
            Character.isISOControl(c)
                    || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
                ? 0xfffd
                : c)
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  /** Forgets jobs that ended long ago, and keys by which a repeat was known. */
  int forget() {
    return lots(this::forgetKeys) + lots(this::forgetJobs);
  }

  private static int lots(IntSupplier lot) {
    int all = 0;
    for (int i = 0; i < MOST_LOTS; i++) {
      int done = lot.getAsInt();
      all += done;
      if (done < LOT) {
        break;
      }
    }
    return all;
  }

  private int forgetKeys() {
    return database.asPlatform(transaction ->
        transaction
            .createUpdate(
                "UPDATE jobs.job SET idempotency_key = NULL, request_sum = NULL WHERE job_id IN"
                    + " (SELECT job_id FROM jobs.job WHERE idempotency_key IS NOT NULL AND"
                    + " created_at < now() - :keys * interval '1 second' LIMIT :lot)")
            .bind("keys", KEYS.toSeconds())
            .bind("lot", LOT)
            .execute());
  }

  /** The objects first: as long as the rows are there, somebody knows of them. */
  private int forgetJobs() {
    List<UUID> old =
        database.asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT job_id FROM jobs.job WHERE finished_at < now() - :keep * interval '1"
                        + " second' ORDER BY finished_at LIMIT :lot")
                .bind("keep", config.keep().toSeconds())
                .bind("lot", LOT)
                .mapTo(UUID.class)
                .list());
    if (old.isEmpty()) {
      return 0;
    }
    List<String> logs =
        database.asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT log_key FROM jobs.attempt WHERE job_id = ANY(:jobs) AND log_key IS NOT"
                        + " NULL")
                .bindArray("jobs", UUID.class, old)
                .mapTo(String.class)
                .list());
    logs.forEach(objects::remove);
    // One that somebody has retried meanwhile stays.
    return database.asPlatform(transaction ->
        transaction
            .createUpdate(
                "DELETE FROM jobs.job WHERE job_id = ANY(:jobs) AND finished_at < now() - :keep *"
                    + " interval '1 second'")
            .bindArray("jobs", UUID.class, old)
            .bind("keep", config.keep().toSeconds())
            .execute());
  }
}
