package org.pilothouse.exports.internal;

import java.io.InputStream;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.warehouse.DayFiles;
import org.pilothouse.warehouse.PilotDay;

/** Closed days whose rows a test has named; their files are in object storage. */
final class FakeDays implements DayFiles {
  private final ObjectStore store;
  final List<DayFile> files = new ArrayList<>();
  final List<DayTable> tables = new ArrayList<>();

  FakeDays(ObjectStore store) {
    this.store = store;
  }

  @Override
  public List<LocalDate> newest(PilotId pilot, int most) {
    return files.stream()
        .map(DayFile::date)
        .distinct()
        .sorted(Comparator.reverseOrder())
        .limit(most)
        .toList();
  }

  @Override
  public List<PilotDay> closed(PilotId pilot, LocalDate from, LocalDate to) {
    return files.stream()
        .map(DayFile::date)
        .distinct()
        .filter(date -> !date.isBefore(from) && !date.isAfter(to))
        .map(date -> PilotDay.of(date, ZoneOffset.UTC).orElseThrow())
        .toList();
  }

  @Override
  public List<DayFile> files(PilotId pilot, LocalDate from, LocalDate to, Set<TwinId> twins) {
    return files.stream()
        .filter(file -> !file.date().isBefore(from) && !file.date().isAfter(to))
        .toList();
  }

  @Override
  public List<DayTable> tables(PilotId pilot, LocalDate from, LocalDate to) {
    return tables.stream()
        .filter(table -> !table.date().isBefore(from) && !table.date().isAfter(to))
        .toList();
  }

  @Override
  public InputStream open(DayFile file, long from) {
    return store
        .open(file.key(), from)
        .orElseThrow(() -> Problem.of(ProblemCode.OBJECT_MISSING, "It is gone."));
  }
}
