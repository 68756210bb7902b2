package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;

/** The backbone in memory, with retention; hands out less at once than it is asked for. */
final class FakeBacklog implements Backlog {
  private final Map<String, List<List<LogRecord>>> topics = new HashMap<>();
  private final Map<Partition, Long> begins = new HashMap<>();
  private int mostAtOnce;
  private Runnable beforeRead = () -> {};
  private Runnable afterEnds = () -> {};

  FakeBacklog(int mostAtOnce) {
    this.mostAtOnce = mostAtOnce;
  }

  synchronized void atOnce(int most) {
    mostAtOnce = most;
  }

  synchronized void create(String topic, int partitions) {
    List<List<LogRecord>> made = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      made.add(new ArrayList<>());
    }
    topics.put(topic, made);
  }

  synchronized LogRecord append(
      String topic, String key, byte[] value, long timestampMillis, EventHeaders headers) {
    List<List<LogRecord>> partitions = topics.get(topic);
    int number = Math.floorMod(key.hashCode(), partitions.size());
    List<LogRecord> log = partitions.get(number);
    LogRecord record =
        new LogRecord(
            new Partition(topic, number),
            log.size(),
            timestampMillis,
            key.getBytes(UTF_8),
            value,
            headers);
    log.add(record);
    return record;
  }

  /** What was ever there between the offsets, whatever retention did. */
  synchronized List<LogRecord> stored(Partition partition, long from, long to) {
    return List.copyOf(
        topics.get(partition.topic()).get(partition.number()).subList((int) from, (int) to));
  }

  /** The last record of a key. */
  synchronized LogRecord last(String topic, String key) {
    return topics.get(topic).stream()
        .flatMap(List::stream)
        .filter(record -> new String(record.key(), UTF_8).equals(key))
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  /** Retention: what is before the offset is gone. */
  synchronized void remove(Partition partition, long before) {
    begins.put(partition, before);
  }

  /** Records are lost at the end. */
  synchronized void lose(Partition partition, int records) {
    List<LogRecord> log = topics.get(partition.topic()).get(partition.number());
    log.subList(log.size() - records, log.size()).clear();
  }

  /** Once, in front of the next read. */
  synchronized void beforeNextRead(Runnable task) {
    beforeRead = task;
  }

  /** Once, when the ends were looked at and not yet told. */
  synchronized void afterNextEnds(Runnable task) {
    afterEnds = task;
  }

  @Override
  public synchronized SortedMap<Integer, Long> beginnings(String topic) {
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    for (int i = 0; i < topics.getOrDefault(topic, List.of()).size(); i++) {
      offsets.put(i, begins.getOrDefault(new Partition(topic, i), 0L));
    }
    return offsets;
  }

  @Override
  public synchronized SortedMap<Integer, Long> ends(String topic) {
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    List<List<LogRecord>> partitions = topics.getOrDefault(topic, List.of());
    for (int i = 0; i < partitions.size(); i++) {
      offsets.put(i, (long) partitions.get(i).size());
    }
    Runnable task = afterEnds;
    afterEnds = () -> {};
    task.run();
    return offsets;
  }

  @Override
  public Stretch read(Partition partition, long from, long to, int limit) {
    Runnable task;
    synchronized (this) {
      task = beforeRead;
      beforeRead = () -> {};
    }
    task.run();
    synchronized (this) {
      List<LogRecord> log = topics.get(partition.topic()).get(partition.number());
      int begin = (int) Math.max(from, begins.getOrDefault(partition, 0L));
      int end = (int) Math.min(to, log.size());
      int most = Math.min(limit, mostAtOnce);
      if (begin >= end) {
        return new Stretch(List.of(), Math.max(from, end));
      }
      int last = Math.min(end, begin + most);
      return new Stretch(List.copyOf(log.subList(begin, last)), last);
    }
  }
}
