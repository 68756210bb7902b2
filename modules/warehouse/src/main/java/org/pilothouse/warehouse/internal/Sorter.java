package org.pilothouse.warehouse.internal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Brings events into the order of the files in bounded memory: what does not fit is spilled,
 * sorted, and merged at the end. Events of one twin come mostly in the order of their times
 * already, so they are kept twin by twin, and a twin is sorted only where its events are not.
 */
final class Sorter implements Closeable {
  /** The arrays of an entry beside its bytes. */
  private static final int ENTRY = 24;

  private static final int TWIN = 160;

  /** Files that are open at the same time; more of them are merged to one first. */
  private static final int MOST_FILES = 128;

  private final Path directory;
  private final long bound;
  private final byte[] arena;
  private final Tables tables;
  private final Map<Key, Group> groups = new HashMap<>();
  private final List<Path> files = new ArrayList<>();
  private int used;
  private long overhead;
  private int spilled;

  /** Which table a twin's events belong to; always the same, so that it is not asked for each. */
  interface Tables {
    /** Negative where to none. */
    int of(byte[] twin);
  }

  /**
   * @param directory for spills; whoever made it removes it
   * @param bytes how much memory it may take, about
   */
  Sorter(Path directory, int bytes, Tables tables) {
    this.tables = tables;
    this.directory = directory;
    this.bound = bytes;
    this.arena = new byte[bytes - bytes / 4];
  }

  private record Key(byte[] twin) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key key && Arrays.equals(twin, key.twin);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(twin);
    }
  }

  /** The events of a twin, in the order in which they came. */
  private static final class Group implements Comparable<Group> {
    private final int table;
    private final byte[] twin;
    private int[] at = new int[8];
    private long[] micros = new long[8];
    private long[] offsets = new long[8];
    private int size;
    private boolean inOrder = true;

    Group(int table, byte[] twin) {
      this.table = table;
      this.twin = twin;
    }

    @Override
    public int compareTo(Group other) {
      int byTable = Integer.compare(table, other.table);
      return byTable != 0 ? byTable : Arrays.compareUnsigned(twin, other.twin);
    }

    void add(int position, long time, long offset) {
      if (size == at.length) {
        at = Arrays.copyOf(at, size * 2);
        micros = Arrays.copyOf(micros, size * 2);
        offsets = Arrays.copyOf(offsets, size * 2);
      }
      inOrder &= size == 0 || isBefore(size - 1, time, offset);
      at[size] = position;
      micros[size] = time;
      offsets[size] = offset;
      size++;
    }

    private boolean isBefore(int place, long time, long offset) {
      return micros[place] < time || (micros[place] == time && offsets[place] < offset);
    }

    /** By time and offset. */
    void sort() {
      if (inOrder) {
        return;
      }
      Integer[] order = new Integer[size];
      Arrays.setAll(order, i -> i);
      Arrays.sort(
          order,
          Comparator.<Integer>comparingLong(i -> micros[i]).thenComparingLong(i -> offsets[i]));
      int[] sortedAt = new int[size];
      long[] sortedMicros = new long[size];
      long[] sortedOffsets = new long[size];
      for (int i = 0; i < size; i++) {
        sortedAt[i] = at[order[i]];
        sortedMicros[i] = micros[order[i]];
        sortedOffsets[i] = offsets[order[i]];
      }
      at = sortedAt;
      micros = sortedMicros;
      offsets = sortedOffsets;
      inOrder = true;
    }
  }

  /**
   * Takes an event. The arrays are copied.
   *
   * @return false where its twin belongs to no table
   */
  boolean add(byte[] twin, long micros, long offset, byte[] source, byte[] id, byte[] value)
      throws IOException {
    int length = 12 + source.length + id.length + value.length;
    if (length > arena.length) {
      throw new IllegalArgumentException("an event larger than the sort buffer");
    }
    if (used + length > arena.length || overhead + ENTRY > bound / 4) {
      spill();
    }
    Group group = groups.get(new Key(twin));
    if (group == null) {
      int table = tables.of(twin);
      if (table < 0) {
        return false;
      }
      group = new Group(table, twin.clone());
      groups.put(new Key(group.twin), group);
      overhead += TWIN + twin.length;
    }
    group.add(used, micros, offset);
    overhead += ENTRY;
    put(source);
    put(id);
    put(value);
    return true;
  }

  private void put(byte[] bytes) {
    arena[used++] = (byte) (bytes.length >>> 24);
    arena[used++] = (byte) (bytes.length >>> 16);
    arena[used++] = (byte) (bytes.length >>> 8);
    arena[used++] = (byte) bytes.length;
    System.arraycopy(bytes, 0, arena, used, bytes.length);
    used += bytes.length;
  }

  private void spill() throws IOException {
    if (groups.isEmpty()) {
      return;
    }
    files.add(write(new Held()));
    groups.clear();
    used = 0;
    overhead = 0;
    if (files.size() == MOST_FILES) {
      Path merged;
      try (SortedRun all = new Merged(opened())) {
        merged = write(all);
      }
      for (Path file : files) {
        java.nio.file.Files.delete(file);
      }
      files.clear();
      files.add(merged);
    }
  }

  private Path write(SortedRun run) throws IOException {
    Path file = directory.resolve("run-" + spilled++);
    SpillFile.write(file, run);
    return file;
  }

  private List<SortedRun> opened() throws IOException {
    List<SortedRun> runs = new ArrayList<>();
    try {
      for (Path file : files) {
        runs.add(SpillFile.read(file));
      }
      return runs;
    } catch (IOException e) {
      for (SortedRun run : runs) {
        run.close();
      }
      throw e;
    }
  }

  /** How many runs are on disk. */
  int spills() {
    return spilled;
  }

  /** All of it in order; nothing is added any more. */
  SortedRun sorted() throws IOException {
    List<SortedRun> runs = opened();
    runs.add(new Held());
    return new Merged(runs);
  }

  /** What is in memory. */
  private final class Held implements SortedRun {
    private final List<Group> twins;
    private final Entry entry = new Entry();
    private int twin = -1;
    private int next;

    Held() {
      twins = new ArrayList<>(groups.values());
      twins.sort(Comparator.naturalOrder());
    }

    @Override
    public boolean next() {
      while (twin < 0 || next == twins.get(twin).size) {
        if (++twin >= twins.size()) {
          twin = twins.size() - 1;
          return false;
        }
        twins.get(twin).sort();
        next = 0;
      }
      Group group = twins.get(twin);
      entry.table = group.table;
      entry.twin = group.twin;
      entry.micros = group.micros[next];
      entry.offset = group.offsets[next];
      int at = group.at[next];
      entry.source = bytes(at);
      at += 4 + entry.source.length;
      entry.id = bytes(at);
      at += 4 + entry.id.length;
      entry.value = bytes(at);
      next++;
      return true;
    }

    private byte[] bytes(int at) {
      int length =
          (arena[at] & 0xff) << 24
              | (arena[at + 1] & 0xff) << 16
              | (arena[at + 2] & 0xff) << 8
              | (arena[at + 3] & 0xff);
      return Arrays.copyOfRange(arena, at + 4, at + 4 + length);
    }

    @Override
    public Entry entry() {
      return entry;
    }

    @Override
    public void close() {}
  }

  private static final class Merged implements SortedRun {
    private final List<SortedRun> runs;
    private final PriorityQueue<SortedRun> heads =
        new PriorityQueue<>((a, b) -> a.entry().compareTo(b.entry()));
    private SortedRun current;

    Merged(List<SortedRun> runs) throws IOException {
      this.runs = runs;
      this.current = runs.getLast();
      for (SortedRun run : runs) {
        if (run.next()) {
          heads.add(run);
        }
      }
    }

    private boolean begun;

    @Override
    public boolean next() throws IOException {
      if (begun && current.next()) {
        // Neighbours are mostly of one run.
        SortedRun second = heads.peek();
        if (second == null || current.entry().compareTo(second.entry()) <= 0) {
          return true;
        }
        heads.add(current);
      }
      begun = true;
      SortedRun least = heads.poll();
      if (least == null) {
        begun = false;
        return false;
      }
      current = least;
      return true;
    }

    @Override
    public Entry entry() {
      return current.entry();
    }

    @Override
    public void close() throws IOException {
      for (SortedRun run : runs) {
        run.close();
      }
    }
  }

  @Override
  public void close() {
    groups.clear();
  }
}
