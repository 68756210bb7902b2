package org.pilothouse.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

class JobsConfigTest {
  private static JobsConfig of(String key, String value) {
    return JobsConfig.from(new Settings(Map.of("pilothouse.jobs." + key, value), Map.of()));
  }

  @Test
  void shouldTakeTheDefaultsWhenNothingIsGiven() {
    JobsConfig config = JobsConfig.from(new Settings(Map.of(), Map.of()));
    assertThat(config.exchange()).isEqualTo("pilothouse.jobs");
    assertThat(config.lease()).isEqualTo(Duration.ofSeconds(20));
    assertThat(config.window()).isEqualTo(32);
    assertThat(config.noop()).isFalse();
    assertThat(config.atOnce()).isEmpty();
  }

  @Test
  void shouldTakeEachSetting() {
    assertThat(of("exchange", "a.b").exchange()).isEqualTo("a.b");
    assertThat(of("lease", "PT30S").lease()).isEqualTo(Duration.ofSeconds(30));
    assertThat(of("first-retry", "PT1S").firstRetry()).isEqualTo(Duration.ofSeconds(1));
    assertThat(of("longest-retry", "PT1H").longestRetry()).isEqualTo(Duration.ofHours(1));
    assertThat(of("window", "8").window()).isEqualTo(8);
    assertThat(of("queued-most", "9").queuedMost()).isEqualTo(9);
    assertThat(of("running-most", "9").runningMost()).isEqualTo(9);
    assertThat(of("at-once", "export:2, verify:0").atOnce())
        .isEqualTo(Map.of("export", 2, "verify", 0));
    assertThat(of("directory", "/x").directory()).hasToString("/x");
    assertThat(of("drain", "PT0S").drain()).isZero();
    assertThat(of("redispatch", "PT1M").redispatch()).isEqualTo(Duration.ofMinutes(1));
    assertThat(of("keep", "P1D").keep()).isEqualTo(Duration.ofDays(1));
    assertThat(of("noop", "true").noop()).isTrue();
  }

  @Test
  void shouldRefuseWhatCannotBe() {
    for (Map.Entry<String, String> each :
        Map.of(
                "lease", "PT1S",
                "first-retry", "PT2H",
                "longest-retry", "PT1S",
                "window", "0",
                "at-once", "export",
                "exchange", "Ä",
                "drain", "PT2M",
                "noop", "yes")
            .entrySet()) {
      assertThatThrownBy(() -> of(each.getKey(), each.getValue()))
          .as("%s", each)
          .isInstanceOf(InvalidSetting.class);
    }
    assertThatThrownBy(() -> of("at-once", "a:1,a:2")).isInstanceOf(InvalidSetting.class);
  }
}
