package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Json;

class FreeObjectsTest {
  private static ObjectNode object(String json) throws Exception {
    return (ObjectNode) Json.mapper().readTree(json);
  }

  /** Cases of the appendix of RFC 7396 whose target is an object. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"a\":\"b\"} | {\"a\":\"c\"} | {\"a\":\"c\"}",
        "{\"a\":\"b\"} | {\"b\":\"c\"} | {\"a\":\"b\",\"b\":\"c\"}",
        "{\"a\":\"b\"} | {\"a\":null} | {}",
        "{\"a\":\"b\",\"b\":\"c\"} | {\"a\":null} | {\"b\":\"c\"}",
        "{\"a\":[\"b\"]} | {\"a\":\"c\"} | {\"a\":\"c\"}",
        "{\"a\":\"c\"} | {\"a\":[\"b\"]} | {\"a\":[\"b\"]}",
        "{\"a\":{\"b\":\"c\"}} | {\"a\":{\"b\":\"d\",\"c\":null}} | {\"a\":{\"b\":\"d\"}}",
        "{\"a\":[{\"b\":\"c\"}]} | {\"a\":[1]} | {\"a\":[1]}",
        "{} | {\"a\":{\"bb\":{\"ccc\":null}}} | {\"a\":{\"bb\":{}}}"
      })
  void shouldMergeAsTheStandardSays(String target, String patch, String result) throws Exception {
    assertThat(FreeObjects.merge(object(target), object(patch))).isEqualTo(object(result));
  }

  @Test
  void shouldRefuseWhatTheStoreCannotKeep() throws Exception {
    for (String json :
        new String[] {
          "{\"a\":\"\\u0000\"}", "{\"a\\u0000\":1}", "{\"a\":[\"\\ud800\"]}", "{\"a\":1e400}", "[]"
        }) {
      assertThatThrownBy(() -> FreeObjects.checked("/attributes", Json.mapper().readTree(json)))
          .as(json)
          .isInstanceOfSatisfying(
              Problem.class, problem -> assertThat(problem.path()).isEqualTo("/attributes"));
    }
    String large = "{\"a\":\"" + "x".repeat(FreeObjects.LARGEST) + "\"}";
    assertThatThrownBy(() -> FreeObjects.checked("/attributes", object(large)))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(ProblemCode.TOO_LARGE));
    assertThat(FreeObjects.checked("/attributes", object("{\"__proto__\":{\"x\":1}}")).size())
        .isEqualTo(1);
  }
}
