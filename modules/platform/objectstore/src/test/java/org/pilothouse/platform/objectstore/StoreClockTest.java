package org.pilothouse.platform.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreClockTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00.250Z");

  private final StoreClock clock = new StoreClock(Clock.fixed(NOW, ZoneOffset.UTC));

  @ParameterizedTest
  @ValueSource(strings = {"PT2H", "-PT2H", "PT6S", "-PT25H"})
  void shouldShowTheStoresTimeWhenTheNodesClockIsOff(Duration ahead) {
    clock.hear(dateAt(NOW.plus(ahead)));

    assertThat(Duration.between(NOW.plus(ahead), clock.instant()).abs())
        .isLessThan(Duration.ofSeconds(1));
  }

  @Test
  void shouldShowTheNodesTimeAgainWhenItAgrees() {
    clock.hear(dateAt(NOW.plusSeconds(7_200)));
    clock.hear(dateAt(NOW.minusSeconds(2)));

    assertThat(clock.instant()).isEqualTo(NOW);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yesterday", "Sun, 31 Feb 2026 10:00:00 GMT", "1e9"})
  void shouldNotHearWhatIsNoDate(String date) {
    clock.hear(Optional.of(date));
    clock.hear(Optional.empty());

    assertThat(clock.instant()).isEqualTo(NOW);
  }

  @Test
  void shouldNotFollowAStoreThatIsDaysOff() {
    clock.hear(dateAt(NOW.plus(Duration.ofDays(400))));

    assertThat(clock.instant()).isEqualTo(NOW);
  }

  private static Optional<String> dateAt(Instant time) {
    return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atZone(ZoneOffset.UTC)));
  }
}
