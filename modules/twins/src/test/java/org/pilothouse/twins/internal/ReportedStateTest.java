package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class ReportedStateTest {
  private static Reported at(int second, String literal) {
    return new Reported(literal, Instant.ofEpochSecond(second));
  }

  @Test
  void shouldNotLetAnOlderValueOverwriteANewerOne() {
    ReportedState state = ReportedState.empty();
    state.take("t", at(10, "1"));
    state.take("t", at(9, "2"));
    state.take("u", at(1, "\"x\""));

    assertThat(state.json())
        .isEqualTo(
            "{\"t\":{\"value\":1,\"time\":\"1970-01-01T00:00:10Z\"},\"u\":{\"value\":\"x\",\"time\":\"1970-01-01T00:00:01Z\"}}");
    assertThat(state.reportedAt()).isEqualTo(Instant.ofEpochSecond(10));
  }

  @Test
  void shouldTakeTheLaterOfTwoWithOneTime() {
    ReportedState state = ReportedState.empty();
    state.take("t", at(10, "1"));
    state.take("t", at(10, "2"));
    assertThat(state.properties().get("t").literal()).isEqualTo("2");
  }

  @RepeatedTest(20)
  void shouldBeTheSameInWhateverOrderDifferentTimesCome(RepetitionInfo repetition) {
    List<Integer> times = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      times.add(i);
    }
    Collections.shuffle(times, new Random(repetition.getCurrentRepetition()));
    ReportedState state = ReportedState.empty();
    times.forEach(time -> state.take("p" + time % 7, at(time, Integer.toString(time))));

    ReportedState inOrder = ReportedState.empty();
    for (int time = 0; time < 200; time++) {
      inOrder.take("p" + time % 7, at(time, Integer.toString(time)));
    }
    assertThat(state.json()).isEqualTo(inOrder.json());
  }

  @Test
  void shouldReadWhatItWrote() {
    ReportedState state = ReportedState.empty();
    state.take("a.b-c", at(1, "1.50"));
    state.take("__proto__", at(2, "\"\\u202E\\\"quoted\\\"\""));
    state.take("yes", at(3, "false"));
    String json = ReportedState.of(state.json()).json();
    assertThat(ReportedState.of(json).json()).isEqualTo(json);
    assertThat(json).contains("\"a.b-c\":{\"value\":1.50,");
    assertThat(ReportedState.of(state.json()).changed()).isFalse();
  }

  @Test
  void shouldNotHoldMoreCharactersThanItMayAndTakeShorterValuesStill() {
    ReportedState state = ReportedState.empty();
    String text = '"' + "x".repeat(4_000) + '"';
    int taken = 0;
    while (state.take("p" + taken, at(1, text))) {
      taken++;
    }
    assertThat(state.json().length()).isBetween(250_000, 270_000);
    assertThat(state.take("p0", at(2, text + text))).as("a longer value").isFalse();
    assertThat(state.take("p0", at(2, "1"))).as("a shorter value").isTrue();
    assertThat(ReportedState.of(state.json()).take("other", at(3, text + text)))
        .as("what was read counts")
        .isFalse();
  }

  @Test
  void shouldNotGrowBeyondItsBound() {
    ReportedState state = ReportedState.empty();
    for (int i = 0; i < ReportedState.MOST_PROPERTIES + 10; i++) {
      state.take("p" + i, at(1, "1"));
    }
    assertThat(state.take("one-more", at(1, "1"))).isFalse();
    assertThat(state.take("p0", at(2, "2"))).isTrue();
    assertThat(state.properties()).hasSize(ReportedState.MOST_PROPERTIES);
    assertThat(state.properties().get("p0").literal()).isEqualTo("2");
  }
}
