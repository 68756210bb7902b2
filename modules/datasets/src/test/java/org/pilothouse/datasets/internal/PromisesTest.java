package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.internal.Promises.State;

class PromisesTest {
  private static final Instant SOON = Examples.AVAILABLE.plus(Duration.ofHours(3));

  @Test
  void shouldHoldTheContractAgainstTheNewestVersion() {
    assertThat(
            new Promises(dataset -> Optional.empty())
                .of(Contracts.whole(), Optional.of(newest()), SOON))
        .extracting(Promises.Promise::path, Promises.Promise::state)
        .containsExactly(
            tuple("/slaProperties/0", State.MET),
            tuple("/slaProperties/1", State.NOT_MET),
            tuple("/slaProperties/2", State.MET),
            tuple("/slaProperties/3", State.UNKNOWN),
            tuple("/schema/0/properties", State.UNKNOWN),
            tuple("/schema/0/quality/0", State.UNKNOWN),
            tuple("/schema/0/quality/1", State.MET),
            tuple("/schema/0/properties/1/quality/0", State.UNKNOWN));
  }

  @Test
  void shouldLookAtTheContentWhereSomethingReadsIt() {
    ContentFacts facts =
        dataset ->
            Optional.of(
                new ContentFacts.Facts(OptionalLong.of(100), Optional.of(Set.of("time", "x"))));

    assertThat(new Promises(facts).of(Contracts.whole(), Optional.of(newest()), SOON))
        .extracting(Promises.Promise::path, Promises.Promise::state, Promises.Promise::found)
        .contains(
            tuple("/schema/0/properties", State.NOT_MET, "Missing: rpm"),
            tuple("/schema/0/quality/0", State.NOT_MET, "100 rows"));
  }

  @Test
  void shouldMissWhatIsNotThere() {
    assertThat(
            new Promises(dataset -> Optional.empty()).of(Contracts.whole(), Optional.empty(), SOON))
        .extracting(Promises.Promise::path, Promises.Promise::state)
        .contains(
            tuple("/slaProperties/0", State.NOT_MET),
            tuple("/slaProperties/1", State.UNKNOWN),
            tuple("/schema/0/quality/1", State.UNKNOWN));
  }

  @ParameterizedTest
  @CsvSource({
    "3, h, MET",
    "2.9, hours, NOT_MET",
    "180, min, MET",
    "10799, s, NOT_MET",
    "1, w, MET",
    "1, parsecs, UNKNOWN",
    "-1, d, UNKNOWN",
    "soon, d, UNKNOWN"
  })
  void shouldMeasureTheAgeOfTheNewest(String value, String unit, State state) {
    ObjectNode contract = Contracts.whole();
    Contracts.at(contract, "/slaProperties/0").put("value", value).put("unit", unit);

    assertThat(
            new Promises(dataset -> Optional.empty())
                .of(contract, Optional.of(newest()), SOON)
                .getFirst()
                .state())
        .isEqualTo(state);
  }

  private static Dataset newest() {
    return Examples.dataset("d-1", "runs", 1, Map.of(), DatasetState.AVAILABLE, 365);
  }
}
