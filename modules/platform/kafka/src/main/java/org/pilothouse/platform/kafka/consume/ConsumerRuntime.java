package org.pilothouse.platform.kafka.consume;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

/** All readers of this node: started by name, watched and steered by people, stopped together. */
public final class ConsumerRuntime implements AutoCloseable {
  private final LogClients clients;
  private final Rejections rejections;
  private final MeterRegistry registry;
  private final ThreadFactory threads;
  private final Map<String, Reader> readers = new ConcurrentHashMap<>();
  private final Map<String, Steered> others = new ConcurrentHashMap<>();

  /** With threads of its own, which do not hold up the end of the process. */
  public ConsumerRuntime(LogClients clients, Rejections rejections, MeterRegistry registry) {
    this(
        clients,
        rejections,
        registry,
        task -> {
          Thread thread = new Thread(task);
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * @param threads makes one thread for each loop and worker; bounded by the readers'
   *     specifications
   */
  public ConsumerRuntime(
      LogClients clients, Rejections rejections, MeterRegistry registry, ThreadFactory threads) {
    this.clients = clients;
    this.rejections = rejections;
    this.registry = registry;
    this.threads = threads;
  }

  /**
   * @throws IllegalStateException when a reader of this name runs already
   */
  public Reader start(ReaderSpec spec) {
    Reader reader = new Reader(spec, clients, rejections, threads, registry);
    if (readers.putIfAbsent(spec.name(), reader) != null) {
      reader.close();
      throw new IllegalStateException("there is a reader named " + spec.name());
    }
    reader.start();
    return reader;
  }

  public Optional<Steered> reader(String name) {
    Steered reader = readers.get(name);
    return Optional.ofNullable(reader != null ? reader : others.get(name));
  }

  /**
   * Shows something among the readers that reads the backbone in a way of its own. Who has made it
   * closes it.
   *
   * @throws IllegalStateException when there is one of this name
   */
  public void show(Steered other) {
    if (readers.containsKey(other.name()) || others.putIfAbsent(other.name(), other) != null) {
      throw new IllegalStateException("there is a reader named " + other.name());
    }
  }

  /** Every reader of this node, by name. */
  public List<ReaderStatus> status() {
    return Stream.concat(readers.values().stream(), others.values().stream())
        .map(Steered::status)
        .sorted(java.util.Comparator.comparing(ReaderStatus::name))
        .toList();
  }

  /**
   * Stops all readers at once; takes as long as the slowest, which is bounded by its drain time.
   */
  @Override
  public void close() {
    List<Thread> closing = new ArrayList<>();
    for (Reader reader : readers.values()) {
      Thread thread = threads.newThread(reader::close);
      thread.setName("reader-" + reader.name() + "-close");
      thread.start();
      closing.add(thread);
    }
    for (Thread thread : closing) {
      try {
        thread.join(60_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    readers.clear();
  }
}
