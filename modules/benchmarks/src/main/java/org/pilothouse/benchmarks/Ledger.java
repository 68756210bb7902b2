package org.pilothouse.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the platform acknowledged, written down outside of it. A number counts as acknowledged when
 * it is on the disk: what this process forgets in a crash of its own nobody is asked for.
 */
final class Ledger implements AutoCloseable {
  private record Range(long first, long count) {}

  private static final Range END = new Range(-1, 0);

  private final Path file;
  private final FileChannel channel;
  private final BlockingQueue<Range> waiting = new ArrayBlockingQueue<>(100_000);
  private final AtomicLong written = new AtomicLong();
  private final Thread writer;
  private volatile boolean broken;

  Ledger(Path file) throws IOException {
    this.file = file;
    Files.createDirectories(file.toAbsolutePath().getParent());
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    writer = Thread.ofPlatform().name("ledger").start(this::write);
  }

  /** The platform acknowledged the events of these numbers. */
  void acknowledged(long first, long count) throws InterruptedException {
    if (broken) {
      throw new IllegalStateException("the ledger cannot be written");
    }
    waiting.put(new Range(first, count));
  }

  /** How many are on the disk. */
  long count() {
    return written.get();
  }

  private void write() {
    List<Range> batch = new ArrayList<>();
    boolean ended = false;
    try {
      while (!ended) {
        batch.clear();
        batch.add(waiting.take());
        waiting.drainTo(batch, 10_000);
        StringBuilder lines = new StringBuilder();
        long count = 0;
        for (Range range : batch) {
          if (range == END) {
            ended = true;
          } else {
            lines.append(range.first()).append(' ').append(range.count()).append('\n');
            count += range.count();
          }
        }
        ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(false);
        written.addAndGet(count);
      }
    } catch (IOException e) {
      broken = true;
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      broken = true;
      Thread.currentThread().interrupt();
    }
  }

  /** Reads the file, as somebody who came later would. */
  BitSet read() throws IOException {
    BitSet numbers = new BitSet();
    for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
      int space = line.indexOf(' ');
      int first = Integer.parseInt(line.substring(0, space));
      numbers.set(first, first + Integer.parseInt(line.substring(space + 1)));
    }
    return numbers;
  }

  @Override
  public void close() throws IOException {
    try {
      waiting.put(END);
      writer.join(TimeUnit.SECONDS.toMillis(30));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    channel.close();
  }
}
