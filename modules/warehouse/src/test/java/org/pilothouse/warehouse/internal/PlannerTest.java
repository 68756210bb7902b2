package org.pilothouse.warehouse.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;

class PlannerTest {
  private static final Watermark MARK = new Watermark(3, null, null);

  @Test
  void shouldReadFromWhereTheDayOpenedWhenAllIsKept() {
    Share share = Planner.share(MARK, 40, 120, 100L, 500);

    assertThat(share.from()).isEqualTo(100);
    assertThat(share.to()).isEqualTo(500);
    assertThat(share.missing()).isEmpty();
  }

  @Test
  void shouldNameTheOffsetsThatAreNoLongerKept() {
    Share share = Planner.share(MARK, 140, 140, 100L, 500);

    assertThat(share.from()).isEqualTo(140);
    assertThat(share.missing()).containsExactly(new Missing(3, 100, 140));
  }

  @Test
  void shouldNameAllWhenNothingIsKept() {
    Share share = Planner.share(MARK, 500, 500, 100L, 500);

    assertThat(share.from()).isEqualTo(share.to());
    assertThat(share.missing()).containsExactly(new Missing(3, 100, 500));
  }

  @Test
  void shouldNotCallAQuietPartitionShort() {
    // It was silent all the day, and what it had before is no longer kept.
    Share share = Planner.share(MARK, 500, 500, 500L, 500);

    assertThat(share.missing()).isEmpty();
  }

  @Test
  void shouldNotSayThatItIsWholeWhenNobodyKnows() {
    assertThat(Planner.share(MARK, 140, 140, null, 500).missing())
        .containsExactly(new Missing(3, 0, 140));
    assertThat(Planner.share(MARK, 0, 0, null, 500).missing()).isEmpty();
    assertThat(Planner.share(MARK, 140, 200, null, 500).missing()).isEmpty();
  }

  @Test
  void shouldReadOnWhereTheRevisionBeforeHasEnded() {
    Share share = Planner.next(MARK, 0, 300, 500);

    assertThat(share.from()).isEqualTo(300);
    assertThat(share.to()).isEqualTo(500);
    assertThat(share.missing()).isEmpty();
  }

  @Test
  void shouldNameWhatWasDroppedBetweenTwoRevisions() {
    Share share = Planner.next(MARK, 350, 300, 500);

    assertThat(share.from()).isEqualTo(350);
    assertThat(share.missing()).containsExactly(new Missing(3, 300, 350));
    assertThat(Planner.next(MARK, 900, 300, 900).missing())
        .containsExactly(new Missing(3, 300, 900));
  }

  @Test
  void shouldNotTakeAnotherTopicForTheSame() {
    assertThatThrownBy(() -> Planner.next(MARK, 0, 300, 200)).isInstanceOf(Problem.class);
  }
}
