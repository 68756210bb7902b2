package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.pilothouse.datasets.NewDataset;

class PartPlanTest {
  @Property
  void shouldCoverTheWholeInPartsThatTheStoreTakes(
      @ForAll @LongRange(min = 0, max = NewDataset.LARGEST) long size) {
    PartPlan plan = PartPlan.of(size);

    assertThat(plan.count()).isBetween(1, PartPlan.MOST_PARTS);
    assertThat(plan.partSize()).isBetween(PartPlan.SMALLEST, 5L << 30);
    assertThat(LongStream.rangeClosed(1, plan.count()).map(n -> plan.sizeOf((int) n)).sum())
        .isEqualTo(size);
    assertThat(plan.sizeOf(plan.count())).isLessThanOrEqualTo(plan.partSize());
  }

  @Test
  void shouldSendNothingAsOneEmptyPart() {
    PartPlan plan = PartPlan.of(0);

    assertThat(plan.count()).isEqualTo(1);
    assertThat(plan.sizeOf(1)).isZero();
  }

  @Test
  void shouldMakeALastPartOfFullSizeWhereItFits() {
    PartPlan plan = PartPlan.of(2 * PartPlan.SMALLEST);

    assertThat(plan.count()).isEqualTo(2);
    assertThat(plan.sizeOf(2)).isEqualTo(PartPlan.SMALLEST);
  }
}
