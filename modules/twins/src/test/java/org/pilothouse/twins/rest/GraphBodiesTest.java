package org.pilothouse.twins.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.web.Json;
import org.pilothouse.twins.internal.Graph;
import org.pilothouse.twins.internal.Level;

class GraphBodiesTest {
  private static final Graph.Node PRESS =
      new Graph.Node(
          new TwinId("press"), Optional.of("Press 1"), Optional.empty(), Optional.of(Level.UNIT));

  @Test
  void shouldWriteATwinOfAWalkAsOneFlatObject() throws Exception {
    assertThat(
            Json.mapper()
                .writeValueAsString(
                    BelowResource.BelowBody.of(new Graph.Below(PRESS, 2, new TwinId("line")))))
        .isEqualTo(
            "{\"twin_id\":\"press\",\"name\":\"Press 1\",\"model\":null,\"level\":\"unit\",\"depth\":2,\"source\":\"line\"}");
    assertThat(
            Json.mapper()
                .writeValueAsString(
                    NeighboursResource.NeighbourBody.of(new Graph.Neighbour(PRESS, 0))))
        .isEqualTo(
            "{\"twin_id\":\"press\",\"name\":\"Press 1\",\"model\":null,\"level\":\"unit\",\"depth\":0}");
  }

  @Test
  void shouldTakeTheUsualWhereNothingIsAsked() {
    assertThat(GraphParameters.direction("", Graph.Reach.BOTH)).isEqualTo(Graph.Reach.BOTH);
    assertThat(GraphParameters.direction("in", Graph.Reach.BOTH)).isEqualTo(Graph.Reach.IN);
    assertThat(GraphParameters.type("feeds")).contains("feeds");
    assertThat(GraphParameters.type(null)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"IN", "up", "in ", "' OR 1=1 --"})
  void shouldRefuseOtherDirections(String direction) {
    assertThatThrownBy(() -> GraphParameters.direction(direction, Graph.Reach.BOTH))
        .isInstanceOf(Problem.class)
        .hasMessage("direction must be one of out, in, both.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Feeds", "a b", "__proto__", "'; DROP TABLE twins.twin; --"})
  void shouldRefuseWhatIsNoType(String type) {
    assertThatThrownBy(() -> GraphParameters.type(type)).isInstanceOf(Problem.class);
  }
}
