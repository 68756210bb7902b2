package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.platform.web.Json;

class LevelTest {
  @ParameterizedTest
  @CsvSource({
    "enterprise, site, true",
    "site, line, true",
    "enterprise, unit, true",
    "cell, cell, false",
    "unit, enterprise, false",
    "line, area, false"
  })
  void shouldOnlyContainWhatIsLower(String above, String below, boolean may) {
    assertThat(Level.of(above).orElseThrow().mayContain(Level.of(below).orElseThrow()))
        .isEqualTo(may);
  }

  @Test
  void shouldNameTheLevelsThatAreWrongAroundIt() {
    assertThat(Level.AREA.notAbove()).containsExactly("area", "line", "cell", "unit");
    assertThat(Level.AREA.notBelow()).containsExactly("enterprise", "site", "area");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"level\":3}",
        "{\"level\":\"Site\"}",
        "{\"level\":\"high\"}",
        "{\"level\":{\"level\":\"site\"}}"
      })
  void shouldLeaveOtherMeaningsOfTheAttributeAlone(String attributes) throws Exception {
    assertThat(GraphRules.level((ObjectNode) Json.mapper().readTree(attributes))).isEmpty();
  }

  @Test
  void shouldReadTheLevelFromTheAttributes() throws Exception {
    assertThat(GraphRules.level((ObjectNode) Json.mapper().readTree("{\"level\":\"site\"}")))
        .contains(Level.SITE);
  }
}
