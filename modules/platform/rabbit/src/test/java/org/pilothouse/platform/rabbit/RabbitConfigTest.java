package org.pilothouse.platform.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

class RabbitConfigTest {
  @Test
  void shouldTakeTheDefaultsWhenOnlyTheAddressIsGiven() {
    RabbitConfig config =
        RabbitConfig.from(
            new Settings(Map.of("pilothouse.rabbit.uri", "amqp://u:secret@h:1/"), Map.of()));

    assertThat(config.confirmTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.mostUnconfirmed()).isEqualTo(1000);
    assertThat(config.toString()).doesNotContain("secret");
  }

  @Test
  void shouldNotRepeatThePasswordWhenTheAddressCannotBeRead() {
    assertThatThrownBy(() ->
            RabbitConfig.from(
                new Settings(Map.of("pilothouse.rabbit.uri", "amqp://u:se cret@h:1/"), Map.of())))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageNotContaining("cret");
  }

  @Test
  void shouldRefuseAnotherProtocol() {
    assertThatThrownBy(() ->
            RabbitConfig.from(
                new Settings(Map.of("pilothouse.rabbit.uri", "http://h:1/"), Map.of())))
        .isInstanceOf(InvalidSetting.class);
  }
}
