package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pilothouse.contracts.CloudEvents;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.ModelCatalogue;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;
import org.pilothouse.platform.kafka.fold.Told;

class StateFoldingTest {
  private static final String EARLY = "2026-03-01T10:00:00Z";
  private static final String LATE = "2026-03-01T10:00:05Z";
  private static final Instant RETIRED = Instant.parse("2026-03-01T10:00:03.000001Z");

  private final List<String> rejected = new ArrayList<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final StateFolding folding =
      new StateFolding(
          new ModelRules((pilot, model) -> Optional.empty()),
          (record, reader, reason, detail) ->
              rejected.add(record.offset() + " " + reader + " " + reason),
          EventIds.system(),
          metrics);

  private static LogRecord routed(LogRecord origin, @Nullable Instant retiredAt) {
    return new LogRecord(
        new Partition("a-fold-records", 0),
        7_000 + origin.offset(),
        origin.timestampMillis(),
        Routed.key(Telemetry.AURORA, new String(origin.key(), UTF_8)),
        origin.value(),
        Routed.headers(origin, new StateStore.Stored(true, null, null, retiredAt)));
  }

  private static LogRecord report(long offset, String time, String values) {
    return Telemetry.record(offset, "press", time, values);
  }

  private byte @Nullable [] fold(LogRecord record, byte @Nullable [] before) throws Exception {
    return folding.fold(routed(record, null), before);
  }

  private static String properties(byte @Nullable [] state) {
    return state == null ? "" : StateEntry.of(state).properties();
  }

  @Test
  void shouldKeepTheNewerTimeAndOfTwoTheLaterOffset() throws Exception {
    byte[] state = fold(report(1, LATE, "{\"a\":1,\"b\":1}"), null);
    state = fold(report(2, EARLY, "{\"a\":2}"), state);
    state = fold(report(3, LATE, "{\"b\":3}"), state);

    assertThat(properties(state))
        .isEqualTo(
            "{\"a\":{\"value\":1,\"time\":\"%s\"},\"b\":{\"value\":3,\"time\":\"%s\"}}"
                .formatted(LATE, LATE));
    assertThat(StateEntry.of(state).reportedAt()).isEqualTo(LATE);
    assertThat(StateEntry.of(state).device()).isEqualTo("press-device");
  }

  @Test
  void shouldPassOverWhatItHolds() throws Exception {
    LogRecord first = report(1, LATE, "{\"a\":1}");
    byte[] state = fold(report(2, LATE, "{\"a\":2}"), fold(first, null));

    assertThat(fold(first, state)).isEqualTo(state);
  }

  @Test
  void shouldTakeTheSameOffsetOfATopicThatWasMadeAnew() throws Exception {
    byte[] state = fold(report(9, EARLY, "{\"a\":1}"), null);
    LogRecord anew = report(0, LATE, "{\"a\":2}");
    LogRecord later =
        new LogRecord(
            anew.partition(),
            0,
            anew.timestampMillis() + 1_000,
            anew.key(),
            anew.value(),
            anew.headers());

    assertThat(properties(fold(later, state))).contains("\"value\":2");
  }

  @Test
  void shouldBeginAnewWhenTheTwinWasRetired() throws Exception {
    byte[] state = fold(report(1, EARLY, "{\"a\":1}"), null);
    byte[] next = folding.fold(routed(report(2, LATE, "{\"b\":2}"), RETIRED), state);

    assertThat(properties(next)).isEqualTo("{\"b\":{\"value\":2,\"time\":\"%s\"}}".formatted(LATE));
    assertThat(StateEntry.of(next).retiredAt()).isEqualTo(RETIRED);
    assertThat(fold(report(3, LATE, "{\"a\":3}"), next))
        .as("routed before the twin was retired")
        .isEqualTo(next);
  }

  @Test
  void shouldLeaveNothingWhereOnlyThePastIsReported() throws Exception {
    byte[] state = fold(report(1, EARLY, "{\"a\":1}"), null);

    assertThat(folding.fold(routed(report(2, EARLY, "{\"a\":2}"), RETIRED), state)).isNull();
  }

  @Test
  void shouldRejectWhatIsNoReading() throws Exception {
    LogRecord good = report(4, LATE, "{\"a\":1}");
    LogRecord broken =
        new LogRecord(
            good.partition(),
            4,
            good.timestampMillis(),
            good.key(),
            "[".getBytes(UTF_8),
            good.headers());

    assertThat(fold(broken, null)).isNull();
    assertThat(rejected).containsExactly("4 twin-state malformed_json");
  }

  private StateFolding asking(ModelCatalogue models) {
    return new StateFolding(
        new ModelRules(models),
        (record, reader, reason, detail) ->
            rejected.add(record.offset() + " " + reader + " " + reason + " " + detail),
        EventIds.system(),
        metrics);
  }

  private static LogRecord modelled(LogRecord origin) {
    return new LogRecord(
        new Partition("a-fold-records", 0),
        7_000 + origin.offset(),
        origin.timestampMillis(),
        Routed.key(Telemetry.AURORA, new String(origin.key(), UTF_8)),
        origin.value(),
        Routed.headers(origin, new StateStore.Stored(true, "press", null, null)));
  }

  @Test
  void shouldRejectARecordThatBreaksTheFoldAndGoOn() throws Exception {
    byte[] state = fold(report(1, EARLY, "{\"a\":1}"), null);
    StateFolding broken =
        asking((pilot, model) -> {
          throw new IllegalStateException("a defect");
        });

    assertThat(broken.fold(modelled(report(2, LATE, "{\"a\":2}")), state)).isEqualTo(state);
    assertThat(rejected).containsExactly("2 twin-state effect_failed IllegalStateException");
  }

  @Test
  void shouldWaitForWhatPassesByItself() {
    StateFolding away =
        asking((pilot, model) -> {
          throw Problem.of(ProblemCode.UNAVAILABLE, "The store is away.");
        });

    assertThatThrownBy(() -> away.fold(modelled(report(1, LATE, "{\"a\":1}")), null))
        .isInstanceOf(Problem.class);
    assertThat(rejected).isEmpty();
  }

  @Test
  void shouldPassOverWhatSomebodyElseHasPutThere() throws Exception {
    byte[] state = fold(report(1, LATE, "{\"a\":1}"), null);

    assertThat(folding.fold(report(2, LATE, "{\"a\":2}"), state)).isEqualTo(state);
    assertThat(folding.fold(report(3, LATE, "{\"a\":3}"), null)).isNull();
  }

  @Test
  void shouldTellAsTheReaderOfTheOtherModeDoes() throws Exception {
    byte[] state = fold(report(1, LATE, "{\"a\":1}"), null);

    Told told = folding.tell("aurora/press", state).orElseThrow();

    assertThat(told.topic()).isEqualTo("pilot.aurora.twin-state");
    assertThat(new String(told.key(), UTF_8)).isEqualTo("press");
    assertThat(told.value())
        .isEqualTo(
            StateReader.data(Telemetry.AURORA, "press", properties(state), Instant.parse(LATE)));
    assertThat(told.headers().text(CloudEvents.TIME)).isEqualTo(LATE);
    assertThat(told.headers().has("route")).isFalse();
  }

  @Test
  void shouldNotTellOfWhatIsLargerThanAnEvent() throws Exception {
    byte[] state = null;
    for (int i = 0; i < 40; i++) {
      state = fold(report(i, LATE, "{\"p" + i + "\":\"" + "x".repeat(1_800) + "\"}"), state);
    }

    assertThat(folding.tell("aurora/press", state)).isEmpty();
    assertThat(metrics.counter("pilothouse.twins.state.too.large").count()).isEqualTo(1);
  }
}
