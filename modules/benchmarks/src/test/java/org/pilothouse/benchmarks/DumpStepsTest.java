package org.pilothouse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.HeldSteps;
import org.pilothouse.warehouse.internal.Step;

class DumpStepsTest {
  @Test
  void shouldComeToEachStepOfTheClosingOfADay() {
    assertThat(DumpSteps.STEPS)
        .containsExactly(Stream.of(Step.values()).map(HeldSteps::word).toArray(String[]::new));
  }
}
