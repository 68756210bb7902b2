package org.pilothouse.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.PilotId;

class TopicKindTest {
  private static final PilotId AURORA = new PilotId("aurora");

  private static String topic(TopicKind kind) {
    return kind == TopicKind.REPLAY ? TopicKind.replay(AURORA, "run-1") : kind.of(AURORA);
  }

  @ParameterizedTest
  @EnumSource
  void shouldFindItselfInItsOwnName(TopicKind kind) {
    assertThat(TopicKind.parse(topic(kind))).contains(new TopicKind.Name(AURORA, kind));
  }

  @ParameterizedTest
  @EnumSource
  void shouldMatchItsOwnTopicsAndNoOthers(TopicKind kind) {
    Pattern pattern = Pattern.compile(kind.pattern());
    for (TopicKind other : TopicKind.values()) {
      assertThat(pattern.matcher(topic(other)).matches()).isEqualTo(kind == other);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "pilot.",
        "pilot.aurora",
        "pilot.Aurora.telemetry",
        "pilot.aurora.other",
        "pilot.aurora.replay",
        "pilot.aurora.replay.",
        "pilot.aurora.telemetry.x",
        "pilot..telemetry",
        "__consumer_offsets"
      })
  void shouldNotKnowATopicThatIsNotInTheCatalogue(String topic) {
    assertThat(TopicKind.parse(topic)).isEmpty();
  }

  @Test
  void shouldFitIntoKafkasLengthWhenTheNamesAreTheLongest() {
    PilotId longest = new PilotId("p".repeat(63));
    assertThat(TopicKind.replay(longest, "r".repeat(63))).hasSizeLessThanOrEqualTo(249);
  }

  @Test
  void shouldNotNameAReplayTopicWithoutARun() {
    assertThatThrownBy(() -> TopicKind.REPLAY.of(AURORA))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TopicKind.replay(AURORA, "../x"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
