package org.pilothouse.platform.kafka.consume;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.pilothouse.platform.kafka.BackboneUnavailable;
import org.pilothouse.platform.kafka.KafkaClients;
import org.pilothouse.platform.kafka.KafkaConfig;

/**
 * Reads stretches of the log outside any group. A few clients are kept and lent out; a caller that
 * gets none in time is told that the backbone is busy. May be used by many threads.
 *
 * <p>Every call throws {@link BackboneUnavailable} when the brokers do not answer in time.
 */
public final class LogReads implements AutoCloseable {
  private static final AtomicInteger SERIAL = new AtomicInteger();
  private static final Duration LOAN_WAIT = Duration.ofSeconds(5);
  private static final Duration POLL = Duration.ofMillis(200);

  /**
   * Records of several partitions; each partition's are in order.
   *
   * @param next where to go on in each partition
   * @param complete whether all that was there when the read began has been read
   */
  public record Stretch(List<LogRecord> records, Map<Partition, Long> next, boolean complete) {}

  private final KafkaConfig config;
  private final Semaphore loans;
  private final ArrayBlockingQueue<KafkaConsumer<byte[], byte[]>> idle;
  private volatile boolean closed;

  /**
   * @param clients how many reads may go on at the same time
   */
  public LogReads(KafkaConfig config, int clients) {
    this.config = config;
    this.loans = new Semaphore(clients, true);
    this.idle = new ArrayBlockingQueue<>(clients);
  }

  /** Where each partition of the topics ends now; a topic that is not there has none. */
  public Map<Partition, Long> ends(Collection<String> topics) {
    return lend(
        consumer -> own(consumer.endOffsets(partitions(consumer, topics), config.adminTimeout())));
  }

  /** The first record that is still kept in each partition. */
  public Map<Partition, Long> beginnings(Collection<String> topics) {
    return lend(consumer ->
        own(consumer.beginningOffsets(partitions(consumer, topics), config.adminTimeout())));
  }

  /** In each partition the first record given to the backbone at or after the time, or the end. */
  public Map<Partition, Long> at(Collection<String> topics, Instant time) {
    return lend(consumer -> at(consumer, partitions(consumer, topics), time));
  }

  private Map<Partition, Long> at(
      KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, Instant time) {
    Map<Partition, Long> result =
        new HashMap<>(own(consumer.endOffsets(partitions, config.adminTimeout())));
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, time.toEpochMilli()));
    consumer
        .offsetsForTimes(times, config.adminTimeout())
        .forEach((partition, found) -> {
          if (found != null) {
            result.put(KafkaRecords.own(partition), found.offset());
          }
        });
    return result;
  }

  /**
   * Reads on from these offsets, at most {@code limit} records and at most to where the partitions
   * end when the read begins. What is no longer kept is passed over.
   */
  public Stretch read(Map<Partition, Long> from, int limit, Duration timeout) {
    if (from.isEmpty()) {
      return new Stretch(List.of(), Map.of(), true);
    }
    return lend(consumer -> {
      List<LogRecord> records = new ArrayList<>();
      Map<Partition, Long> to = existingEnds(consumer, from.keySet());
      Map<Partition, Long> next = new HashMap<>(from);
      boolean complete =
          scan(
              consumer,
              from,
              to,
              timeout,
              record -> {
                if (records.size() >= limit) {
                  return false;
                }
                records.add(record);
                next.put(record.partition(), record.offset() + 1);
                return true;
              });
      if (complete) {
        to.forEach((partition, end) -> next.merge(partition, end, Math::max));
      }
      return new Stretch(List.copyOf(records), Map.copyOf(next), complete);
    });
  }

  /**
   * Reads one partition on from an offset, up to another (excluded) or to where it ends now, and
   * ends early when it has so many records or bytes of them; one record is always taken.
   *
   * @param bytes in memory, about
   * @throws BackboneUnavailable also when nothing came in time
   */
  public Stretch read(
      Partition partition, long from, long to, int limit, long bytes, Duration timeout) {
    return lend(consumer -> {
      List<LogRecord> records = new ArrayList<>();
      long end =
          Math.min(to, existingEnds(consumer, Set.of(partition)).getOrDefault(partition, 0L));
      long[] taken = {0};
      boolean complete =
          scan(
              consumer,
              Map.of(partition, from),
              Map.of(partition, end),
              timeout,
              record -> {
                taken[0] += record.weight();
                if (records.size() >= limit || (taken[0] > bytes && !records.isEmpty())) {
                  return false;
                }
                records.add(record);
                return true;
              });
      if (!complete && records.isEmpty()) {
        throw new BackboneUnavailable(
            partition + " was not read within " + timeout, new IllegalStateException("timeout"));
      }
      long next = complete ? Math.max(from, end) : records.getLast().offset() + 1;
      return new Stretch(List.copyOf(records), Map.of(partition, next), complete);
    });
  }

  /** Hands every record of a partition from the one offset up to the other (excluded) on. */
  public void forEach(
      Partition partition, long from, long to, Duration timeout, Consumer<LogRecord> each) {
    if (from >= to) {
      return;
    }
    boolean complete =
        lend(consumer -> {
          Map<Partition, Long> ends = existingEnds(consumer, Set.of(partition));
          long end = Math.min(to, ends.getOrDefault(partition, 0L));
          return scan(
              consumer,
              Map.of(partition, from),
              Map.of(partition, end),
              timeout,
              record -> {
                each.accept(record);
                return true;
              });
        });
    if (!complete) {
      throw new BackboneUnavailable(
          partition + " was not read within " + timeout, new IllegalStateException("timeout"));
    }
  }

  /** The record at this offset, where it is still kept. */
  public Optional<LogRecord> one(Partition partition, long offset) {
    List<LogRecord> found = new ArrayList<>(1);
    forEach(partition, offset, offset + 1, config.adminTimeout(), found::add);
    return found.stream().filter(record -> record.offset() == offset).findFirst();
  }

  /** Takes a record; false when no more is wanted. */
  private interface Taker {
    boolean take(LogRecord record);
  }

  /** True when all of the stretch was handed on. */
  private static boolean scan(
      KafkaConsumer<byte[], byte[]> consumer,
      Map<Partition, Long> from,
      Map<Partition, Long> to,
      Duration timeout,
      Taker taker) {
    Map<TopicPartition, Long> left = new HashMap<>();
    to.forEach((partition, end) -> {
      if (from.getOrDefault(partition, 0L) < end) {
        left.put(KafkaRecords.kafka(partition), end);
      }
    });
    if (left.isEmpty()) {
      return true;
    }
    consumer.assign(left.keySet());
    left.keySet()
        .forEach(partition ->
            consumer.seek(partition, from.getOrDefault(KafkaRecords.own(partition), 0L)));
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!left.isEmpty() && System.nanoTime() - deadline < 0) {
      var polled = consumer.poll(POLL);
      for (TopicPartition at : polled.partitions()) {
        Long end = left.get(at);
        if (end == null) {
          continue;
        }
        Partition partition = KafkaRecords.own(at);
        for (LogRecord record : KafkaRecords.own(partition, polled.records(at))) {
          if (record.offset() >= end) {
            break;
          }
          if (!taker.take(record)) {
            return false;
          }
        }
      }
      polled
          .nextOffsets()
          .forEach((at, next) -> {
            Long end = left.get(at);
            if (end != null && next.offset() >= end) {
              left.remove(at);
            }
          });
      List<TopicPartition> reached = new ArrayList<>();
      left.forEach((at, end) -> {
        if (consumer.position(at, POLL.multipliedBy(5)) >= end) {
          reached.add(at);
        }
      });
      reached.forEach(left::remove);
      if (!left.isEmpty() && left.size() < consumer.assignment().size()) {
        consumer.pause(consumer.assignment().stream().filter(at -> !left.containsKey(at)).toList());
      }
    }
    return left.isEmpty();
  }

  private Map<Partition, Long> existingEnds(
      KafkaConsumer<byte[], byte[]> consumer, Set<Partition> partitions) {
    Set<String> topics = new java.util.HashSet<>();
    partitions.forEach(partition -> topics.add(partition.topic()));
    List<TopicPartition> existing =
        partitions(consumer, topics).stream()
            .filter(at -> partitions.contains(KafkaRecords.own(at)))
            .toList();
    return own(consumer.endOffsets(existing, config.adminTimeout()));
  }

  private List<TopicPartition> partitions(
      KafkaConsumer<byte[], byte[]> consumer, Collection<String> topics) {
    List<TopicPartition> partitions = new ArrayList<>();
    Map<String, List<PartitionInfo>> known =
        topics.size() == 1 ? Map.of() : consumer.listTopics(config.adminTimeout());
    for (String topic : topics) {
      List<PartitionInfo> infos =
          topics.size() == 1
              ? consumer.partitionsFor(topic, config.adminTimeout())
              : known.getOrDefault(topic, List.of());
      if (infos != null) {
        infos.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      }
    }
    return partitions;
  }

  private static Map<Partition, Long> own(Map<TopicPartition, Long> offsets) {
    Map<Partition, Long> own = new HashMap<>();
    offsets.forEach((partition, offset) -> own.put(KafkaRecords.own(partition), offset));
    return own;
  }

  private <T> T lend(Function<KafkaConsumer<byte[], byte[]>, T> use) {
    try {
      if (!loans.tryAcquire(LOAN_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new BackboneUnavailable(
            "too many reads at once", new IllegalStateException("no client is free"));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackboneUnavailable("interrupted", e);
    }
    KafkaConsumer<byte[], byte[]> consumer = idle.poll();
    boolean sound = false;
    try {
      if (consumer == null) {
        consumer = make();
      }
      T result = use.apply(consumer);
      consumer.unsubscribe();
      sound = true;
      return result;
    } catch (RetriableException e) {
      throw new BackboneUnavailable("the brokers did not answer: " + e.getMessage(), e);
    } catch (KafkaException e) {
      throw new BackboneUnavailable("the log cannot be read: " + e.getMessage(), e);
    } finally {
      if (consumer != null && (!sound || closed || !idle.offer(consumer))) {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
      }
      loans.release();
    }
  }

  private KafkaConsumer<byte[], byte[]> make() {
    Properties settings = KafkaClients.consumer(config);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "pilothouse-reads-" + SERIAL.incrementAndGet());
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2000);
    // A broker answers the next question only after the fetch that went before it.
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
    return KafkaClients.create(() -> new KafkaConsumer<>(settings));
  }

  @Override
  public void close() {
    closed = true;
    KafkaConsumer<byte[], byte[]> consumer = idle.poll();
    while (consumer != null) {
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
      consumer = idle.poll();
    }
  }
}
