package org.pilothouse.platform.kafka.consume;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Lets each event through once: a repeat of source and id is the same event. It remembers a window
 * of each partition, bounded by count and time, and reads that window back from the log when a
 * partition is assigned, so that a repeat is known after a restart too. An event without source or
 * id is always let through.
 *
 * <p>A repeat stands in the same partition as its first, because both have the same key.
 */
public final class Deduplicator implements BatchEffect {
  private static final Duration PRIMING = Duration.ofSeconds(60);
  private static final int MOST_RETIRED = 64;

  /** Reads a stretch of the log back; see {@link LogReads}. */
  public interface Past {
    /** The first offset of the partition that is not older than the time. */
    long since(Partition partition, Instant time) throws Exception;

    void forEach(
        Partition partition,
        long from,
        long to,
        Duration timeout,
        java.util.function.Consumer<LogRecord> each)
        throws Exception;

    static Past of(LogReads reads) {
      return new Past() {
        @Override
        public long since(Partition partition, Instant time) {
          return reads.at(List.of(partition.topic()), time).getOrDefault(partition, 0L);
        }

        @Override
        public void forEach(
            Partition partition,
            long from,
            long to,
            Duration timeout,
            java.util.function.Consumer<LogRecord> each) {
          reads.forEach(partition, from, to, timeout, each);
        }
      };
    }
  }

  private final String reader;
  private final BatchEffect effect;
  private final Past past;
  private final int mostPerPartition;
  private final Duration window;
  private final Clock clock;
  private final Map<Partition, IdentityWindow> windows = new ConcurrentHashMap<>();

  /** Of partitions that this reader had last. */
  private final Map<Partition, IdentityWindow> retired =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Partition, IdentityWindow> eldest) {
              return size() > MOST_RETIRED;
            }
          });

  /**
   * @param reader the name of the reader, which records redriven for it carry
   * @param mostPerPartition identities that one partition's window holds; about 40 bytes each
   * @param window how long an identity is remembered after it was given to the backbone
   */
  public Deduplicator(
      String reader,
      BatchEffect effect,
      Past past,
      int mostPerPartition,
      Duration window,
      Clock clock) {
    this.reader = reader;
    this.effect = effect;
    this.past = past;
    this.mostPerPartition = mostPerPartition;
    this.window = window;
    this.clock = clock;
  }

  @Override
  public void assigned(Partition partition, long position) throws Exception {
    // Effects that took place but were not committed come again; this node still knows them.
    IdentityWindow known = retired.remove(partition);
    IdentityWindow fresh =
        known == null ? new IdentityWindow(mostPerPartition, window.toMillis()) : known;
    Instant since = clock.instant().minus(window);
    long from = Math.max(past.since(partition, since), position - mostPerPartition);
    past.forEach(
        partition,
        Math.max(0, from),
        position,
        PRIMING,
        record -> {
          EventIdentity identity = EventIdentity.of(record, reader);
          if (identity != null) {
            fresh.add(identity.high(), identity.low(), record.timestampMillis());
          }
        });
    windows.put(partition, fresh);
    effect.assigned(partition, position);
  }

  @Override
  public void released(Partition partition) {
    IdentityWindow left = windows.remove(partition);
    if (left != null) {
      retired.put(partition, left);
    }
    effect.released(partition);
  }

  @Override
  public void rejected(LogRecord record) {
    IdentityWindow seen = windows.get(record.partition());
    EventIdentity identity = EventIdentity.of(record, reader);
    if (seen != null && identity != null) {
      seen.add(identity.high(), identity.low(), record.timestampMillis());
    }
    effect.rejected(record);
  }

  @Override
  public void apply(Batch batch) throws Exception {
    IdentityWindow seen =
        windows.computeIfAbsent(
            batch.partition(), at -> new IdentityWindow(mostPerPartition, window.toMillis()));
    List<LogRecord> fresh = new ArrayList<>(batch.records().size());
    IdentityWindow within = new IdentityWindow(batch.records().size(), Long.MAX_VALUE);
    for (LogRecord record : batch.records()) {
      String redrivenFor = record.headers().text(RejectedReader.REDRIVEN_FOR);
      if (redrivenFor != null && !redrivenFor.equals(reader)) {
        continue;
      }
      EventIdentity identity = EventIdentity.of(record, reader);
      if (identity == null) {
        fresh.add(record);
      } else if (!seen.contains(identity.high(), identity.low(), record.timestampMillis())
          && within.add(identity.high(), identity.low(), record.timestampMillis())) {
        fresh.add(record);
      }
    }
    effect.apply(batch.with(fresh));
    for (LogRecord record : fresh) {
      EventIdentity identity = EventIdentity.of(record, reader);
      if (identity != null) {
        seen.add(identity.high(), identity.low(), record.timestampMillis());
      }
    }
  }
}
