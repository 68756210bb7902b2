package org.pilothouse.warehouse;

import java.io.InputStream;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;

/** The files of closed days. A day is the union of its revisions: all of them are told. */
public interface DayFiles {
  /**
   * A Parquet file of a revision.
   *
   * @param datasetId whose part it is
   * @param model null where it has a row a value, of twins without a model
   */
  record DayFile(
      LocalDate date,
      int revision,
      String datasetId,
      String key,
      @Nullable String model,
      int partition,
      long rows,
      long size,
      Checksum checksum,
      Instant first,
      Instant last) {}

  /**
   * A property as its column.
   *
   * @param name of the column, which may differ from the property's
   * @param kind number, integer, text, truth or json
   */
  record DayColumn(
      String name, String property, String kind, @Nullable String unit, @Nullable String title) {}

  /** The table of a model as a revision has frozen it. */
  record DayTable(
      LocalDate date, int revision, String model, @Nullable String title, List<DayColumn> columns) {
    public DayTable {
      columns = List.copyOf(columns);
    }
  }

  /** The newest closed days that have a dataset, the newest first. */
  List<LocalDate> newest(PilotId pilot, int most);

  /** The days among these that have a dataset, in their order, as they were closed. */
  List<PilotDay> closed(PilotId pilot, LocalDate from, LocalDate to);

  /**
   * In the order of date, revision and key; both dates included.
   *
   * @param twins only files that can hold one of them; all where it is empty
   */
  List<DayFile> files(PilotId pilot, LocalDate from, LocalDate to, Set<TwinId> twins);

  /** The tables of the same revisions, in their order; of models that have no file, too. */
  List<DayTable> tables(PilotId pilot, LocalDate from, LocalDate to);

  /**
   * The bytes from one on. Whoever opens it closes it.
   *
   * @throws Problem {@code object_missing}, {@code unavailable}
   */
  InputStream open(DayFile file, long from);
}
