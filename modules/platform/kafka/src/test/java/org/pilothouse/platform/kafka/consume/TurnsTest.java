package org.pilothouse.platform.kafka.consume;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private static Turns.Place place(int number, int queued, long idle) {
    return new Turns.Place(new Partition("t", number), queued, idle);
  }

  @Test
  void shouldHoldNobodyBackWhenThereIsRoomForAll() {
    assertThat(Turns.waiting(List.of(place(0, 5, 1), place(1, 0, 9)), 2)).isEmpty();
  }

  @Test
  void shouldFillWhatWasBegunFirst() {
    assertThat(Turns.waiting(List.of(place(0, 5, 1), place(1, 900, 0), place(2, 30, 9)), 1))
        .containsExactlyInAnyOrder(new Partition("t", 0), new Partition("t", 2));
  }

  @Test
  void shouldTakeThemInTurnWhenNothingOfThemWaits() {
    TreeSet<Integer> had = new TreeSet<>();
    long[] begun = new long[7];
    for (int now = 1; now <= 7; now++) {
      List<Turns.Place> behind = new ArrayList<>();
      for (int i = 0; i < begun.length; i++) {
        behind.add(place(i, 0, now - begun[i]));
      }
      var waiting = Turns.waiting(behind, 1);
      for (int i = 0; i < begun.length; i++) {
        if (!waiting.contains(new Partition("t", i))) {
          begun[i] = now;
          had.add(i);
        }
      }
    }
    assertThat(had).hasSize(7);
  }
}
