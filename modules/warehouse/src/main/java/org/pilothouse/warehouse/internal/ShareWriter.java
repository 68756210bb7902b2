package org.pilothouse.warehouse.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.PlainUtc;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.web.Json;
import org.pilothouse.warehouse.PilotDay;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the files of one partition: reads its range of the topic, brings the day's events into the
 * order of the files outside memory, drops repeats, and writes table after table. What it takes in
 * memory is the sort buffer, a row group and a part of an upload. A correction leaves out what
 * earlier revisions hold, and may look again at what they had rejected.
 */
final class ShareWriter {
  private static final Logger LOG = LoggerFactory.getLogger(ShareWriter.class);

  /** Between two looks at whether the run is still this node's. */
  private static final int CHUNK = 50_000;

  /** Read at a time. What was fetched ahead is lost at its end, and its time is bounded. */
  private static final int STRETCH = 1_000_000;

  private static final int PART_SIZE = 8 << 20;

  private final ObjectStore store;
  private final Telemetry telemetry;
  private final int sortBuffer;

  ShareWriter(ObjectStore store, Telemetry telemetry, int sortBuffer) {
    this.store = store;
    this.telemetry = telemetry;
    this.sortBuffer = sortBuffer;
  }

  /**
   * What is to be written.
   *
   * @param models of the twins that have one
   * @param prefix of the keys
   * @param earlier what the revisions before this one hold
   * @param directory for spills, empty
   */
  record Task(
      PilotId pilot,
      PilotDay day,
      Plan plan,
      Map<String, String> models,
      String prefix,
      int partition,
      long from,
      long to,
      Earlier earlier,
      Path directory) {
    /** The first offset that may come: what was rejected before lies before the range. */
    long base() {
      return earlier.redrive() ? Math.min(from, earlier.from()) : from;
    }
  }

  /** What came of it. */
  record Result(
      Share.Counts counts, Share.Redrive redrive, List<Missing> missing, List<PartFile> parts) {}

  /** Is told how far the reading is, and may end it by an exception. */
  interface Progress {
    void readTo(long offset);

    /** One more file is in the store. */
    default void fileStored() {}
  }

  Result write(Task task, Progress progress) throws IOException {
    try (Work work = new Work(task, progress)) {
      return work.run();
    }
  }

  private final class Work implements AutoCloseable {
    private final Task task;
    private final Progress progress;
    private final Map<String, Integer> tables = new TreeMap<>();
    private final int tidy;
    private final Sorter sorter;
    private final Repeats repeats;
    private final Rejects rejects;
    private final EventTimes times = new EventTimes();
    private final BitSet late = new BitSet();
    private final List<Missing> gaps = new ArrayList<>();
    private final List<PartFile> parts = new ArrayList<>();
    private final long startMicros;
    private final long endMicros;
    private final long lateMillis;
    private long expected;
    private long records;
    private long otherDays;
    private long events;
    private long rows;
    private long lateEvents;
    private long repeated;
    private long taken;
    private long redriven;
    private long stillRejected;

    Work(Task task, Progress progress) {
      this.task = task;
      this.progress = progress;
      for (TableSpec table : task.plan().tables()) {
        tables.put(table.model(), tables.size());
      }
      this.tidy = task.plan().tables().size();
      this.sorter = new Sorter(task.directory(), sortBuffer, this::table);
      this.repeats = new Repeats(task.directory(), task.base(), !task.earlier().isEmpty());
      this.rejects = new Rejects(task.directory().resolve("rejects"));
      this.startMicros = micros(task.day().start());
      this.endMicros = micros(task.day().end());
      this.lateMillis = task.day().end().plusSeconds(task.plan().latenessSeconds()).toEpochMilli();
      this.expected = task.from();
    }

    Result run() throws IOException {
      redrive();
      read();
      leaveOutEarlier();
      BitSet seenBefore = repeats.find();
      writeTables(seenBefore);
      writeRejects();
      return new Result(
          new Share.Counts(
              records,
              otherDays,
              events,
              rows,
              lateEvents,
              rejects.count() - stillRejected,
              repeated),
          new Share.Redrive(taken, redriven, stillRejected),
          lost(),
          List.copyOf(parts));
    }

    /** What earlier revisions have rejected, as if it were read only now. */
    private void redrive() throws IOException {
      if (!task.earlier().redrive()) {
        return;
      }
      for (PartFile file : task.earlier().rejects()) {
        RejectLines.read(
            store,
            file,
            line -> {
              if (++taken % CHUNK == 0) {
                progress.readTo(task.from());
              }
              Rejects.Record record = line.record();
              if (!takeEvent(record)) {
                stillRejected++;
                rejects.add(record, line.reason(), line.detail());
              }
            });
      }
    }

    /** What earlier revisions hold: repeats of it are left out. */
    private void leaveOutEarlier() throws IOException {
      if (repeats.isEmpty()) {
        return;
      }
      long[] looked = {0};
      for (PartFile file : task.earlier().tables()) {
        Identities.read(
            store,
            file,
            (source, id) -> {
              if (++looked[0] % CHUNK == 0) {
                progress.readTo(task.to());
              }
              repeats.held(source, id);
            });
      }
      if (task.earlier().redrive()) {
        return;
      }
      for (PartFile file : task.earlier().rejects()) {
        RejectLines.read(
            store,
            file,
            line -> {
              Rejects.Record record = line.record();
              byte[] source = record.source();
              byte[] id = record.id();
              if (source != null && id != null && isEvent(record)) {
                repeats.held(source, id);
              }
            });
      }
    }

    private void read() throws IOException {
      try {
        for (long at = task.from(); at < task.to(); at += STRETCH) {
          long end = Math.min(task.to(), at + STRETCH);
          telemetry.read(task.partition(), at, end, this::take);
          progress.readTo(end);
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
      jump(task.to());
    }

    /** Offsets have holes by nature; only what the log no longer reaches back to is lost. */
    private void jump(long to) {
      if (to > expected && telemetry.beginning(task.partition()) > expected) {
        long begin = Math.min(to, telemetry.beginning(task.partition()));
        gaps.add(new Missing(task.partition(), expected, begin));
      }
      expected = to;
    }

    private List<Missing> lost() {
      return List.copyOf(gaps);
    }

    private void take(LogRecord record) {
      if (record.offset() != expected) {
        jump(record.offset());
      }
      expected = record.offset() + 1;
      if (++records % CHUNK == 0) {
        progress.readTo(expected);
      }
      try {
        takeInto(record);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void takeInto(LogRecord record) throws IOException {
      byte[] said = record.headers().bytes(CloudEvents.TIME);
      long time = said == null ? Long.MIN_VALUE : times.micros(said);
      long day = dayMicros(time, record.timestampMillis());
      if (day < startMicros || day >= endMicros) {
        otherDays++;
        return;
      }
      byte[] source = record.headers().bytes(CloudEvents.SOURCE);
      byte[] id = record.headers().bytes(CloudEvents.ID);
      if (!takeEvent(record.key(), time, record.offset(), source, id, record.value())) {
        refuse(
            new Rejects.Record(
                task.partition(),
                record.offset(),
                record.key(),
                source,
                id,
                record.headers().text(CloudEvents.TIME),
                record.value()),
            time);
        return;
      }
      if (record.timestampMillis() >= lateMillis) {
        late.set(place(record.offset()));
      }
    }

    private boolean takeEvent(Rejects.Record record) throws IOException {
      String time = record.time();
      return takeEvent(
          record.twin(),
          time == null ? Long.MIN_VALUE : micros(time),
          record.offset(),
          record.source(),
          record.id(),
          record.value());
    }

    /** False where it can be no row for what it is, whatever its values are. */
    private boolean takeEvent(
        byte @Nullable [] twin,
        long time,
        long offset,
        byte @Nullable [] source,
        byte @Nullable [] id,
        byte @Nullable [] value)
        throws IOException {
      if (time == Long.MIN_VALUE || twin == null || source == null || id == null || value == null) {
        return false;
      }
      if (!sorter.add(twin, time, offset, source, id, value)) {
        return false;
      }
      repeats.add(source, id, offset);
      return true;
    }

    /** Negative where it is the id of no twin. */
    private int table(byte[] twin) {
      String name = new String(twin, StandardCharsets.UTF_8);
      if (!Names.isTwinId(name)) {
        return -1;
      }
      String model = task.models().get(name);
      return model == null ? tidy : tables.getOrDefault(model, tidy);
    }

    private static boolean isEvent(Rejects.Record record) {
      byte[] twin = record.twin();
      String time = record.time();
      return time != null
          && micros(time) != Long.MIN_VALUE
          && twin != null
          && record.value() != null
          && Names.isTwinId(new String(twin, StandardCharsets.UTF_8));
    }

    private int place(long offset) {
      return Math.toIntExact(offset - task.base());
    }

    private void refuse(Rejects.Record record, long time) throws IOException {
      if (time == Long.MIN_VALUE) {
        rejects.add(record, "invalid_time", "The event's time cannot be read.");
      } else if (record.twin() == null
          || record.source() == null
          || record.id() == null
          || record.value() == null) {
        rejects.add(record, "missing_field", "The event has no twin, source, id or data.");
      } else {
        rejects.add(record, "invalid_id", "The key is not the id of a twin.");
      }
    }

    private void writeTables(BitSet seenBefore) throws IOException {
      try (SortedRun sorted = sorter.sorted()) {
        OpenTable open = null;
        long written = 0;
        try {
          while (sorted.next()) {
            Entry event = sorted.entry();
            if (++written % CHUNK == 0) {
              progress.readTo(task.to());
            }
            int place = place(event.offset);
            boolean again = event.offset < task.from();
            if (seenBefore.get(place)) {
              repeated++;
              continue;
            }
            if (open == null || open.table != event.table) {
              if (open != null) {
                finish(open);
              }
              open = null;
              open = new OpenTable(event.table);
            }
            try {
              open.write(event);
              events++;
              if (again) {
                redriven++;
              }
              if (late.get(place)) {
                lateEvents++;
              }
            } catch (Unconvertible e) {
              rejects.add(Rejects.Record.of(task.partition(), event), e.reason(), e.detail());
              if (again) {
                stillRejected++;
              }
            }
          }
          if (open != null) {
            finish(open);
            open = null;
          }
        } finally {
          if (open != null) {
            open.abandon();
          }
        }
      }
    }

    private void finish(OpenTable open) throws IOException {
      try {
        PartFile part = open.finish();
        if (part != null) {
          parts.add(part);
          rows += part.rows();
          progress.fileStored();
        }
      } finally {
        open.abandon();
      }
    }

    private void writeRejects() throws IOException {
      if (rejects.count() == 0) {
        return;
      }
      String key = task.prefix() + "_rejects/" + name() + ".ndjson";
      StoredFile file = new StoredFile(store, key, "application/x-ndjson", PART_SIZE);
      try {
        rejects.copyTo(file);
        StoredFile.Written written = file.finish();
        parts.add(
            new PartFile(
                task.partition(),
                key,
                PartFile.Kind.REJECTS,
                null,
                rejects.count(),
                written.size(),
                written.checksum(),
                null,
                null));
      } finally {
        file.abandon();
      }
    }

    private String name() {
      return String.format(Locale.ROOT, "part-%05d", task.partition());
    }

    /** The one table that is being written. */
    private final class OpenTable {
      private final int table;
      private final @Nullable TableSpec spec;
      private final StoredFile file;
      private final RowWriter writer;
      private long first = Long.MAX_VALUE;
      private long last = Long.MIN_VALUE;

      OpenTable(int table) throws IOException {
        this.table = table;
        this.spec = table == tidy ? null : task.plan().tables().get(table);
        String directory = spec == null ? "tidy" : "model=" + spec.model();
        this.file =
            new StoredFile(
                store,
                task.prefix() + directory + "/" + name() + ".parquet",
                "application/vnd.apache.parquet",
                PART_SIZE);
        Map<String, String> about = about(spec);
        this.writer =
            spec == null
                ? new TidyTable(task.partition(), about, file)
                : new ModelTable(spec, task.partition(), about, file);
      }

      void write(Entry event) throws IOException, Unconvertible {
        writer.write(event);
        first = Math.min(first, event.micros);
        last = Math.max(last, event.micros);
      }

      /** Null where all events were refused. */
      @Nullable PartFile finish() throws IOException {
        writer.close();
        if (writer.rows() == 0) {
          return null;
        }
        StoredFile.Written written = file.finish();
        return new PartFile(
            task.partition(),
            written.key(),
            spec == null ? PartFile.Kind.TIDY : PartFile.Kind.TABLE,
            spec == null ? null : spec.model(),
            writer.rows(),
            written.size(),
            written.checksum(),
            Rejects.instant(first),
            Rejects.instant(last));
      }

      /** Also lets go of what the writer holds outside the heap. */
      void abandon() {
        file.abandon();
        try {
          writer.close();
        } catch (IOException | RuntimeException e) {
          LOG.debug("a file given up did not close", e);
        }
      }
    }

    private Map<String, String> about(@Nullable TableSpec spec) throws IOException {
      Map<String, String> about = new TreeMap<>();
      about.put("pilothouse.pilot", task.pilot().value());
      about.put("pilothouse.date", task.day().date().toString());
      about.put("pilothouse.interval", task.day().start() + "/" + task.day().end());
      about.put("pilothouse.partition", Integer.toString(task.partition()));
      about.put("pilothouse.offsets", task.from() + "/" + task.to());
      if (spec != null) {
        about.put("pilothouse.model", spec.model());
        about.put("pilothouse.model_revision", Long.toString(spec.revision()));
        about.put(Schemas.ABOUT_COLUMNS, Json.mapper().writeValueAsString(spec.columns()));
      }
      return about;
    }

    @Override
    public void close() throws IOException {
      sorter.close();
      try {
        repeats.close();
      } finally {
        rejects.close();
      }
    }
  }

  static long micros(Instant time) {
    return Math.addExact(
        Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
  }

  /** Without a time of its own, a record belongs to the day in which it came. */
  static long dayMicros(long time, long givenMillis) {
    return time == Long.MIN_VALUE ? givenMillis * 1_000 : time;
  }

  /** {@link Long#MIN_VALUE} where it is no time. */
  static long micros(String text) {
    try {
      return micros(PlainUtc.instant(text));
    } catch (DateTimeException | ArithmeticException e) {
      return Long.MIN_VALUE;
    }
  }
}
