package org.pilothouse.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

class KafkaConfigTest {
  private static KafkaConfig from(Map<String, String> more) {
    Map<String, String> given = new HashMap<>(more);
    given.put("pilothouse.kafka.bootstrap-servers", "127.0.0.1:17000");
    return KafkaConfig.from(new Settings(given, Map.of()));
  }

  @Test
  void shouldTakeTheDefaultsWhenOnlyTheServersAreGiven() {
    assertThat(KafkaConfig.of("127.0.0.1:17000"))
        .isEqualTo(
            new KafkaConfig(
                "127.0.0.1:17000",
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofMillis(5),
                256 * 1024,
                64L * 1024 * 1024,
                96 * 1024,
                Duration.ofSeconds(15),
                Duration.ofSeconds(5)));
  }

  @Test
  void shouldMapEveryKey() {
    KafkaConfig config =
        from(
            Map.of(
                "pilothouse.kafka.request-timeout", "PT3S",
                "pilothouse.kafka.delivery-timeout", "PT20S",
                "pilothouse.kafka.max-block", "PT0.5S",
                "pilothouse.kafka.stall-limit", "PT2S",
                "pilothouse.kafka.linger", "PT0.02S",
                "pilothouse.kafka.batch-bytes", "65536",
                "pilothouse.kafka.buffer-bytes", "33554432",
                "pilothouse.kafka.max-event-bytes", "70000",
                "pilothouse.kafka.admin-timeout", "PT9S",
                "pilothouse.kafka.metadata-max-age", "PT7S"));

    assertThat(config)
        .isEqualTo(
            new KafkaConfig(
                "127.0.0.1:17000",
                Duration.ofSeconds(3),
                Duration.ofSeconds(20),
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofMillis(20),
                65536,
                33554432,
                70000,
                Duration.ofSeconds(9),
                Duration.ofSeconds(7)));
  }

  @ParameterizedTest
  @CsvSource({
    "max-block,PT1M",
    "delivery-timeout,PT5S",
    "linger,PT5S",
    "buffer-bytes,1000000",
    "batch-bytes,7",
    "stall-limit,PT0S"
  })
  void shouldNameTheKeyWhenAValueIsOutOfItsRange(String key, String value) {
    assertThatThrownBy(() -> from(Map.of("pilothouse.kafka." + key, value)))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageContaining("pilothouse.kafka." + key);
  }
}
