package org.pilothouse.exports.internal;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetReading;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.exports.internal.ExportRequest.Days;
import org.pilothouse.exports.internal.ExportRequest.Window;
import org.pilothouse.exports.internal.SourceTable.Column;
import org.pilothouse.exports.internal.SourceTable.Form;
import org.pilothouse.exports.internal.SourceTable.Kind;
import org.pilothouse.exports.internal.SourceTable.SourceFile;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.warehouse.DayFiles;
import org.pilothouse.warehouse.DayFiles.DayColumn;
import org.pilothouse.warehouse.DayFiles.DayFile;
import org.pilothouse.warehouse.DayFiles.DayTable;
import org.pilothouse.warehouse.PilotDay;

/** Finds what a source consists of: tables, and the files that they are in. */
final class Sources {
  private final DatasetReading datasets;
  private final DayFiles days;

  Sources(DatasetReading datasets, DayFiles days) {
    this.datasets = datasets;
    this.days = days;
  }

  /**
   * What there is.
   *
   * @param tables in the order of their names, plain ones as they were named
   * @param datasets that hold it
   * @param dates of the closed days among it
   * @param closed the days that were asked for and are closed
   */
  record Found(
      List<SourceTable> tables,
      List<Dataset> datasets,
      List<LocalDate> dates,
      List<PilotDay> closed) {
    Found {
      tables = List.copyOf(tables);
      datasets = List.copyOf(datasets);
      dates = List.copyOf(dates);
      closed = List.copyOf(closed);
    }

    Found with(List<SourceTable> others) {
      return new Found(others, datasets, dates, closed);
    }
  }

  /**
   * @param model null: all
   * @param twins none: all
   * @param window files that hold nothing of it are left out
   * @throws Problem {@code invalid_value} with a path below {@code /parameters}, {@code conflict}
   */
  Found find(
      PilotId pilot,
      ExportRequest.Source source,
      @Nullable String model,
      Set<TwinId> twins,
      @Nullable Window window) {
    Found found =
        source.datasets().isEmpty()
            ? closed(pilot, source.days(), twins, window)
            : named(pilot, source.datasets(), window);
    List<SourceTable> tables =
        found.tables().stream()
            .filter(table -> model == null || model.equals(table.name()))
            .toList();
    return found.with(tables);
  }

  private Found closed(
      PilotId pilot, @Nullable Days wanted, Set<TwinId> twins, @Nullable Window window) {
    if (wanted == null) {
      return new Found(List.of(), List.of(), List.of(), List.of());
    }
    Days.Between between =
        switch (wanted) {
          case Days.Between given -> given;
          case Days.Newest newest -> {
            List<LocalDate> dates = days.newest(pilot, newest.count());
            if (dates.isEmpty()) {
              throw nothing("/parameters/source/closed_days", "No day is closed yet.");
            }
            yield new Days.Between(dates.getLast(), dates.getFirst());
          }
        };
    List<DayFile> files =
        days.files(pilot, between.from(), between.to(), twins).stream()
            .filter(file -> touches(window, file.first(), file.last()))
            .toList();
    Tables tables = new Tables();
    days.tables(pilot, between.from(), between.to()).forEach(tables::know);
    Map<String, Dataset> holders = new LinkedHashMap<>();
    Set<LocalDate> dates = new LinkedHashSet<>();
    for (DayFile file : files) {
      dates.add(file.date());
      Dataset holder =
          holders.computeIfAbsent(file.datasetId(), id -> available(pilot, new DatasetId(id)));
      tables.add(
          file.model(),
          new SourceFile(
              holder.id(),
              file.date(),
              file.revision(),
              Form.PARQUET,
              file.rows(),
              file.size(),
              file.checksum(),
              file.first(),
              file.last(),
              from -> days.open(file, from)));
    }
    return new Found(
        tables.all(),
        List.copyOf(holders.values()),
        List.copyOf(dates),
        days.closed(pilot, between.from(), between.to()));
  }

  private Dataset available(PilotId pilot, DatasetId id) {
    return datasets
        .find(pilot, id)
        .filter(dataset -> dataset.state() == DatasetState.AVAILABLE)
        .orElseThrow(() ->
            nothing(
                "/parameters/source", "The dataset " + id + " is not there, or is not available."));
  }

  static Problem nothing(String path, String detail) {
    return Problem.at(ProblemCode.INVALID_VALUE, path, detail);
  }

  private static boolean touches(
      @Nullable Window window, @Nullable Instant first, @Nullable Instant last) {
    return window == null
        || first == null
        || last == null
        || (first.isBefore(window.to()) && !last.isBefore(window.from()));
  }

  private Found named(PilotId pilot, List<DatasetId> ids, @Nullable Window window) {
    Tables tables = new Tables();
    List<SourceTable> plain = new ArrayList<>();
    List<Dataset> holders = new ArrayList<>();
    Set<LocalDate> dates = new LinkedHashSet<>();
    for (int i = 0; i < ids.size(); i++) {
      Dataset dataset = available(pilot, ids.get(i));
      holders.add(dataset);
      Optional<LocalDate> date = closedDay(dataset);
      List<SourceFile> files = new ArrayList<>();
      if (date.isPresent()) {
        dates.add(date.get());
        addDay(pilot, dataset, date.get(), window, tables);
        continue;
      }
      for (DatasetReading.StoredObject object : datasets.objects(dataset)) {
        Optional<Form> form = formOf(dataset, object);
        if (form.isPresent()) {
          files.add(
              new SourceFile(
                  dataset.id(),
                  null,
                  0,
                  form.get(),
                  -1,
                  object.size(),
                  object.checksum(),
                  null,
                  null,
                  from -> datasets.open(dataset, object, from)));
        }
      }
      if (files.isEmpty()) {
        throw nothing(
            "/parameters/source/datasets/" + i,
            "Of the dataset "
                + dataset.id()
                + " no rows can be read: it must be Parquet, CSV or NDJSON, or a closed day.");
      }
      if (files.stream().map(SourceFile::form).distinct().count() > 1) {
        throw nothing(
            "/parameters/source/datasets/" + i,
            "The files of the dataset " + dataset.id() + " are not all of one form.");
      }
      plain.add(
          new SourceTable(
              "dataset_" + (plain.size() + 1), Kind.PLAIN, dataset.name(), List.of(), files));
    }
    List<SourceTable> all = new ArrayList<>(tables.all());
    all.addAll(plain);
    return new Found(all, holders, List.copyOf(dates), List.of());
  }

  private static Optional<LocalDate> closedDay(Dataset dataset) {
    Object day = dataset.tags().get("day");
    String name = dataset.name();
    return dataset.lineage().maker() == Dataset.Maker.DUMP
            && dataset.key().endsWith("/_manifest.json")
            && day != null
            && name.equals("days/" + day)
        ? Optional.of(LocalDate.parse(day.toString()))
        : Optional.empty();
  }

  private void addDay(
      PilotId pilot, Dataset dataset, LocalDate date, @Nullable Window window, Tables tables) {
    Map<Integer, List<DayTable>> known = new LinkedHashMap<>();
    days.tables(pilot, date, date)
        .forEach(
            table -> known.computeIfAbsent(table.revision(), n -> new ArrayList<>()).add(table));
    for (DayFile file : days.files(pilot, date, date, Set.of())) {
      if (!file.datasetId().equals(dataset.id().value())
          || !touches(window, file.first(), file.last())) {
        continue;
      }
      known.getOrDefault(file.revision(), List.of()).forEach(tables::know);
      tables.add(
          file.model(),
          new SourceFile(
              dataset.id(),
              date,
              file.revision(),
              Form.PARQUET,
              file.rows(),
              file.size(),
              file.checksum(),
              file.first(),
              file.last(),
              from -> days.open(file, from)));
    }
  }

  /** By its type, or where that says little by the ending of its name. */
  private static Optional<Form> formOf(Dataset dataset, DatasetReading.StoredObject object) {
    boolean part = !object.path().isEmpty();
    if (object.path().endsWith("_manifest.json")) {
      return Optional.empty();
    }
    String name = (part ? object.path() : dataset.name()).toLowerCase(Locale.ROOT);
    Optional<Form> byName = byEnding(name);
    if (part) {
      return byName;
    }
    return switch (dataset.mediaType()) {
      case "application/vnd.apache.parquet", "application/x-parquet" -> Optional.of(Form.PARQUET);
      case "text/csv" -> Optional.of(Form.CSV);
      case "application/x-ndjson", "application/jsonl" -> Optional.of(Form.NDJSON);
      default -> byName;
    };
  }

  private static Optional<Form> byEnding(String name) {
    for (Form form : Form.values()) {
      if (form != Form.LIVE && name.endsWith(form.ending())) {
        return Optional.of(form);
      }
    }
    return name.endsWith(".jsonl") ? Optional.of(Form.NDJSON) : Optional.empty();
  }

  /** Tables of closed days by their models, as they are come upon. */
  private static final class Tables {
    private static final List<Column> IDENTITY =
        List.of(
            Column.plain("source", "text"),
            Column.plain("event_id", "text"),
            Column.plain("partition", "integer"),
            Column.plain("offset", "integer"));

    private final Map<String, List<SourceFile>> files = new LinkedHashMap<>();
    private final Map<String, Map<String, Column>> columns = new LinkedHashMap<>();
    private final Map<String, String> titles = new LinkedHashMap<>();

    /** The newest that is told of a column counts. */
    void know(DayTable table) {
      Map<String, Column> its =
          columns.computeIfAbsent(table.model(), model -> new LinkedHashMap<>());
      if (table.title() != null) {
        titles.put(table.model(), table.title());
      }
      for (DayColumn column : table.columns()) {
        its.put(
            column.name(),
            new Column(
                column.name(), column.property(), column.kind(), column.unit(), column.title()));
      }
    }

    void add(@Nullable String model, SourceFile file) {
      files
          .computeIfAbsent(model == null ? ExportRequest.TIDY : model, name -> new ArrayList<>())
          .add(file);
    }

    List<SourceTable> all() {
      List<SourceTable> tables = new ArrayList<>();
      files.forEach((name, its) -> {
        boolean tidy = name.equals(ExportRequest.TIDY);
        List<Column> all = new ArrayList<>();
        all.add(Column.plain("twin", "text"));
        all.add(Column.plain("time", "time"));
        if (tidy) {
          all.add(Column.plain("property", "text"));
          all.add(Column.plain("number", "number"));
          all.add(Column.plain("text", "text"));
          all.add(Column.plain("truth", "truth"));
        } else {
          all.addAll(columns.getOrDefault(name, Map.of()).values());
          all.add(Column.plain("other_properties", "json"));
        }
        all.addAll(IDENTITY);
        tables.add(
            new SourceTable(name, tidy ? Kind.TIDY : Kind.MODEL, titles.get(name), all, its));
      });
      tables.sort(Comparator.comparing(SourceTable::name));
      return tables;
    }
  }
}
