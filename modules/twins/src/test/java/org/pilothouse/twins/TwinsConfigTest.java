package org.pilothouse.twins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Settings;

class TwinsConfigTest {
  private static TwinsConfig from(Map<String, String> given) {
    return TwinsConfig.from(new Settings(given, Map.of()));
  }

  @Test
  void shouldKeepStatesInPostgresqlWhenNothingIsSaid() {
    assertThat(from(Map.of()))
        .isEqualTo(new TwinsConfig(TwinsConfig.State.POSTGRESQL, Path.of("twin-state"), 1));
  }

  @Test
  void shouldTakeAllThatIsSaid() {
    assertThat(
            from(
                Map.of(
                    "pilothouse.twins.state", "kafka",
                    "pilothouse.twins.state-directory", "/var/lib/twins",
                    "pilothouse.twins.state-fold", "3")))
        .isEqualTo(new TwinsConfig(TwinsConfig.State.KAFKA, Path.of("/var/lib/twins"), 3));
  }

  @Test
  void shouldRefuseWhatItDoesNotKnow() {
    assertThatThrownBy(() -> from(Map.of("pilothouse.twins.state", "redis")))
        .isInstanceOf(Settings.InvalidSetting.class)
        .hasMessageContaining("pilothouse.twins.state");
    assertThatThrownBy(() -> from(Map.of("pilothouse.twins.state-fold", "0")))
        .isInstanceOf(Settings.InvalidSetting.class)
        .hasMessageContaining("pilothouse.twins.state-fold");
  }
}
