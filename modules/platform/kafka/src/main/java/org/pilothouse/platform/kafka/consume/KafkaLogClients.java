package org.pilothouse.platform.kafka.consume;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.pilothouse.platform.kafka.KafkaClients;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Members of Kafka consumer groups, with cooperative rebalancing. */
public final class KafkaLogClients implements LogClients {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaLogClients.class);
  private static final AtomicInteger SERIAL = new AtomicInteger();
  private static final int ENOUGH_BYTES = 256 * 1024;
  private static final long LONGEST_FETCH_MILLIS = 250;

  private final KafkaConfig config;
  private final MeterRegistry registry;

  public KafkaLogClients(KafkaConfig config, MeterRegistry registry) {
    this.config = config;
    this.registry = registry;
  }

  @Override
  public LogClient join(ReaderSpec reader) {
    Properties settings = KafkaClients.consumer(config);
    settings.put(
        ConsumerConfig.CLIENT_ID_CONFIG,
        "pilothouse-" + reader.name() + "-" + SERIAL.incrementAndGet());
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, reader.group());
    settings.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(
        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
        reader.startAt() == StartAt.BEGINNING ? "earliest" : "latest");
    // A node that died is noticed within the session; one that hangs within the poll interval.
    settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 3_000);
    settings.put(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG, 120_000);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1000);
    long gather = Math.min(reader.times().gathering().few().toMillis() / 2, LONGEST_FETCH_MILLIS);
    if (gather > 0) {
      // One answer with much in it costs both sides less than many with little.
      settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, ENOUGH_BYTES);
      settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) gather);
    }
    return new Client(
        KafkaClients.create(() -> new KafkaConsumer<byte[], byte[]>(settings)), registry);
  }

  private static final class Client implements LogClient {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final KafkaClientMetrics metrics;

    /** At most one wakeup between two polls, so that another call meets it once at most. */
    private final AtomicBoolean awake = new AtomicBoolean();

    Client(KafkaConsumer<byte[], byte[]> consumer, MeterRegistry registry) {
      this.consumer = consumer;
      this.metrics = new KafkaClientMetrics(consumer);
      metrics.bindTo(registry);
    }

    @Override
    public void subscribe(Topics topics, Assignments assignments) {
      ConsumerRebalanceListener listener =
          new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
              assignments.assigned(own(partitions));
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
              assignments.revoked(own(partitions));
            }

            @Override
            public void onPartitionsLost(Collection<TopicPartition> partitions) {
              assignments.lost(own(partitions));
            }
          };
      switch (topics) {
        case Topics.Named named -> consumer.subscribe(named.names(), listener);
        case Topics.Matching matching -> consumer.subscribe(matching.pattern(), listener);
      }
    }

    @Override
    public Polled poll(Duration timeout) {
      ConsumerRecords<byte[], byte[]> polled;
      try {
        polled = consumer.poll(timeout);
      } catch (WakeupException e) {
        return new Polled(Map.of(), Map.of());
      } finally {
        awake.set(false);
      }
      Map<Partition, List<LogRecord>> records = new HashMap<>();
      Map<Partition, Long> next = new HashMap<>();
      polled
          .nextOffsets()
          .forEach((at, offset) -> {
            Partition partition = KafkaRecords.own(at);
            next.put(partition, offset.offset());
            records.put(partition, KafkaRecords.own(partition, polled.records(at)));
          });
      return new Polled(records, next);
    }

    @Override
    public void pause(Collection<Partition> partitions) {
      consumer.pause(assigned(partitions));
    }

    @Override
    public void resume(Collection<Partition> partitions) {
      consumer.resume(assigned(partitions));
    }

    private Set<TopicPartition> assigned(Collection<Partition> partitions) {
      Set<TopicPartition> assignment = consumer.assignment();
      return partitions.stream()
          .map(KafkaRecords::kafka)
          .filter(assignment::contains)
          .collect(Collectors.toSet());
    }

    @Override
    public void seek(Partition partition, long offset) {
      consumer.seek(KafkaRecords.kafka(partition), offset);
    }

    @Override
    public long position(Partition partition, Duration timeout) {
      return undisturbed(() -> consumer.position(KafkaRecords.kafka(partition), timeout));
    }

    @Override
    public void commit(Map<Partition, Long> positions, Duration timeout) {
      Map<TopicPartition, OffsetAndMetadata> offsets = offsets(positions);
      undisturbed(() -> {
        consumer.commitSync(offsets, timeout);
        return offsets;
      });
    }

    @Override
    public void commitLater(Map<Partition, Long> positions, Runnable failed) {
      consumer.commitAsync(
          offsets(positions),
          (offsets, exception) -> {
            if (exception != null) {
              LOG.atDebug().setCause(exception).log("a commit failed; a later one replaces it");
              failed.run();
            }
          });
    }

    /** A wakeup is meant for a poll; another call that meets it is made again. */
    private static <T> T undisturbed(Supplier<T> call) {
      try {
        return call.get();
      } catch (WakeupException e) {
        return call.get();
      }
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(Map<Partition, Long> positions) {
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      positions.forEach((partition, offset) ->
          offsets.put(KafkaRecords.kafka(partition), new OffsetAndMetadata(offset)));
      return offsets;
    }

    @Override
    public Map<Partition, Long> ends(Set<Partition> partitions, Duration timeout) {
      Map<Partition, Long> ends = new HashMap<>();
      Set<TopicPartition> held = consumer.paused();
      List<TopicPartition> asked = new ArrayList<>();
      // Fetches tell the end on the way; asking costs a round trip behind a waiting fetch.
      for (TopicPartition at : assigned(partitions)) {
        OptionalLong lag = held.contains(at) ? OptionalLong.empty() : consumer.currentLag(at);
        if (lag.isPresent()) {
          ends.put(
              KafkaRecords.own(at),
              undisturbed(() -> consumer.position(at, timeout)) + lag.getAsLong());
        } else {
          asked.add(at);
        }
      }
      if (!asked.isEmpty()) {
        undisturbed(() -> consumer.endOffsets(asked, timeout))
            .forEach((partition, offset) -> ends.put(KafkaRecords.own(partition), offset));
      }
      return ends;
    }

    @Override
    public Map<Partition, Long> beginnings(Set<Partition> partitions, Duration timeout) {
      Set<TopicPartition> asked = assigned(partitions);
      Map<Partition, Long> beginnings = new HashMap<>();
      undisturbed(() -> consumer.beginningOffsets(asked, timeout))
          .forEach((partition, offset) -> beginnings.put(KafkaRecords.own(partition), offset));
      return beginnings;
    }

    @Override
    public void wakeup() {
      if (awake.compareAndSet(false, true)) {
        consumer.wakeup();
      }
    }

    @Override
    public void close(Duration timeout) {
      metrics.close();
      consumer.close(CloseOptions.timeout(timeout));
    }

    private static List<Partition> own(Collection<TopicPartition> partitions) {
      return partitions.stream().map(KafkaRecords::own).toList();
    }
  }
}
