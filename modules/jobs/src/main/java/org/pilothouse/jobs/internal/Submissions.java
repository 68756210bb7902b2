package org.pilothouse.jobs.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.jobs.JobsConfig;
import org.pilothouse.jobs.Submission;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.platform.web.Json;

/**
 * Takes jobs: the row, its message and the entry in the trail are one transaction. What a pilot's
 * people ask for at the same time shares one.
 */
public final class Submissions {
  static final int LONGEST_PARAMETERS = 64 * 1024;
  private static final int MOST_TOGETHER = 100;

  private final Database database;
  private final Dispatcher dispatcher;
  private final JobTypes types;
  private final AuditTrail trail;
  private final EventIds ids;
  private final Clock clock;
  private final JobsConfig config;
  private final Map<PilotId, Gathering<Wanted, Outcome>> gatherings = new ConcurrentHashMap<>();

  Submissions(
      Database database,
      Dispatcher dispatcher,
      JobTypes types,
      AuditTrail trail,
      EventIds ids,
      Clock clock,
      JobsConfig config) {
    this.database = database;
    this.dispatcher = dispatcher;
    this.types = types;
    this.trail = trail;
    this.ids = ids;
    this.clock = clock;
    this.config = config;
  }

  /**
   * What somebody asks for.
   *
   * @param name for people; null: one is made
   * @param key by which a repeat is known
   */
  public record Request(
      String type,
      JsonNode parameters,
      @Nullable String name,
      Priority priority,
      @Nullable Instant deadline,
      @Nullable String key) {}

  /** A request that was found to be in order. */
  record Wanted(
      UUID id,
      String type,
      String name,
      Priority priority,
      String parameters,
      int maxAttempts,
      @Nullable Instant deadline,
      @Nullable String key,
      @Nullable String sum,
      @Nullable String scheduleId,
      Caller caller) {}

  /** What became of a request. */
  public sealed interface Outcome {
    record Made(Job job) implements Outcome {}

    /** The same was asked for before, with the same key. */
    record Repeated(Job job) implements Outcome {}

    record Refused(Problem problem) implements Outcome {}
  }

  /**
   * @throws Problem {@code invalid_value}, {@code invalid_parameters}, {@code invalid_time}, and
   *     what the type says
   */
  public Outcome submit(Caller caller, Pilot pilot, Request request) {
    Wanted wanted = checked(caller, pilot, request, null);
    return gatherings
        .computeIfAbsent(
            pilot.id(),
            id ->
                new Gathering<>(
                    MOST_TOGETHER,
                    lot -> database.inPilot(id, transaction -> submit(transaction, id, lot))))
        .call(wanted);
  }

  /**
   * Checks what is asked for, and gives it an id.
   *
   * @throws Problem as {@link #submit}
   */
  Wanted checked(Caller caller, Pilot pilot, Request request, @Nullable String scheduleId) {
    JobTypes.Known type = types.require(request.type());
    String parameters = checkedParameters(type, caller, pilot, request.parameters());
    Instant now = clock.instant();
    Instant deadline = request.deadline();
    if (deadline != null && !deadline.isAfter(now)) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, "/deadline", "The field /deadline must lie in the future.");
    }
    String name = request.name();
    return new Wanted(
        ids.next(),
        type.name(),
        name == null ? type.name() + " " + minute(now, pilot) : name,
        request.priority(),
        parameters,
        type.type().limits().attempts(),
        deadline,
        request.key(),
        request.key() == null ? null : sum(request, parameters),
        scheduleId,
        caller);
  }

  private static String minute(Instant now, Pilot pilot) {
    return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm").format(now.atZone(pilot.timeZone()));
  }

  String checkedParameters(JobTypes.Known type, Caller caller, Pilot pilot, JsonNode parameters) {
    String text;
    try {
      text = Json.mapper().writeValueAsString(parameters);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("JSON that was read cannot be written", e);
    }
    if (text.getBytes(StandardCharsets.UTF_8).length > LONGEST_PARAMETERS) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE,
          "/parameters",
          "The parameters may have " + LONGEST_PARAMETERS + " bytes.");
    }
    if (text.contains("\\u0000")) {
      throw Problem.at(
          ProblemCode.INVALID_VALUE, "/parameters", "The parameters must not hold NUL.");
    }
    type.parameters().check(text);
    type.type().check(new Submission(caller, pilot, parameters));
    return text;
  }

  private static String sum(Request request, String parameters) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String name = request.name();
      for (String part :
          List.of(
              request.type(),
              parameters,
              name == null ? "" : name,
              request.priority().word(),
              String.valueOf(request.deadline()))) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What there is room for. */
  private record Room(Instant now, long queuedLeft, long tokens, int queuedMost) {
    /** Then what others take at the same time counts. */
    boolean isShort() {
      return queuedLeft <= 10 * MOST_TOGETHER || tokens <= Dispatcher.MARGIN;
    }
  }

  /** In the caller's transaction; an outcome for each, in their order. */
  List<Outcome> submit(Handle transaction, PilotId pilot, List<Wanted> wanted) {
    Room room = room(transaction, pilot);
    if (room.isShort() || wanted.stream().anyMatch(each -> each.key() != null)) {
      Dispatcher.lock(transaction, pilot);
      room = room(transaction, pilot);
    }
    Map<String, Keyed> before = keyed(transaction, pilot, wanted);
    List<Outcome> outcomes = new ArrayList<>();
    Map<UUID, Job> made = new LinkedHashMap<>();
    List<Wanted> inserted = new ArrayList<>();
    for (Wanted each : wanted) {
      Keyed same = each.key() == null ? null : before.get(each.key());
      if (same != null) {
        outcomes.add(repeated(same, each));
      } else if (inserted.size() >= room.queuedLeft()) {
        outcomes.add(
            new Outcome.Refused(
                Problem.of(
                    ProblemCode.LIMIT_REACHED,
                    "The pilot may have " + room.queuedMost() + " jobs that wait.")));
      } else {
        Job job = job(pilot, each, room.now());
        made.put(each.id(), job);
        inserted.add(each);
        if (each.key() != null) {
          before.put(each.key(), new Keyed(job, String.valueOf(each.sum())));
        }
        outcomes.add(new Outcome.Made(job));
      }
    }
    if (!inserted.isEmpty()) {
      List<Dispatcher.Sent> sent = fitting(transaction, pilot, inserted, room.tokens());
      insert(transaction, pilot, inserted, sent.stream().map(Dispatcher.Sent::job).toList());
      dispatcher.send(transaction, sent);
      trail.recordAll(
          transaction,
          inserted.stream()
              .map(each ->
                  AuditEvent.allowed(each.caller(), pilot, "job.submit", resource(pilot, each.id()))
                      .with(Map.of("type", each.type(), "priority", each.priority().word())))
              .toList());
    }
    return outcomes;
  }

  static String resource(PilotId pilot, UUID job) {
    return "job:" + pilot + "/" + job;
  }

  private static Outcome repeated(Keyed same, Wanted wanted) {
    return same.sum().equals(wanted.sum())
        ? new Outcome.Repeated(same.job())
        : new Outcome.Refused(
            Problem.at(
                ProblemCode.CONFLICT,
                "Idempotency-Key",
                "Something else was asked for with this key: job " + same.job().id() + "."));
  }

  private Room room(Handle transaction, PilotId pilot) {
    return transaction
        .createQuery(
            "SELECT now() AS now, l.queued_most, l.queued_most - (SELECT count(*) FROM (SELECT 1"
                + " FROM jobs.job WHERE pilot_id = :pilot AND state = 'queued' LIMIT l.queued_most)"
                + " q) AS queued_left, l.running_most - (SELECT count(*) FROM jobs.job WHERE"
                + " pilot_id = :pilot AND state = 'running') - (SELECT count(*) FROM jobs.job WHERE"
                + " pilot_id = :pilot AND state = 'queued' AND dispatched_at IS NOT NULL) AS tokens"
                + " FROM (SELECT coalesce(max(queued_most), :queued) AS queued_most,"
                + " coalesce(max(running_most), :running) AS running_most FROM jobs.limits WHERE"
                + " pilot_id = :pilot) l")
        .bind("pilot", pilot.value())
        .bind("queued", config.queuedMost())
        .bind("running", config.runningMost())
        .map((row, context) ->
            new Room(
                JobRows.instant(row, "now"),
                row.getLong("queued_left"),
                row.getLong("tokens"),
                row.getInt("queued_most")))
        .one();
  }

  /** A job that was asked for with a key. */
  private record Keyed(Job job, String sum) {}

  private static Map<String, Keyed> keyed(Handle transaction, PilotId pilot, List<Wanted> wanted) {
    Map<String, Keyed> keyed = new HashMap<>();
    List<String> keys = new ArrayList<>();
    for (Wanted each : wanted) {
      String key = each.key();
      if (key != null) {
        keys.add(key);
      }
    }
    if (!keys.isEmpty()) {
      transaction
          .createQuery(
              "SELECT "
                  + JobRows.COLUMNS
                  + ", idempotency_key, encode(request_sum, 'hex') AS sum FROM jobs.job WHERE"
                  + " pilot_id = :pilot AND idempotency_key = ANY(:keys)")
          .bind("pilot", pilot.value())
          .bindArray("keys", String.class, keys)
          .map((row, context) ->
              Map.entry(
                  row.getString("idempotency_key"),
                  new Keyed(JobRows.job(row), row.getString("sum"))))
          .forEach(entry -> keyed.put(entry.getKey(), entry.getValue()));
    }
    return keyed;
  }

  private static Job job(PilotId pilot, Wanted wanted, Instant now) {
    return new Job(
        pilot,
        wanted.id(),
        wanted.type(),
        wanted.name(),
        wanted.priority(),
        JobState.QUEUED,
        wanted.parameters(),
        Job.Progress.NONE,
        0,
        wanted.maxAttempts(),
        null,
        wanted.deadline(),
        null,
        null,
        wanted.caller().actor(),
        wanted.scheduleId(),
        now,
        null,
        null,
        false,
        1);
  }

  /** Those of the new jobs that get a message at once: where others wait, they wait behind them. */
  private List<Dispatcher.Sent> fitting(
      Handle transaction, PilotId pilot, List<Wanted> inserted, long tokens) {
    Map<Lane, Integer> left = new HashMap<>();
    List<Lane> lanes =
        inserted.stream().map(each -> new Lane(each.type(), each.priority())).distinct().toList();
    transaction
        .createQuery(
            "SELECT l.type, l.priority, (SELECT count(*) FROM jobs.job d WHERE d.pilot_id = :pilot"
                + " AND d.type = l.type AND d.priority = l.priority AND d.state = 'queued' AND"
                + " d.dispatched_at IS NOT NULL) AS there, EXISTS (SELECT 1 FROM jobs.job w WHERE"
                + " w.pilot_id = :pilot AND w.type = l.type AND w.priority = l.priority AND w.state"
                + " = 'queued' AND w.dispatched_at IS NULL AND w.not_before IS NULL) AS waits FROM"
                + " unnest(:types, :priorities) AS l(type, priority)")
        .bind("pilot", pilot.value())
        .bindArray("types", String.class, lanes.stream().map(Lane::type).toList())
        .bindArray(
            "priorities", String.class, lanes.stream().map(lane -> lane.priority().word()).toList())
        .map((row, context) ->
            Map.entry(
                new Lane(
                    row.getString("type"), Priority.of(row.getString("priority")).orElseThrow()),
                row.getBoolean("waits") ? 0 : config.window() - row.getInt("there")))
        .forEach(entry -> left.put(entry.getKey(), entry.getValue()));
    List<Dispatcher.Sent> sent = new ArrayList<>();
    for (Wanted each : inserted) {
      Lane lane = new Lane(each.type(), each.priority());
      int room = left.getOrDefault(lane, 0);
      if (room > 0 && sent.size() < tokens) {
        left.put(lane, room - 1);
        sent.add(new Dispatcher.Sent(each.id(), lane));
      }
    }
    return sent;
  }

  private static void insert(
      Handle transaction, PilotId pilot, List<Wanted> inserted, List<UUID> dispatched) {
    List<@Nullable String> deadlines = new ArrayList<>();
    List<@Nullable String> keys = new ArrayList<>();
    List<@Nullable String> sums = new ArrayList<>();
    List<@Nullable String> schedules = new ArrayList<>();
    for (Wanted each : inserted) {
      Instant deadline = each.deadline();
      deadlines.add(deadline == null ? null : deadline.toString());
      keys.add(each.key());
      sums.add(each.sum());
      schedules.add(each.scheduleId());
    }
    int unused =
        transaction
            .createUpdate(
                "INSERT INTO jobs.job (pilot_id, job_id, type, name, priority, state, parameters,"
                    + " requested_by, schedule_id, idempotency_key, request_sum, created_at,"
                    + " deadline, max_attempts, dispatched_at, dispatches) SELECT :pilot, w.job_id,"
                    + " w.type, w.name, w.priority, 'queued', w.parameters, w.requested_by,"
                    + " w.schedule_id, w.key, decode(w.sum, 'hex'), now(),"
                    + " w.deadline::timestamptz, w.max_attempts, CASE WHEN w.job_id ="
                    + " ANY(:dispatched) THEN now() END, CASE WHEN w.job_id = ANY(:dispatched) THEN"
                    + " 1 ELSE 0 END FROM unnest(:ids, :types, :names, :priorities, :parameters,"
                    + " :actors, :schedules, :keys, :sums, :deadlines, :attempts) AS w(job_id,"
                    + " type, name, priority, parameters, requested_by, schedule_id, key, sum,"
                    + " deadline, max_attempts)")
            .bind("pilot", pilot.value())
            .bindArray("ids", UUID.class, inserted.stream().map(Wanted::id).toList())
            .bindArray("types", String.class, inserted.stream().map(Wanted::type).toList())
            .bindArray("names", String.class, inserted.stream().map(Wanted::name).toList())
            .bindArray(
                "priorities",
                String.class,
                inserted.stream().map(each -> each.priority().word()).toList())
            .bindArray(
                "parameters", String.class, inserted.stream().map(Wanted::parameters).toList())
            .bindArray(
                "actors",
                String.class,
                inserted.stream().map(each -> each.caller().actor()).toList())
            .bindArray("schedules", String.class, schedules)
            .bindArray("keys", String.class, keys)
            .bindArray("sums", String.class, sums)
            .bindArray("deadlines", String.class, deadlines)
            .bindArray(
                "attempts", Integer.class, inserted.stream().map(Wanted::maxAttempts).toList())
            .bindArray("dispatched", UUID.class, dispatched)
            .execute();
  }
}
