package org.pilothouse.ctl.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final StringWriter said = new StringWriter();
  private long nanos;

  @Test
  void shouldDrawABarWithWhatIsLeft() {
    Progress progress = progress(Progress.Style.BAR);
    progress.begin("a.csv", 1_000);

    pass(Duration.ofSeconds(10));
    progress.at(250, 5_000);
    progress.at(251, 5_001);
    progress.note("a word");
    progress.finish(1_000, 20_000);

    assertThat(said.toString().replace("\u001B[K", "").replace("\r", "\n").lines())
        .containsExactly(
            "",
            "a.csv [#######                       ]  25 %  5,000 lines, 500/s, 0:30 min left",
            "a word",
            "",
            "a.csv [##############################] 100 %  20,000 lines, 2,000/s");
  }

  @Test
  void shouldWriteALineEveryFewSecondsWhereNobodyDraws() {
    Progress progress = progress(Progress.Style.LINES);
    progress.begin("a.csv", 1_000);

    progress.at(1, 1);
    pass(Duration.ofSeconds(5));
    progress.at(500, 10);
    pass(Duration.ofSeconds(4));
    progress.at(600, 12);

    assertThat(said.toString().lines())
        .containsExactly("a.csv: 50 %  10 lines, 2/s, 0:05 min left");
  }

  @Test
  void shouldOnlySayWhatMattersWhenQuiet() {
    Progress progress = progress(Progress.Style.QUIET);
    progress.begin("a.csv", 1_000);

    pass(Duration.ofMinutes(1));
    progress.at(500, 10);
    progress.hint("a hint");
    progress.note("a fault");
    progress.finish(1_000, 20);

    assertThat(said.toString().lines()).containsExactly("a fault");
  }

  private Progress progress(Progress.Style style) {
    return new Progress(new PrintWriter(said, true), style, Progress.Counted.LINES, () -> nanos);
  }

  private void pass(Duration time) {
    nanos += time.toNanos();
  }
}
