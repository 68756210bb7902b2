package org.pilothouse.platform.kafka.consume;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.KafkaClients;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows what arrives on many topics, without a group and without effects: one client a node, from
 * the end on when it starts, from the beginning for topics that appear later. While the brokers are
 * away it waits and then goes on where it was.
 */
public final class TopicTail implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicTail.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration CALL = Duration.ofSeconds(5);
  private static final long PAUSE_MILLIS = 500;

  /**
   * Hears every record, on the tail's only thread: what it does must be quick and must not block.
   */
  @FunctionalInterface
  public interface Listener {
    void arrived(LogRecord record);
  }

  private final KafkaConfig config;
  private final String name;
  private final Predicate<String> topics;
  private final Listener listener;
  private final MeterRegistry registry;
  private final Thread thread;
  private final Thread discovery;
  private volatile @Nullable Set<TopicPartition> wanted;
  private final Map<Partition, Long> positions = new ConcurrentHashMap<>();
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable KafkaConsumer<byte[], byte[]> consumer;
  private final CountDownLatch left = new CountDownLatch(1);
  private volatile boolean stopping;
  private volatile @Nullable String failure;

  /**
   * @param topics which topics, by name; asked again for every topic every few seconds
   */
  public TopicTail(
      String name,
      KafkaConfig config,
      Predicate<String> topics,
      Listener listener,
      MeterRegistry registry) {
    this.name = name;
    this.config = config;
    this.topics = topics;
    this.listener = listener;
    this.registry = registry;
    this.thread = new Thread(this::run, "tail-" + name);
    thread.setDaemon(true);
    this.discovery = new Thread(this::discover, "tail-" + name + "-topics");
    discovery.setDaemon(true);
  }

  public void start() {
    thread.start();
    discovery.start();
  }

  /**
   * Where the next record of each partition will be: every record before it that arrived since the
   * tail began has been handed on.
   */
  public Map<Partition, Long> positions() {
    return Map.copyOf(positions);
  }

  /** Waits until the tail knows where it begins; false when it does not in time. */
  public boolean awaitStarted(Duration timeout) throws InterruptedException {
    return started.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What it waits for; null while all is well. */
  public @Nullable String failure() {
    return failure;
  }

  private void run() {
    try {
      while (!stopping) {
        try (KafkaConsumer<byte[], byte[]> made = KafkaClients.create(this::make);
            KafkaClientMetrics metrics = new KafkaClientMetrics(made)) {
          metrics.bindTo(registry);
          consumer = made;
          follow(made);
        } catch (WakeupException e) {
          LOG.atDebug().addKeyValue("tail", name).log("woken to stop");
        } catch (KafkaException e) {
          failure = e.getClass().getSimpleName();
          LOG.atWarn()
              .addKeyValue("tail", name)
              .setCause(e)
              .log("the tail broke off; trying again");
          rest();
        } finally {
          consumer = null;
        }
      }
    } finally {
      stopped.countDown();
    }
  }

  private KafkaConsumer<byte[], byte[]> make() {
    Properties settings = KafkaClients.consumer(config);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "pilothouse-tail-" + name);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1000);
    return new KafkaConsumer<>(settings);
  }

  private void follow(KafkaConsumer<byte[], byte[]> log) {
    @Nullable Set<TopicPartition> assigned = null;
    while (!stopping) {
      Set<TopicPartition> now = wanted;
      if (now != null && !now.equals(assigned)) {
        assign(log, now);
        assigned = now;
      }
      if (assigned == null || assigned.isEmpty()) {
        rest();
        continue;
      }
      var polled = log.poll(POLL);
      for (TopicPartition at : polled.partitions()) {
        Partition partition = KafkaRecords.own(at);
        for (LogRecord record : KafkaRecords.own(partition, polled.records(at))) {
          hand(record);
          positions.put(partition, record.offset() + 1);
        }
      }
      polled
          .nextOffsets()
          .forEach((at, next) -> positions.put(KafkaRecords.own(at), next.offset()));
    }
  }

  private void hand(LogRecord record) {
    try {
      listener.arrived(record);
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("tail", name).setCause(e).log("a listener failed; going on");
    }
  }

  /**
   * Looks for topics on a thread and a connection of its own: behind a fetch that waits at the
   * broker, the question would hold up the tail.
   */
  private void discover() {
    Properties settings = new Properties();
    settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "pilothouse-tail-" + name + "-topics");
    settings.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
    settings.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    try (Admin admin = KafkaClients.create(() -> Admin.create(settings))) {
      while (!stopping) {
        look(admin);
        if (stopped.await(config.metadataMaxAge().toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(Admin admin) throws InterruptedException {
    try {
      List<String> names =
          admin.listTopics().names().get(CALL.toMillis(), TimeUnit.MILLISECONDS).stream()
              .filter(topics)
              .toList();
      Set<TopicPartition> found = new HashSet<>();
      for (TopicDescription topic :
          admin
              .describeTopics(names)
              .allTopicNames()
              .get(CALL.toMillis(), TimeUnit.MILLISECONDS)
              .values()) {
        topic
            .partitions()
            .forEach(info -> found.add(new TopicPartition(topic.name(), info.partition())));
      }
      wanted = Set.copyOf(found);
      failure = null;
    } catch (ExecutionException | TimeoutException e) {
      failure = "the brokers do not answer";
      LOG.atDebug().addKeyValue("tail", name).setCause(e).log("topics are not known");
    }
  }

  private void assign(KafkaConsumer<byte[], byte[]> log, Set<TopicPartition> wanted) {
    List<TopicPartition> fresh = new ArrayList<>();
    for (TopicPartition at : wanted) {
      if (!positions.containsKey(KafkaRecords.own(at))) {
        fresh.add(at);
      }
    }
    boolean first = started.getCount() > 0;
    Map<TopicPartition, Long> from =
        first ? log.endOffsets(fresh, CALL) : log.beginningOffsets(fresh, CALL);
    from.forEach((at, offset) -> positions.put(KafkaRecords.own(at), offset));
    positions.keySet().removeIf(partition -> !wanted.contains(KafkaRecords.kafka(partition)));
    log.assign(wanted);
    started.countDown();
    for (TopicPartition at : wanted) {
      Long position = positions.get(KafkaRecords.own(at));
      if (position != null) {
        log.seek(at, position);
      }
    }
  }

  private void rest() {
    try {
      if (left.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        stopping = true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopping = true;
    }
  }

  @Override
  public void close() {
    stopping = true;
    left.countDown();
    KafkaConsumer<byte[], byte[]> present = consumer;
    if (present != null) {
      present.wakeup();
    }
    discovery.interrupt();
    if (thread.isAlive()) {
      try {
        if (!stopped.await(CALL.toMillis(), TimeUnit.MILLISECONDS)) {
          thread.interrupt();
        }
      } catch (InterruptedException e) {
        thread.interrupt();
        Thread.currentThread().interrupt();
      }
    }
  }
}
