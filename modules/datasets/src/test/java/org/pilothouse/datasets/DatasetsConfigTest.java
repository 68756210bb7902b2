package org.pilothouse.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Settings;

class DatasetsConfigTest {
  @Test
  void shouldKeepWithdrawnBytesForADayWhereNothingIsSaid() {
    DatasetsConfig config = DatasetsConfig.from(settings(Map.of()));

    assertThat(config.grace()).isEqualTo(Duration.ofHours(24));
    assertThat(config.quota().bytes()).isEqualTo(1L << 40);
  }

  @Test
  void shouldRefuseWhatIsOutOfRange() {
    assertThatThrownBy(() ->
            DatasetsConfig.from(settings(Map.of("pilothouse.datasets.answer-within", "PT1M"))))
        .isInstanceOf(Settings.InvalidSetting.class)
        .hasMessageContaining("answer-within");
    assertThatThrownBy(
            () -> DatasetsConfig.from(settings(Map.of("pilothouse.datasets.grace", "PT0S"))))
        .isInstanceOf(Settings.InvalidSetting.class);
  }

  private static Settings settings(Map<String, String> given) {
    return new Settings(given, Map.of());
  }
}
