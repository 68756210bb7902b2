package org.pilothouse.platform.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

class MqttConfigTest {
  private static Settings settings(Map<String, String> given) {
    return new Settings(given, Map.of());
  }

  @Test
  void shouldHaveNoBrokerWhereNoneIsNamed() {
    assertThat(MqttConfig.from(settings(Map.of()))).isEmpty();
  }

  @Test
  void shouldFillInWhatIsNotSaid() {
    assertThat(MqttConfig.from(settings(Map.of("pilothouse.mqtt.uri", "mqtt://broker:1883"))))
        .contains(new MqttConfig("broker", 1883, "bridge", "", "0", 4_096));
  }

  @Test
  void shouldTakeEachSetting() {
    Settings settings =
        settings(
            Map.of(
                "pilothouse.mqtt.uri",
                "mqtt://127.0.0.1:17008",
                "pilothouse.mqtt.user",
                "b",
                "pilothouse.mqtt.password",
                "secret",
                "pilothouse.mqtt.in-flight",
                "7",
                "pilothouse.node",
                "east-2"));

    MqttConfig config = MqttConfig.from(settings).orElseThrow();

    settings.refuseUnknown();
    assertThat(config).isEqualTo(new MqttConfig("127.0.0.1", 17008, "b", "secret", "east-2", 7));
    assertThat(config.toString()).contains("east-2").doesNotContain("secret");
  }

  @Test
  void shouldRefuseWhatNamesNoBrokerOrNoNode() {
    refused(Map.of("pilothouse.mqtt.uri", "mqtt://broker"), "names no port");
    refused(Map.of("pilothouse.mqtt.uri", "mqtt:1883"), "names no host");
    refused(Map.of("pilothouse.mqtt.uri", "mqtt://a b"), "is not a URI");
    refused(
        Map.of("pilothouse.mqtt.uri", "mqtt://broker:1", "pilothouse.node", "A:b"),
        "pilothouse.node must match");
  }

  private static void refused(Map<String, String> given, String why) {
    assertThatThrownBy(() -> MqttConfig.from(settings(given)))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageContaining(why);
  }
}
