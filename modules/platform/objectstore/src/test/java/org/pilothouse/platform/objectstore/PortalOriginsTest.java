package org.pilothouse.platform.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

class PortalOriginsTest {

  @Test
  void shouldNameNoneWhereNoneIsSaid() {
    assertThat(PortalOrigins.from(new Settings(Map.of(), Map.of())).origins()).isEmpty();
  }

  @Test
  void shouldReadOrigins() {
    assertThat(read("https://portal.example, http://127.0.0.1:9080,http://[::1]:9080").origins())
        .containsExactly("https://portal.example", "http://127.0.0.1:9080", "http://[::1]:9080");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "portal.example",
        "https://*.example",
        "https://portal.example/",
        "https://portal.example/x",
        "https://Portal.example",
        "https://a@portal.example",
        "ftp://portal.example",
        "https://portal.example,,https://b.example",
        "null"
      })
  void shouldRefuseWhatABrowserWouldNotSend(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageContaining("pilothouse.s3.portal-origins");
  }

  private static PortalOrigins read(String text) {
    return PortalOrigins.from(new Settings(Map.of("pilothouse.s3.portal-origins", text), Map.of()));
  }
}
