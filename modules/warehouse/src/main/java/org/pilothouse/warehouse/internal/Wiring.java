package org.pilothouse.warehouse.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.web.Caller;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.ClosingSteps;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.PilotDay;
import org.pilothouse.warehouse.RunEngine;
import org.pilothouse.warehouse.WarehouseModule;

/** The parts of the room and how they hang together. */
public final class Wiring implements AutoCloseable {
  private static final int LONGEST_MANIFEST = 16 << 20;

  private final PilotDirectory pilots;
  private final ObjectStore store;
  private final Dumps dumps;
  private final DayCloser closer;
  private final @Nullable Runs runs;

  public Wiring(WarehouseModule.Needs needs) {
    DatasetBundles bundles = needs.bundles();
    this.pilots = needs.pilots();
    this.store = needs.store();
    this.dumps = new Dumps(needs.database(), needs.trail());
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
            needs.config().sortBuffer());
    if (needs.batch()) {
      RunEngine engine = needs.engines().apply(closer);
      this.runs =
          new Runs(
              dumps,
              engine,
              new Schedule(
                  dumps,
                  needs.pilots(),
                  needs.reads(),
                  openings,
                  new CloseRule(
                      needs.config().lateness(),
                      needs.config().silence(),
                      needs.config().deadline()),
                  needs.config().nightly()),
              needs.node(),
              needs.config().lease(),
              needs.config().attempts());
      runs.start();
    } else {
      this.runs = null;
    }
  }

  public PilotDirectory pilots() {
    return pilots;
  }

  public Dumps dumps() {
    return dumps;
  }

  ClosingSteps steps() {
    return closer;
  }

  public Instant now() {
    return dumps.now();
  }

  /**
   * Has a day closed because somebody asks for it.
   *
   * @throws Problem {@code invalid_value}, {@code conflict}
   */
  public Dumps.Begun begin(Caller caller, Pilot pilot, LocalDate date) {
    PilotDay day =
        PilotDay.of(date, pilot.timeZone())
            .orElseThrow(() ->
                Problem.at(
                    ProblemCode.INVALID_VALUE,
                    "/date",
                    "There is no such day in " + pilot.timeZone() + "."));
    if (!(pilot.storage() instanceof Pilot.Storage.Centralized)) {
      throw Problem.of(
          ProblemCode.CONFLICT,
          "The pilot's storage is federated: its bulk data stays with it, and its days are not"
              + " written to the consortium's bucket.");
    }
    if (dumps.now().isBefore(day.end())) {
      throw Problem.at(
          ProblemCode.CONFLICT, "/date", "The day is not over: it ends at " + day.end() + ".");
    }
    Dumps.Begun begun = dumps.begin(pilot, day, CloseReason.REQUESTED, caller.actor(), caller);
    if (runs != null) {
      runs.wake();
    }
    return begun;
  }

  public Dump restart(Caller caller, PilotId pilot, LocalDate date) {
    Dump dump = dumps.restart(caller, pilot, date);
    if (runs != null) {
      runs.wake();
    }
    return dump;
  }

  /** The manifest of the newest closed revision; empty where none is closed. */
  public Optional<JsonNode> manifest(PilotId pilot, LocalDate date) {
    return dumps.of(pilot, date).stream()
        .filter(dump -> dump.state() == DumpState.COMPLETE || dump.state() == DumpState.INCOMPLETE)
        .findFirst()
        .flatMap(dump -> dumps.prefix(dump))
        .map(prefix -> read(prefix + "_manifest.json"));
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

  @Override
  public void close() {
    if (runs != null) {
      runs.close();
    }
  }
}
