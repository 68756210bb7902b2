package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LockoutTest {
  @Test
  void shouldDoubleTheWaitUpToTheLongest() {
    Lockout.Limits limits = new Lockout.Limits(5, Duration.ofSeconds(15), Duration.ofMinutes(15));
    assertThat(limits.waitAfter(4)).isZero();
    assertThat(limits.waitAfter(5)).isEqualTo(Duration.ofSeconds(15));
    assertThat(limits.waitAfter(6)).isEqualTo(Duration.ofSeconds(30));
    assertThat(limits.waitAfter(11)).isEqualTo(Duration.ofMinutes(15));
    assertThat(limits.waitAfter(Integer.MAX_VALUE)).isEqualTo(Duration.ofMinutes(15));
  }
}
