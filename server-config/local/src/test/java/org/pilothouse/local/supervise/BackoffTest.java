package org.pilothouse.local.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private final Backoff backoff = new Backoff();

  @Test
  void shouldGrowUpToItsBoundWhenStartsKeepFailing() {
    Duration soon = Duration.ofSeconds(1);
    assertThat(backoff.afterRunOf(soon)).isEqualTo(Duration.ofSeconds(5));
    assertThat(backoff.afterRunOf(soon)).isEqualTo(Duration.ofSeconds(10));
    assertThat(backoff.afterRunOf(soon)).isEqualTo(Duration.ofSeconds(20));
    assertThat(backoff.afterRunOf(soon)).isEqualTo(Duration.ofSeconds(30));
    assertThat(backoff.afterRunOf(soon)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void shouldStartOverWhenTheProcessStayedUpForAWhile() {
    backoff.afterRunOf(Duration.ofSeconds(1));
    backoff.afterRunOf(Duration.ofSeconds(1));
    assertThat(backoff.afterRunOf(Backoff.STEADY)).isEqualTo(Backoff.FIRST);
  }
}
