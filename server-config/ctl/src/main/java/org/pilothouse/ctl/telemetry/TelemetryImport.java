package org.pilothouse.ctl.telemetry;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.progress.Progress;
import org.pilothouse.ctl.progress.Terminal;

/**
 * Reports files batch by batch, holding one batch at a time. A batch that was not acknowledged is
 * sent again with the same lines, which makes them the same events; where to go on is written down
 * after each batch.
 */
public final class TelemetryImport {
  /** The platform takes 16 MiB a body. */
  private static final int MOST_BODY = 8 * 1024 * 1024;

  private static final int MOST_LINES = 100_000;

  /** More of a batch's refused lines the platform does not name. */
  private static final int MOST_NAMED = 1_000;

  /**
   * The platform knows a repeat for half an hour and among the last 100,000 events of a partition;
   * some of the time is left for the import itself, and all lines may be in one partition.
   */
  private static final Duration REMEMBERED = Duration.ofMinutes(20);

  private static final long REMEMBERED_LINES = 100_000;

  /** Lines that are larger are refused by the platform; this bounds what is held of one. */
  private static final int MOST_LINE = 64 * 1024;

  /**
   * What is to be done.
   *
   * @param mapping null for files that hold telemetry lines
   * @param restart whether to report what an earlier call had reported
   * @param countAgain whether also where the platform takes it for new
   * @param fromLine where to begin; 0 where an earlier call stopped
   * @param rejects where refused lines are written
   * @param withModel whether the mapping's model and the twins are made first
   * @param reporter who reports, for the state: another reporter's events are others
   */
  public record Order(
      String pilot,
      @Nullable Mapping mapping,
      Mappings.Source source,
      int batch,
      Duration patience,
      boolean restart,
      boolean countAgain,
      long fromLine,
      @Nullable Path rejects,
      boolean withModel,
      String reporter) {}

  /**
   * What was done.
   *
   * @param lines that were looked at, without those that an earlier call had reported
   * @param skipped rows before the one to begin with
   * @param made twins that were not there before
   * @param sample one of the twins, or null where nothing is known of them
   */
  public record Outcome(
      long lines, long accepted, long rejected, long skipped, long made, @Nullable Sample sample) {}

  /** The twin of the first row, and the times of its first and its last. */
  public record Sample(String twin, String from, String time) {}

  private final PilothouseApi people;
  private final PilothouseApi reporting;
  private final Order order;
  private final Path states;
  private final Clock clock;
  private final Progress progress;
  private final Rejects rejects;
  private final @Nullable TwinMaker twins;
  private long lines;
  private long accepted;
  private long skipped;
  private @Nullable Sample sample;
  private @Nullable Instant reportedAt;
  private volatile @Nullable String goOn;

  private TelemetryImport(
      PilothouseApi people,
      PilothouseApi reporting,
      Order order,
      Path states,
      Clock clock,
      Progress progress,
      Rejects rejects) {
    this.people = people;
    this.reporting = reporting;
    this.order = order;
    this.states = states;
    this.clock = clock;
    this.progress = progress;
    this.rejects = rejects;
    this.twins = twinMaker();
  }

  /**
   * @param people of a person, for models and twins
   * @param reporting of whoever reports
   * @param states a directory for what is remembered between calls
   * @throws Unusable before anything is reported of a file that cannot be used
   */
  public static Outcome run(
      PilothouseApi people,
      PilothouseApi reporting,
      Order order,
      List<Path> files,
      Path states,
      Clock clock,
      PrintWriter err,
      boolean quiet)
      throws IOException, InterruptedException {
    Progress progress =
        new Progress(err, Terminal.style(quiet), Progress.Counted.LINES, System::nanoTime);
    for (Path file : files) {
      if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
        throw new Unusable(file + " cannot be read");
      }
    }
    try (Rejects rejects = new Rejects(order.rejects(), progress::note)) {
      TelemetryImport work =
          new TelemetryImport(people, reporting, order, states, clock, progress, rejects);
      work.putModel();
      for (Path file : files) {
        work.file(file);
      }
      return new Outcome(
          work.lines,
          work.accepted,
          rejects.count(),
          work.skipped,
          work.twins == null ? 0 : work.twins.made(),
          work.sample);
    }
  }

  private @Nullable TwinMaker twinMaker() {
    if (!order.withModel()) {
      return null;
    }
    Mapping mapping = order.mapping();
    if (mapping == null || mapping.twins() == null || mapping.twins().model() == null) {
      throw new Unusable("--with-model needs a mapping that names a model (twins.model)");
    }
    return new TwinMaker(
        people, order.pilot(), mapping.twins().model(), order.patience(), progress::hint);
  }

  private void putModel() throws InterruptedException {
    if (twins != null) {
      String document =
          Objects.requireNonNull(Objects.requireNonNull(order.mapping()).twins()).document();
      if (document != null) {
        twins.putModel(order.source().beside(document));
      }
    }
  }

  private void file(Path file) throws IOException, InterruptedException {
    ImportState state =
        ImportState.of(
            states,
            file,
            List.of(
                people.baseUrl(),
                order.pilot(),
                order.reporter(),
                order.source().document().toString()));
    ImportState.Kept before = state.read();
    ImportState.Kept kept = order.restart() ? ImportState.Kept.NOTHING : before;
    long from = order.fromLine() > 0 ? order.fromLine() : kept.line();
    refuseToCountAgain(file, before, from);
    // Lines left out on purpose are not reported yet: that is nothing to go on from.
    ImportState remembered = from <= kept.line() ? state : null;
    String end = end(state);
    reportedAt = before.at();
    Thread told = new Thread(() -> sayHowToGoOn(file));
    goOn = null;
    Runtime.getRuntime().addShutdownHook(told);
    boolean done = false;
    try (TelemetryFile in = new TelemetryFile(file)) {
      Lines read =
          order.mapping() == null
              ? new Plain(in)
              : new Mapped(in, order.mapping(), file, shift(file, order.mapping(), end));
      progress.begin(TelemetryFile.name(file), Files.size(file));
      report(file, in, read, from, end, remembered);
      done = true;
    } finally {
      boolean removed = removed(told);
      if (!done && removed) {
        sayHowToGoOn(file);
      }
    }
  }

  private void refuseToCountAgain(Path file, ImportState.Kept before, long from) {
    if (from >= before.line() || order.countAgain()) {
      return;
    }
    Instant at = before.at();
    boolean known =
        at != null
            && Duration.between(at, clock.instant()).compareTo(REMEMBERED) <= 0
            && before.line() - 1 <= REMEMBERED_LINES;
    if (!known) {
      throw new Unusable(
          "lines %,d to %,d of %s were reported before%s, and the platform no longer knows them: they would count a second time in history. Nothing was reported; if that is what you want, add --count-again"
              .formatted(
                  from,
                  before.line() - 1,
                  file,
                  at == null ? "" : " (last at " + at.truncatedTo(ChronoUnit.SECONDS) + ")"));
    }
  }

  /** False when the machine is stopping: then the hook says it. */
  private static boolean removed(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private void sayHowToGoOn(Path file) {
    String how = goOn;
    if (how != null) {
      progress.note(
          "stopped in " + file + "; the same command goes on where it was, elsewhere with: " + how);
    }
  }

  /** The same end as in the first call, or times and ids would be others each time. */
  private @Nullable String end(ImportState state) throws IOException {
    String asked = order.mapping() == null ? null : order.mapping().time().end();
    if (asked == null || !asked.equals("now")) {
      return asked;
    }
    String before = state.read().end();
    return before != null ? before : clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private @Nullable Shift shift(Path file, Mapping mapping, @Nullable String end)
      throws IOException {
    if (end == null) {
      return null;
    }
    Instant at = RowTime.instant("end", end);
    Shift shift =
        new Shift(at, Objects.requireNonNullElse(mapping.time().align(), Mapping.Align.FILE));
    try (TelemetryFile in = new TelemetryFile(file)) {
      Mapped rows = new Mapped(in, mapping, file, null);
      progress.begin("reading the times of " + TelemetryFile.name(file), Files.size(file));
      long number = 0;
      for (Row row = rows.row(); row != null; row = rows.row()) {
        try {
          shift.learn(rows.mapper().place(row));
        } catch (Refusal refusal) {
          // It is told of when the row's turn comes.
        }
        progress.at(in.bytes(), ++number);
      }
      progress.finish(in.bytes(), number);
    }
    return shift;
  }

  private void report(
      Path file,
      TelemetryFile in,
      Lines read,
      long from,
      @Nullable String end,
      @Nullable ImportState state)
      throws IOException, InterruptedException {
    String name = TelemetryFile.name(file);
    int most = Math.clamp(order.batch(), 1, order.rejects() == null ? MOST_LINES : MOST_NAMED);
    Batch batch = new Batch(most);
    long last = 0;
    long looked = 0;
    for (Row row = read.row(); row != null; row = read.row()) {
      last = row.line();
      if (row.line() < from) {
        skipped++;
        continue;
      }
      looked++;
      lines++;
      try {
        Made made = read.line(row, twins);
        byte[] line = made.json().getBytes(StandardCharsets.UTF_8);
        if (batch.isFullWith(line)) {
          send(name, batch, row.line(), end, state);
        }
        batch.add(row.line(), line);
        Sample seen = made.sample();
        if (seen != null && (sample == null || sample.twin().equals(seen.twin()))) {
          sample = sample == null ? seen : new Sample(seen.twin(), sample.from(), seen.time());
        }
      } catch (Refusal refusal) {
        rejects.add(name, row.line(), refusal.code(), refusal.detail());
      }
      progress.at(in.bytes(), looked);
    }
    send(name, batch, last + 1, end, state);
    // Also where the last rows were refused, or there were none.
    if (state != null) {
      state.write(new ImportState.Kept(Math.max(from, last + 1), end, reportedAt));
    }
    progress.finish(in.bytes(), looked);
    goOn = null;
  }

  private void send(
      String name, Batch batch, long next, @Nullable String end, @Nullable ImportState state)
      throws IOException, InterruptedException {
    if (batch.isEmpty()) {
      return;
    }
    goOn = goOn(batch.firstLine(), end);
    byte[] body = batch.body();
    JsonNode answer =
        PilothouseApi.patiently(
            () -> reporting.report(order.pilot(), body, body.length),
            order.patience(),
            problem -> progress.hint(printable(problem) + "; trying again"));
    accepted += answer.path("accepted").asLong();
    reportedAt = clock.instant();
    int named = 0;
    for (JsonNode one : answer.path("rejected")) {
      named++;
      rejects.add(
          name,
          batch.fileLine(one.path("line").asInt()),
          one.path("code").asText(),
          one.path("detail").asText());
    }
    rejects.addUnnamed(Math.max(0, answer.path("rejected_total").asLong(named) - named));
    batch.clear();
    if (state != null) {
      state.write(new ImportState.Kept(next, end, reportedAt));
    }
    goOn = goOn(next, end);
  }

  private static String printable(ApiProblem problem) {
    return String.valueOf(problem.getMessage()).replaceAll("\\p{Cntrl}", "?");
  }

  private static String goOn(long line, @Nullable String end) {
    return "--from-line " + line + (end == null ? "" : " --time-end " + end);
  }

  /** A line to be reported. */
  private record Made(String json, @Nullable Sample sample) {}

  private interface Lines {
    @Nullable Row row() throws IOException;

    Made line(Row row, @Nullable TwinMaker twins) throws Refusal, InterruptedException;
  }

  /** Lines that are telemetry lines already. */
  private static final class Plain implements Lines {
    private final LineReader lines;

    Plain(TelemetryFile in) {
      lines = new LineReader(in.reader(), MOST_LINE);
    }

    @Override
    public @Nullable Row row() throws IOException {
      return lines.next();
    }

    @Override
    public Made line(Row row, @Nullable TwinMaker twins) throws Refusal {
      if (row.fault() != null) {
        throw row.fault();
      }
      return new Made(row.cells().getFirst(), null);
    }
  }

  /** Rows that become telemetry lines by a mapping. */
  private static final class Mapped implements Lines {
    private final RowReader rows;
    private final RowMapper mapper;
    private final @Nullable Shift shift;

    Mapped(TelemetryFile in, Mapping mapping, Path file, @Nullable Shift shift) throws IOException {
      char delimiter =
          mapping.delimiter() != null
              ? mapping.delimiter().charAt(0)
              : TelemetryFile.plainName(file).endsWith(".tsv") ? '\t' : ',';
      this.rows = new RowReader(in.reader(), delimiter);
      this.shift = shift;
      List<String> columns = mapping.columns() == null ? header(file) : mapping.columns();
      this.mapper = new RowMapper(mapping, columns, TelemetryFile.name(file));
    }

    private List<String> header(Path file) throws IOException {
      Row row = rows.next();
      if (row == null) {
        throw new Unusable(file + " is empty; its first row should name the columns");
      }
      if (row.fault() != null) {
        throw new Unusable(file + ": line " + row.line() + ": " + row.fault().detail());
      }
      List<String> names = new ArrayList<>();
      for (String cell : row.cells()) {
        names.add(cell.isBlank() ? "column_" + (names.size() + 1) : cell.strip());
      }
      return names;
    }

    RowMapper mapper() {
      return mapper;
    }

    @Override
    public @Nullable Row row() throws IOException {
      return rows.next();
    }

    @Override
    public Made line(Row row, @Nullable TwinMaker twins) throws Refusal, InterruptedException {
      RowMapper.Line line = mapper.line(row, shift);
      if (twins != null && !twins.isKnown(line.twin())) {
        twins.make(line.twin(), mapper.attributes(row));
      }
      return new Made(line.json(), new Sample(line.twin(), line.time(), line.time()));
    }
  }

  /** The lines of one request, and where each stands in the file. */
  private static final class Batch {
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(1 << 16);
    private final int most;
    private long[] fileLines = new long[64];
    private int count;

    Batch(int most) {
      this.most = most;
    }

    boolean isEmpty() {
      return count == 0;
    }

    boolean isFullWith(byte[] line) {
      return count > 0 && (count == most || body.size() + line.length + 1 > MOST_BODY);
    }

    void add(long fileLine, byte[] line) {
      if (count == fileLines.length) {
        fileLines = Arrays.copyOf(fileLines, count * 2);
      }
      fileLines[count++] = fileLine;
      body.writeBytes(line);
      body.write('\n');
    }

    long firstLine() {
      return fileLines[0];
    }

    /**
     * @param line as the platform counts, from 1
     */
    long fileLine(int line) {
      return line >= 1 && line <= count ? fileLines[line - 1] : fileLines[0];
    }

    byte[] body() {
      return body.toByteArray();
    }

    void clear() {
      body.reset();
      count = 0;
    }
  }
}
