package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.datasets.NewDataset;
import org.pilothouse.datasets.Quota;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.testkit.RawServer;

/** Objects that stay at their pilot's endpoint. */
@Timeout(120)
class RegistrationsIT {
  private static final byte[] BYTES = Hold.csv(900);

  private Hold hold;
  private PilotSite site;
  private Wiring node;

  @BeforeEach
  void open() {
    hold = Hold.open();
    site = new PilotSite(hold);
    node = hold.node();
    site.set(node, site.said());
  }

  @AfterEach
  void close() {
    node.close();
    site.close();
    hold.close();
  }

  @Test
  void shouldPointToAnObjectWhereItIs() {
    site.put("run", BYTES);
    Dataset declared = site.register(node, "run", BYTES.length, Optional.of(Hold.sha256(BYTES)));
    assertThat(declared.state()).isEqualTo(DatasetState.VERIFYING);
    assertThat(hold.events()).isEmpty();

    hold.verify(node);

    Dataset dataset = hold.find(declared.id());
    assertThat(dataset.state()).isEqualTo(DatasetState.AVAILABLE);
    assertThat(dataset.checksum()).contains(Hold.sha256(BYTES));
    assertThat(dataset.mediaType()).isEqualTo("text/csv");
    assertThat(hold.events(dataset.id()))
        .singleElement()
        .satisfies(event -> {
          assertThat(event.type()).isEqualTo("dataset.available");
          assertThat(event.data().path("object_uri").asText())
              .isEqualTo("s3://" + Hold.PILOT_BUCKET + "/" + site.key("run"));
          assertThat(event.data().path("lineage").path("kind").asText()).isEqualTo("registration");
        });
    assertThat(Hold.get(node.content(Hold.ADA, dataset))).isEqualTo(BYTES);
    assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 1, 0));
  }

  @Test
  void shouldLeaveTheObjectWhereItIsWhenItIsWithdrawn() {
    Dataset dataset = site.registered(node, "run", BYTES);
    node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset.id(), false);
    hold.let("dataset SET removed_after = now() - interval '1 s' WHERE state = 'deleting'");
    node.lifecycle().removeDue();

    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETED);
    assertThat(hold.events(dataset.id()))
        .extracting(Hold.Event::type)
        .containsExactly("dataset.available", "dataset.deleted");
    assertThat(site.bucket.find(site.key("run"))).isPresent();
    assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 0, 0));
    assertThat(site.registered(node, "run", BYTES).state()).isEqualTo(DatasetState.AVAILABLE);
  }

  @Test
  void shouldLeaveTheObjectWhereItIsWhenItExpires() {
    site.put("run", BYTES);
    NewDataset wanted = site.wanted("run", BYTES.length, Optional.empty());
    Dataset dataset =
        node.registrations()
            .register(
                Hold.ADA,
                hold.pilot1(),
                new NewDataset(
                    wanted.name(),
                    wanted.mediaType(),
                    wanted.size(),
                    wanted.checksum(),
                    null,
                    wanted.tags(),
                    wanted.lineage(),
                    1,
                    wanted.objectUri()),
                site.uri("run"))
            .dataset();
    hold.verify(node);
    hold.let("dataset SET expires_at = now() - interval '1 s'");
    node.lifecycle().expireDue();
    hold.let("dataset SET removed_after = now() - interval '1 s'");
    node.lifecycle().removeDue();

    assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.DELETED);
    assertThat(site.bucket.find(site.key("run"))).isPresent();
  }

  @Test
  void shouldAnswerTheSameRegistrationWithTheSameDataset() {
    Dataset dataset = site.registered(node, "run", BYTES);
    NewDataset wanted = site.wanted("run", BYTES.length, Optional.empty());

    Registrations.Registered again =
        node.registrations().register(Hold.ADA, hold.pilot1(), wanted, site.uri("run"));

    assertThat(again.before()).isTrue();
    assertThat(again.dataset().id()).isEqualTo(dataset.id());
    assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 1, 0));
    assertFails(
        () -> site.register(node, "run", BYTES.length, Optional.of(Hold.sha256(BYTES))),
        ProblemCode.ALREADY_EXISTS);
    assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 1, 0));
  }

  @Test
  void shouldAnswerTheSameRegistrationAlsoWhereTheQuotaIsFull() {
    Dataset dataset = site.registered(node, "run", BYTES);
    site.put("other", BYTES);
    node.quotas().set(Hold.ADA, hold.pilot1(), new Quota(1L << 40, 1, 20));

    assertThat(site.register(node, "run", BYTES.length, Optional.empty()).id())
        .isEqualTo(dataset.id());

    assertFails(
        () -> site.register(node, "run", BYTES.length, Optional.of(Hold.sha256(BYTES))),
        ProblemCode.ALREADY_EXISTS);
    assertFails(
        () -> site.register(node, "other", BYTES.length, Optional.empty()),
        ProblemCode.LIMIT_REACHED);
    assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 1, 0));
  }

  @Test
  void shouldRefuseAnObjectThatIsNotThereOrHasAnotherSize() {
    site.put("run", BYTES);
    assertFails(
        () -> site.register(node, "absent", 900, Optional.empty()), ProblemCode.OBJECT_MISSING);
    assertFails(() -> site.register(node, "run", 901, Optional.empty()), ProblemCode.SIZE_MISMATCH);
    assertThat(node.quotas().of(hold.pilot1()).used()).isEqualTo(new Quotas.Used(0, 0, 0));
  }

  @Test
  void shouldQuarantineWhatHasAnotherChecksumAndTakeItAnew() {
    site.put("run", BYTES);
    Dataset wrong = site.register(node, "run", 900, Optional.of(Hold.sha256(new byte[1])));
    hold.verify(node);

    assertThat(hold.find(wrong.id()).failure().orElseThrow().code()).isEqualTo("checksum_mismatch");
    assertThat(hold.events()).isEmpty();
    Dataset anew = site.register(node, "run", 900, Optional.of(Hold.sha256(BYTES)));
    assertThat(anew.id()).isNotEqualTo(wrong.id());
    hold.verify(node);
    assertThat(hold.find(anew.id()).state()).isEqualTo(DatasetState.AVAILABLE);
  }

  @Test
  void shouldQuarantineWhatVanishedOrChangedBeforeItWasVerified() {
    site.put("vanished", BYTES);
    site.put("grown", BYTES);
    Dataset vanished = site.register(node, "vanished", 900, Optional.empty());
    Dataset grown = site.register(node, "grown", 900, Optional.empty());
    site.bucket.remove(site.key("vanished"));
    site.put("grown", Hold.csv(901));

    hold.verify(node);

    assertThat(hold.find(vanished.id()).failure().orElseThrow().code()).isEqualTo("object_missing");
    assertThat(hold.find(grown.id()).failure().orElseThrow().code()).isEqualTo("size_mismatch");
    assertThat(hold.events()).isEmpty();
  }

  @Test
  void shouldRegisterOnlyWhereStorageIsFederatedAndAnEndpointIsSet() {
    site.put("run", BYTES);
    node.sites().remove(Hold.ADA, hold.pilot1());
    assertFails(() -> site.register(node, "run", 900, Optional.empty()), ProblemCode.CONFLICT);
    site.set(node, site.said());
    hold.storage = new Pilot.Storage.Centralized();
    assertFails(() -> site.register(node, "run", 900, Optional.empty()), ProblemCode.CONFLICT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://" + Hold.PILOT_BUCKET + "/run",
        "s3://pilothouse/run",
        "s3://" + Hold.PILOT_BUCKET,
        "s3://" + Hold.PILOT_BUCKET + "/",
        "s3://" + Hold.PILOT_BUCKET + "//run",
        "s3://" + Hold.PILOT_BUCKET + "/../pilothouse/run",
        "s3://" + Hold.PILOT_BUCKET + "/a/../../pilothouse/run",
        "s3://" + Hold.PILOT_BUCKET + "/a/%2E%2E/%2E%2E/pilothouse/run",
        "s3://" + Hold.PILOT_BUCKET + "/a/./run",
        "s3://" + Hold.PILOT_BUCKET + "/a%5C..%5Crun",
        "s3://" + Hold.PILOT_BUCKET + "/run?versionId=1",
        "s3://" + Hold.PILOT_BUCKET + "/run#part",
        "s3://" + Hold.PILOT_BUCKET + "/ru%0An",
        "s3://" + Hold.PILOT_BUCKET + "/ru%FFn",
        "s3://user@" + Hold.PILOT_BUCKET + "/run",
        "s3://" + Hold.PILOT_BUCKET + ":80/run",
        "s3:run",
        "run"
      })
  void shouldRefuseWhatNamesNoObjectOfTheBucket(String uri) {
    assertThatThrownBy(() ->
            node.registrations()
                .register(
                    Hold.ADA,
                    hold.pilot1(),
                    site.wanted("run", 900, Optional.empty()),
                    URI.create(uri)))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
              assertThat(problem.path()).isEqualTo("/object_uri");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "größe", "100%", "a%20b", "a+b", "q?x", "h#x", "日本"})
  void shouldPointToKeysThatAUriHasToEncode(String name) {
    Dataset dataset = site.registered(node, name, BYTES);

    assertThat(dataset.state()).isEqualTo(DatasetState.AVAILABLE);
    String uri = hold.events(dataset.id()).getFirst().data().path("object_uri").asText();
    assertThat(uri).isEqualTo(site.uri(name).toString()).matches("[!-~]+");
    assertThat(URI.create(uri).getPath()).isEqualTo("/" + site.key(name));
    assertThat(Hold.get(node.content(Hold.ADA, dataset))).isEqualTo(BYTES);
  }

  @Test
  void shouldNotTakeARegisteredObjectForOneOfTheHold() {
    Dataset dataset = site.registered(node, "run", BYTES);
    site.put("of-the-pilot-alone", BYTES);

    assertThat(node.sweeper().sweep(hold.pilot1(), true).findings()).isEmpty();

    site.bucket.remove(site.key("run"));
    node.probes().probe(Hold.ADA, hold.pilot1());
    assertThat(node.sweeper().sweep(hold.pilot1(), true).findings())
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.kind()).isEqualTo(Sweeper.Kind.MISSING_OBJECT);
          assertThat(finding.datasetId()).isEqualTo(dataset.id().value());
          assertThat(finding.action()).isEqualTo(Sweeper.Action.ALARM);
        });
    assertThat(site.bucket.find(site.key("of-the-pilot-alone"))).isPresent();
  }

  @Test
  void shouldQuarantineAnObjectWithoutAnEnd() {
    try (RawServer hostile =
            new RawServer((request, out) -> {
              out.write(head(request.startsWith("HEAD") ? "\r\nContent-Length: 900" : ""));
              while (!request.startsWith("HEAD")) {
                out.write(new byte[64 * 1024]);
              }
            });
        Wiring there = hold.connecting(hostile.place())) {
      Dataset dataset = registeredAt(there, hostile);

      hold.verify(there);

      assertThat(hold.find(dataset.id()).failure().orElseThrow().code()).isEqualTo("size_mismatch");
    }
  }

  @Test
  void shouldTryAgainLaterWhereAnObjectBreaksOff() {
    try (RawServer hostile =
            new RawServer((request, out) -> {
              out.write(head("\r\nContent-Length: 900"));
              if (!request.startsWith("HEAD")) {
                out.write(new byte[10]);
              }
            });
        Wiring there = hold.connecting(hostile.place())) {
      Dataset dataset = registeredAt(there, hostile);

      hold.verify(there);
      assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.VERIFYING);
      hold.let("dataset SET verify_after = NULL, verify_failures = 18");
      hold.verify(there);
      assertThat(hold.find(dataset.id()).failure().orElseThrow().code())
          .isEqualTo("endpoint_unreachable");
      assertThat(hold.events()).isEmpty();
    }
  }

  @Test
  void shouldNotBelieveAnObjectThatIsPutAgainWhileItIsRead() {
    int[] answers = {0};
    try (RawServer hostile =
            new RawServer((request, out) -> {
              String tag = "\r\nETag: \"" + answers[0]++ + "\"";
              out.write(head("\r\nContent-Length: 900" + tag));
              if (!request.startsWith("HEAD")) {
                out.write(BYTES);
              }
            });
        Wiring there = hold.connecting(hostile.place())) {
      Dataset dataset = registeredAt(there, hostile);

      hold.verify(there);

      assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.VERIFYING);
      assertThat(hold.events()).isEmpty();
    }
  }

  @Test
  void shouldHoldUpNoUploadByAnEndpointThatDoesNotAnswer() {
    try (RawServer hostile =
            new RawServer((request, out) -> {
              if (request.startsWith("HEAD")) {
                out.write(head("\r\nContent-Length: 900"));
              }
            });
        Wiring there = hold.connecting(hostile.place())) {
      Dataset registered = registeredAt(there, hostile);

      Dataset uploaded = hold.upload(there, hold.wanted("own", BYTES, java.util.Map.of()), BYTES);

      assertThat(uploaded.state()).isEqualTo(DatasetState.AVAILABLE);
      assertThat(hold.find(registered.id()).state()).isEqualTo(DatasetState.VERIFYING);
    }
  }

  @Test
  void shouldBelieveTheStoresChecksumWhereItsPilotSaysSo() {
    String digest = java.util.Base64.getEncoder().encodeToString(Hold.sha256(BYTES).digest());
    try (RawServer store =
            new RawServer((request, out) -> {
              out.write(
                  head(
                      "\r\nContent-Length: 900\r\nETag: \"e\"\r\nx-amz-checksum-type: FULL_OBJECT"
                          + "\r\nx-amz-checksum-sha256: "
                          + digest));
              if (!request.startsWith("HEAD")) {
                out.write(BYTES);
              }
            });
        Wiring there = hold.connecting(store.place())) {
      site.set(
          there,
          new Sites.NewSite(
              "http://" + store.place(),
              Hold.PILOT_BUCKET,
              "us-east-1",
              "access",
              "secret",
              true,
              false,
              null,
              null));
      Dataset dataset = site.register(there, "run", 900, Optional.empty());
      hold.verify(there);

      assertThat(hold.find(dataset.id()).checksum()).contains(Hold.sha256(BYTES));
      assertThat(hold.find(dataset.id()).state()).isEqualTo(DatasetState.AVAILABLE);
    }
  }

  private Dataset registeredAt(Wiring there, RawServer server) {
    site.set(there, site.said(URI.create("http://" + server.place()), "secret", null, null));
    return site.register(there, "run", 900, Optional.empty());
  }

  private static byte[] head(String more) {
    return ("HTTP/1.1 200 OK\r\nConnection: close" + more + "\r\n\r\n")
        .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  }

  private static void assertFails(Runnable call, ProblemCode code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }
}
