package org.pilothouse.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Problem;

class ParametersTest {
  @Test
  void shouldTakeTheUsualNumberWhereNoneIsAsked() {
    assertThat(Parameters.number("depth", null, 3, 1, 5)).isEqualTo(3);
    assertThat(Parameters.number("depth", "5", 3, 1, 5)).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "6", "-1", "1.5", "x", "99999999999", " 1"})
  void shouldRefuseOtherNumbers(String depth) {
    assertThatThrownBy(() -> Parameters.number("depth", depth, 1, 1, 5))
        .isInstanceOf(Problem.class)
        .hasMessage("depth must be a whole number from 1 to 5.");
  }
}
