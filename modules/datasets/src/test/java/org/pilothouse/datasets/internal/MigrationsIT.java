package org.pilothouse.datasets.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetReferences;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.datasets.Quota;
import org.pilothouse.datasets.internal.Migrations.State;
import org.pilothouse.datasets.internal.Migrations.Target;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.testkit.RawServer;

/** A pilot's storage model is changed, both ways, whatever happens meanwhile. */
@Timeout(180)
class MigrationsIT {
  private static final byte[] BYTES = Hold.csv(900);
  private static final byte[] LARGE = Hold.csv((int) PartPlan.SMALLEST + 1_000);
  private static final Quota ROOM = new Quota(1L << 40, 1_000, 20);

  private Hold hold;
  private PilotSite site;

  @BeforeEach
  void open() {
    hold = Hold.open();
    site = new PilotSite(hold);
    site.takesUploads = true;
    hold.storage = new Pilot.Storage.Centralized();
    try (Wiring node = hold.node()) {
      site.set(node, site.said());
    }
  }

  @AfterEach
  void close() {
    site.close();
    hold.close();
  }

  private Dataset uploaded(Wiring node, String name, byte[] bytes) {
    return hold.upload(node, hold.wanted(name, bytes, Map.of()), bytes);
  }

  private Migrations.Migration begin(Wiring node, Target target) {
    return node.migrations().begin(Hold.ADA, hold.pilot1(), target);
  }

  private Migrations.Migration now(Wiring node, Migrations.Migration migration) {
    return node.migrations().require(hold.pilot1(), migration.id());
  }

  /**
   * All that can be done before somebody or time changes something. That a busy server answers late
   * now and then is none of it.
   */
  private void work(Wiring node) {
    int patience = 20;
    do {
      boolean more = true;
      while (more) {
        hold.let(
            "migration SET lease_until = NULL WHERE state NOT IN ('paused', 'done', 'cancelled')");
        more = false;
        while (node.mover().workNext() || node.switchover().workNext()) {
          more = true;
        }
      }
    } while (patience-- > 0 && letTheBusyServerAnswer());
  }

  private boolean letTheBusyServerAnswer() {
    return hold.database.asPlatform(transaction ->
        transaction
            .createUpdate(
                "UPDATE datasets.move SET move_after = NULL WHERE state IN ('waiting',"
                    + " 'removing', 'dropping') AND move_after IS NOT NULL AND code IN"
                    + " ('unavailable', 'endpoint_unreachable')")
            .execute())
        > 0;
  }

  private void letTheGraceTimePass() {
    hold.let("move SET move_after = now() - interval '1 s' WHERE state = 'switched'");
  }

  private ObjectStore at(Dataset dataset) {
    return dataset.atSite() ? site.bucket : hold.store;
  }

  /** Its newest event leads to its bytes. */
  private void assertPointedTo(Wiring node, DatasetId id, byte[] bytes) {
    Dataset dataset = hold.find(id);
    List<Hold.Event> events = hold.events(id);
    assertThat(events.getLast().type()).isEqualTo("dataset.available");
    assertThat(events.getLast().data().path("object_uri").asText()).isEqualTo(node.place(dataset));
    assertThat(Hold.get(node.content(Hold.ADA, dataset))).isEqualTo(bytes);
  }

  private void assertSweepFindsNothing(Wiring node) {
    assertThat(node.sweeper().look(hold.pilot1()).findings()).isEmpty();
  }

  @Test
  void shouldMoveAllToThePilotAndRemoveTheOldBytesAfterTheGraceTime() {
    try (Wiring node = hold.node()) {
      Dataset small = uploaded(node, "small", BYTES);
      Dataset large = uploaded(node, "large", LARGE);
      Migrations.Plan plan = node.migrations().plan(hold.pilot1(), Target.FEDERATED);
      assertThat(plan.blockers()).isEmpty();
      assertThat(plan.datasets()).isEqualTo(2);
      assertThat(plan.bytes()).isEqualTo(900L + LARGE.length);
      assertThat(plan.seconds()).isNotNull();
      assertThat(site.bucket.list(site.own(), "", 10).items()).as("the sample is gone").isEmpty();

      Migrations.Migration begun = begin(node, Target.FEDERATED);
      assertThat(begun.state()).isEqualTo(State.COPYING);
      assertThat(begun.progress().datasets()).isEqualTo(2);
      while (node.mover().workNext()) {
        // until all are copied
      }
      assertThat(now(node, begun).progress().verifiedBytes()).isEqualTo(900L + LARGE.length);
      assertThat(hold.find(small.id()).atSite()).as("before the switch").isFalse();
      assertThat(hold.events(small.id())).hasSize(1);
      assertSweepFindsNothing(node);
      work(node);

      Migrations.Migration switched = now(node, begun);
      assertThat(switched.state()).isEqualTo(State.REMOVING);
      assertThat(hold.storage)
          .isEqualTo(
              new Pilot.Storage.Federated(
                  hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET)));
      assertPointedTo(node, small.id(), BYTES);
      assertPointedTo(node, large.id(), LARGE);
      Dataset moved = hold.find(large.id());
      assertThat(moved.key()).startsWith(site.own());
      assertThat(moved.revision()).isEqualTo(large.revision() + 1);
      assertThat(Hold.get(hold.store.contentUrl(large.key(), "x", "text/csv")))
          .as("who has the old pointer")
          .isEqualTo(LARGE);
      assertThat(node.probes().probe(Hold.ADA, hold.pilot1()).writable()).isTrue();
      assertSweepFindsNothing(node);

      letTheGraceTimePass();
      work(node);

      assertThat(now(node, begun).state()).isEqualTo(State.DONE);
      assertThat(hold.store.list(hold.pilot1() + "/", "", 10).items()).isEmpty();
      assertThat(node.quotas().of(hold.pilot1()).used())
          .isEqualTo(new Quotas.Used(900L + LARGE.length, 2, 0));
      assertPointedTo(node, large.id(), LARGE);
      assertSweepFindsNothing(node);
    }
  }

  @Test
  void shouldBringAllToTheCentreAndLeaveWhatIsNotItsOwn() {
    hold.storage =
        new Pilot.Storage.Federated(
            hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    try (Wiring node = hold.node()) {
      Dataset registered = site.registered(node, "registered", BYTES);
      Dataset own = uploaded(node, "own", LARGE);
      assertThat(own.atSite()).isTrue();
      assertThat(own.key()).startsWith(site.own());
      assertThat(node.quotas().of(hold.pilot1()).used().bytes()).isEqualTo(LARGE.length);
      Migrations.Plan plan = node.migrations().plan(hold.pilot1(), Target.CENTRALIZED);
      assertThat(plan.quotaBytes()).as("what counts in addition").isEqualTo(900);

      Migrations.Migration begun = begin(node, Target.CENTRALIZED);
      work(node);

      assertThat(hold.storage).isEqualTo(new Pilot.Storage.Centralized());
      assertPointedTo(node, registered.id(), BYTES);
      assertPointedTo(node, own.id(), LARGE);
      assertThat(hold.find(registered.id()).atSite()).isFalse();
      assertThat(node.quotas().of(hold.pilot1()).used().bytes()).isEqualTo(900L + LARGE.length);
      assertFails(() -> node.sites().remove(Hold.ADA, hold.pilot1()), ProblemCode.CONFLICT);

      letTheGraceTimePass();
      work(node);

      assertThat(now(node, begun).state()).isEqualTo(State.DONE);
      assertThat(site.bucket.list(site.own(), "", 10).items()).isEmpty();
      assertThat(site.bucket.find(site.key("registered"))).as("the pilot's own object").isPresent();
      node.sites().remove(Hold.ADA, hold.pilot1());
      assertPointedTo(node, own.id(), LARGE);
      assertThat(uploaded(node, "next", BYTES).atSite()).isFalse();
    }
  }

  @Test
  void shouldGoBackWithoutCopyingWhileTheOldBytesAreThere() {
    try (Wiring node = hold.node()) {
      Dataset dataset = uploaded(node, "run", BYTES);
      begin(node, Target.FEDERATED);
      work(node);
      assertThat(hold.find(dataset.id()).atSite()).isTrue();

      Migrations.Migration back = begin(node, Target.CENTRALIZED);
      letTheGraceTimePass();
      work(node);

      assertThat(hold.find(dataset.id()).key()).as("the first object").isEqualTo(dataset.key());
      assertPointedTo(node, dataset.id(), BYTES);
      letTheGraceTimePass();
      work(node);
      assertThat(now(node, back).state()).isEqualTo(State.DONE);
      assertThat(site.bucket.list(site.own(), "", 10).items()).isEmpty();
      assertThat(hold.store.find(dataset.key())).isPresent();
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(900, 1, 0));
      assertSweepFindsNothing(node);
    }
  }

  @Test
  void shouldGoBackToARegisteredObject() {
    hold.storage =
        new Pilot.Storage.Federated(
            hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    try (Wiring node = hold.node()) {
      Dataset dataset = site.registered(node, "run", BYTES);
      begin(node, Target.CENTRALIZED);
      work(node);
      letTheGraceTimePass();
      work(node);
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(900, 1, 0));

      begin(node, Target.FEDERATED);
      work(node);

      assertThat(hold.find(dataset.id()).key()).isEqualTo(site.key("run"));
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 1, 0));
      assertPointedTo(node, dataset.id(), BYTES);
      assertThat(site.bucket.list(site.own(), "", 10).items()).isEmpty();
    }
  }

  @Test
  void shouldCopyAnewWhereTheRegisteredObjectIsAnotherOneByNow() {
    hold.storage =
        new Pilot.Storage.Federated(
            hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    try (Wiring node = hold.node()) {
      Dataset dataset = site.registered(node, "run", BYTES);
      begin(node, Target.CENTRALIZED);
      work(node);
      site.put("run", Hold.csv(901));

      begin(node, Target.FEDERATED);
      work(node);
      hold.let("move SET move_after = NULL WHERE state = 'waiting'");
      work(node);

      assertThat(hold.find(dataset.id()).key()).startsWith(site.own());
      assertPointedTo(node, dataset.id(), BYTES);
      assertThat(site.bucket.find(site.key("run")).orElseThrow().size()).isEqualTo(901);
    }
  }

  @Test
  void shouldFollowWithUploadsThatWentOnMeanwhile() {
    try (Wiring node = hold.node()) {
      uploaded(node, "before", BYTES);
      Dataset slow =
          node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("slow", BYTES, Map.of()));
      List<Uploads.SentPart> parts = hold.send(node, slow, BYTES);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      assertThat(begun.progress().uploads()).isEqualTo(1);
      while (node.mover().workNext()) {
        // all that is there
      }
      Dataset late = uploaded(node, "late", BYTES);
      assertThat(late.atSite()).as("the model is what it was").isFalse();
      work(node);

      Migrations.Migration switching = now(node, begun);
      assertThat(switching.state()).isEqualTo(State.SWITCHING);
      assertThat(switching.progress().switched()).isEqualTo(2);
      assertPointedTo(node, late.id(), BYTES);
      Dataset next = uploaded(node, "next", BYTES);
      assertThat(next.key()).as("goes to the new place at once").startsWith(site.own());
      assertFails(() -> begin(node, Target.CENTRALIZED), ProblemCode.CONFLICT);
      var unused =
          node.uploads().complete(Hold.ADA, hold.pilot1(), slow.id(), parts, Optional.empty());
      hold.verify(node);
      assertThat(hold.find(slow.id()).atSite()).isFalse();
      work(node);

      assertThat(now(node, begun).state()).isEqualTo(State.REMOVING);
      assertThat(hold.find(slow.id()).atSite()).isTrue();
      assertPointedTo(node, slow.id(), BYTES);
    }
  }

  @Test
  void shouldDoRightByWhatIsWithdrawnExpiredOrBroughtBackMeanwhile() {
    try (Wiring node = hold.node()) {
      Dataset withdrawn = uploaded(node, "withdrawn", BYTES);
      Dataset expired = uploaded(node, "expired", BYTES);
      Dataset gone = uploaded(node, "gone", BYTES);
      Dataset held =
          hold.upload(node, hold.wanted("held", BYTES, Map.of("legal_hold", true)), BYTES);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      while (node.mover().workNext()) {
        // all are copied
      }
      node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), withdrawn.id(), false);
      node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), gone.id(), false);
      hold.let("dataset SET expires_at = now() WHERE name = 'expired'");
      node.lifecycle().expireDue();
      hold.let("dataset SET removed_after = now() - interval '1 s' WHERE name = 'gone'");
      node.lifecycle().removeDue();
      work(node);

      assertThat(now(node, begun).state()).isEqualTo(State.REMOVING);
      assertThat(hold.find(gone.id()).state()).isEqualTo(DatasetState.DELETED);
      assertThat(hold.events(withdrawn.id()).getLast().type()).isEqualTo("dataset.deleted");
      assertThat(hold.events(expired.id()).getLast().type()).isEqualTo("dataset.expired");
      assertPointedTo(node, held.id(), BYTES);
      node.lifecycle().restore(Hold.ADA, hold.pilot1(), withdrawn.id());
      node.lifecycle().restore(Hold.ADA, hold.pilot1(), expired.id());
      assertPointedTo(node, withdrawn.id(), BYTES);
      assertPointedTo(node, expired.id(), BYTES);
      assertThat(hold.find(withdrawn.id()).atSite()).isTrue();
      letTheGraceTimePass();
      work(node);
      assertThat(hold.store.list(hold.pilot1() + "/", "", 10).items()).isEmpty();
      assertThat(site.bucket.list(site.own(), "", 10).items()).hasSize(3);
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(2700, 3, 0));
      assertSweepFindsNothing(node);
    }
  }

  @Test
  void shouldKeepOldBytesForThoseWhoReadThem() {
    try (Wiring node = hold.node()) {
      Dataset dataset = uploaded(node, "run", BYTES);
      var held =
          node.references()
              .hold(
                  hold.pilot1(),
                  dataset.id(),
                  DatasetReferences.Kind.REPLAY,
                  "replay-1",
                  null,
                  null);
      assertThat(held).isPresent();
      begin(node, Target.FEDERATED);
      work(node);
      letTheGraceTimePass();
      work(node);
      assertThat(hold.store.find(dataset.key())).isPresent();

      node.references()
          .release(hold.pilot1(), dataset.id(), DatasetReferences.Kind.REPLAY, "replay-1");
      work(node);

      assertThat(hold.store.find(dataset.key())).isEmpty();
    }
  }

  @Test
  void shouldRemoveWhatWasCopiedWhenItIsCancelled() {
    try (Wiring node = hold.node()) {
      Dataset small = uploaded(node, "small", BYTES);
      uploaded(node, "large", LARGE);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      assertThat(node.mover().workNext()).isTrue();
      node.migrations().pause(Hold.ADA, hold.pilot1(), begun.id());
      assertThat(node.mover().workNext()).as("it is paused").isFalse();
      node.migrations().resume(Hold.ADA, hold.pilot1(), begun.id());
      assertThat(node.mover().workNext()).isTrue();
      assertThat(site.bucket.list(site.own(), "", 10).items()).hasSize(2);

      assertThat(node.migrations().cancel(Hold.ADA, hold.pilot1(), begun.id()).state())
          .isEqualTo(State.CANCELLING);
      work(node);

      assertThat(now(node, begun).state()).isEqualTo(State.CANCELLED);
      assertThat(site.bucket.list(site.own(), "", 10).items()).isEmpty();
      assertThat(hold.storage).isEqualTo(new Pilot.Storage.Centralized());
      assertThat(hold.kept.changes).isZero();
      assertPointedTo(node, small.id(), BYTES);
      assertThat(hold.events(small.id())).hasSize(1);
      assertFails(
          () -> node.migrations().resume(Hold.ADA, hold.pilot1(), begun.id()),
          ProblemCode.CONFLICT);
      begin(node, Target.FEDERATED);
      work(node);
      assertPointedTo(node, small.id(), BYTES);
      assertThat(hold.find(small.id()).atSite()).isTrue();
    }
  }

  @Test
  void shouldGiveBackTheQuotaWhenItIsCancelled() {
    hold.storage =
        new Pilot.Storage.Federated(
            hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    try (Wiring node = hold.node()) {
      site.registered(node, "run", BYTES);
      Migrations.Migration begun = begin(node, Target.CENTRALIZED);
      while (node.mover().workNext()) {
        // all are copied
      }
      assertThat(node.quotas().of(hold.pilot1()).used().bytes()).isEqualTo(900);
      node.migrations().cancel(Hold.ADA, hold.pilot1(), begun.id());
      work(node);

      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 1, 0));
      assertThat(hold.store.list(hold.pilot1() + "/", "", 10).items()).isEmpty();
    }
  }

  @Test
  void shouldNotBeCancelledAfterTheSwitch() {
    try (Wiring node = hold.node()) {
      uploaded(node, "run", BYTES);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      work(node);

      assertFails(
          () -> node.migrations().cancel(Hold.ADA, hold.pilot1(), begun.id()),
          ProblemCode.CONFLICT);
      assertFails(
          () -> node.migrations().pause(Hold.ADA, hold.pilot1(), begun.id()), ProblemCode.CONFLICT);
    }
  }

  @Test
  void shouldCopyAgainWhatIsNotTheSameAndGiveUpWhatStaysSo() {
    try (Wiring node = hold.node()) {
      Dataset dataset = uploaded(node, "run", BYTES);
      byte[] others = BYTES.clone();
      others[0]++;
      hold.store.put(dataset.key(), "text/csv", others);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      for (int i = 0; i < 3; i++) {
        work(node);
        hold.let("move SET move_after = NULL");
      }

      Migrations.Migration stuck = now(node, begun);
      assertThat(stuck.state()).isEqualTo(State.COPYING);
      assertThat(stuck.progress().failed()).isEqualTo(1);
      assertThat(stuck.troubles().getFirst().code()).isEqualTo("checksum_mismatch");
      assertThat(site.bucket.list(site.own(), "", 10).items()).isEmpty();
      hold.store.put(dataset.key(), "text/csv", BYTES);
      node.migrations().resume(Hold.ADA, hold.pilot1(), begun.id());
      work(node);

      assertThat(now(node, begun).state()).isEqualTo(State.REMOVING);
      assertPointedTo(node, dataset.id(), BYTES);
    }
  }

  @Test
  void shouldNotTakeACopyThatWasTamperedWith() {
    try (Wiring node =
        hold.node(
            step -> {
              if (step == Step.MOVE_COMPLETED) {
                ObjectStore.Stored copy = site.bucket.list(site.own(), "", 1).items().getFirst();
                if (copy.key().endsWith("-1")) {
                  site.bucket.put(copy.key(), "text/csv", Hold.csv(899));
                }
              }
            },
            ROOM)) {
      Dataset dataset = uploaded(node, "run", BYTES);
      begin(node, Target.FEDERATED);
      work(node);
      assertThat(hold.find(dataset.id()).atSite()).isFalse();
      hold.let("move SET move_after = NULL");
      work(node);

      assertThat(hold.find(dataset.id()).key()).endsWith("-2");
      assertPointedTo(node, dataset.id(), BYTES);
    }
  }

  @Test
  void shouldCopyAgainWhatVanishedBeforeTheSwitch() {
    try (Wiring node = hold.node()) {
      Dataset dataset = uploaded(node, "run", BYTES);
      begin(node, Target.FEDERATED);
      while (node.mover().workNext()) {
        // all are copied
      }
      String copy = site.bucket.list(site.own(), "", 1).items().getFirst().key();
      site.bucket.remove(copy);
      work(node);

      assertThat(hold.find(dataset.id()).key()).isNotEqualTo(copy).startsWith(site.own());
      assertPointedTo(node, dataset.id(), BYTES);
    }
  }

  @Test
  void shouldKeepTheOldBytesWhereTheNewOnesAreGone() {
    try (Wiring node = hold.node()) {
      Dataset dataset = uploaded(node, "run", BYTES);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      work(node);
      site.bucket.remove(hold.find(dataset.id()).key());
      letTheGraceTimePass();
      work(node);

      assertThat(hold.store.find(dataset.key())).isPresent();
      assertThat(now(node, begun).state()).isEqualTo(State.REMOVING);
      assertThat(now(node, begun).troubles().getFirst().code()).isEqualTo("object_missing");
      begin(node, Target.CENTRALIZED);
      work(node);
      assertThat(hold.find(dataset.id()).key()).isEqualTo(dataset.key());
      assertPointedTo(node, dataset.id(), BYTES);
    }
  }

  @Test
  void shouldWaitWhileTheEndpointIsAwayAndGoOnWhenItIsBack() {
    try (Wiring node = hold.node()) {
      Dataset dataset = uploaded(node, "run", BYTES);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      site.set(
          node, site.said(hold.config.endpoint(), hold.config.secretKey(), null, Instant.EPOCH));
      work(node);

      Migrations.Migration waiting = now(node, begun);
      assertThat(waiting.state()).isEqualTo(State.COPYING);
      assertThat(waiting.troubles().getFirst().code()).isEqualTo("agreement_ended");
      assertThat(waiting.troubles().getFirst().given()).isFalse();
      assertThat(hold.find(dataset.id()).atSite()).isFalse();
      site.set(node, site.said());
      hold.let("move SET move_after = NULL");
      work(node);

      assertPointedTo(node, dataset.id(), BYTES);
      assertThat(hold.find(dataset.id()).atSite()).isTrue();
    }
  }

  @Test
  void shouldSayBeforehandWhatIsInTheWay() {
    try (Wiring node = hold.node(Steps.UNHEARD, new Quota(2_000, 1_000, 20))) {
      assertThat(codes(node, Target.CENTRALIZED)).containsExactly(ProblemCode.CONFLICT);
      uploaded(node, "run", BYTES);
      site.takesUploads = false;
      site.set(node, site.said());
      assertThat(codes(node, Target.FEDERATED)).containsExactly(ProblemCode.NOT_WRITABLE);
      assertFails(() -> begin(node, Target.FEDERATED), ProblemCode.NOT_WRITABLE);
      site.takesUploads = true;
      site.set(node, site.said(hold.config.endpoint(), "another", null, null));
      assertThat(codes(node, Target.FEDERATED)).containsExactly(ProblemCode.NOT_WRITABLE);
      node.probes().probe(Hold.ADA, hold.pilot1());
      node.sites().remove(Hold.ADA, hold.pilot1());
      assertThat(codes(node, Target.FEDERATED)).containsExactly(ProblemCode.CONFLICT);
    }
    site.takesUploads = true;
    hold.storage =
        new Pilot.Storage.Federated(
            hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    try (Wiring node = hold.node(Steps.UNHEARD, new Quota(1_500, 1_000, 20))) {
      site.set(node, site.said());
      site.registered(node, "registered", BYTES);
      assertThat(codes(node, Target.CENTRALIZED)).containsExactly(ProblemCode.LIMIT_REACHED);
    }
  }

  private List<ProblemCode> codes(Wiring node, Target target) {
    return node.migrations().plan(hold.pilot1(), target).blockers().stream()
        .map(Problem::code)
        .toList();
  }

  /** Each answers reads like a server that is well, and writes with this status. */
  @ParameterizedTest
  @CsvSource({
    "403 Forbidden, not_writable, credentials_refused",
    "507 Insufficient Storage, endpoint_unreachable, endpoint_unreachable"
  })
  void shouldNotGoToAnEndpointThatForbidsWritingOrIsFull(
      String status, String planned, String met) {
    try (RawServer refusing =
            new RawServer((request, out) -> {
              boolean reads = request.startsWith("HEAD") || request.startsWith("GET");
              RawServer.send(
                  out,
                  "HTTP/1.1 "
                      + (reads ? "404 Not Found" : status)
                      + "\nContent-Length: 0\nConnection: close",
                  "");
            });
        Wiring node =
            hold.connecting(
                refusing.place()
                    + ","
                    + hold.config.endpoint().getHost()
                    + ":"
                    + hold.config.endpoint().getPort())) {
      Dataset dataset = uploaded(node, "run", BYTES);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      site.set(node, site.said(URI.create("http://" + refusing.place()), "secret", null, null));
      assertThat(node.mover().workNext()).isTrue();

      assertThat(now(node, begun).troubles().getFirst().code()).isEqualTo(met);
      assertThat(hold.find(dataset.id()).atSite()).isFalse();
      node.migrations().cancel(Hold.ADA, hold.pilot1(), begun.id());
      site.set(node, site.said());
      work(node);
      site.set(node, site.said(URI.create("http://" + refusing.place()), "secret", null, null));
      assertThat(node.migrations().plan(hold.pilot1(), Target.FEDERATED).blockers())
          .extracting(blocker -> blocker.code().code())
          .containsExactly(planned);
      assertThat(hold.find(dataset.id()).atSite()).isFalse();
    }
  }

  @Test
  void shouldStopAtTheQuotaThatIsUsedUpMeanwhile() {
    hold.storage =
        new Pilot.Storage.Federated(
            hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    try (Wiring node = hold.node()) {
      Dataset dataset = site.registered(node, "run", BYTES);
      Migrations.Migration begun = begin(node, Target.CENTRALIZED);
      node.quotas().set(Hold.ADA, hold.pilot1(), new Quota(100, 10, 10));
      work(node);
      assertThat(now(node, begun).troubles().getFirst().code()).isEqualTo("limit_reached");
      assertThat(hold.store.list(hold.pilot1() + "/", "", 10).items()).isEmpty();

      node.quotas().set(Hold.ADA, hold.pilot1(), ROOM);
      node.migrations().resume(Hold.ADA, hold.pilot1(), begun.id());
      work(node);

      assertThat(hold.find(dataset.id()).atSite()).isFalse();
    }
  }

  @Test
  void shouldLeaveTheModelToTheMigrationWhereThereAreDatasets() {
    try (Wiring node = hold.node()) {
      hold.kept.changeByHand();
      Dataset dataset = uploaded(node, "run", BYTES);
      assertFails(hold.kept::changeByHand, ProblemCode.MIGRATION_REQUIRED);
      node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset.id(), false);
      hold.let("dataset SET removed_after = now() - interval '1 s'");
      node.lifecycle().removeDue();
      hold.kept.changeByHand();
    }
  }

  @Test
  void shouldLeaveCopiesThatSomebodyAskedForAtTheCentre() {
    hold.storage =
        new Pilot.Storage.Federated(
            hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    try (Wiring node = hold.node()) {
      Dataset source = site.registered(node, "run", BYTES);
      node.curations()
          .begin(Hold.ADA, hold.pilot1(), new Curations.Choice.Named(List.of(source.id())));
      while (node.copier().copyNext()) {
        // until it is copied
      }
      hold.verify(node);

      Migrations.Plan plan = node.migrations().plan(hold.pilot1(), Target.FEDERATED);

      assertThat(plan.datasets()).isZero();
      assertThat(plan.stay()).isEqualTo(1);
    }
  }

  @Test
  void shouldLeaveClosedDaysAtTheCentre() {
    try (Wiring node = hold.node()) {
      Dataset small = uploaded(node, "small", BYTES);
      byte[] manifest = "{}".getBytes(UTF_8);
      DatasetBundles bundles = node.bundles();
      DatasetBundles.Opened opened =
          bundles.open(
              Hold.ADA,
              hold.pilot1(),
              new NewDataset(
                  "days/2026-01-31",
                  "application/json",
                  0,
                  Optional.empty(),
                  null,
                  Map.of(),
                  new Dataset.Lineage(List.of(), Dataset.Maker.DUMP, "2026-01-31-1"),
                  null,
                  null));
      String part = opened.prefix() + "tidy/part-00000.parquet";
      hold.store.put(part, "application/vnd.apache.parquet", BYTES);
      Digested sum = new Digested(BYTES.length);
      sum.add(BYTES);
      DatasetBundles.Sealed sealed =
          bundles.seal(
              bundles.readBack(
                  hold.pilot1(),
                  opened.id(),
                  List.of(new DatasetBundles.Part(part, BYTES.length, sum.checksum())),
                  () -> {}),
              manifest);
      Dataset day =
          hold.database.inPilot(
              hold.pilot1(), transaction -> bundles.publish(transaction, sealed, Map.of()));

      Migrations.Plan plan = node.migrations().plan(hold.pilot1(), Target.FEDERATED);
      assertThat(plan.datasets()).isEqualTo(1);
      assertThat(plan.stay()).isEqualTo(1);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      work(node);
      letTheGraceTimePass();
      work(node);

      assertThat(now(node, begun).state()).isEqualTo(State.DONE);
      assertThat(hold.find(small.id()).atSite()).isTrue();
      Dataset stayed = hold.find(day.id());
      assertThat(stayed.atSite()).isFalse();
      assertThat(stayed.revision()).isEqualTo(day.revision());
      assertPointedTo(node, day.id(), manifest);
      assertThat(hold.store.find(part)).as("what the manifest names").isPresent();
      assertSweepFindsNothing(node);
    }
  }

  @Test
  void shouldSweepItsOwnPartOfThePilotsBucketAndNothingElse() {
    try (Wiring node = hold.node()) {
      site.bucket.put(site.own() + "2026/01/01/x/orphan", "text/csv", BYTES);
      String upload = site.bucket.begin(site.own() + "2026/01/01/y/leftover", "text/csv");
      site.put("not ours", BYTES);
      assertThat(node.sweeper().sweep(hold.pilot1(), true).findings())
          .extracting(Sweeper.Finding::kind)
          .containsExactlyInAnyOrder(Sweeper.Kind.ORPHANED_OBJECT, Sweeper.Kind.LEFTOVER_UPLOAD);

      hold.let("mark SET first_seen_at = now() - interval '1 day'");
      node.sweeper().sweep(hold.pilot1(), true);

      assertSweepFindsNothing(node);
      assertThat(site.bucket.list(site.own(), "", 10).items()).isEmpty();
      assertThat(site.bucket.uploads(site.own()).items()).isEmpty();
      assertThat(site.bucket.find(site.key("not ours"))).isPresent();
      assertThat(upload).isNotEmpty();
    }
  }

  @Test
  void shouldRemoveOnlyWhatItWroteWhenADatasetIsWithdrawn() {
    hold.storage =
        new Pilot.Storage.Federated(
            hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    try (Wiring node = hold.node()) {
      Dataset registered = site.registered(node, "registered", BYTES);
      Dataset own = uploaded(node, "own", BYTES);
      for (Dataset dataset : List.of(registered, own)) {
        node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset.id(), false);
      }
      hold.let("dataset SET removed_after = now() - interval '1 s'");
      node.lifecycle().removeDue();

      assertThat(site.bucket.find(own.key())).isEmpty();
      assertThat(site.bucket.find(registered.key())).isPresent();
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(Quotas.Used.NOTHING);
      assertFails(
          () ->
              node.registrations()
                  .register(
                      Hold.ADA,
                      hold.pilot1(),
                      site.wanted("x", 1, Optional.empty()),
                      ObjectStore.uriOf(Hold.PILOT_BUCKET, site.own() + "x")),
          ProblemCode.INVALID_VALUE);
    }
  }

  @Test
  void shouldHoldUpNoRemovalByAnEndpointThatIsAway() {
    try (Wiring node = hold.node()) {
      Dataset atCentre = uploaded(node, "at the centre", BYTES);
      hold.storage =
          new Pilot.Storage.Federated(
              hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
      List<Dataset> there =
          Stream.of("a", "b", "c", "d").map(name -> uploaded(node, name, BYTES)).toList();
      for (Dataset dataset : there) {
        node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset.id(), false);
      }
      node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), atCentre.id(), false);
      hold.let("dataset SET removed_after = now() - interval '1 s'");
      site.set(
          node, site.said(hold.config.endpoint(), hold.config.secretKey(), null, Instant.EPOCH));

      assertThat(node.lifecycle().removeDue()).isFalse();

      assertThat(hold.find(atCentre.id()).state()).isEqualTo(DatasetState.DELETED);
      assertThat(site.bucket.find(there.getFirst().key())).isPresent();
      site.set(node, site.said());
    }
    try (Wiring node = hold.node()) {
      assertThat(node.lifecycle().removeDue()).isFalse();
      assertThat(site.bucket.list(site.own(), "", 10).items()).isEmpty();
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(Quotas.Used.NOTHING);
    }
  }

  @Test
  void shouldNotLetALateNodeSpeak() throws Exception {
    CountDownLatch inTheMiddle = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    try (Wiring late =
            hold.node(
                step -> {
                  if (step == Step.MOVE_VERIFIED) {
                    inTheMiddle.countDown();
                    await(goOn);
                  }
                },
                ROOM);
        Wiring node = hold.node()) {
      Dataset dataset = uploaded(node, "run", BYTES);
      Migrations.Migration begun = begin(node, Target.FEDERATED);
      Thread thread = Thread.ofPlatform().start(() -> late.mover().workNext());
      await(inTheMiddle);
      node.migrations().cancel(Hold.ADA, hold.pilot1(), begun.id());
      goOn.countDown();
      assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
      work(node);

      assertThat(now(node, begun).state()).isEqualTo(State.CANCELLED);
      assertThat(hold.find(dataset.id()).atSite()).isFalse();
      assertThat(site.bucket.list(site.own(), "", 10).items()).isEmpty();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void shouldLetTwoNodesShareTheWork() throws Exception {
    try (Wiring one = hold.node();
        Wiring two = hold.node()) {
      List<Dataset> all =
          Stream.iterate(0, i -> i + 1)
              .limit(12)
              .map(i -> uploaded(one, "run-" + i, Hold.csv(900 + i)))
              .toList();
      Migrations.Migration begun = begin(one, Target.FEDERATED);
      Thread other = Thread.ofPlatform().start(() -> work(two));
      work(one);
      assertThat(other.join(Duration.ofSeconds(120))).isTrue();
      work(one);

      assertThat(now(one, begun).state()).isEqualTo(State.REMOVING);
      assertThat(hold.kept.changes).isEqualTo(1);
      for (int i = 0; i < all.size(); i++) {
        assertPointedTo(one, all.get(i).id(), Hold.csv(900 + i));
        assertThat(hold.events(all.get(i).id())).as("told once").hasSize(2);
      }
    }
  }

  /** As if the process were gone: nothing after it is run. */
  private static final class Gone extends Error {
    private static final long serialVersionUID = 1L;
  }

  static Stream<Arguments> ends() {
    return Stream.of(
            Step.MOVE_CLAIMED,
            Step.MOVE_BEGUN,
            Step.PART_MOVED,
            Step.MOVE_COMPLETED,
            Step.MOVE_VERIFIED,
            Step.SWITCH_DECIDED,
            Step.BATCH_SWITCHED,
            Step.OLD_REMOVAL_DECIDED,
            Step.OLD_REMOVED)
        .flatMap(step ->
            Stream.of(Target.values())
                .flatMap(
                    target -> Stream.of(1, 2, 3).map(times -> Arguments.of(step, target, times))));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void shouldGoOnWhereANodeEnded(Step at, Target target, int times) {
    // What is decided once is not come to again.
    int[] left = {at == Step.SWITCH_DECIDED || at == Step.BATCH_SWITCHED ? 1 : times};
    Steps mortal =
        step -> {
          if (step == at && left[0] > 0) {
            left[0]--;
            throw new Gone();
          }
        };
    Dataset small;
    Dataset large;
    Migrations.Migration begun;
    if (target == Target.CENTRALIZED) {
      hold.storage =
          new Pilot.Storage.Federated(
              hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    }
    try (Wiring node = hold.node()) {
      small = uploaded(node, "small", BYTES);
      large = uploaded(node, "large", LARGE);
      begun = begin(node, target);
    }
    insist(mortal);
    letTheGraceTimePass();
    insist(mortal);

    assertThat(left[0]).as("the step was come to").isZero();
    try (Wiring node = hold.node()) {
      assertThat(now(node, begun).state()).isEqualTo(State.DONE);
      assertPointedTo(node, small.id(), BYTES);
      assertPointedTo(node, large.id(), LARGE);
      assertThat(hold.find(small.id()).atSite()).isEqualTo(target == Target.FEDERATED);
      assertThat(hold.events(large.id())).as("told once more").hasSize(2);
      assertThat(node.quotas().of(hold.pilot1()).used())
          .isEqualTo(new Quotas.Used(900L + LARGE.length, 2, 0));
      node.sweeper().sweep(hold.pilot1(), true);
      hold.let("mark SET first_seen_at = now() - interval '1 day'");
      node.sweeper().sweep(hold.pilot1(), true);
      assertSweepFindsNothing(node);
    }
    boolean outwards = target == Target.FEDERATED;
    assertThat(hold.store.list(hold.pilot1() + "/", "", 10).items()).hasSize(outwards ? 0 : 2);
    assertThat(site.bucket.list(site.own(), "", 10).items()).hasSize(outwards ? 2 : 0);
    assertThat(site.bucket.uploads(site.own()).items()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void shouldGoOnWithACancellationWhereANodeEnded(Target target) {
    int[] left = {3};
    Steps mortal =
        step -> {
          if (step == Step.COPY_DROPPED && left[0] > 0) {
            left[0]--;
            throw new Gone();
          }
        };
    if (target == Target.CENTRALIZED) {
      hold.storage =
          new Pilot.Storage.Federated(
              hold.config.endpoint().toString(), Optional.of(Hold.PILOT_BUCKET));
    }
    Migrations.Migration begun;
    Dataset dataset;
    try (Wiring node = hold.node()) {
      dataset = uploaded(node, "run", LARGE);
      begun = begin(node, target);
      while (node.mover().workNext()) {
        // all are copied
      }
      node.migrations().cancel(Hold.ADA, hold.pilot1(), begun.id());
    }
    insist(mortal);

    assertThat(left[0]).isZero();
    try (Wiring node = hold.node()) {
      assertThat(now(node, begun).state()).isEqualTo(State.CANCELLED);
      assertPointedTo(node, dataset.id(), LARGE);
      assertThat(hold.events(dataset.id())).hasSize(1);
      assertThat(
              (target == Target.FEDERATED
                      ? site.bucket.list(site.own(), "", 10)
                      : hold.store.list(hold.pilot1() + "/", "", 10))
                  .items())
          .isEmpty();
    }
  }

  private void insist(Steps mortal) {
    while (true) {
      try (Wiring node = hold.node(mortal, ROOM)) {
        hold.let("move SET lease_until = NULL");
        work(node);
        return;
      } catch (Gone e) {
        assertPointersAreTrue();
      }
    }
  }

  /** Whatever a node did not come to: each newest pointer leads to an object of its size. */
  private void assertPointersAreTrue() {
    Map<String, Hold.Event> newest =
        hold.events().stream()
            .collect(Collectors.toMap(Hold.Event::key, event -> event, (before, after) -> after));
    newest.forEach((id, event) -> {
      Dataset dataset = hold.find(new DatasetId(id));
      String uri = event.data().path("object_uri").asText();
      assertThat(uri).endsWith(dataset.key());
      assertThat(at(dataset).find(dataset.key()).map(ObjectStore.Stored::size))
          .contains(event.data().path("size_bytes").asLong());
    });
  }

  private static void assertFails(Runnable call, ProblemCode code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }
}
