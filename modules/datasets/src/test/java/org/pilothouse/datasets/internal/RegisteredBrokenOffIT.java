package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.Quota;
import org.pilothouse.datasets.Replayability.State;

/** A node ends at each step of a registered dataset's life, again and again; others go on. */
class RegisteredBrokenOffIT {
  private static final byte[] BYTES = Hold.csv(900);
  private static final Set<Step> STEPS =
      EnumSet.of(
          Step.REGISTERED,
          Step.VERIFICATION_CLAIMED,
          Step.BYTES_VERIFIED,
          Step.PROBE_CLAIMED,
          Step.SITE_SEEN,
          Step.REMOVAL_DECIDED,
          Step.OBJECT_REMOVED);

  private Hold hold;
  private PilotSite site;

  @BeforeEach
  void open() {
    hold = Hold.open();
    site = new PilotSite(hold);
  }

  @AfterEach
  void close() {
    site.close();
    hold.close();
  }

  /** As if the process were gone: nothing after it is run. */
  private static final class Gone extends Error {
    private static final long serialVersionUID = 1L;
  }

  static Stream<Arguments> ends() {
    return STEPS.stream()
        .flatMap(step -> Stream.of(1, 2, 3).map(times -> Arguments.of(step, times)));
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
    site.put("run", BYTES);
    insist(mortal, node -> site.set(node, site.said()));
    Dataset[] dataset = new Dataset[1];
    insist(mortal, node -> dataset[0] = site.register(node, "run", 900, Optional.empty()));
    assertThat(hold.events()).isEmpty();
    insist(
        mortal,
        node -> {
          hold.let("dataset SET lease_until = NULL");
          hold.verify(node);
        });
    insist(
        mortal,
        node -> {
          hold.let("site SET probe_lease_until = NULL, probed_at = NULL");
          node.probes().probeNext();
        });
    insist(
        mortal,
        node -> {
          assertThat(node.sites().require(hold.pilot1()).seen().state()).isEqualTo(State.REACHABLE);
          assertThat(hold.find(dataset[0].id()).state()).isEqualTo(DatasetState.AVAILABLE);
        });
    insist(
        mortal, node -> node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset[0].id(), false));
    hold.let("dataset SET removed_after = now() - interval '1 s' WHERE state = 'deleting'");
    insist(mortal, node -> node.lifecycle().removeDue());

    assertThat(left[0]).as("the step was come to").isZero();
    assertThat(hold.find(dataset[0].id()).state()).isEqualTo(DatasetState.DELETED);
    assertThat(hold.events())
        .extracting(Hold.Event::type)
        .containsExactly("dataset.available", "dataset.deleted");
    assertThat(site.bucket.find(site.key("run"))).isPresent();
    try (Wiring node = hold.node()) {
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 0, 0));
      assertThat(node.sweeper().look(hold.pilot1()).findings()).isEmpty();
    }
  }

  private interface Act {
    void of(Wiring node);
  }

  private void insist(Steps mortal, Act act) {
    while (true) {
      try (Wiring node = hold.node(mortal, new Quota(1L << 40, 1_000, 20))) {
        act.of(node);
        return;
      } catch (Gone e) {
        // Another node goes on.
      }
    }
  }
}
