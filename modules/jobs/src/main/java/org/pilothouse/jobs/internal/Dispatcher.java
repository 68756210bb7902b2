package org.pilothouse.jobs.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.pilothouse.jobs.JobId;
import org.pilothouse.jobs.JobsConfig;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.platform.web.Json;

/**
 * Decides which jobs have a message at the broker. Of a pilot's jobs of one type and class only a
 * window is there, so that another pilot's one job waits behind a window of each pilot at most, and
 * not behind a thousand jobs of one; and no more than may run. The rest waits in the store.
 *
 * <p>Mostly nobody waits for anybody: two that look at the same time may send a few more than the
 * window, or leave a job to each other, which the next round of the workers finds. Where a pilot
 * has nearly as many as it may, they hold its lock from before they look until the commit.
 */
final class Dispatcher {
  /** The upper half of the advisory lock's key. */
  private static final int PILOT_LOCK = 0x0b0c0003;

  /** As many as one transaction of a worker begins or ends; with less room left they queue up. */
  static final int MARGIN = 64;

  private static final String NEARLY_FULL =
      ", near AS MATERIALIZED (SELECT a.pilot_id FROM asked a LEFT JOIN jobs.limits q ON q.pilot_id"
          + " = a.pilot_id WHERE coalesce(q.running_most, :running) - (SELECT count(*) FROM jobs.job"
          + " r WHERE r.pilot_id = a.pilot_id AND r.state = 'running') - (SELECT count(*) FROM"
          + " jobs.job r WHERE r.pilot_id = a.pilot_id AND r.state = 'queued' AND r.dispatched_at IS"
          + " NOT NULL) <= :margin) SELECT n.pilot_id, pg_advisory_xact_lock(:space,"
          + " hashtext(n.pilot_id)) IS NULL FROM (SELECT pilot_id FROM near ORDER BY"
          + " hashtext(pilot_id)) n";

  private static final String NEXT =
      "WITH lane AS (SELECT * FROM unnest(:types, :priorities) AS l(type, priority)), free AS"
          + " (SELECT p.pilot_id, coalesce(q.running_most, :running) - (SELECT count(*) FROM"
          + " jobs.job r WHERE r.pilot_id = p.pilot_id AND r.state = 'running') - (SELECT count(*)"
          + " FROM jobs.job r WHERE r.pilot_id = p.pilot_id AND r.state = 'queued' AND"
          + " r.dispatched_at IS NOT NULL) AS tokens FROM unnest(:pilots) AS p(pilot_id) LEFT JOIN"
          + " jobs.limits q ON q.pilot_id = p.pilot_id), next AS (SELECT w.job_id, f.tokens,"
          + " row_number() OVER (PARTITION BY f.pilot_id ORDER BY l.priority = 'normal', w.job_id)"
          + " AS place FROM free f CROSS JOIN lane l CROSS JOIN LATERAL (SELECT j.job_id FROM"
          + " jobs.job j WHERE j.pilot_id = f.pilot_id AND j.type = l.type AND j.priority ="
          + " l.priority AND j.state = 'queued' AND j.dispatched_at IS NULL AND (j.not_before IS"
          + " NULL OR j.not_before <= now()) ORDER BY j.job_id LIMIT greatest(0, :window - (SELECT"
          + " count(*) FROM jobs.job d WHERE d.pilot_id = f.pilot_id AND d.type = l.type AND"
          + " d.priority = l.priority AND d.state = 'queued' AND d.dispatched_at IS NOT NULL)) FOR"
          + " UPDATE OF j SKIP LOCKED) w"
          + " WHERE f.tokens > 0) UPDATE jobs.job j SET dispatched_at = now(), dispatches ="
          + " dispatches + 1 FROM next n WHERE j.job_id = n.job_id AND n.place <= n.tokens RETURNING"
          + " j.job_id, j.type, j.priority";

  private final JobTypes types;
  private final Outbox outbox;
  private final EventIds ids;
  private final Clock clock;
  private final JobsConfig config;

  Dispatcher(JobTypes types, Outbox outbox, EventIds ids, Clock clock, JobsConfig config) {
    this.types = types;
    this.outbox = outbox;
    this.ids = ids;
    this.clock = clock;
    this.config = config;
  }

  /** A job whose message goes out. */
  record Sent(UUID job, Lane lane) {}

  /** What a message names. */
  record Named(UUID job, String type) {}

  /** Of one pilot. */
  static void lock(Handle transaction, PilotId pilot) {
    lock(transaction, List.of(pilot.value()));
  }

  /** Of several, in an order that all keep. */
  static void lock(Handle transaction, Collection<String> pilots) {
    List<Boolean> unused =
        transaction
            .createQuery(
                "SELECT pg_advisory_xact_lock(:space, h) IS NULL FROM (SELECT DISTINCT hashtext(p)"
                    + " AS h FROM unnest(:pilots) AS p ORDER BY h) AS locks")
            .bind("space", PILOT_LOCK)
            .bindArray("pilots", String.class, List.copyOf(pilots))
            .mapTo(Boolean.class)
            .list();
  }

  /** Of those that the jobs belong to. */
  static void lockOf(Handle transaction, Collection<UUID> jobs) {
    List<Boolean> unused =
        transaction
            .createQuery(
                "SELECT pg_advisory_xact_lock(:space, h) IS NULL FROM (SELECT DISTINCT"
                    + " hashtext(pilot_id) AS h FROM jobs.job WHERE job_id = ANY(:jobs) ORDER BY h)"
                    + " AS locks")
            .bind("space", PILOT_LOCK)
            .bindArray("jobs", UUID.class, List.copyOf(jobs))
            .mapTo(Boolean.class)
            .list();
  }

  /** Locks those of the pilots that have nearly as many as may run, and says which. */
  List<String> lockNearlyFull(Handle transaction, Collection<String> pilots) {
    return locked(
        transaction
            .createQuery(
                "WITH asked AS (SELECT DISTINCT p AS pilot_id FROM unnest(:pilots) AS p)"
                    + NEARLY_FULL)
            .bindArray("pilots", String.class, List.copyOf(pilots)));
  }

  /** Of those that the jobs belong to. */
  void lockNearlyFullOf(Handle transaction, Collection<UUID> jobs) {
    List<String> unused =
        locked(
            transaction
                .createQuery(
                    "WITH asked AS (SELECT DISTINCT pilot_id FROM jobs.job WHERE job_id ="
                        + " ANY(:jobs))"
                        + NEARLY_FULL)
                .bindArray("jobs", UUID.class, List.copyOf(jobs)));
  }

  private List<String> locked(Query query) {
    return query
        .bind("running", config.runningMost())
        .bind("margin", MARGIN)
        .bind("space", PILOT_LOCK)
        .map((row, context) -> row.getString("pilot_id"))
        .list();
  }

  /** Sends messages for the pilots' next jobs, as many as there is room for. */
  int next(Handle transaction, Collection<String> pilots) {
    List<Lane> lanes = types.lanes();
    if (pilots.isEmpty() || lanes.isEmpty()) {
      return 0;
    }
    List<Sent> sent =
        transaction
            .createQuery(NEXT)
            .bindArray("types", String.class, lanes.stream().map(Lane::type).toList())
            .bindArray(
                "priorities",
                String.class,
                lanes.stream().map(lane -> lane.priority().word()).toList())
            .bindArray("pilots", String.class, pilots.stream().distinct().toList())
            .bind("running", config.runningMost())
            .bind("window", config.window())
            .map((row, context) ->
                new Sent(
                    row.getObject("job_id", UUID.class),
                    new Lane(
                        row.getString("type"),
                        Priority.of(row.getString("priority")).orElseThrow())))
            .list();
    send(transaction, sent);
    return sent.size();
  }

  /** Puts the messages of jobs whose rows say that they are dispatched into the outbox. */
  void send(Handle transaction, List<Sent> sent) {
    // Each is an aggregate of its own: nothing depends on which of two messages goes out first.
    outbox.addUnordered(transaction, sent.stream().map(this::message).toList());
  }

  private OutboxMessage message(Sent sent) {
    byte[] body =
        ("{\"job_id\":\"" + sent.job() + "\",\"type\":\"" + sent.lane().type() + "\"}")
            .getBytes(StandardCharsets.UTF_8);
    return new OutboxMessage(
        ids.next(),
        "job:" + sent.job(),
        OutboxMessage.Destination.RABBIT,
        config.exchange(),
        sent.lane().routingKey(),
        Map.of("content-type", "application/json"),
        body,
        clock.instant());
  }

  /** Empty where it is no message of a job. */
  static Optional<Named> read(byte[] body) {
    try {
      JsonNode message = Json.mapper().readTree(body);
      if (message == null || message.size() != 2) {
        return Optional.empty();
      }
      String type = message.path("type").asText();
      return JobId.of(message.path("job_id").asText())
          .filter(id -> JobTypes.isName(type))
          .map(id -> new Named(id.value(), type));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
