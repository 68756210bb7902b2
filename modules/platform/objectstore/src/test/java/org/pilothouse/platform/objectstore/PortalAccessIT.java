package org.pilothouse.platform.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pilothouse.testkit.TestHome;

/** A bucket's CORS configuration, at a store that has one and at those that have not. */
class PortalAccessIT {
  private static final PortalOrigins PORTAL = new PortalOrigins(List.of("https://portal.example"));
  private static final String NONE =
      "<Error><Code>NoSuchCORSConfiguration</Code><Message>none</Message></Error>";

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private ObjectStore store;
  private volatile int status = 404;
  private volatile String there = NONE;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext("/", this::serve);
    server.start();
    store =
        new ObjectStore(
            ObjectStoreConfig.ofSite(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                "us-east-1",
                "access",
                "secret",
                "bucket"),
            Clock.systemUTC(),
            new SimpleMeterRegistry());
  }

  @AfterEach
  void close() {
    store.close();
    server.stop(0);
  }

  /** Keeps what is put, as a store does. */
  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (exchange.getRequestMethod().equals("PUT") && (status == 200 || status == 404)) {
        there = body;
        status = 200;
        exchange.sendResponseHeaders(200, -1);
        return;
      }
      byte[] answer = there.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/xml");
      exchange.sendResponseHeaders(status, answer.length);
      exchange.getResponseBody().write(answer);
    }
  }

  @Test
  void shouldLetThePortalInAndAskNoFurtherWhenItIs() {
    assertThat(store.allow(PORTAL)).isEqualTo(ObjectStore.PortalAnswer.ALLOWED);

    assertThat(there)
        .contains("<AllowedOrigin>https://portal.example</AllowedOrigin>")
        .contains("<AllowedMethod>PUT</AllowedMethod>")
        .contains("<ExposeHeader>ETag</ExposeHeader>")
        .doesNotContain("*");
    assertThat(store.allow(PORTAL)).isEqualTo(ObjectStore.PortalAnswer.ALLOWED_BEFORE);
    assertThat(asked).containsExactly("GET /bucket?cors", "PUT /bucket?cors", "GET /bucket?cors");
  }

  @Test
  void shouldLeaveTheRulesOfOthersAndReplaceItsOwn() {
    status = 200;
    there =
        """
        <CORSConfiguration><CORSRule><ID>theirs</ID><AllowedMethod>GET</AllowedMethod>\
        <AllowedOrigin>https://lake.example</AllowedOrigin></CORSRule>\
        <CORSRule><ID>pilothouse-portal</ID><AllowedMethod>GET</AllowedMethod>\
        <AllowedOrigin>https://before.example</AllowedOrigin></CORSRule></CORSConfiguration>\
        """;

    assertThat(store.allow(PORTAL)).isEqualTo(ObjectStore.PortalAnswer.ALLOWED);

    assertThat(there)
        .contains("https://lake.example", "https://portal.example")
        .doesNotContain("https://before.example");
  }

  @ParameterizedTest
  @CsvSource({"501, NOT_SUPPORTED", "405, NOT_SUPPORTED", "403, REFUSED"})
  void shouldLeaveAStoreThatCannotBeToldOrWillNot(int answer, ObjectStore.PortalAnswer expected) {
    status = answer;
    there = "<Error><Code>No</Code></Error>";

    assertThat(store.allow(PORTAL)).isEqualTo(expected);
  }

  @Test
  void shouldDoWithTheStoreOfTheLocalStack() {
    try (ObjectStore local =
        new ObjectStore(
            ObjectStoreConfig.from(TestHome.settings()),
            Clock.systemUTC(),
            new SimpleMeterRegistry())) {
      assertThat(local.allow(PORTAL)).isEqualTo(ObjectStore.PortalAnswer.NOT_SUPPORTED);
    }
  }

  @Test
  void shouldTryAgainUntilTheStoreAnswers() {
    status = 400;
    try (PortalAccess access = PortalAccess.start(store, PORTAL)) {
      await().atMost(Duration.ofSeconds(60)).until(() -> !asked.isEmpty());
      status = 404;
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> assertThat(there).contains("https://portal.example"));
      assertThat(access).isNotNull();
    }
  }

  @Test
  void shouldAskNothingWhereNoOriginIsNamed() {
    try (PortalAccess access = PortalAccess.start(store, new PortalOrigins(List.of()))) {
      assertThat(access).isNotNull();
    }
    assertThat(asked).isEmpty();
  }
}
