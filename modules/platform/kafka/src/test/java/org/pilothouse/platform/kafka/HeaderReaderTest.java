package org.pilothouse.platform.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderReaderTest {
  private static final byte[] KEY = "press-1".getBytes(UTF_8);
  private final HeaderReader reader = new HeaderReader();

  /** As the client makes it: a part of a larger buffer, not decoded. */
  private static Header header(String name, @Nullable String value) {
    return new RecordHeader(part(name), value == null ? null : part(value));
  }

  private static ByteBuffer part(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return ByteBuffer.allocate(bytes.length + 5)
        .put(2, bytes)
        .position(2)
        .limit(2 + bytes.length)
        .slice();
  }

  private static Header[] received(String... namesAndValues) {
    List<Header> headers = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(header(namesAndValues[i], namesAndValues[i + 1]));
    }
    return headers.toArray(Header[]::new);
  }

  private static List<String> shown(EventHeaders headers) {
    List<String> shown = new ArrayList<>();
    headers.forEach((name, value) -> shown.add(name + "=" + new String(value, UTF_8)));
    return shown;
  }

  @Test
  void shouldMeetNamesThatTheClientHasNotDecoded() {
    Header header = header("ce_id", "1");
    assertThat(HeaderReader.undecodedName(header))
        .isEqualTo(ByteBuffer.wrap("ce_id".getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldReadWhatIsThereWhateverTheNeighboursAre(boolean decoded) {
    List<Header[]> records =
        List.of(
            received("ce_id", "1", "ce_source", "/a", "ce_subject", "press-1"),
            received("ce_id", "2", "ce_source", "/a", "ce_subject", "press-1"),
            received("ce_id", "3", "ce_origin", "/a", "ce_subject", "press-2"),
            received(),
            received("ce_id", "", "ce_id", "Zürich", "x", "press-1", "y", "1"),
            received("ce_id", "5", "ce_id", "Zürich", "y", "press-1", "x", "1"));
    List<EventHeaders> read = new ArrayList<>();
    for (Header[] record : records) {
      if (decoded) {
        for (Header header : record) {
          assertThat(header.key()).isNotNull();
          assertThat(header.value()).isNotNull();
        }
      }
      read.add(reader.read(record, KEY));
    }

    assertThat(read.stream().map(HeaderReaderTest::shown))
        .containsExactly(
            List.of("ce_id=1", "ce_source=/a", "ce_subject=press-1"),
            List.of("ce_id=2", "ce_source=/a", "ce_subject=press-1"),
            List.of("ce_id=3", "ce_origin=/a", "ce_subject=press-2"),
            List.of(),
            List.of("ce_id=", "ce_id=Zürich", "x=press-1", "y=1"),
            List.of("ce_id=5", "ce_id=Zürich", "y=press-1", "x=1"));
  }

  @Test
  void shouldHoldOnceWhatNeighboursAndTheKeyHaveInCommon() {
    EventHeaders first = reader.read(received("ce_id", "1", "ce_source", "/a"), KEY);
    EventHeaders second =
        reader.read(received("ce_id", "2", "ce_source", "/a"), "other".getBytes(UTF_8));
    EventHeaders third = reader.read(received("ce_id", "3", "ce_source", "press-1"), KEY);

    assertThat(second.bytes("ce_source")).isSameAs(first.bytes("ce_source"));
    assertThat(third.bytes("ce_source")).isSameAs(KEY);
    assertThat(first.text("ce_id")).isEqualTo("1");
  }

  @Test
  void shouldPassOverAHeaderWithoutAValue() {
    EventHeaders first = reader.read(new Header[] {header("ce_id", "1")}, null);
    EventHeaders second = reader.read(new Header[] {header("ce_id", null)}, null);
    assertThat(first.text("ce_id")).isEqualTo("1");
    assertThat(second.has("ce_id")).isFalse();
    assertThat(shown(second)).isEmpty();
  }

  @Test
  void shouldLetACopyGrowWithoutTheOthers() {
    EventHeaders first = reader.read(received("ce_id", "1"), null);
    EventHeaders second = reader.read(received("ce_id", "2"), null);
    EventHeaders copy = first.copy().add("route", "here");
    assertThat(shown(copy)).containsExactly("ce_id=1", "route=here");
    assertThat(shown(first)).containsExactly("ce_id=1");
    assertThat(shown(second)).containsExactly("ce_id=2");
  }
}
