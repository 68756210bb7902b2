package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.Quota;
import org.pilothouse.platform.objectstore.ObjectStore;

/**
 * A node ends at each step of a dataset's life, again and again; others go on. At the end no
 * pointer points to nothing, nothing available is without its pointer, and a sweep leaves no object
 * that nobody names.
 */
class BrokenOffIT {
  private static final byte[] BYTES = Hold.csv(900);
  private static final Quota ROOM = new Quota(1L << 40, 1_000, 20);

  private Hold hold;

  @BeforeEach
  void open() {
    hold = Hold.open();
  }

  @AfterEach
  void close() {
    hold.close();
  }

  /** As if the process were gone: nothing after it is run. */
  private static final class Gone extends Error {
    private static final long serialVersionUID = 1L;
  }

  static Stream<Arguments> ends() {
    return EnumSet.range(Step.DECLARED, Step.OBJECT_REMOVED).stream()
        .flatMap(step -> Stream.of(1, 2, 3).map(times -> Arguments.of(step, times)));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void shouldGoOnWhereANodeEnded(Step step, int times) {
    Dataset dataset = live(step, times);

    assertThat(dataset.state()).isEqualTo(DatasetState.DELETED);
    assertThat(hold.events(dataset.id()))
        .extracting(Hold.Event::type)
        .containsExactly("dataset.available", "dataset.deleted");
    assertNothingIsLeft();
  }

  /** From its declaration to its removal, with so many ends at the step. */
  private Dataset live(Step at, int times) {
    int[] left = {times};
    Steps mortal =
        step -> {
          if (step == at && left[0] > 0) {
            left[0]--;
            throw new Gone();
          }
        };
    Dataset declared = declare(mortal);
    assertPointersAreTrue();
    List<Uploads.SentPart> parts = insist(mortal, node -> hold.send(node, declared, BYTES));
    assertPointersAreTrue();
    var unused =
        insist(
            mortal,
            node ->
                node.uploads()
                    .complete(Hold.ADA, hold.pilot1(), declared.id(), parts, Optional.empty()));
    assertPointersAreTrue();
    insist(
        mortal,
        node -> {
          hold.let("dataset SET lease_until = NULL");
          hold.verify(node);
          return true;
        });
    assertPointersAreTrue();
    assertThat(hold.find(declared.id()).state()).isEqualTo(DatasetState.AVAILABLE);
    insist(
        mortal,
        node -> {
          node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), declared.id(), false);
          return true;
        });
    assertPointersAreTrue();
    hold.let("dataset SET removed_after = now() - interval '1 s' WHERE state = 'deleting'");
    insist(mortal, node -> node.lifecycle().removeDue());
    assertPointersAreTrue();
    assertThat(left[0]).as("the step was come to").isZero();
    return hold.find(declared.id());
  }

  /** What was declared by a node that ended is given up; its sender declares it again. */
  private Dataset declare(Steps mortal) {
    while (true) {
      try (Wiring node = hold.node(mortal, ROOM)) {
        return node.uploads()
            .declare(Hold.ADA, hold.pilot1(), hold.wanted("mortal", BYTES, Map.of()));
      } catch (Gone e) {
        assertPointersAreTrue();
      }
    }
  }

  private interface Act<T> {
    T of(Wiring node);
  }

  private <T> T insist(Steps mortal, Act<T> act) {
    while (true) {
      try (Wiring node = hold.node(mortal, ROOM)) {
        return act.of(node);
      } catch (Gone e) {
        assertPointersAreTrue();
      }
    }
  }

  private void assertPointersAreTrue() {
    Set<String> available =
        hold.database.asPlatform(transaction ->
            transaction
                .createQuery("SELECT dataset_id FROM datasets.dataset WHERE state = 'available'")
                .mapTo(String.class)
                .stream()
                .collect(Collectors.toSet()));
    Map<String, Hold.Event> newest =
        hold.events().stream()
            .collect(Collectors.toMap(Hold.Event::key, event -> event, (before, after) -> after));
    Set<String> pointed =
        newest.values().stream()
            .filter(event -> event.type().equals("dataset.available"))
            .map(Hold.Event::key)
            .collect(Collectors.toSet());
    assertThat(pointed).isEqualTo(available);
    newest.values().stream()
        .filter(event -> pointed.contains(event.key()))
        .forEach(event -> {
          String uri = event.data().path("object_uri").asText();
          String key = uri.substring(uri.indexOf('/', "s3://".length()) + 1);
          assertThat(hold.store.find(key).map(ObjectStore.Stored::size))
              .contains(event.data().path("size_bytes").asLong());
        });
  }

  private void assertNothingIsLeft() {
    try (Wiring node = hold.node()) {
      hold.let("dataset SET updated_at = now() - interval '2 days' WHERE state = 'uploading'");
      assertThat(node.lifecycle().giveUpRested(Hold.PATIENCE)).isFalse();
      assertThat(node.lifecycle().removeDue()).isFalse();
      var marked = node.sweeper().sweep(hold.pilot1(), true);
      hold.let("mark SET first_seen_at = now() - interval '1 day'");
      var removed = node.sweeper().sweep(hold.pilot1(), true);
      assertThat(node.sweeper().look(hold.pilot1()).findings())
          .as("marked %s, removed %s", marked, removed)
          .isEmpty();
      assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 0, 0));
    }
    assertThat(hold.store.list(hold.pilot1() + "/", "", 10).items()).isEmpty();
    assertThat(hold.store.uploads(hold.pilot1() + "/").items()).isEmpty();
  }

  @Test
  void shouldNotLetALateNodeSpeak() {
    Dataset[] late = new Dataset[1];
    Steps slow =
        step -> {
          if (step == Step.BYTES_VERIFIED && late[0] != null) {
            // Its lease runs out here, and another node verifies and withdraws meanwhile.
            Dataset dataset = late[0];
            late[0] = null;
            hold.let("dataset SET lease_until = NULL");
            try (Wiring other = hold.node()) {
              hold.verify(other);
              other.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset.id(), false);
            }
          }
        };
    try (Wiring node = hold.node(slow, ROOM)) {
      Dataset dataset =
          node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("late", BYTES, Map.of()));
      List<Uploads.SentPart> parts = hold.send(node, dataset, BYTES);
      var unused =
          node.uploads().complete(Hold.ADA, hold.pilot1(), dataset.id(), parts, Optional.empty());
      late[0] = dataset;

      hold.verify(node);

      assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETING);
      assertThat(hold.events(dataset.id()))
          .extracting(Hold.Event::type)
          .containsExactly("dataset.available", "dataset.deleted");
    }
  }

  @Test
  void shouldNotPointToAnObjectThatVanishedOrShrank() {
    try (Wiring node = hold.node()) {
      Dataset vanished = completed(node, "vanished");
      hold.store.remove(vanished.key());
      Dataset shrank = completed(node, "shrank");
      hold.store.put(shrank.key(), "text/csv", Hold.csv(10));

      hold.verify(node);

      assertThat(hold.find(vanished.id()).failure().orElseThrow().code())
          .isEqualTo("object_missing");
      assertThat(hold.find(shrank.id()).failure().orElseThrow().code()).isEqualTo("size_mismatch");
      assertThat(hold.events()).isEmpty();
    }
  }

  @Test
  void shouldNotTellOfBytesThatWereNotVerified() {
    try (Wiring node = hold.node()) {
      Dataset dataset = completed(node, "unverified");
      Pointers pointers =
          new Pointers(
              new org.pilothouse.platform.postgres.Outbox(),
              node.stores(),
              org.pilothouse.kernel.EventIds.system());

      assertThatThrownBy(() ->
              hold.database.runInPilot(
                  hold.pilot1(),
                  transaction ->
                      pointers.tell(
                          transaction,
                          org.pilothouse.contracts.EventType.DATASET_AVAILABLE,
                          dataset,
                          dataset.createdAt())))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> hold.let("dataset SET state = 'available'"))
          .hasMessageContaining("dataset_check");
    }
  }

  private Dataset completed(Wiring node, String name) {
    Dataset dataset =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted(name, BYTES, Map.of()));
    List<Uploads.SentPart> parts = hold.send(node, dataset, BYTES);
    return node.uploads().complete(Hold.ADA, hold.pilot1(), dataset.id(), parts, Optional.empty());
  }
}
