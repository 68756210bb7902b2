package org.pilothouse.pilots.internal;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.postgres.Database;

/** All pilots in memory; read anew when somebody asks and the copy is older than a few seconds. */
public final class CachedPilotDirectory implements PilotDirectory {
  private static final Duration FRESH = Duration.ofSeconds(3);
  private static final int PAGE = 500;

  private final Pilots pilots;
  private final Database database;
  private final Clock clock;
  private final ReentrantLock reading = new ReentrantLock();
  private final Cache<PilotId, Long> deviceCounts =
      Caffeine.newBuilder().maximumSize(10_000).expireAfterWrite(FRESH).build();
  private volatile @Nullable Copy copy;

  public CachedPilotDirectory(Pilots pilots, Database database, Clock clock) {
    this.pilots = pilots;
    this.database = database;
    this.clock = clock;
  }

  @Override
  public Optional<Pilot> find(PilotId pilot) {
    return Optional.ofNullable(current().get(pilot.value()));
  }

  @Override
  public List<Pilot> list() {
    Collection<Pilot> all = current().values();
    return List.copyOf(all);
  }

  @Override
  public Pilot require(PilotId pilot) {
    return find(pilot).orElseThrow(Pilots::notFound);
  }

  @Override
  public long countDevices(PilotId pilot) {
    Long count =
        deviceCounts.get(
            pilot,
            id ->
                database.inPilot(
                    id,
                    transaction ->
                        transaction
                            .createQuery("SELECT count(*) FROM pilots.device WHERE pilot = :pilot")
                            .bind("pilot", id.value())
                            .mapTo(Long.class)
                            .one()));
    return count == null ? 0 : count;
  }

  /** The next question goes to the store. */
  void forget() {
    Copy known = copy;
    if (known != null) {
      copy = new Copy(known.pilots, Long.MIN_VALUE);
    }
    deviceCounts.invalidateAll();
  }

  private Map<String, Pilot> current() {
    Copy known = copy;
    if (known != null && clock.millis() - known.readAt <= FRESH.toMillis() && known.readAt >= 0) {
      return known.pilots;
    }
    // One reads; the others take what is there, unless nothing is.
    if (known != null && known.readAt >= 0 && !reading.tryLock()) {
      return known.pilots;
    }
    if (!reading.isHeldByCurrentThread()) {
      reading.lock();
    }
    try {
      Copy since = copy;
      if (since != null && since != known && since.readAt >= 0) {
        return since.pilots;
      }
      Copy read = new Copy(read(), clock.millis());
      copy = read;
      return read.pilots;
    } catch (Problem e) {
      if (known == null || e.code() != ProblemCode.UNAVAILABLE) {
        throw e;
      }
      copy = new Copy(known.pilots, clock.millis());
      return known.pilots;
    } finally {
      reading.unlock();
    }
  }

  private Map<String, Pilot> read() {
    TreeMap<String, Pilot> all = new TreeMap<>();
    String after = "";
    while (true) {
      List<Pilot> page = pilots.page(Optional.empty(), after, PAGE);
      page.forEach(pilot -> all.put(pilot.id().value(), pilot));
      if (page.size() < PAGE) {
        return all;
      }
      after = page.getLast().id().value();
    }
  }

  private record Copy(Map<String, Pilot> pilots, long readAt) {}
}
