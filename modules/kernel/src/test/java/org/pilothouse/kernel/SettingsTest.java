package org.pilothouse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Settings.InvalidSetting;

class SettingsTest {
  @Test
  void shouldNameTheNearestKeyWhenOneIsUnknown() {
    Settings settings = new Settings(Map.of("pilothouse.kafka.bootstrap-server", "x"), Map.of());
    settings.optional("pilothouse.kafka.bootstrap-servers");
    settings.optional("pilothouse.http.base-url");

    assertThatThrownBy(settings::refuseUnknown)
        .isInstanceOf(InvalidSetting.class)
        .hasMessage(
            "unknown setting pilothouse.kafka.bootstrap-server; did you mean pilothouse.kafka.bootstrap-servers?");
  }

  @Test
  void shouldPreferTheEnvironmentWhenBothAreGiven() {
    Settings settings =
        new Settings(
            Map.of("pilothouse.http.base-url", "file"), Map.of("PILOTHOUSE_HTTP_BASE_URL", "env"));

    assertThat(settings.required("pilothouse.http.base-url")).isEqualTo("env");
  }

  @Test
  void shouldSayTheRangeWhenANumberIsOutsideIt() {
    Settings settings = new Settings(Map.of("pilothouse.x", "70000"), Map.of());

    assertThatThrownBy(() -> settings.number("pilothouse.x", 1, 1, 65535))
        .hasMessageContaining("from 1 to 65535, not '70000'");
  }
}
