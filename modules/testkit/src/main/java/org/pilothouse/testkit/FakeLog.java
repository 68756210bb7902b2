package org.pilothouse.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.PublishCallback;
import org.pilothouse.platform.kafka.PublishFailure;
import org.pilothouse.platform.kafka.consume.Deduplicator;
import org.pilothouse.platform.kafka.consume.LogClient;
import org.pilothouse.platform.kafka.consume.LogClients;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.consume.ReaderSpec;
import org.pilothouse.platform.kafka.consume.StartAt;
import org.pilothouse.platform.kafka.consume.Topics;

/**
 * The backbone in memory: topics, keyed partitions, groups with cooperative rebalancing and
 * committed positions. It passes the same tests as the real one, as far as they go.
 */
public final class FakeLog implements LogClients, EventPublisher, Deduplicator.Past {
  private final Clock clock;
  private final Map<String, List<List<LogRecord>>> topics = new LinkedHashMap<>();
  private final Map<String, Group> groups = new HashMap<>();
  private final Map<Partition, Integer> beginnings = new HashMap<>();
  private boolean away;

  public FakeLog(Clock clock) {
    this.clock = clock;
  }

  public synchronized void create(String topic, int partitions) {
    topics.computeIfAbsent(
        topic,
        name -> {
          List<List<LogRecord>> made = new ArrayList<>();
          for (int i = 0; i < partitions; i++) {
            made.add(new ArrayList<>());
          }
          return made;
        });
    notifyAll();
  }

  /** Nobody reads what a topic holds now any more, as when its retention is over. */
  public synchronized void trim(String topic) {
    List<List<LogRecord>> partitions = topics.getOrDefault(topic, List.of());
    for (int i = 0; i < partitions.size(); i++) {
      beginnings.put(new Partition(topic, i), partitions.get(i).size());
    }
    notifyAll();
  }

  /** While it is away, what is published fails as it does when the brokers are silent. */
  public synchronized void setAway(boolean away) {
    this.away = away;
    notifyAll();
  }

  /** Everything in a topic, partition by partition. */
  public synchronized List<LogRecord> records(String topic) {
    return topics.getOrDefault(topic, List.of()).stream().flatMap(List::stream).toList();
  }

  @Override
  public void publish(
      String topic,
      byte @Nullable [] key,
      byte @Nullable [] value,
      EventHeaders headers,
      PublishCallback callback) {
    Position position;
    synchronized (this) {
      List<List<LogRecord>> partitions = topics.get(topic);
      if (away || partitions == null) {
        position = null;
      } else {
        int number = Math.floorMod(Arrays.hashCode(key), partitions.size());
        List<LogRecord> log = partitions.get(number);
        log.add(
            new LogRecord(
                new Partition(topic, number),
                log.size(),
                clock.millis(),
                key,
                value,
                headers.copy()));
        position = new Position(topic, number, log.size() - 1L);
        notifyAll();
      }
    }
    if (position == null) {
      callback.failed(new PublishFailure(PublishFailure.Kind.BUSY, "the fake is away", null));
    } else {
      callback.acknowledged(position.partition(), position.offset());
    }
  }

  /** Publishes text, for short tests. */
  public void publish(String topic, String key, String value) {
    var unused =
        publish(
            topic,
            key.getBytes(StandardCharsets.UTF_8),
            value.getBytes(StandardCharsets.UTF_8),
            new EventHeaders());
  }

  @Override
  public synchronized boolean pushingBack() {
    return away;
  }

  @Override
  public synchronized Pressure pressure() {
    return new Pressure(0, Long.MAX_VALUE, 0, Duration.ZERO, away);
  }

  @Override
  public void warm(Collection<String> names) {}

  @Override
  public void close() {}

  @Override
  public synchronized long since(Partition partition, Instant time) {
    List<LogRecord> log = log(partition);
    for (LogRecord record : log) {
      if (record.timestampMillis() >= time.toEpochMilli()) {
        return record.offset();
      }
    }
    return log.size();
  }

  @Override
  public void forEach(
      Partition partition, long from, long to, Duration timeout, Consumer<LogRecord> each) {
    List<LogRecord> stretch;
    synchronized (this) {
      List<LogRecord> log = log(partition);
      stretch = List.copyOf(log.subList((int) from, (int) Math.min(to, log.size())));
    }
    stretch.forEach(each);
  }

  private List<LogRecord> log(Partition partition) {
    List<List<LogRecord>> partitions = topics.get(partition.topic());
    return partitions == null ? List.of() : partitions.get(partition.number());
  }

  @Override
  public LogClient join(ReaderSpec reader) {
    return new Member(groups, reader.group(), reader.startAt());
  }

  private static final class Group {
    private final List<Member> members = new ArrayList<>();
    private final Map<Partition, Long> committed = new HashMap<>();
  }

  private final class Member implements LogClient {
    private final Group group;
    private final StartAt startAt;
    private final Map<Partition, Long> owned = new HashMap<>();
    private final Set<Partition> pausedPartitions = new HashSet<>();
    private Topics wanted = Topics.named();
    private @Nullable Assignments listener;
    private boolean awake;

    Member(Map<String, Group> groups, String name, StartAt startAt) {
      synchronized (FakeLog.this) {
        this.group = groups.computeIfAbsent(name, key -> new Group());
        this.startAt = startAt;
      }
    }

    @Override
    public void subscribe(Topics topics, Assignments assignments) {
      synchronized (FakeLog.this) {
        wanted = topics;
        listener = assignments;
        group.members.add(this);
        FakeLog.this.notifyAll();
      }
    }

    private boolean wants(String topic) {
      return switch (wanted) {
        case Topics.Named named -> named.names().contains(topic);
        case Topics.Matching matching -> matching.pattern().matcher(topic).matches();
      };
    }

    private Set<Partition> target() {
      Set<Partition> all = new TreeSet<>();
      topics.forEach((topic, partitions) -> {
        if (wants(topic)) {
          for (int i = 0; i < partitions.size(); i++) {
            all.add(new Partition(topic, i));
          }
        }
      });
      Set<Partition> mine = new TreeSet<>();
      int index = 0;
      for (Partition partition : all) {
        if (group.members.get(index++ % group.members.size()) == this) {
          mine.add(partition);
        }
      }
      return mine;
    }

    private void rebalance() {
      Assignments hears = listener;
      if (hears == null) {
        return;
      }
      Set<Partition> revoked = new TreeSet<>();
      synchronized (FakeLog.this) {
        revoked.addAll(owned.keySet());
        revoked.removeAll(target());
      }
      if (!revoked.isEmpty()) {
        hears.revoked(revoked);
      }
      Set<Partition> assigned = new TreeSet<>();
      synchronized (FakeLog.this) {
        owned.keySet().removeAll(revoked);
        pausedPartitions.removeAll(revoked);
        assigned.addAll(target());
        assigned.removeAll(owned.keySet());
        for (Member other : group.members) {
          if (other != this) {
            assigned.removeAll(other.owned.keySet());
          }
        }
        for (Partition partition : assigned) {
          long start = startAt == StartAt.BEGINNING ? 0 : log(partition).size();
          owned.put(partition, group.committed.getOrDefault(partition, start));
        }
        FakeLog.this.notifyAll();
      }
      if (!assigned.isEmpty()) {
        hears.assigned(assigned);
      }
    }

    @Override
    public Polled poll(Duration timeout) {
      rebalance();
      synchronized (FakeLog.this) {
        Polled polled = take();
        if (polled.records().isEmpty() && !awake) {
          try {
            FakeLog.this.wait(Math.max(1, timeout.toMillis()));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          polled = take();
        }
        awake = false;
        return polled;
      }
    }

    private Polled take() {
      Map<Partition, List<LogRecord>> records = new HashMap<>();
      Map<Partition, Long> next = new HashMap<>();
      int room = 1000;
      for (Map.Entry<Partition, Long> entry : owned.entrySet()) {
        List<LogRecord> log = log(entry.getKey());
        int from =
            Math.max(entry.getValue().intValue(), beginnings.getOrDefault(entry.getKey(), 0));
        int to = Math.min(log.size(), from + room);
        if (!pausedPartitions.contains(entry.getKey()) && from < to) {
          records.put(entry.getKey(), List.copyOf(log.subList(from, to)));
          next.put(entry.getKey(), (long) to);
          room -= to - from;
        }
      }
      owned.putAll(next);
      return new Polled(records, next);
    }

    @Override
    public void pause(Collection<Partition> partitions) {
      synchronized (FakeLog.this) {
        pausedPartitions.addAll(partitions);
      }
    }

    @Override
    public void resume(Collection<Partition> partitions) {
      synchronized (FakeLog.this) {
        pausedPartitions.removeAll(partitions);
      }
    }

    @Override
    public void seek(Partition partition, long offset) {
      synchronized (FakeLog.this) {
        owned.put(partition, offset);
      }
    }

    @Override
    public long position(Partition partition, Duration timeout) {
      synchronized (FakeLog.this) {
        return owned.getOrDefault(partition, 0L);
      }
    }

    @Override
    public void commit(Map<Partition, Long> positions, Duration timeout) {
      synchronized (FakeLog.this) {
        group.committed.putAll(positions);
      }
    }

    @Override
    public void commitLater(Map<Partition, Long> positions, Runnable failed) {
      commit(positions, Duration.ZERO);
    }

    @Override
    public Map<Partition, Long> ends(Set<Partition> partitions, Duration timeout) {
      Map<Partition, Long> ends = new HashMap<>();
      synchronized (FakeLog.this) {
        partitions.forEach(partition -> ends.put(partition, (long) log(partition).size()));
      }
      return ends;
    }

    @Override
    public Map<Partition, Long> beginnings(Set<Partition> partitions, Duration timeout) {
      Map<Partition, Long> found = new HashMap<>();
      synchronized (FakeLog.this) {
        partitions.forEach(
            partition -> found.put(partition, (long) beginnings.getOrDefault(partition, 0)));
      }
      return found;
    }

    @Override
    public void wakeup() {
      synchronized (FakeLog.this) {
        awake = true;
        FakeLog.this.notifyAll();
      }
    }

    @Override
    public void close(Duration timeout) {
      Set<Partition> leaving;
      Assignments hears = listener;
      synchronized (FakeLog.this) {
        leaving = Set.copyOf(owned.keySet());
      }
      if (hears != null && !leaving.isEmpty()) {
        hears.revoked(leaving);
      }
      synchronized (FakeLog.this) {
        owned.clear();
        group.members.remove(this);
        FakeLog.this.notifyAll();
      }
    }
  }
}
