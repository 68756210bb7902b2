package org.pilothouse.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

class LineageConfigTest {
  private static final String URL = "https://lineage.example:5000/api/v1/lineage";

  @Test
  void shouldSendNothingWhereNothingIsSaid() {
    assertThat(LineageConfig.ifGiven(settings(Map.of()))).isEmpty();
  }

  @Test
  void shouldTakeAllThatIsSaid() {
    Settings settings = settings(Map.of("url", URL, "api-key", "a.b~c==", "timeout", "PT3S"));

    assertThat(LineageConfig.ifGiven(settings))
        .contains(
            new LineageConfig(URI.create(URL), Optional.of("a.b~c=="), Duration.ofSeconds(3)));
    settings.refuseUnknown();
  }

  @Test
  void shouldWaitTenSecondsWhereNothingElseIsSaid() {
    assertThat(LineageConfig.ifGiven(settings(Map.of("url", URL))))
        .contains(new LineageConfig(URI.create(URL), Optional.empty(), Duration.ofSeconds(10)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lineage.example/api",
        "ftp://lineage.example/api",
        "https:///api",
        "https://user:secret@lineage.example/api",
        "https://lineage.example/api#secret",
        "https://lineage.example",
        "https://lineage.example/",
        "https://lineage.example/ap i?key=secret"
      })
  void shouldRefuseAUrlThatIsNone(String url) {
    assertThatThrownBy(() -> LineageConfig.ifGiven(settings(Map.of("url", url))))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageContaining("pilothouse.openlineage.url")
        .hasMessageNotContaining("secret")
        .hasNoCause();
  }

  @ParameterizedTest
  @CsvSource({"api-key, 'a b'", "api-key, 'a\u00e4'", "timeout, PT0.01S", "timeout, PT16S"})
  void shouldRefuseWhatCannotBeSent(String key, String value) {
    assertThatThrownBy(() -> LineageConfig.ifGiven(settings(Map.of("url", URL, key, value))))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageContaining("pilothouse.openlineage." + key);
  }

  @Test
  void shouldRefuseAKeyForNobody() {
    assertThatThrownBy(() -> LineageConfig.ifGiven(settings(Map.of("api-key", "secret"))))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void shouldShowNoKey() {
    LineageConfig config =
        new LineageConfig(
            URI.create(URL + "?key=secret"), Optional.of("secret"), Duration.ofSeconds(1));

    assertThat(config.shown()).isEqualTo(URL);
    assertThat(config.toString()).doesNotContain("secret");
  }

  private static Settings settings(Map<String, String> said) {
    Map<String, String> given = new HashMap<>();
    said.forEach((key, value) -> given.put("pilothouse.openlineage." + key, value));
    return new Settings(given, Map.of());
  }
}
