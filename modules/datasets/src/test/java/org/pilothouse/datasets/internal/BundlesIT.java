package org.pilothouse.datasets.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetBundles;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Datasets of several objects, on the stack's object storage. */
@Timeout(60)
class BundlesIT {
  private static final byte[] PART = "rows".getBytes(UTF_8);
  private static final byte[] MANIFEST = "{}".getBytes(UTF_8);

  private final Hold hold = Hold.open();
  private final Wiring node = hold.node();
  private final DatasetBundles bundles = node.bundles();

  @AfterEach
  void close() {
    node.close();
    hold.close();
  }

  @Test
  void shouldPointToTheManifestWhenAllWasReadBack() {
    DatasetBundles.Opened opened = open();
    DatasetBundles.Part part = put(opened, PART);

    Dataset published = publish(opened, part);

    assertThat(published.state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(published.key()).isEqualTo(opened.manifestKey());
    assertThat(published.size()).isEqualTo(MANIFEST.length);
    assertThat(published.tags()).containsEntry("kind", "test").containsEntry("whole", true);
    List<String> told =
        hold.database.asPlatform(transaction ->
            transaction
                .createQuery("SELECT headers ->> 'ce_type' FROM outbox.message")
                .mapTo(String.class)
                .list());
    assertThat(told).containsExactly("dataset.available");
  }

  @Test
  void shouldTellWhatARevisionCorrects() {
    DatasetBundles.Opened before = open();
    Dataset first = publish(before, put(before, PART));
    DatasetBundles.Opened opened = open();
    DatasetBundles.Sealed bundle =
        bundles.seal(
            bundles.readBack(hold.pilot1(), opened.id(), List.of(put(opened, PART)), () -> {}),
            MANIFEST);

    Dataset revision =
        hold.database.inPilot(
            hold.pilot1(),
            transaction -> bundles.revise(transaction, bundle, first.id(), Map.of("whole", true)));

    assertThat(revision.state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(revision.version()).isEqualTo(2);
    List<String> told =
        hold.database.asPlatform(transaction ->
            transaction
                .createQuery(
                    "SELECT convert_from(payload, 'UTF8')::json ->> 'revises' FROM outbox.message"
                        + " WHERE headers ->> 'ce_type' = 'dataset.revised'")
                .mapTo(String.class)
                .list());
    assertThat(told).containsExactly(first.id().value());
  }

  @Test
  void shouldEndABundleThatNothingComesOf() {
    DatasetBundles.Opened opened = open();
    DatasetBundles.Part part = put(opened, PART);

    hold.database.runInPilot(
        hold.pilot1(), transaction -> bundles.giveUp(transaction, hold.pilot1(), opened.id()));

    assertThat(bundles.goOn(hold.pilot1(), opened.id())).isFalse();
    assertThatThrownBy(() -> publish(opened, part)).isInstanceOf(Problem.class);
    assertThat(
            hold.database.<Integer>asPlatform(transaction ->
                transaction
                    .createQuery("SELECT count(*) FROM outbox.message")
                    .mapTo(Integer.class)
                    .one()))
        .isZero();
  }

  @Test
  void shouldRefusePartsThatAreNotAsWritten() {
    DatasetBundles.Opened opened = open();
    DatasetBundles.Part part = put(opened, PART);
    hold.store.put(part.key(), "text/plain", "rowz".getBytes(UTF_8));

    refused(opened, part, ProblemCode.CHECKSUM_MISMATCH);
    hold.store.put(part.key(), "text/plain", "more rows".getBytes(UTF_8));
    refused(opened, part, ProblemCode.SIZE_MISMATCH);
    hold.store.remove(part.key());
    refused(opened, part, ProblemCode.OBJECT_MISSING);
    refused(
        opened,
        new DatasetBundles.Part("elsewhere/part", part.size(), part.checksum()),
        ProblemCode.CONFLICT);
    assertThat(hold.find(opened.id()).state()).isEqualTo(DatasetState.UPLOADING);
  }

  @Test
  void shouldTakeTheSameManifestAgainAndNoOther() {
    DatasetBundles.Opened opened = open();
    DatasetBundles.ReadParts read =
        bundles.readBack(hold.pilot1(), opened.id(), List.of(put(opened, PART)), () -> {});

    var first = bundles.seal(read, MANIFEST);
    var again = bundles.seal(read, MANIFEST);

    assertThat(again).isEqualTo(first);
    assertThatThrownBy(() -> bundles.seal(read, "{ }".getBytes(UTF_8)))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(ProblemCode.CONFLICT));
  }

  @Test
  void shouldPublishOnce() {
    DatasetBundles.Opened opened = open();
    DatasetBundles.Part part = put(opened, PART);
    Dataset unused = publish(opened, part);

    assertThatThrownBy(() -> publish(opened, part))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(ProblemCode.CONFLICT));
    assertThat(bundles.goOn(hold.pilot1(), opened.id())).isFalse();
  }

  @Test
  void shouldLeavePartsAloneWhenSweepingAndTakeThemWithTheDataset() {
    DatasetBundles.Opened opened = open();
    DatasetBundles.Part part = put(opened, PART);
    assertThat(node.sweeper().sweep(hold.pilot1(), true).findings()).isEmpty();
    Dataset published = publish(opened, part);
    assertThat(node.sweeper().sweep(hold.pilot1(), true).findings()).isEmpty();

    hold.database.runAsPlatform(transaction ->
        transaction.execute(
            "UPDATE datasets.dataset SET state = 'deleting', removed_after = now() WHERE dataset_id"
                + " = ?",
            published.id().value()));
    while (node.lifecycle().removeDue()) {
      // until there is none
    }

    assertThat(hold.store.list(opened.prefix(), "", 10).items()).isEmpty();
    assertThat(hold.find(opened.id()).state()).isEqualTo(DatasetState.DELETED);
  }

  @Test
  void shouldLetNobodyElseSendItsBytes() {
    DatasetBundles.Opened opened = open();

    assertThatThrownBy(() -> node.uploads().look(hold.pilot1(), opened.id(), 1, 1))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(ProblemCode.CONFLICT));
  }

  private DatasetBundles.Opened open() {
    return bundles.open(
        Hold.ADA,
        hold.pilot1(),
        new NewDataset(
            "days/test",
            "application/json",
            0,
            Optional.empty(),
            null,
            Map.of("kind", "test"),
            new Dataset.Lineage(List.of(), Dataset.Maker.DUMP, "test"),
            null,
            null));
  }

  private DatasetBundles.Part put(DatasetBundles.Opened opened, byte[] bytes) {
    String key = opened.prefix() + "model=pump/part-00000.parquet";
    hold.store.put(key, "text/plain", bytes);
    Digested sum = new Digested(bytes.length);
    sum.add(bytes);
    return new DatasetBundles.Part(key, bytes.length, sum.checksum());
  }

  private Dataset publish(DatasetBundles.Opened opened, DatasetBundles.Part part) {
    DatasetBundles.Sealed bundle =
        bundles.seal(
            bundles.readBack(hold.pilot1(), opened.id(), List.of(part), () -> {}), MANIFEST);
    return hold.database.inPilot(
        hold.pilot1(), transaction -> bundles.publish(transaction, bundle, Map.of("whole", true)));
  }

  private void refused(DatasetBundles.Opened opened, DatasetBundles.Part part, ProblemCode code) {
    assertThatThrownBy(() -> bundles.readBack(hold.pilot1(), opened.id(), List.of(part), () -> {}))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }
}
