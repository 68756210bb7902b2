package org.pilothouse.benchmarks;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Telemetry put straight on the backbone, record by record as ingest writes it: what readers do is
 * measured without the door before them. For one thread.
 */
final class TelemetryFeed implements AutoCloseable {
  private static final int USUAL_KINDS_OF_VALUES = 1_000;
  private static final Header VERSION = header("ce_specversion", "1.0");
  private static final Header TYPE = header("ce_type", "telemetry.reported");
  private static final Header JSON = header("content-type", "application/json");

  private final KafkaProducer<byte[], byte[]> producer;
  private final String topic;
  private final String run;
  private final Header source;
  private final Header pilot;
  private final String[] twins;
  private final String[] values;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private final StringBuilder line = new StringBuilder(256);
  private @Nullable ProducerRecord<byte[], byte[]> last;
  private long sent;

  /**
   * @param run the first part of the event ids
   */
  TelemetryFeed(Stack stack, String pilot, String run, int twins) {
    this(stack, pilot, run, twins, USUAL_KINDS_OF_VALUES);
  }

  /**
   * @param run the first part of the event ids
   * @param kindsOfValues after so many reports the values come again
   */
  TelemetryFeed(Stack stack, String pilot, String run, int twins, int kindsOfValues) {
    this.values = new String[kindsOfValues];
    this.twins = new String[twins];
    for (int i = 0; i < twins; i++) {
      this.twins[i] = twin(i);
    }
    this.topic = Stack.telemetryTopic(pilot);
    this.run = run;
    this.source = header("ce_source", "/pilots/" + pilot + "/devices/load-1");
    this.pilot = header("ce_pilot", pilot);
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          String.format(
              Locale.ROOT,
              "\"temperature\":%.2f,\"pressure\":%.3f,\"vibration\":%.4f,\"speed\":%d,\"state\":\"running\"",
              20 + random.nextDouble() * 60,
              1 + random.nextDouble() * 9,
              random.nextDouble() * 4,
              1_000 + random.nextInt(2_000));
    }
    producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.kafka(),
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                "lz4",
                ProducerConfig.LINGER_MS_CONFIG,
                5,
                ProducerConfig.BATCH_SIZE_CONFIG,
                262_144,
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                67_108_864L),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  static String twin(int number) {
    return String.format(Locale.ROOT, "machine-%05d", number);
  }

  /** A report of one of the twins, each in its turn. */
  void next() {
    next(now());
  }

  /** The same, of that time. */
  void next(Instant time) {
    report(
        twins[(int) (sent % twins.length)], values[(int) (sent % values.length)], time.toString());
  }

  /**
   * @param members of the values, as JSON
   */
  void report(String twin, String members) {
    var unused = report(twin, members, now().toString());
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Returns the id of the event. */
  String report(String twin, String members, String time) {
    String id = run + "-" + sent++;
    line.setLength(0);
    line.append("{\"id\":\"")
        .append(id)
        .append("\",\"twin\":\"")
        .append(twin)
        .append("\",\"time\":\"")
        .append(time)
        .append("\",\"values\":{")
        .append(members)
        .append("}}");
    byte[] key = ascii(twin);
    List<Header> headers =
        List.of(
            VERSION,
            TYPE,
            source,
            pilot,
            JSON,
            header("ce_id", id),
            header("ce_time", time),
            new RecordHeader("ce_subject", key),
            new RecordHeader("ce_partitionkey", key));
    last = new ProducerRecord<>(topic, null, null, key, ascii(line.toString()), headers);
    send(last);
    return id;
  }

  /** The last one once more, as a device does that got no answer. */
  void again() {
    ProducerRecord<byte[], byte[]> record = last;
    if (record == null) {
      throw new IllegalStateException("nothing was reported yet");
    }
    send(record);
  }

  private void send(ProducerRecord<byte[], byte[]> record) {
    var unused =
        producer.send(
            record,
            (metadata, failed) -> {
              if (failed != null) {
                failure.compareAndSet(null, failed);
              }
            });
  }

  /** Waits until all is acknowledged. */
  void flush() {
    producer.flush();
    Exception failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("the backbone did not take a record", failed);
    }
  }

  private static Header header(String name, String value) {
    return new RecordHeader(name, ascii(value));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    producer.close();
  }
}
