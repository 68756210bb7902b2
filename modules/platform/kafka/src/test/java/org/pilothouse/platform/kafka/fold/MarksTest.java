package org.pilothouse.platform.kafka.fold;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

class MarksTest {
  @Test
  void shouldReachEveryShare() {
    List<byte[]> marks = Marks.forEachOf(12, "a-round");

    assertThat(marks).hasSize(12).allMatch(mark -> mark[0] == FoldTopology.MARK);
    assertThat(marks.stream().map(mark -> BuiltInPartitioner.partitionForKey(mark, 12)).sorted())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  }

  @Test
  void shouldBeOthersInEachRound() {
    assertThat(texts("one")).doesNotContainAnyElementsOf(texts("two"));
  }

  private static List<String> texts(String round) {
    return Marks.forEachOf(3, round).stream()
        .map(mark -> new String(mark, StandardCharsets.UTF_8))
        .toList();
  }
}
