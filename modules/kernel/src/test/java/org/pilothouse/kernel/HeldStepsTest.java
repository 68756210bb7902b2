package org.pilothouse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldStepsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private enum Step {
    DECLARED,
    VERIFIED
  }

  @TempDir Path directory;

  @Test
  void shouldNameAllSteps() throws Exception {
    var unused = HeldSteps.in(directory, Step.class);

    assertThat(Files.readAllLines(directory.resolve("steps")))
        .containsExactlyElementsOf(Stream.of(Step.values()).map(HeldSteps::word).toList());
  }

  @Test
  void shouldPassWhereNothingIsNamed() throws Exception {
    HeldSteps<Step> steps = HeldSteps.in(directory, Step.class);
    Files.createFile(directory.resolve("declared"));

    steps.reached(Step.VERIFIED);

    assertThat(directory.resolve("declared")).exists();
  }

  @Test
  void shouldHoldOneUntilItMayGoOn() throws Exception {
    HeldSteps<Step> steps = HeldSteps.in(directory, Step.class);
    Files.createFile(directory.resolve("declared"));

    List<Thread> both =
        List.of(
            Thread.startVirtualThread(() -> steps.reached(Step.DECLARED)),
            Thread.startVirtualThread(() -> steps.reached(Step.DECLARED)));

    Path held = directory.resolve("declared.held");
    await().atMost(SOON).until(() -> Files.exists(held));
    await().atMost(SOON).until(() -> both.stream().filter(Thread::isAlive).count() == 1);
    Files.delete(held);
    await().atMost(SOON).until(() -> both.stream().noneMatch(Thread::isAlive));
  }
}
