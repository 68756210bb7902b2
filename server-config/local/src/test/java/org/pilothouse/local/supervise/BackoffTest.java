package org.pilothouse.local.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private final Backoff backoff = new Backoff();

  @Test
  void shouldGrowUpToItsBoundWhenStartsKeepFailing() {
    assertThat(backoff.after(false)).isEqualTo(Duration.ofSeconds(5));
    assertThat(backoff.after(false)).isEqualTo(Duration.ofSeconds(10));
    assertThat(backoff.after(false)).isEqualTo(Duration.ofSeconds(20));
    assertThat(backoff.after(false)).isEqualTo(Duration.ofSeconds(30));
    assertThat(backoff.after(false)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void shouldStartOverWhenTheProcessHadBecomeReady() {
    assertThat(backoff.after(false)).isEqualTo(Backoff.FIRST);
    assertThat(backoff.after(false)).isGreaterThan(Backoff.FIRST);
    assertThat(backoff.after(true)).isEqualTo(Backoff.FIRST);
  }
}
