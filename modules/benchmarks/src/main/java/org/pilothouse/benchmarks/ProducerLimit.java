package org.pilothouse.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Kafka's own {@code ProducerPerformance} on the same broker: what a producer alone can do. */
final class ProducerLimit {
  private static final String TOPIC = "bench.limit";
  private static final Pattern RATE = Pattern.compile("([0-9.]+) records/sec");

  private final Stack stack;
  private final int recordSize;

  ProducerLimit(Stack stack, int recordSize) {
    this.stack = stack;
    this.recordSize = recordSize;
  }

  /** The mean size of the newest records of a topic: key, value and headers. */
  static int meanRecordSize(Stack stack, String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                stack.kafka(),
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                1_000),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      ends.forEach((partition, end) -> consumer.seek(partition, Math.max(0, end - 1_000)));
      long count = 0;
      long bytes = 0;
      for (int i = 0; i < 20 && count < 1_000; i++) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          count++;
          bytes += Math.max(0, record.serializedKeySize());
          bytes += Math.max(0, record.serializedValueSize());
          for (Header header : record.headers()) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
          }
        }
      }
      if (count == 0) {
        throw new IllegalStateException("there is nothing on " + topic);
      }
      return (int) (bytes / count);
    }
  }

  void prepare(int partitions) throws ExecutionException, InterruptedException {
    try (Admin admin = stack.admin()) {
      NewTopic topic = new NewTopic(TOPIC, Optional.of(partitions), Optional.empty());
      // Bounded, so that a bench does not fill the disk.
      topic.configs(Map.of("retention.bytes", "536870912", "segment.bytes", "134217728"));
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  /** Records a second over so many records. */
  double run(long records) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "org.apache.kafka.tools.ProducerPerformance",
                "--topic",
                TOPIC,
                "--num-records",
                Long.toString(records),
                "--record-size",
                Integer.toString(recordSize),
                "--throughput",
                "-1",
                "--producer-props",
                "bootstrap.servers=" + stack.kafka(),
                "acks=all",
                "compression.type=lz4",
                "linger.ms=5",
                "batch.size=262144",
                "buffer.memory=67108864"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String last = "";
    StringBuilder all = new StringBuilder();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.contains("records/sec")) {
          last = line;
        }
        if (all.length() < 4_000) {
          all.append(line).append('\n');
        }
      }
    }
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("ProducerPerformance failed:\n" + all);
    }
    Matcher matcher = RATE.matcher(last);
    if (!matcher.find()) {
      throw new IOException("ProducerPerformance said no rate:\n" + all);
    }
    return Double.parseDouble(matcher.group(1));
  }
}
