package org.pilothouse.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PilotDayTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  @Test
  void shouldHave23HoursWhenClocksGoForward() {
    PilotDay day = PilotDay.of(LocalDate.of(2026, 3, 29), BERLIN).orElseThrow();

    assertThat(day.start()).isEqualTo(Instant.parse("2026-03-28T23:00:00Z"));
    assertThat(Duration.between(day.start(), day.end())).isEqualTo(Duration.ofHours(23));
  }

  @Test
  void shouldHave25HoursWhenClocksGoBack() {
    PilotDay day = PilotDay.of(LocalDate.of(2026, 10, 25), BERLIN).orElseThrow();

    assertThat(Duration.between(day.start(), day.end())).isEqualTo(Duration.ofHours(25));
    assertThat(day.holds(day.start())).isTrue();
    assertThat(day.holds(day.end())).isFalse();
  }

  @Test
  void shouldBeginWithItsFirstInstantWhenMidnightDoesNotExist() {
    // The clocks went from 00:00 to 01:00.
    PilotDay day =
        PilotDay.of(LocalDate.of(2018, 11, 4), ZoneId.of("America/Sao_Paulo")).orElseThrow();

    assertThat(day.start()).isEqualTo(Instant.parse("2018-11-04T03:00:00Z"));
    assertThat(Duration.between(day.start(), day.end())).isEqualTo(Duration.ofHours(23));
  }

  @Test
  void shouldKnowNoDayWhenTheZoneHasSkippedTheDate() {
    assertThat(PilotDay.of(LocalDate.of(2011, 12, 30), ZoneId.of("Pacific/Apia"))).isEmpty();
  }

  @Property
  void shouldPutEachInstantIntoOneDay(@ForAll("times") Instant time, @ForAll("zones") ZoneId zone) {
    PilotDay day = PilotDay.at(time, zone);

    assertThat(day.holds(time)).isTrue();
    assertThat(PilotDay.at(day.start(), zone)).isEqualTo(day);
    assertThat(PilotDay.at(day.start().minusNanos(1), zone).end()).isEqualTo(day.start());
    assertThat(PilotDay.at(day.end(), zone).start()).isEqualTo(day.end());
  }

  @Provide
  Arbitrary<Instant> times() {
    return Arbitraries.longs()
        .between(
            Instant.parse("1990-01-01T00:00:00Z").getEpochSecond(),
            Instant.parse("2040-01-01T00:00:00Z").getEpochSecond())
        .map(Instant::ofEpochSecond);
  }

  @Provide
  Arbitrary<ZoneId> zones() {
    return Arbitraries.of(ZoneId.getAvailableZoneIds().stream().sorted().toList()).map(ZoneId::of);
  }
}
