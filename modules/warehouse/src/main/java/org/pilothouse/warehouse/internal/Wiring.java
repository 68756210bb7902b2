package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.ClosedDays;
import org.pilothouse.warehouse.ClosingSteps;
import org.pilothouse.warehouse.DayFiles;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.PilotDay;
import org.pilothouse.warehouse.RunClaim;
import org.pilothouse.warehouse.WarehouseModule;

/** The parts of the room and how they hang together. */
public final class Wiring implements AutoCloseable {
  private static final int LONGEST_MANIFEST = 16 << 20;
  private static final long MOST_REJECT_BYTES = 4 << 20;

  /** How long somebody who asks for a correction waits for what came last to be looked through. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final WarehouseModule.Needs needs;
  private final Steps steps;
  private final Openings openings;
  private final PilotDirectory pilots;
  private final ObjectStore store;
  private final Dumps dumps;
  private final RunLog log;
  private final DayReadings readings;
  private final StoredDays days;
  private final LateEvents late;
  private final LateScan scan;
  private final Policies policies;
  private final Backfills backfills;
  private final CloseRule rule;
  private final DayCloser closer;
  private final @Nullable Runs runs;

  /**
   * @param steps hears of each place where a run may end
   */
  public Wiring(WarehouseModule.Needs needs, Steps steps) {
    DatasetBundles bundles = needs.bundles();
    this.pilots = needs.pilots();
    this.store = needs.store();
    this.dumps = new Dumps(needs.database(), needs.trail());
    this.log = new RunLog(needs.database());
    this.readings = new DayReadings(needs.database(), needs.store());
    this.days = new StoredDays(needs.database(), needs.store());
    this.late = new LateEvents(needs.database());
    this.scan =
        new LateScan(
            late, pilot -> new KafkaTelemetry(needs.reads(), TopicKind.TELEMETRY.of(pilot)));
    this.policies = new Policies(needs.database(), needs.trail());
    this.backfills =
        new Backfills(needs.database(), dumps, needs.pilots(), needs.trail(), needs.ids());
    this.rule =
        new CloseRule(
            needs.config().lateness(), needs.config().silence(), needs.config().deadline());
    Openings openings = new Openings(needs.database());
    TwinModels twins = new TwinModels(needs.reads());
    this.closer =
        new DayCloser(
            dumps,
            new Planner(twins, needs.models(), openings, needs.config().lateness()),
            twins,
            bundles,
            needs.store(),
            needs.reads(),
            needs.config().spillDirectory(),
            needs.config().sortBuffer(),
            steps);
    this.needs = needs;
    this.steps = steps;
    this.openings = openings;
    if (needs.batch()) {
      this.runs = runs();
      runs.start();
      scan.start();
    } else {
      this.runs = null;
    }
  }

  private Runs runs() {
    return new Runs(
        dumps,
        needs.engines().apply(closer),
        new Schedule(
            dumps,
            needs.pilots(),
            needs.reads(),
            openings,
            rule,
            policies,
            late,
            needs.config().nightly()),
        backfills,
        needs.node(),
        needs.config().lease(),
        needs.config().attempts(),
        steps);
  }

  public PilotDirectory pilots() {
    return pilots;
  }

  public ClosedDays closedDays() {
    return readings;
  }

  public DayFiles dayFiles() {
    return days;
  }

  public Dumps dumps() {
    return dumps;
  }

  ClosingSteps steps() {
    return closer;
  }

  public RunLog log() {
    return log;
  }

  public LateEvents late() {
    return late;
  }

  public Policies policies() {
    return policies;
  }

  public Backfills backfills() {
    return backfills;
  }

  public Instant now() {
    return dumps.now();
  }

  /** When a day has to be closed at the latest, where the schedule closes it. */
  public Instant deadline(PilotDay day) {
    return day.end().plus(rule.deadline());
  }

  /**
   * Has a day closed because somebody asks for it.
   *
   * @throws Problem {@code invalid_value}, {@code conflict}
   */
  public Dumps.Begun begin(Caller caller, Pilot pilot, LocalDate date) {
    PilotDay day = over("/date", pilot, date);
    Dumps.Begun begun = dumps.begin(pilot, day, CloseReason.REQUESTED, caller.actor(), caller);
    wake();
    return begun;
  }

  /**
   * Closes a day from a process that does nothing else, and returns when it has ended: here, or on
   * another node that was first. One that has failed goes on.
   *
   * @throws Problem {@code not_found}, {@code invalid_value}, {@code conflict}
   */
  public Dump close(PilotId id, LocalDate date) {
    Pilot pilot = pilots.require(id);
    Dump begun =
        dumps
            .begin(pilot, over("/date", pilot, date), CloseReason.REQUESTED, Dumps.PLATFORM, null)
            .dump();
    if (begun.state() == DumpState.FAILED) {
      begun = dumps.restart(DayCloser.caller(id), id, date);
    }
    if (begun.state() == DumpState.RUNNING) {
      try (Runs only = runs()) {
        boolean unused =
            only.carryOut(
                new OneDay(id, date),
                () -> dumps.of(id, date).getFirst().state() != DumpState.RUNNING);
      }
    }
    return dumps.of(id, date).getFirst();
  }

  private PilotDay over(String path, Pilot pilot, LocalDate date) {
    PilotDay day =
        PilotDay.of(date, pilot.timeZone())
            .orElseThrow(() ->
                Problem.at(
                    ProblemCode.INVALID_VALUE,
                    path,
                    "There is no such day in " + pilot.timeZone() + "."));
    requireCentralized(pilot);
    if (dumps.now().isBefore(day.end())) {
      throw Problem.at(
          ProblemCode.CONFLICT, path, "The day is not over: it ends at " + day.end() + ".");
    }
    return day;
  }

  private static void requireCentralized(Pilot pilot) {
    if (!(pilot.storage() instanceof Pilot.Storage.Centralized)) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "The pilot's storage is federated: its bulk data stays with it, and its days are not"
              + " written to the consortium's bucket.");
    }
  }

  /**
   * Has a closed day corrected because somebody asks for it.
   *
   * @throws Problem {@code not_found}, {@code conflict}
   */
  public Dump correct(Caller caller, Pilot pilot, LocalDate date, boolean redriveRejects) {
    Dump newest =
        dumps.of(pilot.id(), date).stream()
            .findFirst()
            .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no dump of that day."));
    requireCentralized(pilot);
    if (newest.isClosed() && !isWaiting(newest, redriveRejects)) {
      throw Problem.of(ProblemCode.CONFLICT, "Nothing waits to be brought in.");
    }
    Dump dump =
        dumps.correct(
            pilot.id(), date, CloseReason.REQUESTED, redriveRejects, caller.actor(), caller);
    wake();
    return dump;
  }

  /** What cannot be told in time is found out by the correction itself. */
  private boolean isWaiting(Dump newest, boolean redriveRejects) {
    return (redriveRejects && newest.rejectsLeft() > 0)
        || !scan.catchUp(newest.pilot(), LOOK)
        || late.waiting(newest.pilot(), newest.day().date()) > 0;
  }

  public Dump cancel(Caller caller, PilotId pilot, LocalDate date) {
    return dumps.cancel(caller, pilot, date);
  }

  /**
   * Has a range of days closed, one after the other.
   *
   * @throws Problem {@code invalid_value}, {@code conflict}
   */
  public Backfill fill(Caller caller, Pilot pilot, LocalDate from, LocalDate to) {
    PilotDay unused = over("/to", pilot, to);
    Backfill backfill = backfills.create(caller, pilot.id(), from, to);
    wake();
    return backfill;
  }

  public Dump restart(Caller caller, PilotId pilot, LocalDate date) {
    Dump dump = dumps.restart(caller, pilot, date);
    wake();
    return dump;
  }

  private void wake() {
    if (runs != null) {
      runs.wake();
    }
  }

  /** The manifest of the newest closed revision; empty where none is closed. */
  public Optional<JsonNode> manifest(PilotId pilot, LocalDate date) {
    return dumps.of(pilot, date).stream()
        .filter(dump -> dump.isClosed() && dump.datasetId() != null)
        .findFirst()
        .flatMap(this::manifest);
  }

  /** The manifest of a revision; empty where it is not closed, or has none. */
  public Optional<JsonNode> manifest(Dump dump) {
    return dump.isClosed()
        ? dumps.prefix(dump).map(prefix -> read(prefix + "_manifest.json"))
        : Optional.empty();
  }

  private JsonNode read(String key) {
    try (InputStream in =
        store
            .open(key, 0)
            .orElseThrow(() ->
                Problem.of(ProblemCode.NOT_FOUND, "The manifest is no longer in the hold."))) {
      return org.pilothouse.platform.web.Json.mapper().readTree(in.readNBytes(LONGEST_MANIFEST));
    } catch (IOException e) {
      throw Problem.caused(ProblemCode.UNAVAILABLE, "The manifest cannot be read now.", e);
    }
  }

  /** A file of a revision, its path below the directory of the manifest. */
  public record File(
      String path,
      String kind,
      @Nullable String model,
      int partition,
      long rows,
      long size,
      String checksum,
      @Nullable Instant first,
      @Nullable Instant last) {}

  public List<File> files(Dump dump) {
    return dumps
        .prefix(dump)
        .map(prefix ->
            dumps.parts(key(dump)).stream()
                .map(part ->
                    new File(
                        part.key().substring(prefix.length()),
                        part.kind().word(),
                        part.model(),
                        part.partition(),
                        part.rows(),
                        part.size(),
                        part.checksum().toString(),
                        part.first(),
                        part.last()))
                .toList())
        .orElse(List.of());
  }

  private static RunClaim key(Dump dump) {
    return new RunClaim(dump.pilot(), dump.day().date(), dump.revision(), 0);
  }

  /**
   * Some of a revision's rejects.
   *
   * @param nextFile where to go on: the number of the file, and the byte in it; null at the end
   */
  public record RejectsPage(
      List<RejectLines.Line> lines, @Nullable Integer nextFile, long nextAt) {}

  /** At most so many, from that byte of that file of the revision on. */
  public RejectsPage rejects(Dump dump, int file, long at, int limit) {
    List<PartFile> files =
        dumps.parts(new RunClaim(dump.pilot(), dump.day().date(), dump.revision(), 0)).stream()
            .filter(part -> part.kind() == PartFile.Kind.REJECTS)
            .toList();
    if (file >= files.size()) {
      return new RejectsPage(List.of(), null, 0);
    }
    PartFile part = files.get(file);
    if (at >= part.size()) {
      throw Problem.at(ProblemCode.INVALID_CURSOR, "cursor", "The cursor is not one of this list.");
    }
    try {
      RejectLines.Some some = RejectLines.read(store, part, at, limit, MOST_REJECT_BYTES);
      Long next = some.next();
      return next != null
          ? new RejectsPage(some.lines(), file, next)
          : file + 1 < files.size()
              ? new RejectsPage(some.lines(), file + 1, 0)
              : new RejectsPage(some.lines(), null, 0);
    } catch (IOException e) {
      throw Problem.caused(ProblemCode.UNAVAILABLE, "The rejects cannot be read now.", e);
    }
  }

  @Override
  public void close() {
    scan.close();
    if (runs != null) {
      runs.close();
    }
  }
}
