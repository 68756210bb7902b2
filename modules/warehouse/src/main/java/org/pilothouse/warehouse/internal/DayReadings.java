package org.pilothouse.warehouse.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.warehouse.ClosedDays;

/**
 * Reads a twin out of the files of closed days. Of each revision only the files of the twin's
 * partition are opened, and of these only the pages that hold the twin: the rows are in the order
 * of twin and time.
 */
final class DayReadings implements ClosedDays {
  /** Each holds the pages of one row group. */
  private static final int AT_ONCE = 2;

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LONGEST = Duration.ofSeconds(20);
  private static final int LOOK_AT_THE_CLOCK_EVERY = 4_096;

  private final Database database;
  private final ObjectStore store;
  private final Semaphore places = new Semaphore(AT_ONCE, true);

  DayReadings(Database database, ObjectStore store) {
    this.database = database;
    this.store = store;
  }

  @Override
  public void read(
      PilotId pilot, TwinId twin, Set<String> properties, Instant from, Instant to, Taker taker) {
    if (Duration.between(from, to).compareTo(Duration.ofDays(MOST_DAYS)) > 0) {
      throw new IllegalArgumentException("more than " + MOST_DAYS + " days");
    }
    List<PartFile> parts = parts(pilot, twin, from, to);
    if (parts.isEmpty()) {
      return;
    }
    long deadline = System.nanoTime() + LONGEST.toNanos();
    takePlace();
    try {
      for (PartFile part : parts) {
        requireTime(deadline);
        read(part, twin, properties, from, to, deadline, taker);
      }
    } finally {
      places.release();
    }
  }

  private void takePlace() {
    try {
      if (!places.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw Problem.retry(
            ProblemCode.UNAVAILABLE,
            "Others are reading closed days: ask again in a while.",
            PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.of(ProblemCode.UNAVAILABLE, "The server is stopping.");
    }
  }

  private List<PartFile> parts(PilotId pilot, TwinId twin, Instant from, Instant to) {
    byte[] key = twin.value().getBytes(UTF_8);
    return database
        .inPilot(
            pilot,
            transaction ->
                transaction
                    .createQuery(
                        "SELECT p.partition, p.key, p.kind, p.model, p.rows, p.size_bytes, p.checksum,"
                            + " p.first_time, p.last_time, (SELECT array_agg(DISTINCT days.count) FROM"
                            + " (SELECT count(*)::integer AS count FROM warehouse.share s"
                            + " WHERE s.pilot_id = p.pilot_id AND s.revision = 1"
                            + " AND s.date BETWEEN p.date - 2 AND p.date GROUP BY s.date) AS days)"
                            + " AS partitions FROM warehouse.dump d JOIN warehouse.part p"
                            + " USING (pilot_id, date, revision)"
                            + " WHERE d.pilot_id = :pilot AND d.state IN ('complete', 'incomplete')"
                            + " AND d.date BETWEEN CAST(:from AS date) - 2 AND CAST(:to AS date) + 2"
                            + " AND p.kind IN ('table', 'tidy') AND p.first_time < :to"
                            + " AND p.last_time >= :from ORDER BY p.date, p.revision, p.key")
                    .bind("pilot", pilot.value())
                    .bind("from", from.atOffset(ZoneOffset.UTC))
                    .bind("to", to.atOffset(ZoneOffset.UTC))
                    .map((row, context) -> {
                      PartFile part = DumpRows.part(row);
                      // A topic may have got more partitions in the middle of a day.
                      boolean its =
                          Stream.of((Integer[]) row.getArray("partitions").getArray())
                              .anyMatch(
                                  count -> Partition.numberOf(key, count) == part.partition());
                      return its ? List.of(part) : List.<PartFile>of();
                    })
                    .list())
        .stream()
        .flatMap(List::stream)
        .toList();
  }

  private void read(
      PartFile part,
      TwinId twin,
      Set<String> properties,
      Instant from,
      Instant to,
      long deadline,
      Taker taker) {
    // A day may have been removed, by a person or because its time was over.
    if (store.find(part.key()).isEmpty()) {
      return;
    }
    try (TwinRows rows =
        TwinRows.open(
            new StoredInput(store, part.key(), part.size()),
            twin.value(),
            properties,
            ShareWriter.micros(from),
            ShareWriter.micros(to))) {
      for (long n = 0; rows.next(taker); n++) {
        if (n % LOOK_AT_THE_CLOCK_EVERY == 0) {
          requireTime(deadline);
        }
      }
    } catch (IOException e) {
      throw Problem.caused(ProblemCode.UNAVAILABLE, "A closed day cannot be read now.", e);
    }
  }

  private static void requireTime(long deadline) {
    if (System.nanoTime() - deadline > 0) {
      throw Problem.of(
          ProblemCode.UNAVAILABLE,
          "The closed days were not read within "
              + LONGEST.toSeconds()
              + " s: ask for a shorter window or fewer properties.");
    }
  }
}
