package org.pilothouse.ctl.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pilothouse.ctl.api.PilothouseApi.LiveEvent;

class EventStreamTest {
  @Test
  void shouldReadMessagesAndPassOverComments() throws IOException {
    assertThat(
            read(
                """
                : still here

                id: 1
                event: telemetry.reported
                data: {"a":1}

                id:2
                data:first
                data: second

                """))
        .containsExactly(
            new LiveEvent("1", "telemetry.reported", "{\"a\":1}"),
            new LiveEvent("2", "message", "first\nsecond"));
  }

  @Test
  void shouldDropAMessageThatBrokeOff() throws IOException {
    assertThat(read("id: 1\ndata: half\n")).isEmpty();
  }

  private static List<LiveEvent> read(String text) throws IOException {
    List<LiveEvent> events = new ArrayList<>();
    EventStream.read(new ByteArrayInputStream(text.getBytes(UTF_8)), events::add);
    return events;
  }
}
