package org.pilothouse.platform.kafka.fold;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.KafkaClients;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.RateOverTenSeconds;
import org.pilothouse.platform.kafka.consume.ReaderStatus;
import org.pilothouse.platform.kafka.consume.Steered;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fold that runs, and what it has come to. What is looked up here was committed together with
 * what was told of it and the place up to which it was folded, so nobody sees what the topics lack.
 * After a fault it begins again by itself from what is committed.
 */
public final class KeyedFold implements Steered, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyedFold.class);
  private static final Duration COMMITTING = Duration.ofMillis(200);
  private static final Duration CLOSING = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofSeconds(2);
  private static final long CACHED = 16L * 1024 * 1024;
  private static final int POLLED = 500;
  private static final int TEND_MILLIS = 500;
  private static final int TIDY_EVERY = 10;

  private final FoldSpec spec;
  private final KafkaConfig config;
  private final TopicProvisioner topics;
  private final EventPublisher publisher;
  private final Supplier<String> rounds;
  private final FoldUpkeep upkeep;
  private final Counting folding;
  private final Restoring restoring = new Restoring();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ScheduledExecutorService tending;

  /** Made, and not necessarily of use yet. */
  private volatile @Nullable KafkaStreams made;

  /** Follows the compacted topic from what it was at its start: nothing is missing in it. */
  private volatile @Nullable KafkaStreams following;

  private volatile @Nullable Long lag;
  private volatile @Nullable String failure = "it has not started yet";
  private volatile boolean provisioned;
  private volatile boolean paused;
  private Duration pause = Duration.ZERO;
  private long notBefore = System.nanoTime();
  private int tended;

  private KeyedFold(
      FoldSpec spec,
      KafkaConfig config,
      TopicProvisioner topics,
      EventPublisher publisher,
      Supplier<String> rounds,
      MeterRegistry metrics) {
    this.rounds = rounds;
    this.folding = new Counting(spec.folding());
    this.spec =
        new FoldSpec(spec.name(), spec.partitions(), folding, spec.threads(), spec.directory());
    this.config = config;
    this.topics = topics;
    this.publisher = publisher;
    this.upkeep = new FoldUpkeep(spec, config);
    this.tending =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name(spec.name() + "-tend").daemon(true).factory());
    Gauge.builder("pilothouse.reader.lag", this, KeyedFold::lagOrNaN)
        .tag("reader", spec.name())
        .description("Records between what was applied and the end of the partitions")
        .register(metrics);
    Gauge.builder("pilothouse.fold.restoring", restoring, Restoring::left)
        .tag("fold", spec.name())
        .description("Changes that are still to be read back into the local stores")
        .register(metrics);
    Gauge.builder("pilothouse.fold.serving", this, fold -> fold.following == null ? 0 : 1)
        .tag("fold", spec.name())
        .description("1 while what was folded can be looked up on this node")
        .register(metrics);
  }

  /**
   * Returns at once; until the local stores are whole, looking things up is refused.
   *
   * @param publisher puts marks to the fold
   * @param rounds gives another text each time, on all nodes
   */
  public static KeyedFold start(
      FoldSpec spec,
      KafkaConfig config,
      TopicProvisioner topics,
      EventPublisher publisher,
      Supplier<String> rounds,
      MeterRegistry metrics) {
    KeyedFold fold = new KeyedFold(spec, config, topics, publisher, rounds, metrics);
    var scheduled =
        fold.tending.scheduleWithFixedDelay(fold::tend, 0, TEND_MILLIS, TimeUnit.MILLISECONDS);
    return fold;
  }

  /**
   * What the key has come to, as of the last commit or the one before it.
   *
   * @throws Problem {@code unavailable} while the local store is not whole
   */
  public Optional<byte[]> get(String key) {
    ReadOnlyKeyValueStore<byte[], byte[]> view = view();
    try {
      return Optional.ofNullable(view.get(key.getBytes(UTF_8)));
    } catch (InvalidStateStoreException e) {
      throw notWhole(e);
    }
  }

  /** One after the other. */
  public interface Entries extends AutoCloseable {
    /** False after the last. */
    boolean next();

    String key();

    byte[] value();

    @Override
    void close();
  }

  /**
   * What the keys that begin so have come to, at one moment, in the order of their bytes.
   *
   * @throws Problem {@code unavailable} while the local store is not whole
   */
  public Entries startingWith(String prefix) {
    ReadOnlyKeyValueStore<byte[], byte[]> view = view();
    try {
      return new Scan(view.prefixScan(prefix.getBytes(UTF_8), new ByteArraySerializer()));
    } catch (InvalidStateStoreException e) {
      throw notWhole(e);
    }
  }

  /**
   * Waits until everything that was put to the fold before this call can be looked up on this node:
   * a mark goes the same way as the records, through each share.
   *
   * @throws Problem {@code unavailable} when it takes longer
   */
  public void settle(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    String round = rounds.get();
    List<byte[]> marks = Marks.forEachOf(spec.partitions(), round);
    try {
      put(marks, round.getBytes(UTF_8), timeout);
      List<byte[]> open = new ArrayList<>(marks);
      while (!open.isEmpty()) {
        ReadOnlyKeyValueStore<byte[], byte[]> view = view();
        open.removeIf(mark -> view.get(mark) != null);
        if (!open.isEmpty()
            && (System.nanoTime() - deadline > 0 || closed.await(20, TimeUnit.MILLISECONDS))) {
          throw Problem.retry(
              ProblemCode.UNAVAILABLE, "The fold is behind: try again later.", SOON);
        }
      }
    } catch (InvalidStateStoreException | ExecutionException | TimeoutException e) {
      throw notWhole(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notWhole(e);
    } finally {
      wipe(marks);
    }
  }

  private void put(List<byte[]> marks, byte[] value, Duration timeout)
      throws ExecutionException, InterruptedException, TimeoutException {
    CompletableFuture.allOf(
            marks.stream()
                .map(mark ->
                    publisher
                        .publish(spec.source(), mark, value, new EventHeaders())
                        .toCompletableFuture())
                .toArray(CompletableFuture[]::new))
        .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A mark that stays is of no harm. */
  private void wipe(List<byte[]> marks) {
    marks.forEach(mark -> {
      var unused = publisher.publish(spec.source(), mark, new byte[0], new EventHeaders());
    });
  }

  /** Where records are put; the key of a record is the key of the fold. */
  public String source() {
    return spec.source();
  }

  /** Whether records may be put to it: false before its topics are there. */
  public boolean takes() {
    return provisioned;
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public ReaderStatus status() {
    KafkaStreams running = following;
    boolean well = running != null && running.state() == KafkaStreams.State.RUNNING;
    ReaderStatus.State state =
        closed.getCount() == 0
            ? ReaderStatus.State.STOPPED
            : paused
                ? ReaderStatus.State.PAUSED
                : well ? ReaderStatus.State.RUNNING : ReaderStatus.State.WAITING;
    String waits = running == null ? failure : well ? null : "shares are being handed out";
    return new ReaderStatus(
        spec.name(), spec.source(), state, lag, folding.perSecond(), 0, spec.partitions(), waits);
  }

  /** What was folded can still be looked up. */
  @Override
  public void pause() {
    paused = true;
    KafkaStreams running = made;
    if (running != null) {
      running.pause();
    }
  }

  @Override
  public void resume() {
    paused = false;
    KafkaStreams running = made;
    if (running != null) {
      running.resume();
    }
  }

  private double lagOrNaN() {
    Long known = lag;
    return known == null ? Double.NaN : known;
  }

  private ReadOnlyKeyValueStore<byte[], byte[]> view() {
    KafkaStreams running = following;
    if (running == null) {
      throw notWhole(null);
    }
    try {
      return running.store(
          StoreQueryParameters.fromNameAndType(
              FoldTopology.VIEW, QueryableStoreTypes.<byte[], byte[]>keyValueStore()));
    } catch (InvalidStateStoreException e) {
      throw notWhole(e);
    }
  }

  private static Problem notWhole(@Nullable Exception cause) {
    LOG.atDebug().addKeyValue("cause", String.valueOf(cause)).log("the view is not whole");
    return Problem.retry(
        ProblemCode.UNAVAILABLE, "What was folded is being read back: try again later.", SOON);
  }

  // --- one thread tends it ----------------------------------------------------------------------

  private void tend() {
    try {
      KafkaStreams running = made;
      if (running == null) {
        if (System.nanoTime() - notBefore >= 0) {
          open();
        }
      } else if (running.state().hasStartedOrFinishedShuttingDown()) {
        String reason = failure;
        end(running);
        again(reason == null ? "it stopped" : reason);
      } else if (tended++ % TIDY_EVERY == 0) {
        lag = upkeep.tidy();
        pause = Duration.ZERO;
      }
    } catch (RuntimeException e) {
      if (closed.getCount() > 0) {
        LOG.warn("the fold {} waits: {}", spec.name(), e.getMessage());
      }
      lag = null;
      if (following == null) {
        KafkaStreams half = made;
        if (half != null) {
          end(half);
        }
        again(String.valueOf(e.getMessage()));
      }
    }
  }

  private void end(KafkaStreams running) {
    following = null;
    made = null;
    running.close(leaving());
    restoring.forget();
  }

  private void open() {
    if (!provisioned) {
      upkeep.provision(topics);
      provisioned = true;
    }
    failure = "what was folded is being read back";
    KafkaClients.create(() -> {
      KafkaStreams streams = new KafkaStreams(FoldTopology.of(spec), settings());
      made = streams;
      if (paused) {
        streams.pause();
      }
      streams.setUncaughtExceptionHandler(this::failed);
      streams.setGlobalStateRestoreListener(restoring);
      // Comes back when the view holds all that the compacted topic held.
      streams.start();
      return streams;
    });
    following = made;
    failure = null;
    if (closed.getCount() == 0 && made != null) {
      end(made);
      return;
    }
    LOG.atInfo().addKeyValue("fold", spec.name()).log("the fold serves");
  }

  private StreamThreadExceptionResponse failed(Throwable cause) {
    LOG.atWarn()
        .setCause(cause)
        .addKeyValue("fold", spec.name())
        .log("the fold begins again from what is committed");
    failure = cause.getClass().getSimpleName();
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }

  private void again(String reason) {
    pause =
        pause.isZero()
            ? Duration.ofSeconds(1)
            : pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
                ? LONGEST_PAUSE
                : pause.multipliedBy(2);
    notBefore = System.nanoTime() + pause.toNanos();
    failure = reason;
  }

  private Properties settings() {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, spec.name());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, spec.directory().toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMITTING.toMillis());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Math.max(1, spec.threads()));
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHED);
    settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreBounds.class);
    settings.put(StreamsConfig.METADATA_MAX_AGE_CONFIG, config.metadataMaxAge().toMillis());
    settings.put(StreamsConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) config.requestTimeout().toMillis());
    settings.put(StreamsConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000L);
    settings.put(StreamsConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    settings.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_GLOBAL_ENABLED_CONFIG, true);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 3_000);
    settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), POLLED);
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 8 * 1024 * 1024);
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 1024 * 1024);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 32L * 1024 * 1024);
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), FoldTopology.LARGEST);
    // A batch of which every record is rejected takes longer than the usual ten seconds.
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 60_000);
    return settings;
  }

  /** Others take over at once. */
  private static CloseOptions leaving() {
    return CloseOptions.timeout(CLOSING)
        .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
  }

  @Override
  public void close() {
    closed.countDown();
    following = null;
    tending.shutdownNow();
    KafkaStreams last = made;
    if (last != null && !last.close(leaving())) {
      LOG.warn("the fold {} did not end within {}", spec.name(), CLOSING);
    }
    upkeep.close();
  }

  /** Counts what goes through. */
  private static final class Counting implements Folding {
    private final Folding inner;
    private final LongAdder records = new LongAdder();
    private final RateOverTenSeconds rate = new RateOverTenSeconds(records::sum);

    Counting(Folding inner) {
      this.inner = inner;
    }

    @Override
    public byte @Nullable [] fold(LogRecord record, byte @Nullable [] before) throws Exception {
      byte[] after = inner.fold(record, before);
      records.increment();
      return after;
    }

    @Override
    public Optional<Told> tell(String key, byte[] value) {
      return inner.tell(key, value);
    }

    double perSecond() {
      return rate.perSecond();
    }
  }

  /** One iterator of the store. */
  private static final class Scan implements Entries {
    private final KeyValueIterator<byte[], byte[]> rows;
    private String key = "";
    private byte[] value = {};

    Scan(KeyValueIterator<byte[], byte[]> rows) {
      this.rows = rows;
    }

    @Override
    public boolean next() {
      try {
        if (!rows.hasNext()) {
          return false;
        }
        var row = rows.next();
        key = new String(row.key, UTF_8);
        value = row.value;
        return true;
      } catch (InvalidStateStoreException e) {
        throw notWhole(e);
      }
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public byte[] value() {
      return value;
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  /** How much of the changes is still to be read back. */
  private static final class Restoring implements StateRestoreListener {
    private record Part(TopicPartition partition, String store) {}

    private record Span(long from, long to) {
      Span after(long read) {
        return new Span(Math.min(to, Math.max(from, read)), to);
      }
    }

    private final Map<Part, Span> spans = new ConcurrentHashMap<>();

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
      spans.put(new Part(partition, store), new Span(from, Math.max(from, to)));
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long count) {
      spans.computeIfPresent(new Part(partition, store), (part, span) -> span.after(end + 1));
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long count) {
      spans.remove(new Part(partition, store));
    }

    @Override
    public void onRestoreSuspended(TopicPartition partition, String store, long count) {
      spans.remove(new Part(partition, store));
    }

    void forget() {
      spans.clear();
    }

    long left() {
      return spans.values().stream().mapToLong(span -> span.to() - span.from()).sum();
    }
  }
}
