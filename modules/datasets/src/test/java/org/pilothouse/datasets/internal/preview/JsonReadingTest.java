package org.pilothouse.datasets.internal.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReadingTest {
  private static final String TWO =
      "{\"a\":1,\"b\":{\"c\":\"x\",\"d\":[1,{\"e\":null}]}}%s{\"a\":2.5}";

  @ParameterizedTest
  @ValueSource(strings = {"[" + "%1$s" + "]", "%1$s"})
  void shouldFlattenObjects(String around) throws NotPreviewable {
    boolean array = around.startsWith("[");
    String text = String.format(Locale.ROOT, around, TWO.formatted(array ? "," : "\n"));

    Preview preview = Files.json(text);

    assertThat(preview.format()).isEqualTo(array ? "json" : "ndjson");
    assertThat(preview.columns())
        .extracting(Preview.Column::name)
        .containsExactly("a", "b.c", "b.d");
    assertThat(preview.columns())
        .extracting(Preview.Column::type)
        .containsExactly("number", "string", "json");
    assertThat(preview.rows().getFirst()).containsExactly("1", "x", "[1,{\"e\":null}]");
    assertThat(preview.rows().getLast()).containsExactly("2.5", null, null);
    assertThat(preview.columns().get(1).nulls()).isEqualTo(1);
    assertThat(preview.rowsTotal()).isEqualTo(2);
  }

  @Test
  void shouldShowOneObjectAndPlainValues() throws NotPreviewable {
    assertThat(Files.json("{\"__proto__\":1,\"constructor\":true}").rows())
        .containsExactly(List.of("1", "true"));
    assertThat(Files.json("[1,\"two\",[3]]").columns().getFirst().type()).isEqualTo("mixed");
  }

  @Test
  void shouldWriteWhatIsInsideAsItWas() throws NotPreviewable {
    String inside = "[{\"k\":[],\"l\":{},\"m\":\"q\\\"\\n\"},true,null,-1e5,[[1,2],[3]]]";

    assertThat(Files.json("{\"a\":" + inside + "}").rows().getFirst()).containsExactly(inside);
  }

  @Test
  void shouldTellOfKeysThatComeTwice() throws NotPreviewable {
    Preview preview = Files.json("{\"a\":1,\"a\":2}");

    assertThat(preview.rows()).containsExactly(List.of("2"));
    assertThat(preview.notes()).anyMatch(note -> note.contains("twice"));
  }

  @Test
  void shouldShowTheRowsBeforeTheMistake() throws NotPreviewable {
    Preview preview = Files.json("{\"a\":1}\n{\"a\":2}\n{\"a\":}\n{\"a\":4}\n");

    assertThat(preview.rows()).containsExactly(List.of("1"), List.of("2"));
    assertThat(preview.notes()).anyMatch(note -> note.startsWith("Read up to row 2"));
    assertThat(preview.statisticsFrom()).isEqualTo("sample");
    assertThat(preview.truncated()).isTrue();
  }

  @Test
  void shouldReadOnlyTheBeginningOfALargeFile() throws NotPreviewable {
    Preview preview = Files.json("{\"a\":1234567,\"b\":\"abcdefgh\"}\n".repeat(300_000));

    assertThat(preview.bytesRead()).isLessThanOrEqualTo(Limits.SAMPLE_BYTES + 4);
    assertThat(preview.statisticsFrom()).isEqualTo("sample");
    assertThat(preview.rows()).hasSize(200);
    assertThat(preview.notes()).isEmpty();
  }

  @Test
  void shouldCountMoreColumnsThanItTells() throws NotPreviewable {
    String members =
        IntStream.range(0, 900).mapToObj(i -> "\"k" + i + "\":1").collect(Collectors.joining(","));

    Preview preview = Files.json("{" + members + "}");

    assertThat(preview.columns()).hasSize(500);
    assertThat(preview.columnsTotal()).isEqualTo(900);
  }

  static Stream<String> beyond() {
    return Stream.of(
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "{\"a\":" + "9".repeat(1_000_000) + "}",
        "{\"a\":\"" + "x".repeat(5 << 20) + "\"}");
  }

  @ParameterizedTest
  @MethodSource("beyond")
  void shouldRefuseWhatIsBeyondItsLimits(String text) {
    assertThatExceptionOfType(NotPreviewable.class)
        .isThrownBy(() -> Files.json(text))
        .matches(e -> e.reason() == NotPreviewable.Reason.BEYOND_LIMITS, "beyond its limits");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\":1", "{a:1}", "[", "\"x", "nul", "{\"a\":\"\u0001\"}"})
  void shouldRefuseWhatIsNoJson(String text) {
    assertThatExceptionOfType(NotPreviewable.class)
        .isThrownBy(() -> Files.json(text))
        .matches(e -> e.reason() != NotPreviewable.Reason.BEYOND_LIMITS);
  }
}
