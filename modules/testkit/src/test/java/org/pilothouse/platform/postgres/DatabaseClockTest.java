package org.pilothouse.platform.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseClockTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

  private Duration passed = Duration.ZERO;
  private Duration off = Duration.ZERO;
  private Duration lookTakes = Duration.ofMillis(2);
  private boolean away;
  private final DatabaseClock clock =
      new DatabaseClock(new Own(), () -> passed.toNanos(), this::asked);

  /** The node's clock, which shows something else. */
  private final class Own extends Clock {
    @Override
    public Instant instant() {
      return START.plus(passed).plus(off);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private Instant asked() {
    if (away) {
      throw new IllegalStateException("away");
    }
    passed = passed.plus(lookTakes.dividedBy(2));
    Instant answer = START.plus(passed);
    passed = passed.plus(lookTakes.dividedBy(2));
    return answer;
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT2H", "-PT2H", "PT3S", "P400D"})
  void shouldShowTheServersTimeWhenTheNodesClockIsOff(Duration by) {
    off = by;
    clock.look();
    passed = passed.plusSeconds(10);

    assertThat(clock.instant()).isEqualTo(START.plus(passed));
  }

  @Test
  void shouldShowTheNodesOwnTimeWhenItAgrees() {
    off = Duration.ofMillis(700);
    clock.look();
    passed = passed.plusSeconds(10);

    assertThat(clock.instant()).isEqualTo(START.plus(passed).plus(off));
  }

  @Test
  void shouldGoOnWhenTheNodesClockIsSetBetweenTwoLooks() {
    clock.look();
    passed = passed.plusSeconds(1);
    off = Duration.ofHours(-2);

    assertThat(clock.instant()).isEqualTo(START.plus(passed));
  }

  @Test
  void shouldGoOnFromTheLastLookWhileTheServerIsAway() {
    off = Duration.ofHours(2);
    clock.look();
    away = true;
    passed = passed.plusSeconds(3_600);
    clock.look();

    assertThat(clock.instant()).isEqualTo(START.plus(passed));
  }

  @Test
  void shouldShowTheNodesOwnTimeUntilTheServerHasAnswered() {
    off = Duration.ofHours(2);
    away = true;
    clock.look();

    assertThat(clock.instant()).isEqualTo(START.plus(off));
  }

  @Test
  void shouldNotBelieveALookThatTookTooLong() {
    clock.look();
    lookTakes = Duration.ofSeconds(30);
    off = Duration.ofSeconds(1);
    clock.look();

    assertThat(clock.instant()).isEqualTo(START.plus(passed).plus(off));
  }
}
