package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.consume.Batch;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.testkit.TestDatabase;

/** The threads as they are gathered and read, on a real PostgreSQL. */
class ThreadIT {
  private static final PilotId AURORA = new PilotId("aurora");
  private static final TwinId PRESS = new TwinId("press-1");
  private static final Partition PARTITION = new Partition(TopicKind.THREAD.of(AURORA), 0);
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  private final TestDatabase store = TestDatabase.create(List.of("twins"));
  private final ThreadStore thread = new ThreadStore(store.database());
  private final ThreadReader reader = new ThreadReader(thread);

  @AfterEach
  void close() {
    store.close();
  }

  private static LogRecord fact(long offset, Instant time, String type, String data) {
    EventHeaders headers =
        new EventHeaders()
            .add(CloudEvents.ID, "f" + offset)
            .add(CloudEvents.SOURCE, "/another-room")
            .add(CloudEvents.TYPE, type)
            .add(CloudEvents.TIME, time.toString());
    return new LogRecord(
        PARTITION, offset, 0, "press-1".getBytes(UTF_8), data.getBytes(UTF_8), headers);
  }

  private List<String> typesIn(Span span, Optional<ThreadStore.Before> before, int limit) {
    return thread.page(AURORA, PRESS, span, before, limit).stream()
        .map(ThreadStore.Fact::type)
        .toList();
  }

  @Test
  void shouldKeepAFactOfATypeThatThisRoomDoesNotKnow() {
    LogRecord opened =
        fact(
            0,
            NOON,
            "alert.opened",
            "{\"pilot_id\":\"aurora\",\"twin\":\"press-1\",\"actor\":\"rule:hot\",\"severity\":\"critical\"}");
    reader.apply(new Batch(PARTITION, List.of(opened), 0, 1));
    reader.apply(new Batch(PARTITION, List.of(opened), 0, 1));
    List<ThreadStore.Fact> facts = thread.page(AURORA, PRESS, Span.EVER, Optional.empty(), 10);
    assertThat(facts).hasSize(1);
    assertThat(facts.getFirst().type()).isEqualTo("alert.opened");
    assertThat(facts.getFirst().actor()).isEqualTo("rule:hot");
    assertThat(facts.getFirst().data()).contains("critical");
  }

  @Test
  void shouldGiveTheFactsOfASpanPageByPage() {
    reader.apply(
        new Batch(
            PARTITION,
            List.of(
                about(0, NOON.minusSeconds(1), "twin.created"),
                about(1, NOON, "alert.opened"),
                about(2, NOON.plusSeconds(1), "twin.maintained"),
                about(3, NOON.plusSeconds(2), "alert.cleared")),
            0,
            4));
    Span span = new Span(Optional.of(NOON), Optional.of(NOON.plusSeconds(2)));
    assertThat(typesIn(span, Optional.empty(), 10))
        .containsExactly("twin.maintained", "alert.opened");
    assertThat(typesIn(span, Optional.empty(), 1)).containsExactly("twin.maintained");
    assertThat(typesIn(span, Optional.of(new ThreadStore.Before(NOON.plusSeconds(1), "f2")), 10))
        .containsExactly("alert.opened");
    assertThat(typesIn(Span.EVER, Optional.empty(), 10)).hasSize(4);
  }

  private static LogRecord about(long offset, Instant time, String type) {
    return fact(offset, time, type, "{\"pilot_id\":\"aurora\",\"twin\":\"press-1\"}");
  }
}
