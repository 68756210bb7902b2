package org.pilothouse.platform.kafka.fold;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.HeaderReader;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;

/**
 * Records are folded into a store that is cut by key, cached, and logged in a compacted topic; at
 * each commit what was touched goes to that topic and is told of. A second store, whole on every
 * node, follows the compacted topic: it is what people look things up in.
 */
final class FoldTopology {
  static final String STATES = "states";
  static final String VIEW = "view";

  /** Keys of marks begin so; no other key does. */
  static final char MARK = '~';

  /** Of a state that is as large as it may be, all of it escaped. */
  static final int LARGEST = 4 * 1024 * 1024;

  private static final byte[] NOTHING = {};
  private static final Serde<byte[]> BYTES = Serdes.ByteArray();

  private FoldTopology() {}

  static Topology of(FoldSpec spec) {
    StreamsBuilder builder = new StreamsBuilder();
    var view =
        builder.globalTable(
            spec.changelog(),
            Consumed.with(BYTES, BYTES).withName("follow"),
            Materialized.<byte[], byte[], KeyValueStore<Bytes, byte[]>>as(VIEW)
                .withKeySerde(BYTES)
                .withValueSerde(BYTES)
                .withCachingDisabled());
    if (spec.threads() > 0) {
      Folding folding = spec.folding();
      builder.stream(spec.source(), Consumed.with(BYTES, BYTES).withName("records"))
          .processValues(Taken::new, Named.as("take"))
          .groupByKey(Grouped.keySerde(BYTES))
          .aggregate(
              () -> NOTHING,
              (key, record, before) -> folded(folding, record, before),
              Named.as("fold"),
              Materialized.<byte[], byte[], KeyValueStore<Bytes, byte[]>>as(STATES)
                  .withKeySerde(BYTES)
                  .withValueSerde(BYTES)
                  .withCachingEnabled()
                  .withLoggingEnabled(Map.of("max.message.bytes", Integer.toString(LARGEST))))
          .toStream(Named.as("changes"))
          .process(() -> new Telling(folding), Named.as("tell"))
          .to(
              (key, told, context) -> told.topic(),
              Produced.with(
                      BYTES,
                      Serdes.<Told>serdeFrom(
                          (topic, told) -> told == null ? null : told.value(),
                          (topic, data) -> {
                            throw new UnsupportedOperationException("never read");
                          }))
                  .withName("told"));
    }
    return builder.build();
  }

  private static byte[] folded(Folding folding, LogRecord record, byte[] before) {
    byte[] key = record.key();
    if (key != null && key.length > 0 && key[0] == MARK) {
      return orNothing(record.value());
    }
    try {
      return orNothing(folding.fold(record, before.length == 0 ? null : before));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new StreamsException("a record could not be folded: " + e.getMessage(), e);
    }
  }

  /** A null takes the key out of the store. */
  @SuppressWarnings("NullAway")
  private static byte[] orNothing(byte @Nullable [] value) {
    return value == null || value.length == 0 ? null : value;
  }

  /** Records with all that the log says of them. */
  private static final class Taken extends ContextualFixedKeyProcessor<byte[], byte[], LogRecord> {
    private final HeaderReader headers = new HeaderReader();

    @Override
    public void process(FixedKeyRecord<byte[], byte[]> record) {
      RecordMetadata place = context().recordMetadata().orElseThrow();
      context()
          .forward(
              record.withValue(
                  new LogRecord(
                      new Partition(place.topic(), place.partition()),
                      place.offset(),
                      record.timestamp(),
                      record.key(),
                      record.value(),
                      headers.read(record.headers().toArray(), record.key()))));
    }
  }

  /**
   * Comes with a commit, once for each key that was touched since the last. A key that was touched
   * and has come to nothing else is told of again only where that was forgotten.
   */
  private static final class Telling extends ContextualProcessor<byte[], byte[], byte[], Told> {
    private static final int REMEMBERED = 5_000;

    private final Folding folding;
    private final Map<String, String> last =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED;
          }
        };

    Telling(Folding folding) {
      this.folding = folding;
    }

    /** Also after a commit that failed: what went with it was not told. */
    @Override
    public void init(ProcessorContext<byte[], Told> context) {
      super.init(context);
      last.clear();
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      byte[] value = record.value();
      if (value == null || record.key()[0] == MARK) {
        return;
      }
      String key = new String(record.key(), StandardCharsets.UTF_8);
      String digest = digest(value);
      if (digest.equals(last.put(key, digest))) {
        return;
      }
      Optional<Told> told = folding.tell(key, value);
      if (told.isPresent()) {
        RecordHeaders headers = new RecordHeaders();
        told.get().headers().forEach(headers::add);
        context().forward(new Record<>(told.get().key(), told.get(), record.timestamp(), headers));
      }
    }

    private static String digest(byte[] value) {
      try {
        return new String(
            MessageDigest.getInstance("SHA-256").digest(value), StandardCharsets.ISO_8859_1);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
