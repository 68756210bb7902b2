package org.pilothouse.warehouse.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepeatsTest {
  private static final long FIRST = 1_000_000;

  @TempDir Path directory;

  @Test
  void shouldKeepTheFirstOfEachEventHoweverFarApart() throws IOException {
    try (Repeats repeats = new Repeats(directory, FIRST, false)) {
      for (int i = 0; i < 10_000; i++) {
        add(repeats, "a", "event-" + i % 7_000, i);
      }

      BitSet found = repeats.find();

      assertThat(found.cardinality()).isEqualTo(3_000);
      assertThat(found.nextSetBit(0)).isEqualTo(7_000);
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void shouldTellSourcesApart() throws IOException {
    try (Repeats repeats = new Repeats(directory, FIRST, false)) {
      add(repeats, "a", "1", 0);
      add(repeats, "b", "1", 1);
      add(repeats, "a1", "", 2);

      assertThat(repeats.find().isEmpty()).isTrue();
    }
  }

  @Test
  void shouldLeaveOutWhatEarlierRevisionsHold() throws IOException {
    try (Repeats repeats = new Repeats(directory, FIRST, true)) {
      for (int i = 0; i < 1_000; i++) {
        add(repeats, "a", "event-" + i, i);
      }
      add(repeats, "a", "event-3", 1_000);
      for (int i = 500; i < 200_000; i++) {
        repeats.held("a".getBytes(UTF_8), ("event-" + i).getBytes(UTF_8));
      }
      repeats.held("b".getBytes(UTF_8), "event-1".getBytes(UTF_8));

      BitSet found = repeats.find();

      assertThat(found.nextSetBit(0)).isEqualTo(500);
      assertThat(found.cardinality()).isEqualTo(501);
      assertThat(found.get(1_000)).isTrue();
    }
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).isEmpty();
    }
  }

  private static void add(Repeats repeats, String source, String id, int place) throws IOException {
    repeats.add(source.getBytes(UTF_8), id.getBytes(UTF_8), FIRST + place);
  }
}
