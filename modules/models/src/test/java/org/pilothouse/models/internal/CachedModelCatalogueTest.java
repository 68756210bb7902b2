package org.pilothouse.models.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.models.ThingModel;

class CachedModelCatalogueTest {
  private static final PilotId AURORA = new PilotId("aurora");

  private final Store store = new Store();
  private final SettableClock clock = new SettableClock();
  private final CachedModelCatalogue catalogue = new CachedModelCatalogue(store, clock);

  private static final class Store implements CachedModelCatalogue.Source {
    private long revision;
    private boolean away;
    private int looks;
    private int reads;

    @Override
    public long revision(PilotId pilot, String modelId) {
      looks++;
      answer();
      return revision;
    }

    @Override
    public Optional<ThingModel> read(PilotId pilot, String modelId) {
      reads++;
      answer();
      return revision == 0
          ? Optional.empty()
          : Optional.of(
              Documents.READER.read(modelId, revision, Documents.pump(), Documents.NONE).model());
    }

    private void answer() {
      if (away) {
        throw Problem.of(ProblemCode.UNAVAILABLE, "away");
      }
    }
  }

  private static final class SettableClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    void pass(Duration duration) {
      now = now.plus(duration);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @Test
  void shouldAskTheStoreOnceWhileTheAnswerIsFresh() {
    store.revision = 1;

    ThingModel first = catalogue.find(AURORA, "pump").orElseThrow();

    assertThat(catalogue.find(AURORA, "pump").orElseThrow()).isSameAs(first);
    assertThat(store.reads).isEqualTo(1);
    assertThat(store.looks).isZero();
  }

  @Test
  void shouldReadAgainOnlyWhenThereIsANewRevision() {
    store.revision = 1;
    ThingModel first = catalogue.find(AURORA, "pump").orElseThrow();

    clock.pass(Duration.ofSeconds(5));
    assertThat(catalogue.find(AURORA, "pump").orElseThrow()).isSameAs(first);
    assertThat(store.reads).isEqualTo(1);
    store.revision = 2;
    clock.pass(Duration.ofSeconds(5));
    assertThat(catalogue.find(AURORA, "pump").orElseThrow().revision()).isEqualTo(2);
  }

  @Test
  void shouldRememberForAWhileThatThereIsNoSuchModel() {
    assertThat(catalogue.find(AURORA, "pump")).isEmpty();
    assertThat(catalogue.find(AURORA, "pump")).isEmpty();
    assertThat(store.reads).isEqualTo(1);

    store.revision = 1;
    clock.pass(Duration.ofSeconds(5));
    assertThat(catalogue.find(AURORA, "pump")).isPresent();
  }

  @Test
  void shouldSeeAChangeAtOnceWhenItIsToldOfIt() {
    assertThat(catalogue.find(AURORA, "pump")).isEmpty();
    store.revision = 1;
    catalogue.forget(AURORA, "pump");
    assertThat(catalogue.find(AURORA, "pump").orElseThrow().revision()).isEqualTo(1);
    store.revision = 2;
    catalogue.forget(AURORA, "pump");
    assertThat(catalogue.find(AURORA, "pump").orElseThrow().revision()).isEqualTo(2);
  }

  @Test
  void shouldGoOnWithWhatIsKnownWhileTheStoreIsAway() {
    store.revision = 1;
    catalogue.find(AURORA, "pump");
    store.away = true;
    clock.pass(Duration.ofMinutes(10));

    assertThat(catalogue.find(AURORA, "pump")).isPresent();
    assertThatThrownBy(() -> catalogue.find(AURORA, "valve")).isInstanceOf(Problem.class);
    store.away = false;
    store.revision = 2;
    clock.pass(Duration.ofSeconds(5));
    assertThat(catalogue.find(AURORA, "pump").orElseThrow().revision()).isEqualTo(2);
  }

  @Test
  void shouldNotAskForWhatCannotBeAnId() {
    assertThat(catalogue.find(AURORA, "'; DROP TABLE models.model; --")).isEmpty();
    assertThat(catalogue.find(AURORA, "")).isEmpty();
    assertThat(store.reads).isZero();
  }
}
