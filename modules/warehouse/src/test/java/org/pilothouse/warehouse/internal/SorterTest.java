package org.pilothouse.warehouse.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SorterTest {
  @TempDir Path directory;

  /** An event as text, in the order of the files. */
  private record Line(int table, String twin, long micros, long offset) {
    static final Comparator<Line> ORDER =
        Comparator.comparingInt(Line::table)
            .thenComparing(Line::twin)
            .thenComparingLong(Line::micros)
            .thenComparingLong(Line::offset);
  }

  @ParameterizedTest
  @ValueSource(ints = {2_000, 20_000, 4 << 20})
  void shouldSortWhateverFitsIntoMemory(int buffer) throws IOException {
    List<Line> lines = lines(5_000);

    assertThat(sorted(lines, buffer)).isEqualTo(lines.stream().sorted(Line.ORDER).toList());
  }

  @Test
  void shouldSpillWhatDoesNotFitAndLeaveNothingElse() throws IOException {
    try (Sorter sorter = new Sorter(directory, 20_000, SorterTest::table)) {
      for (Line line : lines(2_000)) {
        add(sorter, line);
      }
      assertThat(sorter.spills()).isPositive();
      try (Stream<Path> files = Files.list(directory)) {
        assertThat(files.count()).isLessThanOrEqualTo(sorter.spills());
      }
    }
  }

  @Test
  void shouldHaveNothingWhenNothingCame() throws IOException {
    assertThat(sorted(List.of(), 10_000)).isEmpty();
  }

  @Test
  void shouldTakeNothingOfATwinWithoutATable() throws IOException {
    try (Sorter sorter = new Sorter(directory, 10_000, SorterTest::table)) {
      byte[] some = "some".getBytes(UTF_8);

      assertThat(sorter.add("twin-x".getBytes(UTF_8), 1, 1, some, some, some)).isFalse();

      try (SortedRun run = sorter.sorted()) {
        assertThat(run.next()).isFalse();
      }
    }
  }

  private static List<Line> lines(int count) {
    Random random = new Random(7);
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // Mostly in the order of time, as devices report, and now and then not.
      long micros = random.nextInt(20) == 0 ? random.nextInt(count) : i;
      String twin = "twin-" + random.nextInt(40);
      lines.add(new Line(table(twin.getBytes(UTF_8)), twin, micros, i));
    }
    return lines;
  }

  /** Not in the order of the twins' names. */
  private static int table(byte[] twin) {
    return twin[twin.length - 1] == 'x' ? -1 : twin[twin.length - 1] * 7 % 3;
  }

  private static void add(Sorter sorter, Line line) throws IOException {
    boolean taken =
        sorter.add(
            line.twin().getBytes(UTF_8),
            line.micros(),
            line.offset(),
            "s".getBytes(UTF_8),
            Long.toString(line.offset()).getBytes(UTF_8),
            ("v" + line.offset()).getBytes(UTF_8));
    assertThat(taken).isTrue();
  }

  private List<Line> sorted(List<Line> lines, int buffer) throws IOException {
    List<Line> result = new ArrayList<>();
    try (Sorter sorter = new Sorter(directory, buffer, SorterTest::table)) {
      for (Line line : lines) {
        add(sorter, line);
      }
      try (SortedRun run = sorter.sorted()) {
        while (run.next()) {
          Entry entry = run.entry();
          assertThat(new String(entry.value, UTF_8)).isEqualTo("v" + entry.offset);
          assertThat(new String(entry.id, UTF_8)).isEqualTo(Long.toString(entry.offset));
          result.add(
              new Line(entry.table, new String(entry.twin, UTF_8), entry.micros, entry.offset));
        }
      }
    }
    return result;
  }
}
