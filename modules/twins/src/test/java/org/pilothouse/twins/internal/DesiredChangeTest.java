package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;
import org.pilothouse.platform.web.Json;

class DesiredChangeTest {
  private static ObjectNode object(String json) {
    try {
      return (ObjectNode) Json.mapper().readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As the device reads it. */
  private static ObjectNode written(DesiredChange change) {
    return object(Twins.text(change.input()));
  }

  private static DesiredChange between(String before, String after) {
    return DesiredChange.between(object(before), object(after), 7);
  }

  @Test
  void shouldNameWhatChangedWithItsWholeValueAndNullForWhatIsGone() {
    assertThat(
            written(
                between(
                    "{\"a\":1,\"b\":{\"x\":1,\"y\":2},\"c\":true}", "{\"a\":1,\"b\":{\"x\":3}}")))
        .isEqualTo(object("{\"desired\":{\"b\":{\"x\":3},\"c\":null},\"revision\":7}"));
    assertThat(between("{\"a\":[1]}", "{\"a\":[1]}").isEmpty()).isTrue();
    assertThat(between("{}", "{\"a\":[]}").properties()).isEqualTo(object("{\"a\":[]}"));
  }

  @Test
  void shouldTellOfAnUnconfirmedChangeToo() {
    DesiredChange first = between("{\"a\":1,\"b\":1}", "{\"a\":2,\"c\":1}");
    DesiredChange second =
        DesiredChange.between(object("{\"a\":2,\"c\":1}"), object("{\"a\":2,\"b\":5}"), 8);

    DesiredChange both = second.after(DesiredChange.of(first.input()));

    assertThat(written(both))
        .isEqualTo(object("{\"desired\":{\"a\":2,\"b\":5,\"c\":null},\"revision\":8}"));
  }

  @Test
  void shouldForgetNamesThatAreGoneRatherThanGrowWithoutEnd() {
    DesiredChange told = between("{}", "{\"kept\":1}");
    for (int i = 0; i < 200; i++) {
      String name = i + "-" + "x".repeat(1_000);
      told = between("{\"" + name + "\":1}", "{}").after(told);
      assertThat(Twins.text(told.input()).length()).isLessThan(3 * FreeObjects.LARGEST);
    }
    assertThat(told.properties().path("kept").asInt()).isEqualTo(1);
    assertThat(told.properties().fieldNames())
        .toIterable()
        .anyMatch(name -> name.startsWith("199-"));
  }

  @Test
  void shouldReadNothingOutOfWhatIsNotAChange() {
    assertThat(DesiredChange.of(object("{\"desired\":7}")).isEmpty()).isTrue();
  }
}
