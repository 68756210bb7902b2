package org.pilothouse.platform.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.testkit.RawServer;

/** A pilot's endpoint that does what it should not. */
@Timeout(60)
class SiteStoreIT {
  private static final String OK = "HTTP/1.1 200 OK\nContent-Length: %d\nETag: \"a1\"";

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void shouldNotFollowARedirect(int status) {
    try (RawServer inside = new RawServer((request, out) -> RawServer.send(out, ok(0), ""));
        RawServer hostile =
            new RawServer((request, out) ->
                RawServer.send(
                    out,
                    "HTTP/1.1 "
                        + status
                        + " Elsewhere\nLocation: http://"
                        + inside.place()
                        + "/secret\nContent-Length: 0",
                    ""));
        ObjectStore store = store(hostile)) {
      assertFails(() -> store.reach(), ProblemCode.ENDPOINT_UNREACHABLE);
      assertFails(() -> store.describe("a", false), ProblemCode.ENDPOINT_UNREACHABLE);
      assertFails(() -> store.open("a", 0), ProblemCode.ENDPOINT_UNREACHABLE);
      assertThat(inside.requests()).isEmpty();
    }
  }

  @Test
  void shouldGiveUpAnEndpointThatNeverAnswers() {
    CountDownLatch never = new CountDownLatch(1);
    try (RawServer hostile = new RawServer((request, out) -> never.await());
        ObjectStore store = store(hostile)) {
      assertFails(() -> store.reach(), ProblemCode.ENDPOINT_UNREACHABLE);
      assertFails(() -> store.open("a", 0), ProblemCode.ENDPOINT_UNREACHABLE);
    }
  }

  @Test
  void shouldGiveUpAHeadThatNeverEnds() {
    try (RawServer hostile =
            new RawServer((request, out) -> endless(out, "HTTP/1.1 200 OK\r\n", "X-A: b\r\n"));
        ObjectStore store = store(hostile)) {
      assertFails(() -> store.reach(), ProblemCode.ENDPOINT_UNREACHABLE);
    }
  }

  @Test
  void shouldGiveUpAnErrorThatNeverEnds() {
    try (RawServer hostile =
            new RawServer((request, out) ->
                endless(
                    out,
                    "HTTP/1.1 400 No\r\nContent-Type: application/xml\r\n\r\n<Error>",
                    "<a/>"));
        ObjectStore store = store(hostile)) {
      assertFails(() -> store.open("a", 0), ProblemCode.ENDPOINT_UNREACHABLE);
      assertFails(() -> store.list("a", "", 10), ProblemCode.ENDPOINT_UNREACHABLE);
    }
  }

  @Test
  void shouldCloseAnObjectThatNeverEnds() throws IOException {
    try (RawServer hostile =
            new RawServer((request, out) -> endless(out, "HTTP/1.1 200 OK\r\n\r\n", "0123456789"));
        ObjectStore store = store(hostile)) {
      try (InputStream in = store.open("a", 0).orElseThrow()) {
        assertThat(in.readNBytes(1_000_000)).hasSize(1_000_000);
      }
      assertThat(store.describe("a", false)).isPresent();
    }
  }

  @Test
  void shouldTellOfAnObjectThatBreaksOff() throws IOException {
    try (RawServer hostile =
            new RawServer((request, out) -> RawServer.send(out, ok(100), "short"));
        ObjectStore store = store(hostile)) {
      try (InputStream in = store.open("a", 0).orElseThrow()) {
        assertThatThrownBy(() -> in.readAllBytes()).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void shouldTellOfAnObjectThatStops() throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    try (RawServer hostile =
            new RawServer((request, out) -> {
              RawServer.send(out, ok(100), "short");
              never.await();
            });
        ObjectStore store = store(hostile)) {
      try (InputStream in = store.open("a", 0).orElseThrow()) {
        assertThatThrownBy(() -> in.readAllBytes()).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void shouldNotTakeTheWholeForTheRest() {
    try (RawServer hostile = new RawServer((request, out) -> RawServer.send(out, ok(5), "whole"));
        ObjectStore store = store(hostile)) {
      assertFails(() -> store.open("a", 2), ProblemCode.ENDPOINT_UNREACHABLE);
    }
  }

  @Test
  void shouldSayThatCredentialsAreRefusedAndRepeatNothingElse() {
    String body =
        "<Error><Code>SignatureDoesNotMatch</Code><Message>secret\nwords</Message></Error>";
    try (RawServer hostile =
            new RawServer((request, out) ->
                RawServer.send(
                    out,
                    "HTTP/1.1 403 Forbidden\nContent-Type: application/xml\nContent-Length: "
                        + body.length(),
                    body));
        ObjectStore store = store(hostile)) {
      assertThatThrownBy(() -> store.open("a", 0))
          .isInstanceOfSatisfying(
              Problem.class,
              problem -> {
                assertThat(problem.code()).isEqualTo(ProblemCode.CREDENTIALS_REFUSED);
                assertThat(problem.detail())
                    .contains("SignatureDoesNotMatch")
                    .doesNotContain("secret");
              });
    }
  }

  @Test
  void shouldLookAtEachAddressThatItConnectsTo() {
    try (RawServer inside = new RawServer((request, out) -> RawServer.send(out, ok(0), ""))) {
      AtomicInteger lookups = new AtomicInteger();
      String name = "rebinding.example.org:" + inside.port();
      EndpointRules rules =
          new EndpointRules(
              name,
              host ->
                  new InetAddress[] {
                    InetAddress.getByName(lookups.getAndIncrement() == 0 ? "8.8.8.8" : "127.0.0.1")
                  });
      URI endpoint = rules.check("http://" + name);
      rules.checkAddresses(endpoint);

      try (ObjectStore store = store(endpoint, rules)) {
        assertFails(() -> store.reach(), ProblemCode.ENDPOINT_NOT_ALLOWED);
      }
      assertThat(lookups).hasValueGreaterThan(1);
      assertThat(inside.requests()).isEmpty();
    }
  }

  @Test
  void shouldLookAtLiteralAddressesToo() {
    try (RawServer inside = new RawServer((request, out) -> RawServer.send(out, ok(0), ""));
        ObjectStore store =
            store(URI.create("http://" + inside.place()), rules("127.0.0.1:1, [::1]:1"))) {
      assertFails(() -> store.reach(), ProblemCode.ENDPOINT_NOT_ALLOWED);
      assertThat(inside.requests()).isEmpty();
    }
  }

  @Test
  void shouldUseNoProxyThatTheProcessIsGiven() {
    try (RawServer proxy = new RawServer((request, out) -> RawServer.send(out, ok(0), ""));
        RawServer site = new RawServer((request, out) -> RawServer.send(out, ok(0), ""))) {
      System.setProperty("http.proxyHost", "127.0.0.1");
      System.setProperty("http.proxyPort", Integer.toString(proxy.port()));
      System.setProperty("http.nonProxyHosts", "");
      try (ObjectStore store = store(site)) {
        store.reach();
      } finally {
        System.clearProperty("http.proxyHost");
        System.clearProperty("http.proxyPort");
        System.clearProperty("http.nonProxyHosts");
      }
      assertThat(proxy.requests()).isEmpty();
      assertThat(site.requests()).hasSize(1);
    }
  }

  @Test
  void shouldBelieveAChecksumOfTheWholeObjectOnly() {
    byte[] digest = new byte[32];
    Arrays.fill(digest, (byte) 7);
    String checksum = Base64.getEncoder().encodeToString(digest);
    assertThat(sha256("FULL_OBJECT", checksum)).isEqualTo(digest);
    assertThat(sha256("COMPOSITE", checksum + "-3")).isNull();
    assertThat(sha256("COMPOSITE", checksum)).isNull();
    assertThat(sha256("FULL_OBJECT", "AAAA")).isNull();
    assertThat(sha256("FULL_OBJECT", "not base64!")).isNull();
  }

  private static byte[] sha256(String type, String checksum) {
    try (RawServer site =
            new RawServer((request, out) ->
                RawServer.send(
                    out,
                    ok(5)
                        + "\nx-amz-checksum-sha256: "
                        + checksum
                        + "\nx-amz-checksum-type: "
                        + type,
                    ""));
        ObjectStore store = store(site)) {
      ObjectStore.Head head = store.describe("a", true).orElseThrow();
      assertThat(head.size()).isEqualTo(5);
      assertThat(head.etag()).isEqualTo("a1");
      return head.sha256().orElse(null);
    }
  }

  private static String ok(int length) {
    return OK.formatted(length);
  }

  private static void endless(OutputStream out, String before, String again) throws IOException {
    out.write(before.getBytes(StandardCharsets.US_ASCII));
    byte[] piece = again.repeat(1_000).getBytes(StandardCharsets.US_ASCII);
    while (true) {
      out.write(piece);
    }
  }

  private static void assertFails(Runnable call, ProblemCode code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
  }

  private static EndpointRules rules(String list) {
    return new EndpointRules(list, InetAddress::getAllByName);
  }

  private static ObjectStore store(RawServer server) {
    return store(URI.create("http://" + server.place()), rules(server.place()));
  }

  private static ObjectStore store(URI endpoint, EndpointRules rules) {
    return ObjectStore.ofSite(
        new ObjectStoreConfig(
            endpoint,
            endpoint,
            "us-east-1",
            "access",
            "secret",
            "bucket",
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofMinutes(5)),
        rules,
        Clock.systemUTC(),
        new SimpleMeterRegistry());
  }
}
