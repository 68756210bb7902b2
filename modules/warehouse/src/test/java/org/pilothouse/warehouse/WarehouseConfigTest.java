package org.pilothouse.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Settings;

class WarehouseConfigTest {
  @Test
  void shouldCloseDaysByItselfWhenNothingIsSaid() {
    assertThat(config(Map.of()))
        .isEqualTo(
            new WarehouseConfig(
                true,
                Duration.ofMinutes(15),
                Duration.ofMinutes(10),
                Duration.ofHours(6),
                2,
                64 << 20,
                Path.of("warehouse-spill"),
                Duration.ofSeconds(60),
                5,
                Optional.empty()));
  }

  @Test
  void shouldReadEachSetting() {
    assertThat(
            config(
                Map.of(
                    "pilothouse.warehouse.schedule", "off",
                    "pilothouse.warehouse.lateness", "PT1H",
                    "pilothouse.warehouse.silence", "PT2M",
                    "pilothouse.warehouse.deadline", "PT3H",
                    "pilothouse.warehouse.partitions-at-once", "4",
                    "pilothouse.warehouse.sort-buffer-mib", "8",
                    "pilothouse.warehouse.spill-directory", "/var/spill",
                    "pilothouse.warehouse.lease", "PT10S",
                    "pilothouse.warehouse.attempts", "3")))
        .isEqualTo(
            new WarehouseConfig(
                false,
                Duration.ofHours(1),
                Duration.ofMinutes(2),
                Duration.ofHours(3),
                4,
                8 << 20,
                Path.of("/var/spill"),
                Duration.ofSeconds(10),
                3,
                Optional.empty()));
  }

  @Test
  void shouldRefuseADeadlineBeforeTheLatenessIsOver() {
    assertThatThrownBy(() ->
            config(
                Map.of(
                    "pilothouse.warehouse.lateness", "PT2H",
                    "pilothouse.warehouse.deadline", "PT1H")))
        .isInstanceOf(Settings.InvalidSetting.class)
        .hasMessageContaining("pilothouse.warehouse.deadline");
  }

  private static WarehouseConfig config(Map<String, String> given) {
    Settings settings = new Settings(given, Map.of());
    WarehouseConfig config = WarehouseConfig.from(settings);
    settings.refuseUnknown();
    return config;
  }
}
