package org.pilothouse.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.benchmarks.Findings.Kind;

class TwinJudgeTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  private static final TelemetryFold.Series SERIES = new TelemetryFold.Series("press", "count");

  private final Findings findings = new Findings();
  private final TwinJudge judge = new TwinJudge(findings);
  private final TelemetryFold fold = new TelemetryFold(Map.of());

  @BeforeEach
  void fold() {
    take(0, "press", "{\"count\":1,\"note\":\"x\"}");
    take(1, "press", "{\"count\":2}");
    take(2, "pump-1", "{\"temperature\":500,\"flow\":1}");
  }

  private void take(int number, String twin, String values) {
    fold.take(
        new TelemetryFold.Event(
            twin,
            "/devices/one",
            "r-" + number,
            NOON.plusSeconds(number),
            NOON,
            new TelemetryFold.Place(0, number),
            ("{\"values\":" + values + "}").getBytes(StandardCharsets.UTF_8)));
  }

  private static JsonNode json(String text) {
    return TelemetryFold.parsed(text);
  }

  private void assertFound(Kind... kinds) {
    assertThat(findings.counts().keySet())
        .containsExactlyInAnyOrder(Arrays.stream(kinds).map(Kind::word).toArray(String[]::new));
  }

  private static Map<String, JsonNode> rightStates() {
    Map<String, JsonNode> states = new HashMap<>();
    states.put(
        "press",
        json(
            """
            {"count": {"value": 2.0, "time": "2026-11-21T12:00:01Z"},
             "note": {"value": "x", "time": "2026-11-21T12:00:00Z"}}
            """));
    states.put("pump-1", json("{\"flow\": {\"value\": 1, \"time\": \"2026-11-21T12:00:02Z\"}}"));
    return states;
  }

  @Test
  void shouldFindNothingWhenStatesAreRight() {
    Map<String, JsonNode> states = rightStates();
    states.put("made-by-hand", json("{}"));
    judge.states(fold, states);
    judge.stateEvents(fold, states);
    judge.digest(fold, 2, fold.digest());
    assertFound();
  }

  @Test
  void shouldFindAStateWhenItsValueIsAnother() {
    Map<String, JsonNode> states = rightStates();
    ((ObjectNode) states.get("press").get("count")).put("value", 1);
    judge.states(fold, states);
    assertFound(Kind.WRONG_STATE);
    assertThat(findings.examples().get("wrong_state").getFirst()).contains("press/count");
  }

  @Test
  void shouldFindAStateWhenItsTimeIsAnother() {
    Map<String, JsonNode> states = rightStates();
    ((ObjectNode) states.get("press").get("note")).put("time", "2026-11-21T12:00:00.000001Z");
    judge.states(fold, states);
    assertFound(Kind.WRONG_STATE);
  }

  @Test
  void shouldFindAStateWhenARefusedValueIsInIt() {
    Map<String, JsonNode> states = rightStates();
    ((ObjectNode) states.get("pump-1"))
        .putObject("temperature")
        .put("value", 500)
        .put("time", "2026-11-21T12:00:02Z");
    judge.states(fold, states);
    assertFound(Kind.WRONG_STATE);
  }

  @Test
  void shouldFindATwinWhenItIsNotThereOrMustNotBe() {
    Map<String, JsonNode> states = rightStates();
    states.put("ghost", states.remove("press"));
    judge.states(fold, states);
    assertThat(findings.of(Kind.WRONG_STATE)).isEqualTo(2);
  }

  @Test
  void shouldFindAnOldStateWhenItIsTheLastOnTheTopic() {
    Map<String, JsonNode> states = rightStates();
    ((ObjectNode) states.get("press")).remove("note");
    judge.stateEvents(fold, states);
    assertFound(Kind.WRONG_STATE_EVENT);
  }

  @Test
  void shouldFindADigestWhenItIsAnother() {
    judge.digest(fold, 2, "sha256:00");
    judge.digest(fold, 3, fold.digest());
    assertThat(findings.of(Kind.WRONG_DIGEST)).isEqualTo(2);
  }

  private static Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> rightMinutes() {
    Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> minutes = new HashMap<>();
    minutes.put(SERIES, minute(new Summary.Shown(2, 1, 2, 1.5, 2)));
    minutes.put(
        new TelemetryFold.Series("pump-1", "flow"), minute(new Summary.Shown(1, 1, 1, 1, 1)));
    return minutes;
  }

  private static SortedMap<Long, Summary.Shown> minute(Summary.Shown shown) {
    return new TreeMap<>(Map.of(NOON.getEpochSecond(), shown));
  }

  @Test
  void shouldFindNothingWhenMinutesAreRight() {
    judge.minutes(fold, rightMinutes());
    judge.shownMinutes(fold, SERIES, minute(new Summary.Shown(2, 1, 2, 1.5, Double.NaN)));
    judge.readings(fold, Map.of("press", 2L, "pump-1", 1L));
    assertFound();
  }

  @Test
  void shouldFindAMinuteWhenItWasCountedTwice() {
    Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> minutes = rightMinutes();
    Summary.Shown doubled = new Summary.Shown(4, 1, 2, 1.5, 2);
    minutes.put(SERIES, minute(doubled));
    judge.minutes(fold, minutes);
    judge.shownMinutes(fold, SERIES, minute(doubled));
    assertThat(findings.of(Kind.WRONG_SUMMARY)).isEqualTo(2);
  }

  @Test
  void shouldFindAMinuteWhenAnotherValueIsItsLast() {
    Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> minutes = rightMinutes();
    minutes.put(SERIES, minute(new Summary.Shown(2, 1, 2, 1.5, 1)));
    judge.minutes(fold, minutes);
    assertFound(Kind.WRONG_SUMMARY);
  }

  @Test
  void shouldFindAMinuteWhenItIsMissingOrMustNotBeThere() {
    Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> minutes = rightMinutes();
    minutes.put(new TelemetryFold.Series("ghost", "count"), minutes.remove(SERIES));
    judge.minutes(fold, minutes);
    assertThat(findings.of(Kind.WRONG_SUMMARY)).isEqualTo(2);
  }

  @Test
  void shouldFindAMinuteWhenAValueThatTheModelRefusesIsInIt() {
    Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> minutes = rightMinutes();
    minutes.put(
        new TelemetryFold.Series("pump-1", "temperature"),
        minute(new Summary.Shown(1, 500, 500, 500, 500)));
    judge.minutes(fold, minutes);
    assertFound(Kind.WRONG_SUMMARY);
  }

  @Test
  void shouldFindReadingsWhenOneIsThereTwiceOrNotAtAll() {
    judge.readings(fold, Map.of("press", 3L));
    assertThat(findings.of(Kind.WRONG_READINGS)).isEqualTo(2);
  }

  private static TwinJudge.Rejection rejection(long offset, String reason, String detail) {
    return new TwinJudge.Rejection(new TelemetryFold.Place(0, offset), reason, detail);
  }

  @Test
  void shouldFindNothingWhenTheRefusedPartWasKeptEvenTwice() {
    TwinJudge.Rejection right = rejection(2, "out_of_range", "temperature must be at most 120.");
    judge.rejected(fold, List.of(right, right));
    assertFound();
  }

  @Test
  void shouldFindARefusedPartWhenItWasNotKeptOrForAnotherReason() {
    judge.rejected(fold, List.of());
    judge.rejected(fold, List.of(rejection(2, "wrong_type", "temperature must be a number.")));
    judge.rejected(fold, List.of(rejection(2, "out_of_range", "speed must be at most 6000.")));
    assertThat(findings.of(Kind.NOT_REJECTED)).isEqualTo(3);
  }

  @Test
  void shouldFindARecordWhenItWasRejectedThoughItIsGood() {
    judge.rejected(
        fold,
        List.of(
            rejection(2, "out_of_range", "temperature must be at most 120."),
            rejection(1, "out_of_range", "count must be at most 1.")));
    assertFound(Kind.WRONGLY_REJECTED);
  }

  private static TwinJudge.Fact fact(int second, String type, String data) {
    return new TwinJudge.Fact("f-" + second, type, NOON.plusSeconds(second), json(data));
  }

  private static final TwinJudge.Fact CREATED = fact(0, "twin.created", "{}");
  private static final TwinJudge.Fact SENT = fact(1, "command.sent", "{\"command_id\":\"c\"}");
  private static final TwinJudge.Fact CHANGED = fact(2, "twin.changed", "{\"revision\":2}");
  private static final TwinJudge.Fact AGAIN = fact(3, "twin.changed", "{\"revision\":3}");
  private static final TwinJudge.Fact ENDED =
      fact(4, "command.ended", "{\"command_id\":\"c\",\"state\":\"succeeded\"}");
  private static final List<TwinJudge.Fact> TOLD = List.of(CREATED, SENT, CHANGED, AGAIN, ENDED);

  @Test
  void shouldFindNothingWhenTheThreadHoldsEachFactOnce() {
    judge.thread(
        "press", List.of(CREATED, SENT, SENT, CHANGED, AGAIN, ENDED, CREATED), TOLD.reversed());
    judge.changes("press", Set.of(2L, 3L), TOLD.reversed());
    assertFound();
  }

  @Test
  void shouldFindAFactWhenTheThreadLacksIt() {
    judge.thread("press", TOLD, List.of(ENDED, AGAIN, SENT, CREATED));
    judge.changes("press", Set.of(2L), List.of(ENDED, AGAIN, SENT, CREATED));
    assertFound(Kind.MISSING_FACT, Kind.LOST_CHANGE);
  }

  @Test
  void shouldFindAFactWhenTheThreadHoldsItTwice() {
    judge.thread("press", TOLD, List.of(ENDED, AGAIN, CHANGED, SENT, CREATED, CREATED));
    assertFound(Kind.FACT_TWICE);
  }

  @Test
  void shouldFindFactsWhenTheyAreOutOfOrder() {
    judge.thread("press", TOLD, List.of(ENDED, CHANGED, AGAIN, SENT, CREATED));
    assertFound(Kind.FACT_OUT_OF_ORDER);
    assertThat(findings.of(Kind.FACT_OUT_OF_ORDER)).isEqualTo(2);
  }

  @Test
  void shouldFindACommandWhenItEndsBeforeItIsSentOnTheTopic() {
    judge.thread("press", List.of(CREATED, ENDED, SENT, CHANGED, AGAIN), TOLD.reversed());
    assertFound(Kind.FACT_OUT_OF_ORDER);
  }

  @Test
  void shouldFindAFactWhenNobodyToldIt() {
    judge.thread("press", List.of(CREATED, SENT, CHANGED, AGAIN), TOLD.reversed());
    assertFound(Kind.WRONG_FACT);
  }

  private static TwinJudge.Command command(long number, String state, int answer) {
    Orders.Order order = Orders.Order.of(number);
    JsonNode said = Orders.answer(order, answer);
    return new TwinJudge.Command(
        "c",
        "press",
        Orders.NAME,
        state,
        order.input(),
        said.get("output"),
        said.path("error").isTextual() ? said.path("error").asText() : null);
  }

  private static List<TwinJudge.Fact> thread(String state) {
    return List.of(
        fact(4, "command.ended", "{\"command_id\":\"c\",\"state\":\"" + state + "\"}"), SENT);
  }

  @Test
  void shouldFindNothingWhenACommandEndedAsItsDeviceSaidFirst() {
    judge.commands("press", Set.of("c"), List.of(command(1, "succeeded", 1)), thread("succeeded"));
    judge.commands("press", Set.of("c"), List.of(command(3, "failed", 1)), thread("failed"));
    judge.commands("press", Set.of(), List.of(command(0, "timed_out", 1)), thread("timed_out"));
    assertFound();
  }

  @Test
  void shouldFindACommandWhenItsSecondAnswerCounted() {
    judge.commands("press", Set.of("c"), List.of(command(1, "failed", 2)), thread("failed"));
    judge.commands("press", Set.of("c"), List.of(command(3, "succeeded", 2)), thread("succeeded"));
    assertThat(findings.of(Kind.WRONG_COMMAND)).isEqualTo(2);
  }

  @Test
  void shouldFindACommandWhenItIsOpenOrEndedWithoutAnAnswer() {
    judge.commands("press", Set.of(), List.of(command(0, "succeeded", 1)), thread("succeeded"));
    judge.commands("press", Set.of(), List.of(command(1, "timed_out", 1)), thread("timed_out"));
    assertFound(Kind.WRONG_COMMAND);
    judge.commands("press", Set.of(), List.of(command(1, "delivered", 1)), List.of(SENT));
    assertFound(Kind.WRONG_COMMAND, Kind.MISSING_FACT);
  }

  @Test
  void shouldFindACommandWhenItWasAcceptedAndIsNotThere() {
    judge.commands("press", Set.of("c"), List.of(), List.of());
    assertFound(Kind.LOST_COMMAND);
  }

  @Test
  void shouldFindACommandWhenItsEndWasToldOtherwise() {
    judge.commands("press", Set.of("c"), List.of(command(1, "succeeded", 1)), thread("failed"));
    assertFound(Kind.MISSING_FACT);
  }

  private static TwinJudge.Command wish(String id, String state) {
    return new TwinJudge.Command(id, "press", Orders.DESIRED, state, json("{}"), null, null);
  }

  @Test
  void shouldFindTheNewestWishWhenItWasSuperseded() {
    List<TwinJudge.Fact> facts =
        List.of(
            fact(9, "command.ended", "{\"command_id\":\"b\",\"state\":\"superseded\"}"),
            fact(8, "command.sent", "{\"command_id\":\"b\"}"),
            fact(7, "command.ended", "{\"command_id\":\"a\",\"state\":\"superseded\"}"),
            fact(6, "command.sent", "{\"command_id\":\"a\"}"));
    judge.commands(
        "press", Set.of(), List.of(wish("b", "superseded"), wish("a", "superseded")), facts);
    assertThat(findings.of(Kind.WRONG_COMMAND)).isEqualTo(1);
  }

  @Test
  void shouldFindADeviceWhenItHasNotWhatIsDesired() {
    ObjectNode applied = JsonNodeFactory.instance.objectNode().put("speed", 7).putNull("mode");
    judge.desired("press", json("{\"speed\":7}"), applied);
    assertFound();
    judge.desired("press", json("{\"speed\":8}"), applied);
    judge.desired("press", json("{\"speed\":7,\"mode\":1}"), applied);
    judge.desired("press", json("{}"), applied);
    assertThat(findings.of(Kind.WRONG_DESIRED)).isEqualTo(3);
  }

  @Test
  void shouldKeepFewExamplesWhenMuchIsWrong() {
    for (int i = 0; i < 1_000; i++) {
      findings.add(Kind.WRONG_STATE, "x".repeat(10_000));
    }
    assertThat(findings.of(Findings.Group.NOT_SHOWN)).isEqualTo(1_000);
    assertThat(findings.examples().get("wrong_state"))
        .hasSize(5)
        .allSatisfy(example -> assertThat(example).hasSizeLessThan(600));
  }
}
