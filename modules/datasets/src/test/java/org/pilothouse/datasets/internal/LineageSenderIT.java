package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.LineageConfig;
import org.pilothouse.datasets.Quota;
import org.pilothouse.datasets.internal.LineageSender.Outcome;
import org.pilothouse.datasets.internal.LineageSender.State;

/** What a gatherer outside is told, whatever becomes of it and of the node in between. */
@Timeout(180)
class LineageSenderIT {
  private static final String KEY = "k-3y.of_the~gatherer";
  private static final byte[] BYTES = Hold.csv(900);

  private Hold hold;
  private Gatherer gatherer;
  private Wiring node;

  @BeforeEach
  void open() {
    hold = Hold.open();
    gatherer = new Gatherer();
    hold.lineage = telling(gatherer.url(), Duration.ofSeconds(10));
    node = hold.node();
  }

  @AfterEach
  void close() {
    node.close();
    gatherer.close();
    hold.close();
  }

  private static Optional<LineageConfig> telling(URI url, Duration timeout) {
    return Optional.of(new LineageConfig(url, Optional.of(KEY), timeout));
  }

  private Dataset uploaded(String name) {
    return hold.upload(node, hold.wanted(name, BYTES, Map.of()), BYTES);
  }

  @Test
  void shouldTellALifeWithTheKeyAndOnce() throws InterruptedException {
    Dataset dataset = uploaded("run");

    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.TOLD);
    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.NONE);

    assertThat(gatherer.taken())
        .extracting(Gatherer.Sent::type)
        .containsExactly("START", "COMPLETE");
    assertThat(gatherer.taken())
        .extracting(Gatherer.Sent::authorization)
        .containsOnly("Bearer " + KEY);
    assertThat(gatherer.taken().getLast().event().toString())
        .isEqualTo(
            node.lineageEvents()
                .of(URI.create("https://pilothouse.example"), dataset)
                .getLast()
                .toString());
    assertThat(gatherer.paths()).containsOnly("/api/v1/lineage");
    LineageSender.Status status = node.lineageSender().status();
    assertThat(status.state()).isEqualTo(State.IDLE);
    assertThat(status.to()).isEqualTo(gatherer.url().toString());
    assertThat(status.toldAt()).isNotNull();
    assertThat(status.toString()).doesNotContain(KEY);
  }

  @Test
  void shouldTellNothingOfWhatWasNeverAvailable() throws InterruptedException {
    var unused =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("run", BYTES, Map.of()));

    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.NONE);
    assertThat(gatherer.paths()).isEmpty();
  }

  @Test
  void shouldTellWhatBecomesOfADatasetAfterwards() throws InterruptedException {
    Dataset dataset = uploaded("run");
    tellAll();
    node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset.id(), false);

    tellAll();

    assertThat(gatherer.taken()).hasSize(5);
    assertThat(gatherer.taken().getLast().event().at("/job/name").asText())
        .isEqualTo("withdraw.run");
  }

  @Test
  void shouldTellAllThatHappenedWhileTheGathererWasAway() throws InterruptedException {
    gatherer.answers(503);
    Dataset first = uploaded("first");
    uploaded("second");
    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.AWAY);
    node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), first.id(), false);
    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.AWAY);
    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.NONE);
    LineageSender.Status away = node.lineageSender().status();
    assertThat(away.state()).isEqualTo(State.FAILING);
    assertThat(away.waiting()).isEqualTo(2);
    assertThat(away.failure()).isEqualTo("answered 503");
    // As after an hour: far more tries than a dataset that is refused would get.
    hold.let("untold SET tell_after = now(), failures = 1000");

    gatherer.answers(200);
    tellAll();

    assertThat(gatherer.taken())
        .extracting(sent -> sent.event().at("/job/name").asText())
        .containsExactlyInAnyOrder(
            "upload.first", "upload.first", "withdraw.first", "upload.second", "upload.second");
    assertThat(node.lineageSender().status().waiting()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 307, 308, 401, 403, 404, 429, 500, 503})
  void shouldWaitWhileNothingIsTaken(int status) throws InterruptedException {
    uploaded("run");
    gatherer.answers((exchange, event) -> {
      exchange.getResponseHeaders().add("Location", gatherer.url().resolve("/stolen").toString());
      return status;
    });

    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.AWAY);

    assertThat(gatherer.paths()).containsExactly("/api/v1/lineage");
    assertThat(node.lineageSender().status().failure()).isEqualTo("answered " + status);
  }

  @Test
  void shouldHoldUpNoOtherByOneThatIsRefused() throws InterruptedException {
    gatherer.answers((exchange, event) -> byName(event.toString(), 422));
    Dataset odd = uploaded("odd");
    uploaded("even");

    for (int tries = 1; tries <= LineageSender.TRIES; tries++) {
      hold.let("untold SET tell_after = now() WHERE failures > 0");
      tellAll();
    }

    assertThat(gatherer.taken()).hasSize(2);
    LineageSender.Status status = node.lineageSender().status();
    assertThat(status.refused()).isEqualTo(1);
    assertThat(status.waiting()).isZero();
    int asked = gatherer.paths().size();
    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.NONE);
    assertThat(gatherer.paths()).hasSize(asked);

    gatherer.answers(200);
    node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), odd.id(), false);
    tellAll();
    assertThat(gatherer.taken()).hasSize(5);
    assertThat(node.lineageSender().status().refused()).isZero();
  }

  private static int byName(String event, int status) {
    return event.contains("upload.odd") ? status : 200;
  }

  @Test
  void shouldGiveUpOnAnAnswerThatDoesNotCome() throws InterruptedException {
    impatient();
    gatherer.answers((exchange, event) -> gatherer.hold());
    uploaded("run");

    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.AWAY);
  }

  @Test
  void shouldGiveUpOnAnAnswerThatDoesNotEnd() throws InterruptedException {
    impatient();
    gatherer.answers((exchange, event) -> {
      exchange.sendResponseHeaders(200, 1_000);
      exchange.getResponseBody().write(1);
      exchange.getResponseBody().flush();
      return gatherer.hold();
    });
    uploaded("run");

    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.AWAY);
    assertThat(node.lineageSender().status().failure()).startsWith("no answer within");
  }

  private void impatient() {
    node.close();
    hold.lineage = telling(gatherer.url(), Duration.ofMillis(500));
    node = hold.node();
  }

  @Test
  void shouldTellAnewWhatChangedWhileItWasTold() throws InterruptedException {
    Dataset dataset = uploaded("run");
    AtomicInteger asked = new AtomicInteger();
    gatherer.answers((exchange, event) -> {
      if (asked.getAndIncrement() == 0) {
        node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset.id(), false);
      }
      return 200;
    });

    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.TOLD);
    assertThat(gatherer.taken()).hasSize(2);
    tellAll();

    assertThat(gatherer.taken().getLast().event().at("/job/name").asText())
        .isEqualTo("withdraw.run");
  }

  /** As if the process were gone: nothing after it is run. */
  private static final class Gone extends Error {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void shouldRepeatTheSameRunWhereANodeEnded() throws InterruptedException {
    uploaded("run");
    Steps mortal =
        step -> {
          if (step == Step.LINEAGE_TOLD) {
            throw new Gone();
          }
        };
    try (Wiring ended = hold.node(mortal, new Quota(1L << 40, 1_000, 20))) {
      assertThatThrownBy(() -> ended.lineageSender().tellNext()).isInstanceOf(Gone.class);
    }
    assertThat(node.lineageSender().tellNext()).as("the lease lasts").isEqualTo(Outcome.NONE);
    hold.let("untold SET tell_after = now()");

    tellAll();

    List<Gatherer.Sent> taken = gatherer.taken();
    assertThat(taken).hasSize(4);
    assertThat(taken).extracting(Gatherer.Sent::run).containsOnly(taken.getFirst().run());
    assertThat(taken.get(2).event()).isEqualTo(taken.get(0).event());
    assertThat(taken.get(3).event()).isEqualTo(taken.get(1).event());
  }

  @Test
  void shouldTellByItselfOnceTheGathererIsBack() {
    gatherer.answers(500);
    uploaded("run");
    node.lineageSender().start();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(gatherer.paths()).isNotEmpty());

    gatherer.answers(200);

    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(() -> assertThat(gatherer.taken()).hasSize(2));
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> assertThat(node.lineageSender().status().state()).isEqualTo(State.IDLE));
  }

  @Test
  void shouldKeepInMindWhatIsToBeToldWhileNoGathererIsNamed() throws InterruptedException {
    node.close();
    hold.lineage = Optional.empty();
    node = hold.node();
    uploaded("run");
    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.NONE);
    LineageSender.Status off = node.lineageSender().status();
    assertThat(off.state()).isEqualTo(State.OFF);
    assertThat(off.to()).isNull();
    assertThat(off.waiting()).isEqualTo(1);

    node.close();
    hold.lineage = telling(gatherer.url(), Duration.ofSeconds(10));
    node = hold.node();
    tellAll();

    assertThat(gatherer.taken()).hasSize(2);
  }

  @Test
  void shouldNotStartAgainAtOnceWhereNobodyListens() throws InterruptedException {
    gatherer.close();
    uploaded("run");

    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.AWAY);
    assertThat(node.lineageSender().tellNext()).isEqualTo(Outcome.NONE);
    assertThat(node.lineageSender().status().failure()).isEqualTo("ConnectException");
  }

  private void tellAll() throws InterruptedException {
    while (node.lineageSender().tellNext() != Outcome.NONE) {
      // until there is none
    }
  }
}
