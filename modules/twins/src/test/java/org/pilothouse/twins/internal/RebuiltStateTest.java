package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;

/**
 * What is rebuilt is what was folded, whatever retention has removed and however the log is cut.
 */
class RebuiltStateTest {
  private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");
  private static final Partition STATES =
      new Partition(TopicKind.TWIN_STATE.of(Telemetry.AURORA), 0);
  private static final ModelRules NO_MODELS = new ModelRules((pilot, model) -> Optional.empty());

  /**
   * A record to be.
   *
   * @param sinceLast hours since the record before was given to the backbone
   * @param jitterMinutes by which its producer's clock is wrong
   * @param aheadHours event time, from when it was given to the backbone
   * @param again whether it is the record before once more
   */
  record Draft(
      int twin,
      int property,
      int value,
      int sinceLast,
      int jitterMinutes,
      int aheadHours,
      boolean again) {}

  @Provide
  Arbitrary<List<Draft>> logs() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(0, 2),
            Arbitraries.integers().between(0, 9),
            Arbitraries.integers().between(0, 9),
            Arbitraries.integers().between(-29, 29),
            Arbitraries.integers().between(-100, 24),
            Arbitraries.integers().between(0, 4).map(number -> number == 0))
        .as(Draft::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(60);
  }

  private static List<Reading> readings(List<Draft> drafts) {
    List<Reading> readings = new ArrayList<>();
    Instant now = BEGINNING;
    for (Draft draft : drafts) {
      now = now.plus(Duration.ofHours(draft.sinceLast()));
      if (draft.again() && !readings.isEmpty()) {
        readings.add(readings.getLast());
        continue;
      }
      Instant given = now.plus(Duration.ofMinutes(draft.jitterMinutes()));
      Instant time = given.plus(Duration.ofHours(draft.aheadHours()));
      readings.add(
          new Reading(
              "twin-" + draft.twin(),
              time,
              given.toEpochMilli(),
              null,
              Map.of("p" + draft.property(), new Reported(Integer.toString(draft.value()), time))));
    }
    return readings;
  }

  /** Folds in batches of random sizes, and tells of every state that a batch changed. */
  private static Map<String, String> fold(
      List<Reading> readings, Map<String, String> onto, Random cuts, Map<String, String> told) {
    Map<String, String> states = new TreeMap<>(onto);
    int at = 0;
    while (at < readings.size()) {
      int end = Math.min(readings.size(), at + 1 + cuts.nextInt(12));
      Map<String, StateStore.Stored> stored = new HashMap<>();
      states.forEach((twin, properties) ->
          stored.put(twin, new StateStore.Stored(true, null, properties, null)));
      Folds folds = new Folds(Telemetry.AURORA, NO_MODELS, stored);
      for (Reading reading : readings.subList(at, end)) {
        assertThat(folds.take(reading)).isEmpty();
      }
      for (StateStore.Folded each : folds.changed()) {
        states.put(each.twin(), each.state().json());
        told.put(each.twin(), each.state().json());
      }
      at = end;
    }
    return states;
  }

  private static LogRecord event(String twin, String properties, Instant given) {
    String data =
        "{\"pilot_id\":\"aurora\",\"twin\":\"%s\",\"properties\":%s,\"reported_at\":\"x\"}";
    return new LogRecord(
        STATES,
        0,
        given.toEpochMilli(),
        twin.getBytes(UTF_8),
        data.formatted(twin, properties).getBytes(UTF_8),
        new EventHeaders());
  }

  private static Map<String, String> rebuild(
      Map<String, String> told, List<Reading> left, Random cuts) {
    Bases bases = new Bases(Instant.ofEpochMilli(left.getFirst().givenMillis()));
    Map<String, String> seeds = new TreeMap<>();
    told.forEach((twin, properties) -> {
      ReportedState base = bases.of(event(twin, properties, BEGINNING), null);
      if (base.reportedAt() != null) {
        seeds.put(twin, base.json());
      }
    });
    return fold(left, seeds, cuts, new HashMap<>());
  }

  @Property(tries = 2000)
  void shouldBeTheSameWhateverRetentionHasRemoved(
      @ForAll("logs") List<Draft> drafts, @ForAll long seed, @ForAll @IntRange(max = 59) int cut) {
    List<Reading> log = readings(drafts);
    Random cuts = new Random(seed);
    Map<String, String> told = new HashMap<>();
    Map<String, String> states = fold(log, Map.of(), cuts, told);

    int removed = Math.min(cut, log.size() - 1);
    Map<String, String> rebuilt = rebuild(told, log.subList(removed, log.size()), cuts);

    assertThat(rebuilt).isEqualTo(states);
  }

  @Property(tries = 500)
  void shouldBeTheSameFromNothingWhileNothingWasRemoved(
      @ForAll("logs") List<Draft> drafts, @ForAll long seed) {
    List<Reading> log = readings(drafts);
    Random cuts = new Random(seed);

    assertThat(fold(log, Map.of(), cuts, new HashMap<>()))
        .isEqualTo(fold(log, Map.of(), cuts, new HashMap<>()));
  }

  @Property(tries = 500)
  void shouldNotTakeOverAValueThatNoRemovedRecordCanHaveBrought(
      @ForAll("logs") List<Draft> drafts, @ForAll long seed) {
    List<Reading> log = readings(drafts);
    Random cuts = new Random(seed);
    Map<String, String> told = new HashMap<>();
    Map<String, String> states = fold(log, Map.of(), cuts, told);
    Set<String> twins = new HashSet<>(told.keySet());
    List<Reading> left = log.subList(log.size() - 1, log.size());
    Instant tooNew =
        Instant.ofEpochMilli(left.getFirst().givenMillis()).plus(Bases.AHEAD).plusSeconds(1);
    for (String twin : twins) {
      ReportedState wrong = ReportedState.of(told.get(twin));
      wrong.take("wrong", new Reported("666", tooNew));
      told.put(twin, wrong.json());
    }

    assertThat(rebuild(told, left, cuts)).isEqualTo(states);
  }

  @Test
  void shouldTakeNothingOverFromBeforeATwinWasRetired() {
    Bases bases = new Bases(BEGINNING.plus(Duration.ofDays(30)));
    String properties =
        "{\"old\":{\"value\":1,\"time\":\"2026-01-02T00:00:00Z\"},\"t\":{\"value\":1.50,\"time\":\"2026-01-04T00:00:00Z\"}}";
    Instant retired = Instant.parse("2026-01-03T00:00:00Z");

    assertThat(base(bases, properties, retired.plusSeconds(1), retired))
        .isEqualTo("{\"t\":{\"value\":1.50,\"time\":\"2026-01-04T00:00:00Z\"}}");
    assertThat(base(bases, properties, retired.minusSeconds(1), retired)).isEqualTo("{}");
    assertThat(base(bases, properties, retired.minusSeconds(1), null)).isEqualTo(properties);
  }

  @Test
  void shouldTakeNothingOverFromWhatIsNoState() {
    Bases bases = new Bases(BEGINNING);
    for (String data :
        List.of("", "{", "[]", "{\"properties\":7}", "{\"properties\":{\"t\":{\"time\":\"x\"}}}")) {
      LogRecord record =
          new LogRecord(
              STATES, 0, 0, "twin-1".getBytes(UTF_8), data.getBytes(UTF_8), new EventHeaders());
      assertThat(bases.of(record, null).json()).as(data).isEqualTo("{}");
    }
    assertThat(
            bases
                .of(new LogRecord(STATES, 0, 0, new byte[0], null, new EventHeaders()), null)
                .json())
        .isEqualTo("{}");
  }

  private static String base(
      Bases bases, String properties, Instant given, @Nullable Instant retired) {
    return bases.of(event("twin-1", properties, given), retired).json();
  }
}
