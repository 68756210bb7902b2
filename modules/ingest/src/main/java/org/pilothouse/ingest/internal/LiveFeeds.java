package org.pilothouse.ingest.internal;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.TopicTail;

/**
 * Live events for those who watch: who may join, the feeds they share, and the writing of one
 * stream.
 */
public final class LiveFeeds implements AutoCloseable {
  private static final int MOST_SUBSCRIBERS = 128;
  private static final Duration START = Duration.ofSeconds(10);
  private static final Duration READ = Duration.ofSeconds(10);
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);
  private static final int CATCH_UP_RECORDS = 500;

  /**
   * How much of what the subscriber had before is read again, a partition, to know repeats of it.
   */
  private static final int REMEMBERED_RECORDS = 10_000;

  /**
   * A stream ends after this long and the subscriber comes back: with a credential that is still
   * good, or not.
   */
  private static final Duration LONGEST = Duration.ofMinutes(15);

  private final KafkaConfig kafka;
  private final LogReads reads;
  private final MeterRegistry metrics;
  private final LongSupplier nanoTime;
  private final AtomicInteger subscribers = new AtomicInteger();
  private final Map<PilotId, Shared> feeds = new HashMap<>();
  private volatile boolean closed;

  public LiveFeeds(
      KafkaConfig kafka, LogReads reads, MeterRegistry metrics, LongSupplier nanoTime) {
    this.kafka = kafka;
    this.reads = reads;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    Gauge.builder("pilothouse.stream.subscribers", subscribers, AtomicInteger::get)
        .register(metrics);
  }

  /** A seat for one subscriber; closing gives it back. */
  public final class Seat implements AutoCloseable {
    private final PilotId pilot;
    private final Subscription subscription;
    private final @Nullable String lastEventId;
    private boolean left;

    private Seat(PilotId pilot, StreamFilter filter, @Nullable String lastEventId) {
      this.pilot = pilot;
      this.subscription = new Subscription(filter);
      this.lastEventId = lastEventId;
    }

    /**
     * Writes events until the subscriber goes, the stream is old enough, or the server stops.
     *
     * @throws IOException when the subscriber is gone
     */
    public void writeTo(OutputStream out) throws IOException, InterruptedException {
      long end = nanoTime.getAsLong() + LONGEST.toNanos();
      EventStreamWriter writer = new EventStreamWriter(out);
      // Headers and a first line go out at once: the browser then knows that it is connected.
      writer.comment("pilothouse");
      writer.retry(Duration.ofSeconds(1));
      writer.flush();
      LiveFeed feed = borrow(pilot);
      try {
        if (!feed.awaitStarted(START)) {
          return;
        }
        if (lastEventId == null) {
          feed.joinNow(subscription);
          // Said at once, so that a break before the first event can be bridged too.
          writer.position(StreamPosition.id(subscription.positions()));
          writer.flush();
        } else {
          resume(writer, lastEventId);
          catchUp(feed, writer, end);
        }
        while (live(writer, end)) {
          feed.leave(subscription);
          catchUp(feed, writer, end);
        }
      } catch (BackboneUnavailable e) {
        // The subscriber comes back by itself and goes on where it was.
        writer.comment("the backbone is away");
        writer.flush();
      } finally {
        feed.leave(subscription);
        giveBack(pilot);
      }
    }

    /** Stands where the subscriber says, and says what is no longer kept of what came after. */
    private void resume(EventStreamWriter writer, String lastEventId) throws IOException {
      Map<Partition, Long> from = StreamPosition.parse(pilot, lastEventId);
      long gone = 0;
      for (Map.Entry<Partition, Long> kept : reads.beginnings(topics(pilot)).entrySet()) {
        long wanted = from.getOrDefault(kept.getKey(), kept.getValue());
        long resume = Math.max(kept.getValue(), wanted);
        gone += resume - wanted;
        subscription.standAt(Map.of(kept.getKey(), resume));
      }
      if (gone > 0) {
        writer.gap(StreamPosition.id(subscription.positions()), gone);
      }
    }

    /** Reads the log from where the subscriber stands until it is where the feed is, and joins. */
    private void catchUp(LiveFeed feed, EventStreamWriter writer, long end) throws IOException {
      subscription.catchesUp();
      Map<Partition, Long> kept = reads.beginnings(topics(pilot));
      subscription.standAtNew(kept);
      for (Map.Entry<Partition, Long> at : Map.copyOf(subscription.positions()).entrySet()) {
        long oldest = kept.getOrDefault(at.getKey(), 0L);
        reads.forEach(
            at.getKey(),
            Math.max(oldest, at.getValue() - REMEMBERED_RECORDS),
            at.getValue(),
            READ,
            subscription::remember);
      }
      do {
        // A topic that is new since is read from its beginning.
        subscription.standAtNew(reads.beginnings(topics(pilot)));
        LogReads.Stretch stretch;
        do {
          stretch = reads.read(Map.copyOf(subscription.positions()), CATCH_UP_RECORDS, READ);
          for (LogRecord record : stretch.records()) {
            if (subscription.isToBeShown(record)) {
              writer.event(StreamPosition.id(subscription.positions()), record);
            }
          }
          subscription.standAt(stretch.next());
          writer.flush();
        } while (!stretch.complete() && goesOn(end));
        subscription.caughtUp();
      } while (!feed.joinIfCaughtUp(subscription) && goesOn(end));
      subscription.joined();
      writer.position(StreamPosition.id(subscription.positions()));
      writer.flush();
    }

    private boolean goesOn(long end) {
      return !closed && nanoTime.getAsLong() - end < 0;
    }

    /** Writes what arrives; true when the subscriber has fallen behind, false when it is over. */
    private boolean live(EventStreamWriter writer, long end)
        throws IOException, InterruptedException {
      while (goesOn(end)) {
        if (subscription.isBehind()) {
          return true;
        }
        LogRecord record = subscription.poll(HEARTBEAT);
        if (record == null) {
          writer.comment("");
          writer.flush();
          continue;
        }
        if (subscription.isToBeShown(record)) {
          writer.event(StreamPosition.id(subscription.positions()), record);
        }
        if (!subscription.hasMore()) {
          writer.flush();
        }
      }
      return false;
    }

    @Override
    public void close() {
      if (!left) {
        left = true;
        subscribers.decrementAndGet();
      }
    }
  }

  /**
   * @param lastEventId where the subscriber was, or null for from now on
   * @throws Problem {@code too_many_requests} when all seats are taken, {@code invalid_cursor} when
   *     the id is not one of ours
   */
  public Seat take(PilotId pilot, StreamFilter filter, @Nullable String lastEventId) {
    if (lastEventId != null) {
      StreamPosition.parse(pilot, lastEventId);
    }
    if (subscribers.incrementAndGet() > MOST_SUBSCRIBERS || closed) {
      subscribers.decrementAndGet();
      throw Problem.retry(
          ProblemCode.TOO_MANY_REQUESTS,
          "this node has " + MOST_SUBSCRIBERS + " subscribers already",
          Duration.ofSeconds(10));
    }
    return new Seat(pilot, filter, lastEventId);
  }

  private static java.util.List<String> topics(PilotId pilot) {
    return TopicKind.standing().stream()
        .filter(StreamPosition::shows)
        .map(kind -> kind.of(pilot))
        .toList();
  }

  private static final class Shared {
    private final LiveFeed feed;
    private int users;

    Shared(LiveFeed feed) {
      this.feed = feed;
    }
  }

  private LiveFeed borrow(PilotId pilot) {
    synchronized (feeds) {
      Shared shared =
          feeds.computeIfAbsent(
              pilot,
              one -> {
                java.util.Set<String> topics = java.util.Set.copyOf(topics(one));
                return new Shared(
                    new LiveFeed(
                        listener ->
                            new TopicTail(
                                "feed-" + one, kafka, topics::contains, listener, metrics),
                        (partition, offset, most, each) ->
                            reads.forEach(
                                partition, Math.max(0, offset - most), offset, READ, each)));
              });
      shared.users++;
      return shared.feed;
    }
  }

  private void giveBack(PilotId pilot) {
    Shared unused = null;
    synchronized (feeds) {
      Shared shared = feeds.get(pilot);
      if (shared != null && --shared.users == 0) {
        feeds.remove(pilot);
        unused = shared;
      }
    }
    if (unused != null) {
      unused.feed.close();
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
