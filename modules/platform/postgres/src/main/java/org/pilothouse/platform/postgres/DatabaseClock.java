package org.pilothouse.platform.postgres;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time of the installation, which is PostgreSQL's: half of what waits or expires is decided by
 * its {@code now()}, and several nodes share it. A node's own clock stands as long as it agrees;
 * where it is off, or is set while the node runs, the time goes on from the last look at the
 * server.
 *
 * <p>As long as the server has not answered once, the node's own clock is all there is.
 */
public final class DatabaseClock extends Clock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseClock.class);
  private static final Duration EVERY = Duration.ofSeconds(15);

  /** Of a look, there and back: what takes longer says too little. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(2);

  /** Nodes whose clocks are kept agree to milliseconds; a correction would only make them jump. */
  private static final Duration TOLERATED = Duration.ofSeconds(2);

  private final Clock own;
  private final LongSupplier nanos;
  private final Supplier<Instant> server;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable Look last;

  /** For whoever looks alone. */
  private boolean toldOff;

  /** What the server's clock showed at {@code nanos}. */
  private record Look(Instant time, long nanos) {}

  DatabaseClock(Clock own, LongSupplier nanos, Supplier<Instant> server) {
    this.own = own;
    this.nanos = nanos;
    this.server = server;
  }

  /** Looks once before it returns, and from then on now and again. */
  public static DatabaseClock start(Database database, Clock own, MeterRegistry metrics) {
    DatabaseClock clock = new DatabaseClock(own, System::nanoTime, () -> timeOf(database));
    Gauge.builder("pilothouse.clock.offset", clock, DatabaseClock::offsetSeconds)
        .baseUnit("seconds")
        .description("How far the node's own clock is ahead of PostgreSQL's")
        .register(metrics);
    clock.look();
    Thread.ofPlatform().name("clock").daemon(true).start(clock::loop);
    return clock;
  }

  private static Instant timeOf(Database database) {
    return database.asPlatform(transaction ->
        transaction.createQuery("SELECT clock_timestamp()").mapTo(Instant.class).one());
  }

  private void loop() {
    try {
      while (!closed.await(EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Without an answer, what was seen before stays. */
  void look() {
    long before = nanos.getAsLong();
    Instant time;
    try {
      time = server.get();
    } catch (RuntimeException e) {
      LOG.debug("PostgreSQL does not tell the time error={}", e.toString());
      return;
    }
    long after = nanos.getAsLong();
    if (after - before > LONGEST_LOOK.toNanos()) {
      return;
    }
    last = new Look(time, before + (after - before) / 2);
    Duration ahead = offset();
    boolean off = ahead.abs().compareTo(TOLERATED) > 0;
    if (off != toldOff) {
      toldOff = off;
      LOG.warn(
          "the node's own clock {} PostgreSQL's offset={}",
          off ? "is off from" : "agrees again with",
          ahead);
    }
  }

  /** How far the node's own clock is ahead. */
  private Duration offset() {
    Look seen = last;
    return seen == null ? Duration.ZERO : Duration.between(goneOn(seen), own.instant());
  }

  private double offsetSeconds() {
    return offset().toMillis() / 1_000.0;
  }

  private Instant goneOn(Look seen) {
    return seen.time().plusNanos(nanos.getAsLong() - seen.nanos());
  }

  @Override
  public Instant instant() {
    Instant shown = own.instant();
    Look seen = last;
    if (seen == null) {
      return shown;
    }
    Instant expected = goneOn(seen);
    return Duration.between(expected, shown).abs().compareTo(TOLERATED) > 0 ? expected : shown;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return new InZone(this, zone);
  }

  /** The same instants, read in another zone. */
  private static final class InZone extends Clock {
    private final Clock clock;
    private final ZoneId zone;

    InZone(Clock clock, ZoneId zone) {
      this.clock = clock;
      this.zone = zone;
    }

    @Override
    public Instant instant() {
      return clock.instant();
    }

    @Override
    public ZoneId getZone() {
      return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
      return new InZone(clock, other);
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
