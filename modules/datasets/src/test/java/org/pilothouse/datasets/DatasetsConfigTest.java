package org.pilothouse.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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

  @Test
  void shouldHoldNowhereWhereNothingIsSaid() {
    assertThat(DatasetsConfig.from(settings(Map.of())).holdAt()).isEmpty();
  }

  @Test
  void shouldHoldWhereFaultsAreInjected(@TempDir Path directory) {
    Map<String, String> given =
        Map.of("pilothouse.datasets.hold-at", directory.toString(), "pilothouse.faults", "true");

    assertThat(DatasetsConfig.from(settings(given)).holdAt()).contains(directory);
  }

  @Test
  void shouldRefuseToHoldWithoutTheWordForFaults(@TempDir Path directory) {
    assertThatThrownBy(() ->
            DatasetsConfig.from(
                settings(Map.of("pilothouse.datasets.hold-at", directory.toString()))))
        .isInstanceOf(Settings.InvalidSetting.class)
        .hasMessageContaining("pilothouse.faults=true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"declared", "/no/such/directory", "/dev/null"})
  void shouldRefuseToHoldWhereNobodyCanSay(String path) {
    assertThatThrownBy(() ->
            DatasetsConfig.from(
                settings(Map.of("pilothouse.datasets.hold-at", path, "pilothouse.faults", "true"))))
        .isInstanceOf(Settings.InvalidSetting.class)
        .hasMessageContaining("hold-at");
  }

  private static Settings settings(Map<String, String> given) {
    return new Settings(given, Map.of());
  }
}
