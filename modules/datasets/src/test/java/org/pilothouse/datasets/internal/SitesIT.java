package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.Replayability.State;
import org.pilothouse.datasets.Site;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.testkit.RawServer;

/** A pilot's own endpoint: its credentials, and whether what rests there can be read. */
@Timeout(120)
class SitesIT {
  private static final byte[] BYTES = Hold.csv(900);
  private static final Duration DAY = Duration.ofDays(1);

  private Hold hold;
  private PilotSite site;
  private Wiring node;

  @BeforeEach
  void open() {
    hold = Hold.open();
    site = new PilotSite(hold);
    node = hold.node();
  }

  @AfterEach
  void close() {
    node.close();
    site.close();
    hold.close();
  }

  @Test
  void shouldKeepTheSecretToItself() {
    site.set(node, site.said());

    String row =
        hold.database.asPlatform(transaction ->
            transaction
                .createQuery("SELECT s::text || encode(secret, 'escape') FROM datasets.site s")
                .mapTo(String.class)
                .one());
    assertThat(row).doesNotContain(hold.config.secretKey());
    assertThat(hold.trail.events)
        .singleElement()
        .satisfies(event -> {
          assertThat(event.action()).isEqualTo("site.create");
          assertThat(event.toString()).doesNotContain(hold.config.secretKey());
        });
    assertThat(node.sites().require(hold.pilot1()).toString())
        .doesNotContain(hold.config.secretKey());
    assertThat(site.said().toString()).doesNotContain(hold.config.secretKey());
  }

  @Test
  void shouldNotOpenASecretOfAnotherPilot() {
    site.set(node, site.said());
    PilotId other = Hold.pilot();
    hold.let("site SET pilot_id = '" + other + "'");

    assertThatThrownBy(() -> node.stores().of(node.sites().require(other)).reach())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shouldChangeOnlyWhatWasRead() {
    site.set(node, site.said());
    assertFails(() -> put(null, site.said()), ProblemCode.PRECONDITION_REQUIRED);
    assertFails(() -> put("\"7\"", site.said()), ProblemCode.PRECONDITION_FAILED);
    put("\"1\"", site.said());
    assertThat(node.sites().require(hold.pilot1()).revision()).isEqualTo(2);
    node.sites().remove(Hold.ADA, hold.pilot1());
    assertFails(() -> put("\"2\"", site.said()), ProblemCode.PRECONDITION_FAILED);
    assertFails(() -> node.sites().remove(Hold.ADA, hold.pilot1()), ProblemCode.NOT_FOUND);
  }

  @Test
  void shouldKeepASecretOnlyWhereItIsSentToTheSamePlace() {
    site.set(node, site.said());
    Sites.NewSite kept = site.said(hold.config.endpoint(), null, null, null);
    put("*", kept);
    assertThat(node.probes().probe(Hold.ADA, hold.pilot1()).seen().state())
        .isEqualTo(State.REACHABLE);

    try (Wiring there = hold.connecting("127.0.0.1:1")) {
      assertFails(
          () ->
              there
                  .sites()
                  .put(
                      Hold.ADA,
                      hold.pilot1(),
                      "*",
                      site.said(URI.create("http://127.0.0.1:1"), null, null, null)),
          ProblemCode.MISSING_FIELD);
    }
  }

  @Test
  void shouldRefuseEndpointsThatAreNotListed() {
    for (String endpoint :
        new String[] {
          "https://169.254.169.254",
          "http://127.0.0.1:1",
          "http://localhost:9000",
          "https://s3.test"
        }) {
      assertFails(
          () -> put(null, site.said(URI.create(endpoint), "secret", null, null)),
          ProblemCode.ENDPOINT_NOT_ALLOWED);
    }
    try (Wiring there = hold.connecting("localhost")) {
      assertFails(
          () ->
              there
                  .sites()
                  .put(
                      Hold.ADA,
                      hold.pilot1(),
                      null,
                      site.said(URI.create("https://localhost"), "secret", null, null)),
          ProblemCode.ENDPOINT_NOT_ALLOWED);
    }
    assertThat(node.sites().find(hold.pilot1())).isEmpty();
  }

  @Test
  void shouldNotConnectToWhatIsNoLongerListed() {
    site.set(node, site.said());
    Dataset dataset = site.registered(node, "run", BYTES);

    try (Wiring there = hold.connecting("")) {
      assertFails(() -> there.content(Hold.ADA, dataset), ProblemCode.ENDPOINT_NOT_ALLOWED);
      assertThat(there.probes().probe(Hold.ADA, hold.pilot1()).seen().state())
          .isEqualTo(State.UNREACHABLE);
    }
  }

  @Test
  void shouldStayWhileDatasetsRestThere() {
    site.set(node, site.said());
    Dataset dataset = site.registered(node, "run", BYTES);

    assertFails(() -> node.sites().remove(Hold.ADA, hold.pilot1()), ProblemCode.CONFLICT);
    Sites.NewSite said = site.said();
    assertFails(
        () ->
            put(
                "*",
                new Sites.NewSite(
                    said.endpoint(),
                    "another-bucket",
                    said.region(),
                    said.accessKey(),
                    said.secret(),
                    false,
                    false,
                    null,
                    null)),
        ProblemCode.CONFLICT);
    node.lifecycle().withdraw(Hold.ADA, hold.pilot1(), dataset.id(), false);
    assertFails(() -> node.sites().remove(Hold.ADA, hold.pilot1()), ProblemCode.CONFLICT);
    hold.let("dataset SET removed_after = now() - interval '1 s'");
    node.lifecycle().removeDue();
    node.sites().remove(Hold.ADA, hold.pilot1());
    assertThat(node.sites().find(hold.pilot1())).isEmpty();
  }

  @Test
  void shouldTellWhetherAnObjectIsStillTheOneThatWasVerified() {
    site.set(node, site.said());
    Dataset dataset = site.registered(node, "run", BYTES);
    assertThat(seen(dataset)).isEqualTo(State.REACHABLE);

    site.bucket.remove(site.key("run"));
    assertThat(probed(dataset)).isEqualTo(State.OBJECT_MISSING);
    byte[] others = BYTES.clone();
    others[0]++;
    site.put("run", others);
    assertThat(probed(dataset)).isEqualTo(State.OBJECT_CHANGED);
    site.put("run", Hold.csv(10));
    assertThat(probed(dataset)).isEqualTo(State.OBJECT_CHANGED);
    site.put("run", BYTES);
    assertThat(probed(dataset)).isEqualTo(State.REACHABLE);
    assertThat(hold.find(dataset.id()).revision()).isEqualTo(dataset.revision());
  }

  @Test
  void shouldTellWhetherTheEndpointTakesTheCredentials() {
    site.set(node, site.said());
    Dataset dataset = site.registered(node, "run", BYTES);
    assertThat(probed(dataset)).isEqualTo(State.REACHABLE);

    put("*", site.said(hold.config.endpoint(), "wrong", null, null));
    assertThat(probed(dataset)).isEqualTo(State.CREDENTIALS_EXPIRED);
    put("*", site.said());
    assertThat(probed(dataset)).isEqualTo(State.REACHABLE);
  }

  @Test
  void shouldTellWhatFollowsFromDates() {
    site.set(node, site.said());
    Dataset dataset = site.registered(node, "run", BYTES);
    Instant now = hold.database.asPlatform(DatasetRows::now);

    put("*", site.said(hold.config.endpoint(), null, now.minus(DAY), null));
    assertThat(seen(dataset)).isEqualTo(State.CREDENTIALS_EXPIRED);
    assertFails(() -> node.content(Hold.ADA, dataset), ProblemCode.CREDENTIALS_REFUSED);
    put("*", site.said(hold.config.endpoint(), null, null, now.minus(DAY)));
    assertThat(probed(dataset)).isEqualTo(State.AGREEMENT_ENDED);
    assertFails(() -> node.content(Hold.ADA, dataset), ProblemCode.AGREEMENT_ENDED);
    put("*", site.said(hold.config.endpoint(), null, now.plus(DAY), now.plus(DAY)));
    assertThat(probed(dataset)).isEqualTo(State.REACHABLE);
    assertThat(Hold.get(node.content(Hold.ADA, dataset))).isEqualTo(BYTES);
  }

  @Test
  void shouldTellThatAnEndpointDoesNotAnswer() {
    try (RawServer gone = new RawServer((request, out) -> {});
        Wiring there = hold.connecting(gone.place())) {
      site.set(there, site.said(URI.create("http://" + gone.place()), "secret", null, null));
      Site seen = there.probes().probe(Hold.ADA, hold.pilot1());

      assertThat(seen.seen().state()).isEqualTo(State.UNREACHABLE);
      assertThat(seen.seen().probedAt()).isNotNull();
    }
  }

  @Test
  void shouldLookAtEachSiteOnceInAWhileAndByOneNode() {
    site.set(node, site.said());
    try (Wiring other = hold.node()) {
      assertThat(node.probes().probeNext()).isTrue();
      assertThat(other.probes().probeNext()).isFalse();
      hold.let("site SET probed_at = now() - interval '6 min'");
      assertThat(other.probes().probeNext()).isTrue();
      assertThat(node.probes().probeNext()).isFalse();
    }
  }

  @Test
  void shouldNotHearALateLook() {
    site.set(node, site.said());
    boolean[] late = {true};
    Steps slow =
        step -> {
          if (step == Step.SITE_SEEN && late[0]) {
            late[0] = false;
            // Meanwhile somebody sets other credentials, and another node looks with them.
            put("*", site.said(hold.config.endpoint(), "wrong", null, null));
            node.probes().probe(Hold.ADA, hold.pilot1());
          }
        };
    try (Wiring overtaken = hold.node(slow, new org.pilothouse.datasets.Quota(1L << 40, 10, 2))) {
      overtaken.probes().probe(Hold.ADA, hold.pilot1());
    }
    assertThat(node.sites().require(hold.pilot1()).seen().state())
        .isEqualTo(State.CREDENTIALS_EXPIRED);
  }

  private State probed(Dataset dataset) {
    node.probes().probe(Hold.ADA, hold.pilot1());
    return seen(dataset);
  }

  private State seen(Dataset dataset) {
    return node.sites().require(hold.pilot1()).of(hold.find(dataset.id())).state();
  }

  private void put(String ifMatch, Sites.NewSite said) {
    node.sites().put(Hold.ADA, hold.pilot1(), ifMatch, said);
  }

  private static void assertFails(Runnable call, ProblemCode code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }
}
