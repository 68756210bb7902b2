package org.pilothouse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.pilothouse.benchmarks.HoldSteps.Way;
import org.pilothouse.datasets.internal.Step;

class HoldStepsTest {
  @Test
  void shouldComeToEachStepOfTheLifeOfADataset() {
    assertThat(HoldSteps.WAYS)
        .extracting(Way::step)
        .containsOnly(
            Stream.of(Step.values())
                .map(step -> step.name().toLowerCase(Locale.ROOT))
                .toArray(String[]::new));
  }

  @Test
  void shouldHoldOnlyTogetherWhatDoesNotMeet() {
    List<List<Way>> rounds = HoldSteps.rounds(HoldSteps.WAYS);

    assertThat(rounds.stream().flatMap(List::stream))
        .containsExactlyInAnyOrderElementsOf(HoldSteps.WAYS);
    assertThat(rounds)
        .allSatisfy(round -> {
          assertThat(round).extracting(Way::step).doesNotHaveDuplicates();
          assertThat(round).extracting(Way::act).doesNotHaveDuplicates().isSorted();
        });
  }
}
