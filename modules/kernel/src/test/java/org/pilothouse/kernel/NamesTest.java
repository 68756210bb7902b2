package org.pilothouse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "A", "a/b", "a.b", "../x", "a\u0000", "ä", "a b", "a\n"})
  void shouldRefuseAnIdWhenItsFormIsWrong(String text) {
    assertThat(Names.isId(text)).isFalse();
    assertThatThrownBy(() -> new PilotId(text)).isInstanceOf(Problem.class);
  }

  @Test
  void shouldAllowDotsAndUnderscoresOnlyInTwinIds() {
    assertThat(Names.isTwinId("pump.7_a-b")).isTrue();
    assertThat(Names.isId("pump.7")).isFalse();
    assertThat(Names.isTwinId("a".repeat(128))).isTrue();
    assertThat(Names.isTwinId("a".repeat(129))).isFalse();
    assertThat(Names.isId("a".repeat(63))).isTrue();
    assertThat(Names.isId("a".repeat(64))).isFalse();
  }

  @Test
  void shouldCutAndCleanWhatIsShownWhenACallersTextIsRepeated() {
    assertThat(Names.shown("a\r\nb")).isEqualTo("a\uFFFD\uFFFDb");
    assertThat(Names.shown("x".repeat(100))).hasSize(65).endsWith("…");
  }
}
