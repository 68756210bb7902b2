package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.datasets.Dataset;

/** What nobody names is found, looked at again, and removed. */
class SweeperIT {
  private static final byte[] BYTES = Hold.csv(300);
  private static final String LONG_AGO = "mark SET first_seen_at = now() - interval '2 hours'";

  private Hold hold;
  private Wiring node;

  @BeforeEach
  void open() {
    hold = Hold.open();
    node = hold.node();
  }

  @AfterEach
  void close() {
    node.close();
    hold.close();
  }

  @Test
  void shouldFindNothingWhereAllIsWell() {
    for (int i = 0; i < 3; i++) {
      var unused = hold.upload(node, hold.wanted("well", BYTES, Map.of()), BYTES);
    }

    assertThat(sweep().findings()).isEmpty();
  }

  @Test
  void shouldRemoveAnOrphanAtTheSecondLookOnly() {
    Dataset dataset = hold.upload(node, hold.wanted("named", BYTES, Map.of()), BYTES);
    String orphan = hold.pilot1() + "/2026/01/01/nobody/data";
    hold.store.put(orphan, "text/csv", BYTES);

    assertThat(node.sweeper().look(hold.pilot1()).findings())
        .extracting(Sweeper.Finding::kind, Sweeper.Finding::action)
        .containsExactly(tuple(Sweeper.Kind.ORPHANED_OBJECT, Sweeper.Action.NONE));
    assertThat(sweep().findings())
        .extracting(Sweeper.Finding::action)
        .containsExactly(Sweeper.Action.MARKED);
    assertThat(hold.store.find(orphan)).isPresent();
    hold.let(LONG_AGO);
    assertThat(sweep().findings())
        .extracting(Sweeper.Finding::action)
        .containsExactly(Sweeper.Action.REMOVED);

    assertThat(hold.store.find(orphan)).isEmpty();
    assertThat(hold.store.find(dataset.key())).isPresent();
    assertThat(sweep().findings()).isEmpty();
  }

  @Test
  void shouldForgetTheMarkOfAnObjectThatIsNamedMeanwhile() {
    String orphan = hold.pilot1() + "/2026/01/01/nobody/data";
    hold.store.put(orphan, "text/csv", BYTES);
    var marked = sweep();
    hold.let(LONG_AGO);
    hold.store.remove(orphan);
    assertThat(sweep().findings()).isEmpty();

    hold.store.put(orphan, "text/csv", BYTES);

    assertThat(marked.findings()).hasSize(1);
    assertThat(sweep().findings())
        .extracting(Sweeper.Finding::action)
        .containsExactly(Sweeper.Action.MARKED);
  }

  @Test
  void shouldAlarmWhereAnAvailableObjectIsNotAsVerified() {
    Dataset absent = hold.upload(node, hold.wanted("absent", BYTES, Map.of()), BYTES);
    Dataset shorter = hold.upload(node, hold.wanted("shorter", BYTES, Map.of()), BYTES);
    hold.store.remove(absent.key());
    hold.store.put(shorter.key(), "text/csv", Hold.csv(10));

    assertThat(sweep().findings())
        .extracting(Sweeper.Finding::kind, Sweeper.Finding::datasetId, Sweeper.Finding::action)
        .containsExactlyInAnyOrder(
            tuple(Sweeper.Kind.MISSING_OBJECT, absent.id().value(), Sweeper.Action.ALARM),
            tuple(Sweeper.Kind.MISSING_OBJECT, shorter.id().value(), Sweeper.Action.ALARM));
    hold.let(LONG_AGO);
    assertThat(sweep().findings()).hasSize(2);
    assertThat(hold.find(absent.id()).state().word()).isEqualTo("available");
  }

  @Test
  void shouldAbortUploadsThatNobodyNames() {
    Dataset named =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("named", BYTES, Map.of()));
    var unused = hold.send(node, named, BYTES);
    String leftover = hold.store.begin(hold.pilot1() + "/2026/01/01/nobody/data", "text/csv");

    assertThat(sweep().findings())
        .extracting(Sweeper.Finding::kind)
        .containsExactly(Sweeper.Kind.LEFTOVER_UPLOAD);
    hold.let(LONG_AGO);
    assertThat(sweep().findings())
        .extracting(Sweeper.Finding::action)
        .containsExactly(Sweeper.Action.ABORTED);

    assertThat(hold.store.uploads(hold.pilot1() + "/").items())
        .hasSize(1)
        .noneMatch(open -> open.uploadId().equals(leftover));
  }

  private Sweeper.Swept sweep() {
    return node.sweeper().run(Hold.ADA, hold.pilot1());
  }
}
