package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.Quota;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Copies of what rests at a pilot's endpoint. */
@Timeout(180)
class CurationsIT {
  private static final byte[] BYTES = Hold.csv(900);
  private static final Quota ROOM = new Quota(1L << 40, 1_000, 20);

  private Hold hold;
  private PilotSite site;

  @BeforeEach
  void open() {
    hold = Hold.open();
    site = new PilotSite(hold);
    try (Wiring node = hold.node()) {
      site.set(node, site.said());
    }
  }

  @AfterEach
  void close() {
    site.close();
    hold.close();
  }

  @Test
  void shouldCopyWhatIsChosenAndPointToTheCopy() {
    try (Wiring node = hold.node()) {
      byte[] large = Hold.csv((int) PartPlan.SMALLEST + 1_000);
      Dataset small = site.registered(node, "small", BYTES);
      Dataset two = site.registered(node, "two parts", large);
      Curations.Choice both = new Curations.Choice.Named(List.of(small.id(), two.id()));
      Curations.Plan plan = node.curations().plan(hold.pilot1(), both);
      assertThat(plan.bytes()).isEqualTo(900L + large.length);
      assertThat(plan.fits()).isTrue();
      assertThat(plan.unreachable()).isEmpty();

      Curations.Curation begun = node.curations().begin(Hold.ADA, hold.pilot1(), both);
      assertThat(begun.done()).isFalse();
      copy(node);

      Curations.Curation done = node.curations().require(hold.pilot1(), begun.id());
      assertThat(done.done()).isTrue();
      assertThat(done.summary().copied()).isEqualTo(done.summary().bytes());
      assertCopied(node, done, small, BYTES);
      assertCopied(node, done, two, large);
      assertThat(node.quotas().of(hold.pilot1()).used())
          .isEqualTo(new Quotas.Used(900L + large.length, 4, 0));
    }
  }

  private void assertCopied(
      Wiring node, Curations.Curation curation, Dataset source, byte[] bytes) {
    Dataset copy = hold.find(copyOf(curation, source));
    assertThat(copy.state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(copy.atSite()).isFalse();
    assertThat(copy.name()).isEqualTo(source.name());
    assertThat(copy.version()).isEqualTo(source.version() + 1);
    assertThat(copy.checksum()).isEqualTo(source.checksum());
    assertThat(copy.lineage().inputs()).containsExactly(source.id());
    assertThat(copy.lineage().maker()).isEqualTo(Dataset.Maker.JOB);
    assertThat(copy.lineage().id()).isEqualTo(curation.id());
    assertThat(copy.createdBy()).isEqualTo(Hold.ADA.actor());
    assertThat(Hold.get(node.content(Hold.ADA, copy))).isEqualTo(bytes);
    assertThat(hold.events(copy.id()))
        .extracting(Hold.Event::type)
        .containsExactly("dataset.available");
    assertThat(hold.find(source.id()).state()).isEqualTo(DatasetState.AVAILABLE);
  }

  private static DatasetId copyOf(Curations.Curation curation, Dataset source) {
    return curation.copies().stream()
        .filter(copy -> copy.source().equals(source.id()))
        .map(Curations.Copy::target)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shouldSayBeforehandWhatCannotBeReadAndWhatHasNoRoom() {
    try (Wiring node = hold.node(Steps.UNHEARD, new Quota(500, 1_000, 20))) {
      Dataset source = site.registered(node, "run", BYTES);
      site.bucket.remove(site.key("run"));
      node.probes().probe(Hold.ADA, hold.pilot1());
      Curations.Choice choice = new Curations.Choice.Named(List.of(source.id()));

      Curations.Plan plan = node.curations().plan(hold.pilot1(), choice);

      assertThat(plan.fits()).isFalse();
      assertThat(plan.bytesLeft()).isEqualTo(500);
      assertThat(plan.unreachable())
          .extracting(each -> each.dataset().id())
          .containsExactly(source.id());
      assertFails(
          () -> node.curations().begin(Hold.ADA, hold.pilot1(), choice), ProblemCode.LIMIT_REACHED);
    }
  }

  @Test
  void shouldChooseByNameAndOnlyWhatRestsAtThePilot() {
    try (Wiring node = hold.node()) {
      Dataset source = site.registered(node, "run", BYTES);
      hold.upload(node, hold.wanted("run", BYTES, java.util.Map.of()), BYTES);
      Catalogue.Filter filter =
          new Catalogue.Filter(
              Optional.of(DatasetState.AVAILABLE),
              List.of(),
              Optional.of("run"),
              Optional.empty(),
              Optional.empty(),
              Optional.empty());

      assertThat(
              node.curations().plan(hold.pilot1(), new Curations.Choice.Fitting(filter)).datasets())
          .extracting(Dataset::id)
          .containsExactly(source.id());
    }
  }

  @Test
  void shouldRefuseWhatIsAtTheCentreAlready() {
    try (Wiring node = hold.node()) {
      Dataset own = hold.upload(node, hold.wanted("own", BYTES, java.util.Map.of()), BYTES);

      assertFails(
          () -> node.curations().plan(hold.pilot1(), new Curations.Choice.Named(List.of(own.id()))),
          ProblemCode.INVALID_VALUE);
    }
  }

  @Test
  void shouldQuarantineACopyOfWhatHasChanged() {
    try (Wiring node = hold.node()) {
      Dataset source = site.registered(node, "run", BYTES);
      byte[] others = BYTES.clone();
      others[0]++;
      site.put("run", others);
      Curations.Curation begun = begin(node, source);

      copy(node);

      Curations.Curation done = node.curations().require(hold.pilot1(), begun.id());
      assertThat(done.copies().getFirst().state()).isEqualTo("quarantined");
      assertThat(done.copies().getFirst().failure().code()).isEqualTo("checksum_mismatch");
      assertThat(hold.events(copyOf(done, source))).isEmpty();
    }
  }

  @Test
  void shouldEndInVainWhereTheObjectStaysAway() {
    try (Wiring node = hold.node()) {
      Dataset source = site.registered(node, "run", BYTES);
      site.bucket.remove(site.key("run"));
      Curations.Curation begun = begin(node, source);

      copy(node);
      assertThat(node.curations().require(hold.pilot1(), begun.id()).done()).isFalse();
      hold.let("copy SET copy_after = NULL, failures = 18");
      copy(node);

      Curations.Copy failed =
          node.curations().require(hold.pilot1(), begun.id()).copies().getFirst();
      assertThat(failed.state()).isEqualTo("failed");
      assertThat(failed.failure().code()).isEqualTo("object_missing");
    }
  }

  /** As if the process were gone: nothing after it is run. */
  private static final class Gone extends Error {
    private static final long serialVersionUID = 1L;
  }

  /** What a node leaves behind is not done again, so some steps are come to once only. */
  static Stream<Arguments> ends() {
    Stream<Arguments> again =
        Stream.of(Step.COPY_CLAIMED, Step.UPLOAD_BEGUN, Step.OBJECT_COMPLETED)
            .flatMap(step -> Stream.of(1, 2, 3).map(times -> Arguments.of(step, times)));
    Stream<Arguments> once =
        Stream.of(Step.COPY_DECLARED, Step.PART_COPIED, Step.COPY_COMPLETED)
            .map(step -> Arguments.of(step, 1));
    return Stream.concat(again, once);
  }

  @ParameterizedTest
  @MethodSource("ends")
  void shouldGoOnWhereANodeEnded(Step at, int times) {
    int[] left = {times};
    Steps mortal =
        step -> {
          if (step == at && left[0] > 0) {
            left[0]--;
            throw new Gone();
          }
        };
    Dataset source;
    Curations.Curation begun;
    try (Wiring node = hold.node()) {
      source = site.registered(node, "run", BYTES);
      begun = begin(node, source);
    }
    while (true) {
      try (Wiring node = hold.node(mortal, ROOM)) {
        hold.let("copy SET lease_until = NULL");
        copy(node);
        break;
      } catch (Gone e) {
        // Another node goes on.
      }
    }

    assertThat(left[0]).as("the step was come to").isZero();
    try (Wiring node = hold.node()) {
      Curations.Curation done = node.curations().require(hold.pilot1(), begun.id());
      assertCopied(node, done, source, BYTES);
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(900, 2, 0));
    }
    assertThat(hold.store.list(hold.pilot1() + "/", "", 10).items()).hasSize(1);
  }

  @Test
  void shouldCancelWhatWaitsAndKeepWhatIsThere() {
    try (Wiring node = hold.node()) {
      Dataset one = site.registered(node, "one", BYTES);
      Dataset two = site.registered(node, "two", BYTES);
      Curations.Curation begun =
          node.curations()
              .begin(
                  Hold.ADA, hold.pilot1(), new Curations.Choice.Named(List.of(one.id(), two.id())));
      assertThat(node.copier().copyNext()).isTrue();
      hold.verify(node);

      Curations.Curation cancelled = node.curations().cancel(Hold.ADA, hold.pilot1(), begun.id());

      assertThat(cancelled.done()).isTrue();
      assertThat(cancelled.summary().copies()).isEqualTo(Map.of("available", 1, "cancelled", 1));
      assertThat(cancelled.summary().cancelled().by()).isEqualTo(Hold.ADA.actor());
      assertThat(cancelled.summary().endedAt()).isNotNull();
      assertThat(node.copier().copyNext()).isFalse();
      assertThat(node.curations().cancel(Hold.ADA, hold.pilot1(), begun.id())).isEqualTo(cancelled);
      assertThat(hold.trail.events)
          .filteredOn(event -> event.action().equals("dataset.curate-cancel"))
          .hasSize(1);
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(900, 3, 0));
    }
  }

  @Test
  void shouldCancelNothingWhereAllIsDoneAndNothingThatIsNotThere() {
    try (Wiring node = hold.node()) {
      Dataset source = site.registered(node, "run", BYTES);
      Curations.Curation begun = begin(node, source);
      copy(node);

      Curations.Curation after = node.curations().cancel(Hold.ADA, hold.pilot1(), begun.id());

      assertThat(after.summary().cancelled()).isNull();
      assertThat(after.summary().copies()).isEqualTo(Map.of("available", 1));
      assertThat(hold.trail.events)
          .noneMatch(event -> event.action().equals("dataset.curate-cancel"));
      assertFails(
          () -> node.curations().cancel(Hold.ADA, hold.pilot1(), "no-such"), ProblemCode.NOT_FOUND);
    }
  }

  @Test
  void shouldStopACopyThatIsUnderWay() {
    Curations.Curation[] begun = new Curations.Curation[1];
    Wiring[] other = new Wiring[1];
    Steps cancelling =
        step -> {
          if (step == Step.PART_COPIED) {
            var unused = other[0].curations().cancel(Hold.ADA, hold.pilot1(), begun[0].id());
          }
        };
    try (Wiring steward = hold.node();
        Wiring node = hold.node(cancelling, ROOM)) {
      other[0] = steward;
      Dataset source =
          site.registered(steward, "two parts", Hold.csv((int) PartPlan.SMALLEST + 1_000));
      begun[0] = begin(steward, source);

      copy(node);

      assertThat(node.curations().require(hold.pilot1(), begun[0].id()).summary().copies())
          .isEqualTo(Map.of("cancelled", 1));
      assertNothingIsLeft(node, begun[0], 1);
    }
  }

  static Stream<Arguments> endsBefore() {
    return Stream.of(
        Arguments.of(Step.COPY_CLAIMED, "cancelled"),
        Arguments.of(Step.COPY_DECLARED, "cancelled"),
        Arguments.of(Step.UPLOAD_BEGUN, "cancelled"),
        Arguments.of(Step.PART_COPIED, "cancelled"),
        Arguments.of(Step.OBJECT_COMPLETED, "cancelled"),
        Arguments.of(Step.COPY_COMPLETED, "available"));
  }

  /** The one that copies ends in the middle, and then the one that cancels, too. */
  @ParameterizedTest
  @MethodSource("endsBefore")
  void shouldCancelWhatANodeLeftBehindAlsoWhereAnotherOneEndsDoingSo(Step at, String state) {
    Steps mortal =
        step -> {
          if (step == at || step == Step.CURATION_CANCELLED) {
            throw new Gone();
          }
        };
    Curations.Curation begun;
    try (Wiring node = hold.node()) {
      begun = begin(node, site.registered(node, "run", BYTES));
    }
    try (Wiring node = hold.node(mortal, ROOM)) {
      assertThatThrownBy(() -> copy(node)).isInstanceOf(Gone.class);
      assertThatThrownBy(() -> node.curations().cancel(Hold.ADA, hold.pilot1(), begun.id()))
          .isInstanceOf(Gone.class);
    }

    try (Wiring node = hold.node()) {
      copy(node);

      Curations.Curation done = node.curations().require(hold.pilot1(), begun.id());
      assertThat(done.summary().copies()).isEqualTo(Map.of(state, 1));
      assertThat(done.summary().cancelled()).isNotNull();
      if (state.equals("available")) {
        assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(900, 2, 0));
      } else {
        assertNothingIsLeft(node, begun, 1);
      }
    }
  }

  /** After the rounds that every node keeps. */
  private void assertNothingIsLeft(Wiring node, Curations.Curation curation, int sources) {
    var unused = node.lifecycle().removeDue();
    assertThat(node.copier().copyNext()).isFalse();
    assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, sources, 0));
    assertThat(hold.store.list(hold.pilot1() + "/", "", 10).items()).isEmpty();
    // An upload that was begun and never named is a sweep's.
    hold.let("mark SET first_seen_at = now() - interval '2 h'");
    node.sweeper().sweep(hold.pilot1(), true);
    hold.let("mark SET first_seen_at = now() - interval '2 h'");
    node.sweeper().sweep(hold.pilot1(), true);
    assertThat(hold.store.uploads(hold.pilot1() + "/").items()).isEmpty();
    assertThat(hold.events())
        .noneSatisfy(
            event -> assertThat(event.data().at("/lineage/id").asText()).isEqualTo(curation.id()));
  }

  @Test
  void shouldListCurationsNewestFirst() {
    try (Wiring node = hold.node()) {
      Dataset source = site.registered(node, "run", BYTES);
      Curations.Curation first = begin(node, source);
      Curations.Curation second = begin(node, source);
      Curations.Curation third = begin(node, source);

      List<Curations.Summary> page = node.curations().page(hold.pilot1(), Optional.empty(), 2);
      List<Curations.Summary> rest =
          node.curations()
              .page(
                  hold.pilot1(),
                  Optional.of(
                      new Curations.Before(page.getLast().createdAt(), page.getLast().id())),
                  2);

      assertThat(page).containsExactly(third.summary(), second.summary());
      assertThat(rest).containsExactly(first.summary());
      assertThat(first.summary().copies()).isEqualTo(Map.of("waiting", 1));
      assertThat(first.summary().endedAt()).isNull();
    }
  }

  private Curations.Curation begin(Wiring node, Dataset source) {
    return node.curations()
        .begin(Hold.ADA, hold.pilot1(), new Curations.Choice.Named(List.of(source.id())));
  }

  private void copy(Wiring node) {
    while (node.copier().copyNext()) {
      // until there is none
    }
    hold.verify(node);
  }

  private static void assertFails(Runnable call, ProblemCode code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }
}
