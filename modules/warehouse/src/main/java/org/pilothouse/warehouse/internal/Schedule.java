package org.pilothouse.warehouse.internal;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.warehouse.CloseReason;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.PilotDay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes each pilot's days by its own clock, those too that were missed. Any number of nodes may do
 * so: a day is begun by the row that one of them inserts.
 */
final class Schedule {
  private static final Logger LOG = LoggerFactory.getLogger(Schedule.class);
  private static final Duration EVERY = Duration.ofSeconds(30);

  /** Of a pilot, at a look. */
  private static final int MOST_CORRECTIONS = 50;

  private final Dumps dumps;
  private final PilotDirectory pilots;
  private final LogReads reads;
  private final Openings openings;
  private final CloseRule rule;
  private final Policies policies;
  private final LateEvents late;
  private final boolean nightly;
  private final Set<String> noted = new HashSet<>();
  private long next = System.nanoTime();

  Schedule(
      Dumps dumps,
      PilotDirectory pilots,
      LogReads reads,
      Openings openings,
      CloseRule rule,
      Policies policies,
      LateEvents late,
      boolean nightly) {
    this.dumps = dumps;
    this.pilots = pilots;
    this.reads = reads;
    this.openings = openings;
    this.rule = rule;
    this.policies = policies;
    this.late = late;
    this.nightly = nightly;
  }

  /** Looks, when it is time again. */
  void pass() {
    if (System.nanoTime() - next < 0) {
      return;
    }
    next = System.nanoTime() + EVERY.toNanos();
    Instant now = dumps.now();
    for (Pilot pilot : pilots.list()) {
      try {
        noteOpening(pilot, now);
        if (nightly && pilot.storage() instanceof Pilot.Storage.Centralized) {
          closeDue(pilot, now);
          correctDue(pilot, now);
        }
      } catch (RuntimeException e) {
        LOG.warn("cannot look at the days now pilot={} error={}", pilot.id(), e.toString());
      }
    }
  }

  private KafkaTelemetry telemetry(PilotId pilot) {
    return new KafkaTelemetry(reads, TopicKind.TELEMETRY.of(pilot));
  }

  /** As soon as an event of a day may come, which is while the day before goes on. */
  private void noteOpening(Pilot pilot, Instant now) {
    PilotDay day = PilotDay.at(now.plus(Planner.AHEAD), pilot.timeZone());
    String key = pilot.id() + " " + day.date();
    if (noted.contains(key)) {
      return;
    }
    KafkaTelemetry telemetry = telemetry(pilot.id());
    Map<Integer, Long> at = new TreeMap<>(telemetry.at(Planner.opening(day)));
    // Where the log begins just there, it may have begun earlier: that is not known.
    telemetry
        .beginnings()
        .forEach((partition, begin) -> {
          if (begin > 0 && begin.equals(at.get(partition))) {
            at.remove(partition);
          }
        });
    openings.note(pilot.id(), day.date(), at);
    if (noted.size() > 10_000) {
      noted.clear();
    }
    noted.add(key);
  }

  /** The days that are over and that the backbone may still hold, the oldest first. */
  private void closeDue(Pilot pilot, Instant now) {
    LocalDate today = LocalDate.ofInstant(now, pilot.timeZone());
    LocalDate created = LocalDate.ofInstant(pilot.createdAt(), pilot.timeZone());
    LocalDate kept = today.minusDays(pilot.retention().telemetryDays());
    LocalDate first = created.isAfter(kept) ? created : kept;
    LocalDate last = today.minusDays(1);
    if (first.isAfter(last)) {
      return;
    }
    Set<LocalDate> begun = new TreeSet<>();
    for (Dump dump : dumps.between(pilot.id(), first, last)) {
      begun.add(dump.day().date());
    }
    for (LocalDate date = first; !date.isAfter(last); date = date.plusDays(1)) {
      if (!begun.contains(date)) {
        PilotDay.of(date, pilot.timeZone()).ifPresent(day -> closeWhenDue(pilot, day, now));
      }
    }
  }

  /** Days of which enough has come since, as the pilot's policy says. */
  private void correctDue(Pilot pilot, Instant now) {
    List<LateEvents.Waiting> days = late.correctable(pilot.id(), MOST_CORRECTIONS);
    if (days.isEmpty()) {
      return;
    }
    Policy policy = policies.of(pilot.id());
    for (LateEvents.Waiting day : days) {
      if (policy.isDue(day.records(), day.finishedAt(), now, pilot.timeZone(), rule.lateness())) {
        try {
          Dump unused =
              dumps.correct(
                  pilot.id(), day.date(), CloseReason.LATE_EVENTS, false, Dumps.PLATFORM, null);
          LOG.info("a day is corrected pilot={} date={}", pilot.id(), day.date());
        } catch (Problem e) {
          LOG.debug("another node was first pilot={} date={}", pilot.id(), day.date());
        }
      }
    }
  }

  private void closeWhenDue(Pilot pilot, PilotDay day, Instant now) {
    if (now.isBefore(day.end().plus(rule.lateness()))) {
      return;
    }
    KafkaTelemetry telemetry = telemetry(pilot.id());
    Map<Integer, Long> ends = telemetry.ends();
    if (ends.isEmpty()) {
      return;
    }
    Optional<CloseReason> verdict = rule.verdict(day, telemetry.watermarks(ends), now);
    verdict.ifPresent(reason -> {
      Dumps.Begun begun = dumps.begin(pilot, day, reason, Dumps.PLATFORM, null);
      if (begun.now()) {
        LOG.info("a day closes pilot={} date={} reason={}", pilot.id(), day.date(), reason.word());
      }
    });
  }
}
