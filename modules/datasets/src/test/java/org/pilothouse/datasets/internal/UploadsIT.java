package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.datasets.Quota;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Bytes come in, are verified, and only then pointed to. */
class UploadsIT {
  private static final int TWO_PARTS = (int) PartPlan.SMALLEST + 1_000;

  private static Hold hold;
  private static Wiring node;

  @BeforeAll
  static void open() {
    hold = Hold.open();
    node = hold.node();
  }

  @AfterAll
  static void close() {
    node.close();
    hold.close();
  }

  @Test
  void shouldPointToBytesWhenTheyAreVerified() {
    byte[] bytes = Hold.csv(TWO_PARTS);

    Dataset declared =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("two parts", bytes, Map.of()));
    List<Uploads.SentPart> parts = hold.send(node, declared, bytes);
    Dataset completed =
        node.uploads().complete(Hold.ADA, hold.pilot1(), declared.id(), parts, Optional.empty());
    assertThat(completed.state()).isEqualTo(DatasetState.VERIFYING);
    assertThat(hold.events(declared.id())).isEmpty();
    hold.verify(node);

    Dataset available = hold.find(declared.id());
    assertThat(available.state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(available.checksum()).contains(Hold.sha256(bytes));
    assertThat(available.verifiedBytes()).isEqualTo(bytes.length);
    assertThat(available.mediaType()).isEqualTo("text/csv");
    assertThat(hold.events(declared.id()))
        .singleElement()
        .satisfies(event -> {
          assertThat(event.type()).isEqualTo("dataset.available");
          assertThat(event.topic()).isEqualTo("pilot." + hold.pilot1() + ".datasets");
          assertThat(event.data().path("event_type").asText()).isEqualTo("dataset.available");
          assertThat(event.data().path("checksum").asText())
              .isEqualTo(Hold.sha256(bytes).toString());
          assertThat(event.data().path("size_bytes").asLong()).isEqualTo(bytes.length);
          assertThat(event.data().path("object_uri").asText())
              .startsWith("s3://")
              .endsWith(available.key());
        });
    assertThat(Hold.get(node.content(Hold.ADA, available))).isEqualTo(bytes);
    assertThat(hold.trail.events)
        .filteredOn(event -> event.action().equals("dataset.content"))
        .singleElement()
        .satisfies(event ->
            assertThat(event.resource())
                .isEqualTo("dataset:" + hold.pilot1() + "/" + declared.id()));
  }

  @Test
  void shouldQuarantineBytesThatAreNotWhatWasDeclared() {
    byte[] bytes = Hold.csv(1_000);
    byte[] others = bytes.clone();
    others[500]++;

    Dataset dataset = hold.upload(node, hold.wanted("differs", bytes, Map.of()), others);

    assertThat(dataset.state()).isEqualTo(DatasetState.QUARANTINED);
    assertThat(dataset.failure().orElseThrow().code()).isEqualTo("checksum_mismatch");
    assertThat(hold.events(dataset.id())).isEmpty();
  }

  @Test
  void shouldQuarantineBytesThatAgreeWithOneOfTwoChecksumsOnly() {
    byte[] bytes = Hold.csv(1_001);
    Dataset declared =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("two", bytes, Map.of()));
    List<Uploads.SentPart> parts = hold.send(node, declared, bytes);

    var unused =
        node.uploads()
            .complete(
                Hold.ADA,
                hold.pilot1(),
                declared.id(),
                parts,
                Optional.of(Hold.sha256(Hold.csv(1))));
    hold.verify(node);

    assertThat(hold.find(declared.id()).state()).isEqualTo(DatasetState.QUARANTINED);
    assertThat(hold.events(declared.id())).isEmpty();
  }

  @Test
  void shouldNotBelieveWhatBytesAreSaidToBe() {
    byte[] html =
        "<!DOCTYPE html><html><script>alert(1)</script></html>".getBytes(StandardCharsets.UTF_8);
    byte[] parquet = "PAR1\0\0\0\0PAR1".getBytes(StandardCharsets.UTF_8);

    assertThat(hold.upload(node, hold.wanted("page", html, Map.of()), html).mediaType())
        .isEqualTo("text/html");
    assertThat(hold.upload(node, hold.wanted("columns", parquet, Map.of()), parquet).mediaType())
        .isEqualTo("application/vnd.apache.parquet");
  }

  @Test
  void shouldTakeAnEmptyFile() {
    byte[] nothing = {};

    Dataset dataset = hold.upload(node, hold.wanted("empty", nothing, Map.of()), nothing);

    assertThat(dataset.state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(dataset.size()).isZero();
  }

  @Test
  void shouldGiveTheSameAnswerToTheSameCompletion() {
    byte[] bytes = Hold.csv(2_000);
    Dataset declared =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("again", bytes, Map.of()));
    List<Uploads.SentPart> parts = hold.send(node, declared, bytes);

    List<Dataset> answers =
        IntStream.range(0, 4)
            .mapToObj(i ->
                CompletableFuture.supplyAsync(() ->
                    node.uploads()
                        .complete(Hold.ADA, hold.pilot1(), declared.id(), parts, Optional.empty())))
            .toList()
            .stream()
            .map(CompletableFuture::join)
            .toList();
    hold.verify(node);

    assertThat(answers)
        .allSatisfy(answer ->
            assertThat(answer.state()).isIn(DatasetState.VERIFYING, DatasetState.AVAILABLE));
    assertThat(
            node.uploads()
                .complete(Hold.ADA, hold.pilot1(), declared.id(), parts, Optional.empty())
                .state())
        .isEqualTo(DatasetState.AVAILABLE);
    assertThat(hold.events(declared.id())).hasSize(1);
  }

  @Test
  void shouldKeepAnUploadOpenWhenItsPartsDoNotAgree() {
    byte[] bytes = Hold.csv(TWO_PARTS);
    Dataset declared =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("parts", bytes, Map.of()));
    List<Uploads.SentPart> parts = hold.send(node, declared, bytes);

    assertProblem(() -> complete(declared, parts.subList(0, 1)), ProblemCode.SIZE_MISMATCH);
    assertProblem(
        () ->
            complete(
                declared,
                List.of(parts.getFirst(), new Uploads.SentPart(2, parts.getFirst().etag()))),
        ProblemCode.PART_MISMATCH);
    assertProblem(
        () ->
            complete(declared, List.of(parts.get(0), parts.get(1), new Uploads.SentPart(3, "00"))),
        ProblemCode.PART_MISMATCH);

    assertThat(hold.find(declared.id()).state()).isEqualTo(DatasetState.UPLOADING);
    assertThat(complete(declared, parts).state()).isEqualTo(DatasetState.VERIFYING);
  }

  @Test
  void shouldTellWhichPartsAreStored() {
    byte[] bytes = Hold.csv(TWO_PARTS);
    Dataset declared =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("half", bytes, Map.of()));
    Uploads.Upload before = node.uploads().look(hold.pilot1(), declared.id(), 1, 1);
    assertThat(before.partCount()).isEqualTo(2);
    assertThat(before.nextPart()).isEqualTo(2);
    Uploads.Part second = node.uploads().look(hold.pilot1(), declared.id(), 2, 10).parts().get(0);
    assertThat(second.size()).isEqualTo(1_000);

    Hold.put(second.url(), Hold.csv(1_000));

    Uploads.Upload after = node.uploads().look(hold.pilot1(), declared.id(), 1, 10);
    assertThat(after.storedBytes()).isEqualTo(1_000);
    assertThat(after.parts().get(0).etag()).isNull();
    assertThat(after.parts().get(1).etag()).isNotNull();
    assertThat(after.nextPart()).isNull();
  }

  @Test
  void shouldBeginAnewWhatTheStoreHasForgotten() {
    byte[] bytes = Hold.csv(100);
    Dataset declared =
        node.uploads().declare(Hold.ADA, hold.pilot1(), hold.wanted("gone", bytes, Map.of()));
    List<Uploads.SentPart> lost = hold.send(node, declared, bytes);
    hold.store
        .uploads(declared.key())
        .items()
        .forEach(open -> hold.store.abort(open.key(), open.uploadId()));

    // Some stores say at once that there is no such upload, others when it is to be completed.
    assertThatThrownBy(() -> complete(declared, lost))
        .isInstanceOfSatisfying(
            Problem.class,
            problem ->
                assertThat(problem.code()).isIn(ProblemCode.CONFLICT, ProblemCode.PART_MISMATCH));
    List<Uploads.SentPart> again = hold.send(node, declared, bytes);
    Dataset completed;
    try {
      completed = complete(declared, again);
    } catch (Problem problem) {
      assertThat(problem.code()).isEqualTo(ProblemCode.CONFLICT);
      completed = complete(declared, hold.send(node, declared, bytes));
    }

    assertThat(completed.state()).isEqualTo(DatasetState.VERIFYING);
  }

  @Test
  void shouldNeedAChecksum() {
    byte[] bytes = Hold.csv(10);
    Dataset declared =
        node.uploads()
            .declare(
                Hold.ADA,
                hold.pilot1(),
                hold.wanted("unsaid", bytes.length, Optional.empty(), Map.of()));
    List<Uploads.SentPart> parts = hold.send(node, declared, bytes);

    assertProblem(() -> complete(declared, parts), ProblemCode.MISSING_FIELD);
  }

  @Test
  void shouldCountTheVersionsOfAName() {
    NewDataset wanted = hold.wanted("versions", Hold.csv(3), Map.of());

    List<Integer> versions =
        IntStream.range(0, 3)
            .mapToObj(i -> node.uploads().declare(Hold.ADA, hold.pilot1(), wanted).version())
            .toList();

    assertThat(versions).containsExactly(1, 2, 3);
  }

  @Test
  void shouldHoldTheQuota() {
    PilotId pilot = hold.pilot1();
    Quotas.Used used = node.quotas().of(pilot).used();
    try (Wiring narrow =
        hold.node(
            Steps.UNHEARD,
            new Quota(used.bytes() + 1_000, used.objects() + 2, used.uploads() + 1))) {
      assertProblem(
          () -> narrow.uploads().declare(Hold.ADA, pilot, sized("large", 1_001)),
          ProblemCode.LIMIT_REACHED);
      Dataset first = narrow.uploads().declare(Hold.ADA, pilot, sized("fits", 900));
      assertProblem(
          () -> narrow.uploads().declare(Hold.ADA, pilot, sized("at once", 1)),
          ProblemCode.LIMIT_REACHED);
      narrow.lifecycle().withdraw(Hold.ADA, pilot, first.id(), false);
      assertThat(narrow.lifecycle().removeDue()).isFalse();
      assertThat(narrow.quotas().of(pilot).used()).isEqualTo(used);
    }
  }

  @Test
  void shouldKnowNothingOfAnotherPilot() {
    byte[] bytes = Hold.csv(5);
    Dataset dataset = hold.upload(node, hold.wanted("mine", bytes, Map.of()), bytes);
    PilotId other = Hold.pilot();

    assertThat(node.catalogue().find(other, dataset.id())).isEmpty();
    assertProblem(() -> node.uploads().look(other, dataset.id(), 1, 1), ProblemCode.NOT_FOUND);
    assertProblem(
        () -> node.lifecycle().withdraw(Hold.ADA, other, dataset.id(), false),
        ProblemCode.NOT_FOUND);
    assertProblem(() -> node.references().of(other, dataset.id()), ProblemCode.NOT_FOUND);
    assertProblem(() -> node.catalogue().lineage(other, dataset.id(), 1), ProblemCode.NOT_FOUND);
  }

  private NewDataset sized(String name, long size) {
    return hold.wanted(name, size, Optional.of(Hold.sha256(new byte[0])), Map.of());
  }

  private static Dataset complete(Dataset dataset, List<Uploads.SentPart> parts) {
    return node.uploads().complete(Hold.ADA, hold.pilot1(), dataset.id(), parts, Optional.empty());
  }

  private static void assertProblem(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ProblemCode code) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }
}
