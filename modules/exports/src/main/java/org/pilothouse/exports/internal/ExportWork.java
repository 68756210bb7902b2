package org.pilothouse.exports.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetReferences;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.exports.internal.engine.Frame;
import org.pilothouse.exports.internal.engine.QueryRequest;
import org.pilothouse.jobs.JobFailed;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.JobRun;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Json;

/**
 * One attempt at an export: brings the files to the node, runs a query over each table, sends what
 * it writes to object storage meanwhile, and has the result read back.
 */
final class ExportWork {
  private static final int WHOLE = 100;

  /** How much of an export the parts of it are taken for; the rest is reading back. */
  private static final int STAGING = 20;

  private static final int QUERYING = 75;

  private final Room room;
  private final JobRun run;
  private final ExportRequest request;
  private final Path in;
  private final Path out;
  private final List<DatasetId> held = new ArrayList<>();
  private @Nullable DatasetId made;
  private long staged;
  private long peak;

  ExportWork(Room room, JobRun run, ExportRequest request) {
    this.room = room;
    this.run = run;
    this.request = request;
    this.in = run.directory().resolve("in");
    this.out = run.directory().resolve("out");
  }

  /** A table, as it is asked for. */
  private record Asked(String name, List<SourceTable> tables, @Nullable SourceTable only) {}

  /** What a query has written. */
  private record Made(String name, long rows, List<GrowingObject.Written> files) {}

  JobOutcome outcome() throws JobFailed, IOException {
    boolean done = false;
    try {
      JobOutcome outcome = work();
      done = true;
      return outcome;
    } catch (QueryFailed e) {
      if (e.why() == Frame.Why.BROKEN) {
        throw new IOException(e.detail(), e);
      }
      throw new JobFailed(
          e.why() == Frame.Why.REFUSED ? ProblemCode.INVALID_VALUE : ProblemCode.LIMIT_REACHED,
          e.detail());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (Problem e) {
      if (ends(e)) {
        throw new JobFailed(e.code(), e.detail());
      }
      throw e;
    } finally {
      if (!done) {
        giveUp();
      }
      for (DatasetId id : held) {
        room.references()
            .release(run.pilot(), id, DatasetReferences.Kind.JOB, run.job().toString());
      }
    }
  }

  /** Whether another attempt would end the same way. */
  private static boolean ends(Problem problem) {
    return switch (problem.code()) {
      case INVALID_VALUE,
          MISSING_FIELD,
          UNKNOWN_FIELD,
          NOT_FOUND,
          CONFLICT,
          LIMIT_REACHED,
          CHECKSUM_MISMATCH,
          SIZE_MISMATCH,
          OBJECT_MISSING ->
          true;
      default -> false;
    };
  }

  private JobOutcome work() throws QueryFailed, IOException {
    Files.createDirectories(in);
    Files.createDirectories(out);
    Sources.Found found = room.find(run.pilot(), request, run::goOn, in);
    List<SourceTable> tables = found.tables();
    if (tables.isEmpty()) {
      throw Sources.nothing("/parameters/source", "There are no rows in what was asked for.");
    }
    String unknown = ExportSql.unknown(request, tables);
    if (unknown != null) {
      throw Sources.nothing("/parameters/properties", "No table has the column " + unknown + ".");
    }
    hold(found.datasets());
    List<Asked> asked = asked(tables);
    long bytes = tables.stream().mapToLong(SourceTable::bytes).sum();
    if (bytes > (long) room.config().stagedMib() << 20) {
      throw Problem.of(
          ProblemCode.LIMIT_REACHED,
          "An export reads at most "
              + room.config().stagedMib()
              + " MiB of files; these are "
              + (bytes >> 20)
              + " MiB: choose fewer days, twins or datasets.");
    }
    run.log(
        "reads "
            + tables.stream().mapToInt(table -> table.files().size()).sum()
            + " files of "
            + found.datasets().size()
            + " datasets, "
            + (bytes >> 10)
            + " KiB");
    boolean several = asked.size() > 1 || request.splitBytes() > 0;
    return several ? bundle(found, asked) : file(found, asked.getFirst());
  }

  private void hold(List<Dataset> datasets) {
    for (Dataset dataset : datasets) {
      Optional<Dataset> there =
          room.references()
              .hold(
                  run.pilot(),
                  dataset.id(),
                  DatasetReferences.Kind.JOB,
                  run.job().toString(),
                  "an export reads it",
                  room.clock().instant().plus(room.config().longest().multipliedBy(2)));
      if (there.isEmpty()) {
        throw Sources.nothing(
            "/parameters/source", "The dataset " + dataset.id() + " is no longer available.");
      }
      held.add(dataset.id());
    }
  }

  private List<Asked> asked(List<SourceTable> tables) {
    return request.sql() != null
        ? List.of(new Asked("result", tables, null))
        : tables.stream().map(table -> new Asked(table.name(), List.of(table), table)).toList();
  }

  private NewDataset wanted(Sources.Found found, String name, String mediaType) {
    Set<DatasetId> inputs = new HashSet<>();
    List<DatasetId> ordered =
        found.datasets().stream().map(Dataset::id).filter(inputs::add).toList();
    return new NewDataset(
        name,
        mediaType,
        0,
        Optional.empty(),
        Inherited.schemaRef(found.datasets()),
        Inherited.tags(found.datasets(), request.source().history() != null),
        new Dataset.Lineage(ordered, Dataset.Maker.JOB, run.job().toString()),
        request.retentionDays(),
        null);
  }

  private JobOutcome file(Sources.Found found, Asked asked) throws QueryFailed, IOException {
    String ending = ResultFiles.ending(request.format(), request.compression());
    String name = request.name().endsWith(ending) ? request.name() : request.name() + ending;
    DatasetBundles.OpenedFile opened =
        room.bundles()
            .openFile(
                run.caller(),
                run.pilot(),
                wanted(
                    found, name, ResultFiles.mediaType(request.format(), request.compression())));
    made = opened.id();
    Made result = make(asked, number -> opened.key(), 0, 1);
    if (result.files().isEmpty()) {
      throw Sources.nothing("/parameters/filter", "No table has all that is asked for.");
    }
    GrowingObject.Written file = result.files().getFirst();
    run.progress(WHOLE - 2, WHOLE, "reading the result back");
    DatasetBundles.Sealed sealed =
        room.bundles()
            .readBackFile(
                run.pilot(),
                opened.id(),
                new DatasetBundles.Part(file.key(), file.size(), file.checksum()),
                run::goOn);
    return published(opened.id(), sealed, List.of(result));
  }

  private JobOutcome bundle(Sources.Found found, List<Asked> asked)
      throws QueryFailed, IOException {
    DatasetBundles.Opened opened =
        room.bundles()
            .open(run.caller(), run.pilot(), wanted(found, request.name(), "application/json"));
    made = opened.id();
    String ending = ResultFiles.ending(request.format(), request.compression());
    List<Made> results = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      String prefix = opened.prefix() + asked.get(i).name() + "/";
      Made result =
          make(
              asked.get(i),
              number -> prefix + String.format(Locale.ROOT, "part-%05d%s", number, ending),
              i,
              asked.size());
      if (!result.files().isEmpty()) {
        results.add(result);
      }
      boolean unused = room.bundles().goOn(run.pilot(), opened.id());
    }
    if (results.isEmpty()) {
      throw Sources.nothing("/parameters/filter", "No table has all that is asked for.");
    }
    run.progress(WHOLE - 2, WHOLE, "reading the result back");
    List<DatasetBundles.Part> parts =
        results.stream()
            .flatMap(result -> result.files().stream())
            .map(file -> new DatasetBundles.Part(file.key(), file.size(), file.checksum()))
            .toList();
    DatasetBundles.Sealed sealed =
        room.bundles()
            .seal(
                room.bundles().readBack(run.pilot(), opened.id(), parts, run::goOn),
                manifest(opened, results));
    return published(opened.id(), sealed, results);
  }

  private byte[] manifest(DatasetBundles.Opened opened, List<Made> results)
      throws JsonProcessingException {
    ObjectNode manifest = Json.mapper().createObjectNode();
    manifest.put("format", "pilothouse-export/1");
    manifest.put("pilot_id", run.pilot().value());
    manifest.put("dataset_id", opened.id().value());
    manifest.put("job_id", run.job().toString());
    manifest.set("parameters", run.parameters());
    ArrayNode parts = manifest.putArray("parts");
    for (Made result : results) {
      for (GrowingObject.Written file : result.files()) {
        parts
            .addObject()
            .put("path", file.key().substring(opened.prefix().length()))
            .put("table", result.name())
            .put("size_bytes", file.size())
            .put("checksum", file.checksum().toString());
      }
    }
    return Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest);
  }

  /**
   * Runs the query of one table.
   *
   * @param place of the table among all
   */
  private Made make(Asked asked, ResultFiles.Naming naming, int place, int tables)
      throws QueryFailed, IOException {
    long bytes = asked.tables().stream().mapToLong(SourceTable::bytes).sum();
    staged = 0;
    List<Path> files = new ArrayList<>();
    List<List<Path>> byTable = new ArrayList<>();
    Staging staging =
        new Staging(
            Files.createDirectories(in.resolve(Integer.toString(place))),
            copied -> {
              run.goOn();
              staged += copied;
              run.progress(
                  (WHOLE * place + STAGING * staged / Math.max(1, bytes)) / tables,
                  WHOLE,
                  "bringing files to the node");
            });
    for (SourceTable table : asked.tables()) {
      List<Path> its = staging.stage(table.files());
      byTable.add(its);
      files.addAll(its);
    }
    QueryRequest.Output output =
        new QueryRequest.Output(
            out.resolve(
                    request.splitBytes() > 0
                        ? Integer.toString(place)
                        : place + ResultFiles.ending(request.format(), request.compression()))
                .toAbsolutePath()
                .toString(),
            request.format(),
            request.compression(),
            request.splitBytes());
    Optional<QueryEngine.Query> query = query(asked, byTable, output);
    if (query.isEmpty()) {
      return new Made(asked.name(), 0, List.of());
    }
    try (ResultFiles results = results(output, naming)) {
      QueryEngine.Answer answer =
          room.engine()
              .run(
                  query.get(),
                  run.directory(),
                  room.config().longest(),
                  percent -> look(results, asked.name(), percent, place, tables));
      peak = Math.max(peak, answer.peakBytes());
      List<GrowingObject.Written> written = results.finish(run::goOn);
      run.log(
          asked.name()
              + ": "
              + answer.count()
              + " rows in "
              + written.size()
              + " files of "
              + (written.stream().mapToLong(GrowingObject.Written::size).sum() >> 10)
              + " KiB");
      return new Made(asked.name(), answer.count(), written);
    } finally {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  private ResultFiles results(QueryRequest.Output output, ResultFiles.Naming naming) {
    return new ResultFiles(
        room.store(),
        naming,
        Path.of(java.util.Objects.requireNonNull(output.file())),
        request.splitBytes() > 0,
        ResultFiles.mediaType(request.format(), request.compression()),
        (long) room.config().outputMib() << 20);
  }

  private void look(ResultFiles results, String name, double percent, int place, int tables) {
    run.goOn();
    try {
      results.advance();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long done = (long) (STAGING + QUERYING * Math.clamp(percent, 0, 100) / 100);
    run.progress((WHOLE * place + done) / tables, WHOLE, "querying " + name);
  }

  private Optional<QueryEngine.Query> query(
      Asked asked, List<List<Path>> files, QueryRequest.Output output) {
    String sql = request.sql();
    SourceTable only = asked.only();
    if (sql != null || only == null) {
      return Optional.of(
          new QueryEngine.Query(
              ExportSql.views(request, asked.tables(), files),
              java.util.Objects.requireNonNull(sql),
              List.of(),
              true,
              List.of(),
              List.of(),
              room.config().mostRows(),
              false,
              output));
    }
    return ExportSql.of(request, only, files.getFirst())
        .map(select ->
            new QueryEngine.Query(
                List.of(),
                select.sql(),
                select.values(),
                false,
                select.order(),
                select.hidden(),
                0,
                false,
                output));
  }

  private JobOutcome published(DatasetId id, DatasetBundles.Sealed sealed, List<Made> results) {
    ObjectNode summary = Json.mapper().createObjectNode();
    long rows = results.stream().mapToLong(Made::rows).sum();
    List<GrowingObject.Written> files =
        results.stream().flatMap(result -> result.files().stream()).toList();
    summary.put("rows", rows);
    summary.put("files", files.size());
    summary.put("bytes", files.stream().mapToLong(GrowingObject.Written::size).sum());
    summary.put("engine_peak_bytes", peak);
    ArrayNode tables = summary.putArray("tables");
    results.forEach(
        result -> tables.addObject().put("name", result.name()).put("rows", result.rows()));
    run.progress(WHOLE, WHOLE, rows + " rows");
    return new JobOutcome(
        id.value(),
        summary,
        transaction -> {
          Dataset unused = room.bundles().publish(transaction, sealed, Map.of());
        });
  }

  /** Whether it works or not, the attempt has ended for another reason. */
  private void giveUp() {
    DatasetId id = made;
    if (id == null) {
      return;
    }
    try {
      room.database()
          .runInPilot(
              run.pilot(), transaction -> room.bundles().giveUp(transaction, run.pilot(), id));
    } catch (RuntimeException e) {
      run.warn("The unfinished dataset " + id + " stays until it is given up for its age.");
    }
  }
}
