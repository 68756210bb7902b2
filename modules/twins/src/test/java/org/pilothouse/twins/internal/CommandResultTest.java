package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CommandResultTest {
  private static CommandResult result(String payload) {
    return CommandResult.read(payload.getBytes(UTF_8));
  }

  @Test
  void shouldTakeTheDevicesWordForIt() {
    assertThat(result("{\"state\":\"succeeded\",\"output\":{\"rpm\":0}}").succeeded()).isTrue();
    assertThat(result("{\"status\":\"succeeded\"}").succeeded()).isTrue();
    assertThat(result("{\"output\":1}").succeeded()).isTrue();
    assertThat(result("").succeeded()).isTrue();
    assertThat(result("{\"state\":\"failed\",\"error\":\"jammed\"}"))
        .isEqualTo(new CommandResult(false, null, "jammed"));
    assertThat(result("{\"error\":\"jammed\"}").succeeded()).isFalse();
    assertThat(result("{\"state\":\"whatever\"}").succeeded()).isFalse();
  }

  @Test
  void shouldFailWhatCannotBeReadAndSayWhy() {
    assertThat(result("not json").error()).contains("not JSON");
    assertThat(result("[1]").error()).contains("not a JSON object");
    assertThat(result("{\"output\":\"\\u0000\"}").error()).contains("NUL");
    assertThat(result("{\"output\":\"" + "x".repeat(70_000) + "\"}").error()).contains("64 KiB");
    assertThat(result("{\"error\":\"a\\u0000b\\ud800" + "y".repeat(600) + "\"}").error())
        .hasSize(500)
        .startsWith("aby");
  }
}
