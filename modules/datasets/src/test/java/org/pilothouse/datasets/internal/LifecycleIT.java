package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetReferences;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.datasets.Quota;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** What becomes of datasets after their bytes are there. */
class LifecycleIT {
  private static final byte[] BYTES = Hold.csv(700);
  private static final String GRACE_PASSED =
      "dataset SET removed_after = now() - interval '1 s' WHERE removed_after IS NOT NULL";

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
  void shouldWithdrawThePointerAtOnceAndTheBytesAfterTheGraceTime() {
    Dataset dataset = available(Map.of());

    withdraw(dataset);
    withdraw(dataset);

    assertThat(types(dataset)).containsExactly("dataset.available", "dataset.deleted");
    assertThat(node.lifecycle().removeDue()).isFalse();
    assertThat(hold.store.find(dataset.key())).isPresent();
    hold.let(GRACE_PASSED);
    assertThat(node.lifecycle().removeDue()).isFalse();
    assertThat(hold.store.find(dataset.key())).isEmpty();
    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETED);
    assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 0, 0));
    assertThat(types(dataset)).containsExactly("dataset.available", "dataset.deleted");
    assertProblem(
        () -> node.lifecycle().restore(Hold.ADA, hold.pilot1(), dataset.id()),
        ProblemCode.CONFLICT);
  }

  @Test
  void shouldBringBackWhatWasWithdrawn() {
    Dataset dataset = available(Map.of("owner", "quality"));
    withdraw(dataset);

    Dataset restored = node.lifecycle().restore(Hold.ADA, hold.pilot1(), dataset.id());

    assertThat(restored.state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(restored.removedAfter()).isNull();
    assertThat(types(dataset))
        .containsExactly("dataset.available", "dataset.deleted", "dataset.available");
    hold.let("dataset SET removed_after = now() - interval '1 s' WHERE state <> 'available'");
    assertThat(node.lifecycle().removeDue()).isFalse();
    assertThat(Hold.get(node.content(Hold.ADA, restored))).isEqualTo(BYTES);
  }

  @Test
  void shouldNotBringBackWhatIsBeingRemoved() {
    Dataset dataset = available(Map.of());
    withdraw(dataset);
    hold.let(GRACE_PASSED);
    Steps late =
        step -> {
          if (step == Step.REMOVAL_DECIDED) {
            // Even a clock that went back does not make it so.
            hold.let(
                "dataset SET removed_after = now() + interval '1 h' WHERE removed_after IS NOT"
                    + " NULL");
            assertProblem(
                () -> node.lifecycle().restore(Hold.ADA, hold.pilot1(), dataset.id()),
                ProblemCode.CONFLICT);
          }
        };
    try (Wiring remover = hold.node(late, new Quota(1L << 40, 1_000, 20))) {
      assertThat(remover.lifecycle().removeDue()).isFalse();
    }

    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETED);
    assertThat(hold.store.find(dataset.key())).isEmpty();
  }

  @Test
  void shouldRemoveTheOthersWhereOneCannotBeRemoved() {
    Dataset odd = available(Map.of());
    Dataset dataset = available(Map.of());
    withdraw(odd);
    withdraw(dataset);
    hold.let(GRACE_PASSED);
    hold.let("dataset SET object_key = repeat('x/', 3000) WHERE dataset_id = '" + odd.id() + "'");

    assertThat(node.lifecycle().removeDue()).isFalse();

    assertThat(hold.find(odd.id()).state()).isEqualTo(DatasetState.DELETING);
    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETED);
    hold.let("dataset SET object_key = '" + odd.key() + "' WHERE dataset_id = '" + odd.id() + "'");
    assertThat(node.lifecycle().removeDue()).isFalse();
    assertThat(hold.find(odd.id()).state()).isEqualTo(DatasetState.DELETED);
  }

  @Test
  void shouldNotDeleteWhatSomethingNeeds() {
    Dataset dataset = available(Map.of());
    assertThat(
            node.holds()
                .hold(
                    hold.pilot1(),
                    dataset.id(),
                    DatasetReferences.Kind.REPLAY,
                    "run-7",
                    "plays it",
                    null))
        .isPresent();

    assertThatThrownBy(() -> withdraw(dataset))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(ProblemCode.REFERENCED);
              assertThat(problem.detail()).contains("replay run-7");
            });
    assertThat(node.references().of(hold.pilot1(), dataset.id()))
        .extracting(References.Reference::kind, References.Reference::blocks)
        .containsExactly(tuple("replay", true), tuple("pointer", false));

    node.holds().release(hold.pilot1(), dataset.id(), DatasetReferences.Kind.REPLAY, "run-7");
    withdraw(dataset);
    assertThat(
            node.holds()
                .hold(hold.pilot1(), dataset.id(), DatasetReferences.Kind.JOB, "job-1", null, null))
        .as("what is withdrawn is given to nobody")
        .isEmpty();
  }

  @Test
  void shouldForgetAReferenceWhoseTimeIsOver() {
    Dataset dataset = available(Map.of());
    var unused =
        node.holds()
            .hold(
                hold.pilot1(),
                dataset.id(),
                DatasetReferences.Kind.JOB,
                "job-1",
                null,
                dataset.createdAt());

    withdraw(dataset);

    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETING);
  }

  @Test
  void shouldKeepWhatIsUnderLegalHold() {
    Dataset dataset = available(Map.of(Dataset.LEGAL_HOLD, true));
    assertProblem(() -> withdraw(dataset), ProblemCode.REFERENCED);

    var unused = change(dataset, Map.of(Dataset.LEGAL_HOLD, false), null);
    withdraw(dataset);

    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETING);
  }

  @Test
  void shouldExpireWhenTheRetentionIsOverAndNobodyNeedsIt() {
    Dataset held = available(Map.of(Dataset.LEGAL_HOLD, true));
    var unused = change(held, held.tags(), 30);
    Dataset dataset = available(Map.of());
    Dataset kept = change(dataset, Map.of(), 30);
    assertThat(kept.expiresAt()).isEqualTo(kept.availableAt().plus(java.time.Duration.ofDays(30)));

    hold.let("dataset SET expires_at = now() - interval '1 s' WHERE expires_at IS NOT NULL");
    assertThat(node.lifecycle().expireDue()).isFalse();

    assertThat(hold.find(held.id()).state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.EXPIRED);
    Dataset back = node.lifecycle().restore(Hold.ADA, hold.pilot1(), dataset.id());
    assertThat(back.expiresAt()).isAfter(back.availableAt());
    hold.let(
        "dataset SET expires_at = now() - interval '1 s' WHERE dataset_id = '"
            + dataset.id()
            + "'");
    assertThat(node.lifecycle().expireDue()).isFalse();
    hold.let(GRACE_PASSED);
    assertThat(node.lifecycle().removeDue()).isFalse();

    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETED);
    assertThat(types(dataset))
        .containsExactly(
            "dataset.available",
            "dataset.available",
            "dataset.expired",
            "dataset.available",
            "dataset.expired",
            "dataset.deleted");
  }

  @Test
  void shouldTellReadersWhatIsSaidAnew() {
    Dataset dataset = available(Map.of("owner", "quality"));

    Dataset changed =
        node.lifecycle()
            .change(
                Hold.ADA,
                hold.pilot1(),
                dataset.id(),
                "\"" + dataset.revision() + "\"",
                before -> {
                  Map<String, Object> tags = new TreeMap<>(before.tags());
                  tags.put("classification", "restricted");
                  return new Lifecycle.Said(tags, "urn:schema:1", null);
                });

    assertThat(changed.tags()).containsEntry("classification", "restricted");
    assertThat(
            hold.events(dataset.id()).getLast().data().path("tags").path("classification").asText())
        .isEqualTo("restricted");
    assertThat(page(new Catalogue.Tag("classification", Optional.of("restricted"))))
        .containsExactly(dataset.id().value());
    assertProblem(
        () ->
            node.lifecycle()
                .change(
                    Hold.ADA,
                    hold.pilot1(),
                    dataset.id(),
                    "\"" + dataset.revision() + "\"",
                    before -> new Lifecycle.Said(Map.of(), null, null)),
        ProblemCode.PRECONDITION_FAILED);
  }

  @Test
  void shouldGiveUpAnUploadThatRests() {
    Dataset dataset =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("rests", BYTES, Map.of()));
    var unused = hold.send(node, dataset, BYTES);
    assertThat(node.lifecycle().giveUpRested(Hold.PATIENCE)).isFalse();
    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.UPLOADING);

    hold.let("dataset SET updated_at = now() - interval '2 days'");
    assertThat(node.lifecycle().giveUpRested(Hold.PATIENCE)).isFalse();
    assertThat(node.lifecycle().removeDue()).isFalse();

    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETED);
    assertThat(hold.store.uploads(hold.pilot1() + "/").items()).isEmpty();
    assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 0, 0));
    assertThat(hold.events(dataset.id())).isEmpty();
  }

  @Test
  void shouldListByTagNameAndTime() {
    Dataset red = available(Map.of("colour", "red", "size", 3L));
    Dataset blue = available(Map.of("colour", "blue", "size", 3L));

    assertThat(page()).containsExactly(blue.id().value(), red.id().value());
    assertThat(page(new Catalogue.Tag("colour", Optional.empty())))
        .containsExactly(blue.id().value(), red.id().value());
    assertThat(
            page(
                new Catalogue.Tag("size", Optional.of("3")),
                new Catalogue.Tag("colour", Optional.of("red"))))
        .containsExactly(red.id().value());
    assertThat(
            node.catalogue()
                .page(
                    hold.pilot1(),
                    new Catalogue.Filter(
                        Optional.of(DatasetState.AVAILABLE),
                        List.of(),
                        Optional.empty(),
                        Optional.of("lif"),
                        Optional.of(red.createdAt()),
                        Optional.of(blue.createdAt())),
                    Optional.empty(),
                    10))
        .extracting(dataset -> dataset.id().value())
        .containsExactly(red.id().value());
    assertThat(
            node.catalogue()
                .page(
                    hold.pilot1(),
                    filter(List.of()),
                    Optional.of(new Catalogue.Before(blue.createdAt(), blue.id())),
                    10))
        .extracting(dataset -> dataset.id().value())
        .containsExactly(red.id().value());
  }

  @Test
  void shouldTellWhatWasMadeFromWhat() {
    Dataset raw = available(Map.of());
    Dataset clean = derived("clean", raw);
    Dataset report = derived("report", clean);

    Catalogue.Lineage lineage = node.catalogue().lineage(hold.pilot1(), clean.id(), 4);

    assertThat(lineage.datasets())
        .extracting(Dataset::name)
        .containsExactlyInAnyOrder("lifecycle", "clean", "report");
    assertThat(lineage.edges())
        .containsExactlyInAnyOrder(
            new Catalogue.Edge(raw.id(), clean.id()), new Catalogue.Edge(clean.id(), report.id()));
    assertThat(lineage.truncated()).isFalse();
    assertThat(node.catalogue().lineage(hold.pilot1(), report.id(), 1).truncated()).isTrue();
    assertThat(
            hold.events(report.id())
                .getFirst()
                .data()
                .path("lineage")
                .path("inputs")
                .get(0)
                .asText())
        .isEqualTo(clean.id().value());
  }

  private Dataset available(Map<String, Object> tags) {
    Dataset dataset = hold.upload(node, hold.wanted("lifecycle", BYTES, tags), BYTES);
    assertThat(dataset.state()).isEqualTo(DatasetState.AVAILABLE);
    return dataset;
  }

  private Dataset derived(String name, Dataset from) {
    NewDataset wanted = hold.wanted(name, BYTES, Map.of());
    return hold.upload(
        node,
        new NewDataset(
            name,
            wanted.mediaType(),
            wanted.size(),
            wanted.checksum(),
            null,
            Map.of(),
            new Dataset.Lineage(List.of(from.id()), Dataset.Maker.UPLOAD, null),
            null,
            null),
        BYTES);
  }

  private Dataset change(Dataset dataset, Map<String, Object> tags, Integer retention) {
    return node.lifecycle()
        .change(
            Hold.ADA,
            hold.pilot1(),
            dataset.id(),
            "*",
            before -> new Lifecycle.Said(tags, null, retention));
  }

  private void withdraw(Dataset dataset) {
    node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset.id(), false);
  }

  private List<String> types(Dataset dataset) {
    return hold.events(dataset.id()).stream().map(Hold.Event::type).toList();
  }

  private List<String> page(Catalogue.Tag... tags) {
    return node
        .catalogue()
        .page(hold.pilot1(), filter(List.of(tags)), Optional.empty(), 10)
        .stream()
        .map(dataset -> dataset.id().value())
        .toList();
  }

  private static Catalogue.Filter filter(List<Catalogue.Tag> tags) {
    return new Catalogue.Filter(
        Optional.empty(),
        tags,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static void assertProblem(ThrowingCallable call, ProblemCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }
}
