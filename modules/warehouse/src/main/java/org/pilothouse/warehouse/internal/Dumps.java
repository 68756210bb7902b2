package org.pilothouse.warehouse.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.LeaseLost;
import org.pilothouse.warehouse.PilotDay;
import org.pilothouse.warehouse.RunClaim;

/**
 * The rows of closed days. Whatever a run changes, it changes under the number of its claim; when
 * another claim has come since, nothing is changed and the run ends.
 */
public final class Dumps {
  static final String PLATFORM = "platform";
  private static final int LONGEST_DETAIL = 500;
  private static final String KEY =
      " WHERE pilot_id = :pilot AND date = :date AND revision = :revision";
  private static final String UNDER_CLAIM = KEY + " AND fence = :fence AND state = 'running'";

  /** The code of a failure that somebody has asked for. */
  static final String CANCELLED = "cancelled";

  private final Database database;
  private final AuditTrail trail;

  Dumps(Database database, AuditTrail trail) {
    this.database = database;
    this.trail = trail;
  }

  /** The time of the store, by the clock that all nodes share. */
  Instant now() {
    return database.asPlatform(transaction ->
        transaction.createQuery("SELECT now()").mapTo(OffsetDateTime.class).one().toInstant());
  }

  /** All revisions of a day, the newest first. */
  public List<Dump> of(PilotId pilot, LocalDate date) {
    return database.inPilot(pilot, transaction -> of(transaction, pilot, date));
  }

  static List<Dump> of(Handle transaction, PilotId pilot, LocalDate date) {
    return transaction
        .createQuery(
            "SELECT "
                + DumpRows.COLUMNS
                + " FROM warehouse.dump WHERE pilot_id = :pilot AND date = :date ORDER BY revision"
                + " DESC")
        .bind("pilot", pilot.value())
        .bind("date", date)
        .map((row, context) -> DumpRows.dump(row))
        .list();
  }

  /** The newest revision of each day that has one, in the order of the days; both included. */
  public List<Dump> between(PilotId pilot, LocalDate from, LocalDate to) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT DISTINCT ON (date) "
                        + DumpRows.COLUMNS
                        + " FROM warehouse.dump WHERE pilot_id = :pilot AND date BETWEEN :from AND"
                        + " :to ORDER BY date, revision DESC")
                .bind("pilot", pilot.value())
                .bind("from", from)
                .bind("to", to)
                .map((row, context) -> DumpRows.dump(row))
                .list());
  }

  /**
   * What the revisions of a day that can be read are together.
   *
   * @param incomplete whether something is missing in any of them
   */
  public record Whole(long rows, boolean incomplete) {
    public static final Whole NOTHING = new Whole(0, false);
  }

  /** Of each day that has revisions that can be read. */
  public Map<LocalDate, Whole> wholes(PilotId pilot, LocalDate from, LocalDate to) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT date, sum(rows) AS rows, bool_or(state = 'incomplete') AS incomplete FROM warehouse.dump WHERE pilot_id = :pilot AND"
                        + " date BETWEEN :from AND :to AND state IN ('complete', 'incomplete')"
                        + " GROUP BY date")
                .bind("pilot", pilot.value())
                .bind("from", from)
                .bind("to", to)
                .map((row, context) ->
                    Map.entry(
                        row.getObject("date", LocalDate.class),
                        new Whole(row.getLong("rows"), row.getBoolean("incomplete"))))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  public List<Share> shares(PilotId pilot, LocalDate date, int revision) {
    return database.inPilot(
        pilot, transaction -> shares(transaction, new RunClaim(pilot, date, revision, 0)));
  }

  static List<Share> shares(Handle transaction, RunClaim claim) {
    return bound(
            transaction.createQuery(
                "SELECT "
                    + DumpRows.SHARE_COLUMNS
                    + " FROM warehouse.share"
                    + KEY
                    + " ORDER BY partition"),
            claim)
        .map((row, context) -> DumpRows.share(row))
        .list();
  }

  /** What the keys of its objects begin with; empty before it has any. */
  Optional<String> prefix(Dump dump) {
    return database.inPilot(
        dump.pilot(),
        transaction ->
            bound(
                    transaction.createQuery(
                        "SELECT prefix FROM warehouse.dump" + KEY + " AND prefix IS NOT NULL"),
                    new RunClaim(dump.pilot(), dump.day().date(), dump.revision(), 0))
                .mapTo(String.class)
                .findOne());
  }

  List<PartFile> parts(RunClaim claim) {
    return database.inPilot(
        claim.pilot(),
        transaction ->
            bound(
                    transaction.createQuery(
                        "SELECT "
                            + DumpRows.PART_COLUMNS
                            + " FROM warehouse.part"
                            + KEY
                            + " ORDER BY key"),
                    claim)
                .map((row, context) -> DumpRows.part(row))
                .list());
  }

  /** What the revisions before a correction hold of a partition. */
  Earlier earlier(Dump dump, int partition) {
    return database.inPilot(
        dump.pilot(),
        transaction -> {
          RunClaim run = new RunClaim(dump.pilot(), dump.day().date(), dump.revision(), 0);
          return new Earlier(
              earlierParts(transaction, run, partition, "kind <> 'rejects'"),
              // One that has looked at them again holds what is still rejected of all before it.
              earlierParts(
                  transaction,
                  run,
                  partition,
                  "kind = 'rejects' AND revision >= coalesce((SELECT max(d.revision) FROM"
                      + " warehouse.dump d WHERE d.pilot_id = :pilot AND d.date = :date AND"
                      + " d.revision < :revision AND d.redrive_rejects AND d.dataset_id IS NOT"
                      + " NULL), 0)"),
              dump.redriveRejects(),
              bound(
                      transaction
                          .createQuery(
                              "SELECT coalesce(min(from_offset), 0) FROM warehouse.share WHERE"
                                  + " pilot_id = :pilot AND date = :date AND revision <= :revision"
                                  + " AND partition = :partition")
                          .bind("partition", partition),
                      run)
                  .mapTo(Long.class)
                  .one());
        });
  }

  private static List<PartFile> earlierParts(
      Handle transaction, RunClaim run, int partition, String condition) {
    return bound(
            transaction
                .createQuery(
                    "SELECT "
                        + DumpRows.PART_COLUMNS
                        + " FROM warehouse.part WHERE pilot_id = :pilot AND date = :date AND"
                        + " revision < :revision AND partition = :partition AND "
                        + condition
                        + " ORDER BY revision, key")
                .bind("partition", partition),
            run)
        .map((row, context) -> DumpRows.part(row))
        .list();
  }

  /** A day that somebody wants closed; whether it was this call that began it. */
  public record Begun(Dump dump, boolean now) {}

  /** Has a day closed, once: of several that ask, one begins it. */
  Begun begin(
      Pilot pilot, PilotDay day, CloseReason reason, String requestedBy, @Nullable Caller caller) {
    return database.inPilot(
        pilot.id(), transaction -> begin(transaction, pilot, day, reason, requestedBy, caller));
  }

  Begun begin(
      Handle transaction,
      Pilot pilot,
      PilotDay day,
      CloseReason reason,
      String requestedBy,
      @Nullable Caller caller) {
    int inserted =
        transaction
            .createUpdate(
                "INSERT INTO warehouse.dump (pilot_id, date, revision, state, time_zone,"
                    + " starts_at, ends_at, close_reason, requested_by, created_at,"
                    + " updated_at) VALUES (:pilot, :date, 1, 'running', :zone, :start, :end,"
                    + " :reason, :by, now(), now()) ON CONFLICT DO NOTHING")
            .bind("pilot", pilot.id().value())
            .bind("date", day.date())
            .bind("zone", pilot.timeZone().getId())
            .bind("start", day.start().atOffset(ZoneOffset.UTC))
            .bind("end", day.end().atOffset(ZoneOffset.UTC))
            .bind("reason", reason.word())
            .bind("by", requestedBy)
            .execute();
    Dump dump = of(transaction, pilot.id(), day.date()).getFirst();
    if (inserted == 1) {
      RunLog.add(
          transaction,
          key(dump),
          RunLog.info("Asked for by " + requestedBy + " (" + reason.word() + ")."));
      trail.record(transaction, event(dump, "dump.begin", caller));
    }
    return new Begun(dump, inserted == 1);
  }

  /**
   * Has the next revision of a closed day made.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  Dump correct(
      PilotId pilot,
      LocalDate date,
      CloseReason reason,
      boolean redriveRejects,
      String requestedBy,
      @Nullable Caller caller) {
    return database.inPilot(
        pilot,
        transaction -> {
          List<Dump> revisions = of(transaction, pilot, date);
          if (revisions.isEmpty()) {
            throw Problem.of(ProblemCode.NOT_FOUND, "There is no dump of that day.");
          }
          Dump newest = revisions.getFirst();
          if (!newest.isClosed()) {
            throw notClosed(newest);
          }
          Dump amended =
              revisions.stream()
                  .filter(dump -> dump.datasetId() != null)
                  .findFirst()
                  .orElseThrow(() -> new IllegalStateException("a closed day without a dataset"));
          int inserted =
              transaction
                  .createUpdate(
                      "INSERT INTO warehouse.dump (pilot_id, date, revision, state, time_zone,"
                          + " starts_at, ends_at, close_reason, requested_by, redrive_rejects,"
                          + " amends_revision, amends_dataset, rejects_left, created_at,"
                          + " updated_at) VALUES (:pilot, :date, :revision, 'running', :zone,"
                          + " :start, :end, :reason, :by, :redrive, :amends, :dataset, :left,"
                          + " now(), now()) ON CONFLICT DO NOTHING")
                  .bind("pilot", pilot.value())
                  .bind("date", date)
                  .bind("revision", newest.revision() + 1)
                  .bind("zone", newest.timeZone())
                  .bind("start", newest.day().start().atOffset(ZoneOffset.UTC))
                  .bind("end", newest.day().end().atOffset(ZoneOffset.UTC))
                  .bind("reason", reason.word())
                  .bind("by", requestedBy)
                  .bind("redrive", redriveRejects)
                  .bind("amends", amended.revision())
                  .bind("dataset", amended.datasetId())
                  .bind("left", newest.rejectsLeft())
                  .execute();
          Dump dump = of(transaction, pilot, date).getFirst();
          if (inserted == 0) {
            throw notClosed(dump);
          }
          RunLog.add(
              transaction,
              key(dump),
              RunLog.info(
                  "A correction, asked for by " + requestedBy + " (" + reason.word() + ")."));
          trail.record(transaction, event(dump, "dump.correct", caller));
          return dump;
        });
  }

  private static Problem notClosed(Dump newest) {
    return Problem.of(
        ProblemCode.CONFLICT,
        newest.state() == DumpState.FAILED
            ? "Revision " + newest.revision() + " has failed: restart it first."
            : "Revision " + newest.revision() + " is under way.");
  }

  /**
   * Ends a run. Whoever works on it finds out at its next look and changes nothing any more.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  public Dump cancel(Caller caller, PilotId pilot, LocalDate date) {
    return database.inPilot(pilot, transaction -> cancel(transaction, caller, pilot, date));
  }

  Dump cancel(Handle transaction, Caller caller, PilotId pilot, LocalDate date) {
    Dump newest =
        of(transaction, pilot, date).stream()
            .findFirst()
            .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no dump of that day."));
    int changed =
        bound(
                transaction
                    .createUpdate(
                        "UPDATE warehouse.dump SET state = 'failed', fence = fence + 1, step ="
                            + " NULL, leased_by = NULL, lease_until = NULL, finished_at = now(),"
                            + " updated_at = now(), failure_code = :code, failure_detail ="
                            + " :detail"
                            + KEY
                            + " AND state = 'running'")
                    .bind("code", CANCELLED)
                    .bind("detail", "Cancelled by " + caller.actor() + "."),
                key(newest))
            .execute();
    if (changed == 0) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "Only a run that is under way is cancelled: it is " + newest.state().word() + ".");
    }
    Dump cancelled = of(transaction, pilot, date).getFirst();
    RunLog.add(transaction, key(cancelled), RunLog.warn("Cancelled by " + caller.actor() + "."));
    trail.record(transaction, event(cancelled, "dump.cancel", caller));
    return cancelled;
  }

  private static RunClaim key(Dump dump) {
    return new RunClaim(dump.pilot(), dump.day().date(), dump.revision(), 0);
  }

  /**
   * Has a failed run go on where it stands.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  public Dump restart(Caller caller, PilotId pilot, LocalDate date) {
    return database.inPilot(
        pilot, transaction -> restart(transaction, caller.actor(), caller, pilot, date));
  }

  Dump restart(
      Handle transaction, String by, @Nullable Caller caller, PilotId pilot, LocalDate date) {
    Dump newest =
        of(transaction, pilot, date).stream()
            .findFirst()
            .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no dump of that day."));
    int changed =
        bound(
                transaction.createUpdate(
                    "UPDATE warehouse.dump SET state = 'running', attempts = 0, lease_until ="
                        + " NULL, finished_at = NULL, failure_code = NULL, failure_detail ="
                        + " NULL, updated_at = now()"
                        + KEY
                        + " AND state = 'failed'"),
                key(newest))
            .execute();
    if (changed == 0) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "Only a failed run is restarted: it is " + newest.state().word() + ".");
    }
    Dump again = of(transaction, pilot, date).getFirst();
    RunLog.add(transaction, key(again), RunLog.info("Restarted by " + by + "."));
    trail.record(transaction, event(again, "dump.restart", caller));
    return again;
  }

  /** A claimed run and the execution that it had before. */
  record Claimed(RunClaim claim, OptionalLong execution) {}

  /** Takes the run that has waited longest for somebody; none where there is none. */
  Optional<Claimed> claim(String node, Duration lease, @Nullable OneDay only) {
    return database.asPlatform(transaction -> {
      Optional<Claimed> claimed = claim(transaction, node, lease, only);
      claimed.ifPresent(found ->
          RunLog.add(transaction, found.claim(), RunLog.info("Node " + node + " works on it.")));
      return claimed;
    });
  }

  private static Optional<Claimed> claim(
      Handle transaction, String node, Duration lease, @Nullable OneDay only) {
    return transaction
        .createQuery(
            "UPDATE warehouse.dump d SET fence = fence + 1, leased_by = :node, lease_until ="
                + " now() + make_interval(secs => :lease), attempts = attempts + 1,"
                + " failure_code = NULL, failure_detail = NULL, updated_at = now() FROM (SELECT"
                + " pilot_id, date, revision FROM warehouse.dump WHERE state = 'running' AND"
                + " (lease_until IS NULL OR lease_until < now()) AND (CAST(:pilot AS text) IS"
                + " NULL OR (pilot_id = :pilot AND date = CAST(:date AS date))) ORDER BY"
                + " coalesce(lease_until, created_at), date LIMIT 1 FOR UPDATE SKIP LOCKED) AS next WHERE (d.pilot_id,"
                + " d.date, d.revision) = (next.pilot_id, next.date, next.revision) RETURNING"
                + " d.pilot_id, d.date, d.revision, d.fence, d.execution_id")
        .bind("node", node)
        .bind("lease", lease.toSeconds())
        .bind("pilot", only == null ? null : only.pilot().value())
        .bind("date", only == null ? null : only.date())
        .map((row, context) -> {
          long execution = row.getLong("execution_id");
          boolean none = row.wasNull();
          return new Claimed(
              new RunClaim(
                  new PilotId(row.getString("pilot_id")),
                  row.getObject("date", LocalDate.class),
                  row.getInt("revision"),
                  row.getLong("fence")),
              none ? OptionalLong.empty() : OptionalLong.of(execution));
        })
        .findOne();
  }

  /** Whether the run is still the claim's. */
  boolean renew(RunClaim claim, Duration lease) {
    return database.inPilot(
        claim.pilot(),
        transaction ->
            bound(
                        transaction
                            .createUpdate(
                                "UPDATE warehouse.dump SET lease_until = now() +"
                                    + " make_interval(secs => :lease)"
                                    + UNDER_CLAIM)
                            .bind("lease", lease.toSeconds()),
                        claim)
                    .bind("fence", claim.fence())
                    .execute()
                == 1);
  }

  /** Whether the run is still the claim's, and its lease not over. */
  boolean isHeld(RunClaim claim) {
    return database.inPilot(
        claim.pilot(),
        transaction ->
            bound(
                        transaction.createQuery(
                            "SELECT count(*) FROM warehouse.dump"
                                + UNDER_CLAIM
                                + " AND lease_until > now()"),
                        claim)
                    .bind("fence", claim.fence())
                    .mapTo(Integer.class)
                    .one()
                == 1);
  }

  /** The row as it is, for whoever has claimed it. */
  record Held(
      Dump dump,
      @Nullable String datasetId,
      @Nullable String prefix,
      @Nullable Plan plan,
      int attempts) {}

  Held held(RunClaim claim) {
    return database.inPilot(claim.pilot(), transaction -> held(transaction, claim, ""));
  }

  private static Held held(Handle transaction, RunClaim claim, String lock) {
    return bound(
            transaction.createQuery(
                "SELECT "
                    + DumpRows.COLUMNS
                    + ", prefix, plan::text AS plan FROM warehouse.dump"
                    + UNDER_CLAIM
                    + lock),
            claim)
        .bind("fence", claim.fence())
        .map((row, context) -> {
          String plan = row.getString("plan");
          return new Held(
              DumpRows.dump(row),
              row.getString("dataset_id"),
              row.getString("prefix"),
              plan == null ? null : DumpRows.plan(plan),
              row.getInt("attempts"));
        })
        .findOne()
        .orElseThrow(() -> new LeaseLost(claim));
  }

  /** A transaction in which the run is the claim's until it ends. */
  private void under(RunClaim claim, Consumer<Handle> work) {
    database.runInPilot(
        claim.pilot(),
        transaction -> {
          Held unused = held(transaction, claim, " FOR UPDATE");
          work.accept(transaction);
        });
  }

  void execution(RunClaim claim, long execution) {
    under(
        claim,
        transaction ->
            bound(
                    transaction
                        .createUpdate("UPDATE warehouse.dump SET execution_id = :execution" + KEY)
                        .bind("execution", execution),
                    claim)
                .execute());
  }

  void step(RunClaim claim, String step) {
    under(
        claim,
        transaction ->
            bound(
                    transaction
                        .createUpdate(
                            "UPDATE warehouse.dump SET step = :step, updated_at = now()" + KEY)
                        .bind("step", step),
                    claim)
                .execute());
  }

  /** Writes down what will be done; what a given-up plan has left is forgotten. */
  void freeze(RunClaim claim, DatasetBundles.Opened dataset, Plan plan, List<Share> shares) {
    under(
        claim,
        transaction -> {
          bound(transaction.createUpdate("DELETE FROM warehouse.part" + KEY), claim).execute();
          bound(transaction.createUpdate("DELETE FROM warehouse.share" + KEY), claim).execute();
          bound(
                  transaction
                      .createUpdate(
                          "UPDATE warehouse.dump SET frozen_at = now(), dataset_id = :dataset,"
                              + " prefix = :prefix, plan = CAST(:plan AS jsonb), updated_at = now()"
                              + KEY)
                      .bind("dataset", dataset.id().value())
                      .bind("prefix", dataset.prefix())
                      .bind("plan", DumpRows.json(plan)),
                  claim)
              .execute();
          PreparedBatch batch =
              transaction.prepareBatch(
                  "INSERT INTO warehouse.share (pilot_id, date, revision, partition, from_offset,"
                      + " to_offset, watermark, read_to, missing) VALUES (:pilot, :date, :revision,"
                      + " :partition, :from, :to, :watermark, :from, CAST(:missing AS jsonb))");
          for (Share share : shares) {
            bound(
                    batch
                        .bind("partition", share.partition())
                        .bind("from", share.from())
                        .bind("to", share.to())
                        .bind("watermark", utc(share.watermark()))
                        .bind("missing", DumpRows.json(share.missing())),
                    claim)
                .add();
          }
          batch.execute();
          long offsets = shares.stream().mapToLong(share -> share.to() - share.from()).sum();
          RunLog.add(
              transaction,
              claim,
              RunLog.info(
                  "plan",
                  "Frozen: "
                      + shares.size()
                      + " partitions, "
                      + offsets
                      + " offsets to read, "
                      + plan.tables().size()
                      + " models."));
          for (Share share : shares) {
            if (!share.missing().isEmpty()) {
              RunLog.add(
                  transaction,
                  claim,
                  RunLog.warn(
                      "plan",
                      share.partition(),
                      "The backbone no longer has all of it: " + share.missing() + "."));
            }
          }
        });
  }

  private static @Nullable OffsetDateTime utc(@Nullable Instant time) {
    return time == null ? null : time.atOffset(ZoneOffset.UTC);
  }

  /** A partition is begun, perhaps not for the first time. */
  void started(RunClaim claim, Share share) {
    under(
        claim,
        transaction -> {
          bound(
                  transaction
                      .createUpdate(
                          "UPDATE warehouse.share SET started_at = now(), finished_at = NULL,"
                              + " read_to = from_offset, failure = NULL"
                              + KEY
                              + " AND partition = :partition AND state = 'waiting'")
                      .bind("partition", share.partition()),
                  claim)
              .execute();
          RunLog.add(
              transaction,
              claim,
              RunLog.info(
                  "write",
                  share.partition(),
                  "Reads offsets " + share.from() + " to " + share.to() + "."));
        });
  }

  /** A partition's attempt has ended without its files. */
  void partitionBroke(RunClaim claim, int partition, String detail) {
    under(
        claim,
        transaction -> {
          bound(
                  transaction
                      .createUpdate(
                          "UPDATE warehouse.share SET failure = :detail, finished_at = now()"
                              + KEY
                              + " AND partition = :partition AND state = 'waiting'")
                      .bind("detail", shortened(detail))
                      .bind("partition", partition),
                  claim)
              .execute();
          RunLog.add(transaction, claim, RunLog.error("write", partition, detail));
        });
  }

  /** Something that people may want to know of a run. */
  void say(RunClaim claim, RunLog.Line line) {
    under(claim, transaction -> RunLog.add(transaction, claim, line));
  }

  /** How far the reading is; also says whether it may go on. */
  void readTo(RunClaim claim, int partition, long offset) {
    under(
        claim,
        transaction ->
            bound(
                    transaction
                        .createUpdate(
                            "UPDATE warehouse.share SET read_to = :offset"
                                + KEY
                                + " AND partition = :partition AND state = 'waiting'")
                        .bind("offset", offset)
                        .bind("partition", partition),
                    claim)
                .execute());
  }

  /** A partition is written: its counts and files, once and for all. */
  void written(RunClaim claim, int partition, ShareWriter.Result result, List<Missing> missing) {
    under(
        claim,
        transaction -> {
          Share.Counts counts = result.counts();
          bound(
                  transaction
                      .createUpdate(
                          "UPDATE warehouse.share SET state = 'done', read_to = to_offset, records ="
                              + " :records, other_days = :others, events = :events, rows = :rows,"
                              + " late = :late, rejected = :rejected, repeats = :repeats,"
                              + " redrive_taken = :taken, redrive_events = :redriven,"
                              + " redrive_rejected = :still, missing = CAST(:missing AS jsonb),"
                              + " failure = NULL, finished_at = now()"
                              + KEY
                              + " AND partition = :partition")
                      .bind("records", counts.records())
                      .bind("others", counts.otherDays())
                      .bind("events", counts.events())
                      .bind("rows", counts.rows())
                      .bind("late", counts.late())
                      .bind("rejected", counts.rejected())
                      .bind("repeats", counts.repeats())
                      .bind("taken", result.redrive().taken())
                      .bind("redriven", result.redrive().events())
                      .bind("still", result.redrive().rejected())
                      .bind("missing", DumpRows.json(missing))
                      .bind("partition", partition),
                  claim)
              .execute();
          bound(
                  transaction
                      .createUpdate(
                          "DELETE FROM warehouse.part" + KEY + " AND partition = :partition")
                      .bind("partition", partition),
                  claim)
              .execute();
          result.parts().forEach(part -> insert(transaction, claim, part));
          RunLog.add(
              transaction,
              claim,
              RunLog.info(
                  "write",
                  partition,
                  "Written: "
                      + counts.records()
                      + " records read, "
                      + counts.events()
                      + " events, "
                      + counts.rejected()
                      + " rejected, "
                      + counts.repeats()
                      + " repeats, "
                      + result.parts().size()
                      + " files."));
        });
  }

  private static void insert(Handle transaction, RunClaim claim, PartFile part) {
    bound(
            transaction
                .createUpdate(
                    "INSERT INTO warehouse.part (pilot_id, date, revision, partition, key, kind,"
                        + " model, rows, size_bytes, checksum, first_time, last_time) VALUES"
                        + " (:pilot, :date, :revision, :partition, :key, :kind, :model, :rows,"
                        + " :size, :checksum, :first, :last)")
                .bind("partition", part.partition())
                .bind("key", part.key())
                .bind("kind", part.kind().word())
                .bind("model", part.model())
                .bind("rows", part.rows())
                .bind("size", part.size())
                .bind("checksum", part.checksum().digest())
                .bind("first", utc(part.first()))
                .bind("last", utc(part.last())),
            claim)
        .execute();
  }

  /** What a run came to. */
  record Closed(
      DumpState state, Share.Counts counts, Share.Redrive redrive, int parts, List<Share> shares) {
    /** A correction that has nothing to tell: neither an event nor a reject more or less. */
    boolean isNothing() {
      return state == DumpState.COMPLETE
          && counts.events() == 0
          && counts.rejected() == 0
          && redrive.taken() == redrive.rejected();
    }
  }

  /** The end of a run: all of it is true at once, or nothing. */
  void publish(RunClaim claim, Closed closed, Consumer<Handle> last) {
    close(claim, closed, "Closed: " + closed.counts().events() + " events.", last);
  }

  /**
   * The end of a correction that found nothing: it is closed without a dataset, and what it has
   * read is not read again.
   */
  void publishNothing(RunClaim claim, Closed closed, Consumer<Handle> last) {
    close(
        claim,
        new Closed(
            closed.state(),
            new Share.Counts(
                closed.counts().records(),
                closed.counts().otherDays(),
                0,
                0,
                0,
                0,
                closed.counts().repeats()),
            Share.Redrive.NONE,
            0,
            closed.shares()),
        "Nothing to correct.",
        transaction -> {
          bound(transaction.createUpdate("DELETE FROM warehouse.part" + KEY), claim).execute();
          bound(
                  transaction.createUpdate(
                      "UPDATE warehouse.dump SET dataset_id = NULL, prefix = NULL" + KEY),
                  claim)
              .execute();
          last.accept(transaction);
        });
  }

  private void close(RunClaim claim, Closed closed, String told, Consumer<Handle> last) {
    under(
        claim,
        transaction -> {
          Share.Counts counts = closed.counts();
          bound(
                  transaction
                      .createUpdate(
                          "UPDATE warehouse.dump SET state = :state, events = :events, rows = :rows,"
                              + " late = :late, rejected = :rejected, repeats = :repeats, redriven ="
                              + " :redriven, rejects_left = rejects_left + :rejected - :settled,"
                              + " parts = :parts, step = NULL, leased_by = NULL, lease_until = NULL,"
                              + " finished_at = now(), updated_at = now(), failure_code = NULL,"
                              + " failure_detail = NULL"
                              + KEY)
                      .bind("state", closed.state().word())
                      .bind("events", counts.events())
                      .bind("rows", counts.rows())
                      .bind("late", counts.late())
                      .bind("rejected", counts.rejected())
                      .bind("repeats", counts.repeats())
                      .bind("redriven", closed.redrive().events())
                      .bind("settled", closed.redrive().taken() - closed.redrive().rejected())
                      .bind("parts", closed.parts()),
                  claim)
              .execute();
          LateEvents.readTo(transaction, claim, closed.shares());
          RunLog.add(transaction, claim, RunLog.info("publish", told));
          Dump dump = of(transaction, claim.pilot(), claim.date()).getFirst();
          last.accept(transaction);
          trail.record(transaction, event(dump, "dump." + closed.state().word(), null));
        });
  }

  /** Why a step ended; the first of an attempt stays, because the others follow from it. */
  void broke(RunClaim claim, String code, String detail) {
    under(
        claim,
        transaction -> {
          RunLog.add(transaction, claim, RunLog.error(code + ": " + detail));
          bound(
                  transaction
                      .createUpdate(
                          "UPDATE warehouse.dump SET failure_code = :code, failure_detail ="
                              + " :detail, updated_at = now()"
                              + KEY
                              + " AND failure_code IS NULL")
                      .bind("code", code)
                      .bind("detail", shortened(detail)),
                  claim)
              .execute();
        });
  }

  private static String shortened(String detail) {
    return detail.length() > LONGEST_DETAIL ? detail.substring(0, LONGEST_DETAIL) : detail;
  }

  /** The attempt is over: it is tried again after a pause, or waits for a person. */
  void ended(RunClaim claim, int most, Duration pause) {
    under(
        claim,
        transaction -> {
          Held held = held(transaction, claim, "");
          boolean failed = held.attempts() >= most;
          bound(
                  transaction
                      .createUpdate(
                          "UPDATE warehouse.dump SET state = :state, step = NULL, leased_by = NULL,"
                              + " lease_until = CASE WHEN :failed THEN NULL ELSE now() +"
                              + " make_interval(secs => :pause) END, finished_at = CASE WHEN"
                              + " :failed THEN now() END, failure_code = coalesce(failure_code,"
                              + " 'internal'), failure_detail = coalesce(failure_detail, 'The run"
                              + " ended without a reason; the log of the node has more.'),"
                              + " updated_at = now()"
                              + KEY)
                      .bind("state", failed ? "failed" : "running")
                      .bind("failed", failed)
                      .bind("pause", pause.toSeconds()),
                  claim)
              .execute();
          RunLog.add(
              transaction,
              claim,
              failed
                  ? RunLog.error("Attempt " + held.attempts() + " was the last; it has failed.")
                  : RunLog.warn(
                      "Attempt "
                          + held.attempts()
                          + " has ended; the next begins in "
                          + pause.toSeconds()
                          + " s."));
          if (failed) {
            Dump dump = of(transaction, claim.pilot(), claim.date()).getFirst();
            trail.record(
                transaction,
                new AuditEvent(
                    PLATFORM,
                    claim.pilot(),
                    "dump.fail",
                    resource(dump),
                    AuditEvent.Outcome.FAILED,
                    Map.of("attempts", Integer.toString(held.attempts()))));
          }
        });
  }

  /** A node that stops gives its runs back at once. */
  void giveBack(RunClaim claim) {
    under(
        claim,
        transaction -> {
          bound(
                  transaction.createUpdate(
                      "UPDATE warehouse.dump SET leased_by = NULL, lease_until = NULL, step ="
                          + " NULL, attempts = greatest(0, attempts - 1)"
                          + KEY),
                  claim)
              .execute();
          RunLog.add(transaction, claim, RunLog.info("The node stops; another goes on."));
        });
  }

  private static AuditEvent event(Dump dump, String action, @Nullable Caller caller) {
    return new AuditEvent(
        caller == null ? PLATFORM : caller.actor(),
        dump.pilot(),
        action,
        resource(dump),
        AuditEvent.Outcome.ALLOWED,
        Map.of("revision", Integer.toString(dump.revision())));
  }

  private static String resource(Dump dump) {
    return "dump:" + dump.pilot() + "/" + dump.day().date();
  }

  static <T extends SqlStatement<T>> T bound(T statement, RunClaim claim) {
    return statement
        .bind("pilot", claim.pilot().value())
        .bind("date", claim.date())
        .bind("revision", claim.revision());
  }
}
