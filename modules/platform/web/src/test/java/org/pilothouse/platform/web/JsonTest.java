package org.pilothouse.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

class JsonTest {
  record Inner(@JsonProperty(required = true) String someName) {}

  record Body(@JsonProperty(required = true) PilotId pilot, List<Inner> inner, int count) {}

  private static Problem problem(String json) {
    return problem(json.getBytes(StandardCharsets.UTF_8));
  }

  private static Problem problem(byte[] json) {
    try {
      Json.mapper().readValue(json, Body.class);
    } catch (Exception e) {
      return Problems.of(e).orElseThrow(() -> new AssertionError("not expected", e));
    }
    throw new AssertionError("was read");
  }

  @Test
  void shouldNameTheUnknownFieldByItsPath() {
    Problem problem = problem("{\"pilot\":\"a\",\"inner\":[{\"some_name\":\"x\",\"o/~\":1}]}");
    assertThat(problem.code()).isEqualTo(ProblemCode.UNKNOWN_FIELD);
    assertThat(problem.path()).isEqualTo("/inner/0/o~1~0");
  }

  @Test
  void shouldGiveBadInputItsCode() {
    assertThat(problem("{\"pilot\":\"a\",\"pilot\":\"b\"}").code())
        .isEqualTo(ProblemCode.DUPLICATE_KEY);
    assertThat(problem("{\"pilot\":").code()).isEqualTo(ProblemCode.MALFORMED_JSON);
    assertThat(problem("{} {}").code()).isNotNull();
    assertThat(problem("[".repeat(1_000_000)).code())
        .isIn(ProblemCode.MALFORMED_JSON, ProblemCode.INVALID_VALUE);
    assertThat(problem("{\"count\":" + "9".repeat(100_000) + "}").code())
        .isEqualTo(ProblemCode.MALFORMED_JSON);
    assertThat(problem("{\"count\":NaN}").code()).isEqualTo(ProblemCode.MALFORMED_JSON);
    assertThat(problem("{\"count\":\"1\"}").code()).isEqualTo(ProblemCode.INVALID_VALUE);
    assertThat(problem("{\"count\":1.5}").code()).isEqualTo(ProblemCode.INVALID_VALUE);
    assertThat(problem("{\"inner\":[]}").code()).isEqualTo(ProblemCode.MISSING_FIELD);
    assertThat(problem("{\"pilot\":\"../x\"}").code()).isEqualTo(ProblemCode.INVALID_ID);
    assertThat(problem(new byte[] {'{', '"', (byte) 0xc3, (byte) 0x28, '"', ':', '1', '}'}).code())
        .isEqualTo(ProblemCode.MALFORMED_JSON);
  }

  @Test
  void shouldWriteSnakeCaseAndTimesInUtc() throws Exception {
    record Answer(PilotId pilotId, Instant createdAt, String nothingHere) {}
    assertThat(
            Json.mapper()
                .writeValueAsString(
                    new Answer(new PilotId("aurora"), Instant.parse("2026-01-31T12:00:00Z"), null)))
        .isEqualTo(
            "{\"pilot_id\":\"aurora\",\"created_at\":\"2026-01-31T12:00:00Z\",\"nothing_here\":null}");
  }

  @Test
  void shouldTellAbsentFromNullAndRefuseWhatNobodyAskedFor() throws Exception {
    JsonNode body =
        Json.mapper().readTree("{\"name\":\"x\",\"gone\":null,\"storage\":{\"extra\":1}}");
    JsonFields fields = JsonFields.of(body);
    assertThat(fields.text("name", 1, 5)).isEqualTo("x");
    assertThat(fields.isNull("gone")).isTrue();
    assertThat(fields.has("other")).isFalse();
    JsonFields storage = fields.optionalObject("storage").orElseThrow();
    assertThatThrownBy(storage::refuseOthers)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.path()).isEqualTo("/storage/extra"));
    fields.refuseOthers();
  }

  @Test
  void shouldRefuseTextThatTheStoreCannotHold() throws Exception {
    for (String bad : List.of("{\"name\":\"a\\u0000b\"}", "{\"name\":\"\\ud800\"}")) {
      JsonFields fields = JsonFields.of(Json.mapper().readTree(bad));
      assertThatThrownBy(() -> fields.text("name", 0, 10)).isInstanceOf(Problem.class);
    }
  }
}
