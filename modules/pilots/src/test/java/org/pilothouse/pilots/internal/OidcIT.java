package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.PilotsConfig;
import org.pilothouse.platform.web.Caller;

/** The flow against a small provider of the test's own, which checks PKCE as a real one does. */
class OidcIT {
  private House house;
  private Wiring room;
  private HttpServer server;
  private RSAKey key;
  private RSAKey signing;
  private String issuer;
  private final Map<String, Map<String, List<String>>> codes = new ConcurrentHashMap<>();
  private UnaryOperator<JWTClaimsSet.Builder> claims = builder -> builder;

  @BeforeEach
  void open() throws Exception {
    key = new RSAKeyGenerator(2048).keyID("k1").generate();
    signing = key;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer = "http://127.0.0.1:" + server.getAddress().getPort();
    server.createContext(
        "/.well-known/openid-configuration",
        exchange ->
            answer(
                exchange,
                200,
                "{\"issuer\":\""
                    + issuer
                    + "\",\"authorization_endpoint\":\""
                    + issuer
                    + "/authorize\",\"token_endpoint\":\""
                    + issuer
                    + "/token\",\"jwks_uri\":\""
                    + issuer
                    + "/jwks\",\"response_types_supported\":[\"code\"],"
                    + "\"subject_types_supported\":[\"public\"],"
                    + "\"id_token_signing_alg_values_supported\":[\"RS256\"]}"));
    server.createContext(
        "/jwks", exchange -> answer(exchange, 200, new JWKSet(key).toPublicJWKSet().toString()));
    server.createContext("/token", this::token);
    server.start();
    house = new House();
    room =
        house.node(
            false,
            Optional.of(
                new PilotsConfig.Provider(
                    URI.create(issuer),
                    "pilothouse",
                    "secret",
                    "Test",
                    "preferred_username",
                    "realm_access.roles",
                    "pilot",
                    Map.of("admins", "pilot-admin"))));
  }

  @AfterEach
  void close() {
    room.close();
    house.close();
    server.stop(0);
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void token(HttpExchange exchange) throws IOException {
    Map<String, List<String>> form =
        URLUtils.parseParameters(
            new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    Map<String, List<String>> asked = codes.remove(form.get("code").getFirst());
    CodeChallenge challenge =
        CodeChallenge.compute(
            CodeChallengeMethod.S256, new CodeVerifier(form.get("code_verifier").getFirst()));
    if (asked == null
        || !challenge.getValue().equals(asked.get("code_challenge").getFirst())
        || exchange.getRequestHeaders().getFirst("Authorization") == null) {
      answer(exchange, 400, "{\"error\":\"invalid_grant\"}");
      return;
    }
    Instant now = Instant.now();
    JWTClaimsSet.Builder builder =
        new JWTClaimsSet.Builder()
            .issuer(issuer)
            .subject("s-1")
            .audience("pilothouse")
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plusSeconds(60)))
            .claim("nonce", asked.get("nonce").getFirst())
            .claim("preferred_username", "Grace")
            .claim("name", "Grace H.")
            .claim("pilot", "aurora")
            .claim("realm_access", Map.of("roles", List.of("admins", "offline_access")));
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k1").build(),
            claims.apply(builder).build());
    try {
      jwt.sign(new RSASSASigner(signing));
    } catch (com.nimbusds.jose.JOSEException e) {
      throw new IOException(e);
    }
    answer(
        exchange,
        200,
        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\""
            + jwt.serialize()
            + "\"}");
  }

  /** What the provider does after the person signed in there. */
  private Oidc.Arrival comeBack(Oidc.Departure departure) {
    Map<String, List<String>> asked = URLUtils.parseParameters(departure.to().getRawQuery());
    codes.put("code-1", asked);
    return room.oidc()
        .orElseThrow()
        .arrive(departure.cookie(), asked.get("state").getFirst(), "code-1", "192.0.2.1");
  }

  private void refused(Oidc.Departure departure) {
    assertThatThrownBy(() -> comeBack(departure))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.WRONG_CREDENTIALS));
  }

  private Oidc.Departure depart() {
    return room.oidc().orElseThrow().depart("/pilots/aurora");
  }

  @Test
  void shouldLetInWhomTheProviderKnowsInTheMappedRoles() {
    Oidc.Departure departure = depart();
    assertThat(departure.to().toString())
        .startsWith(issuer + "/authorize?")
        .contains("code_challenge_method=S256");

    Oidc.Arrival arrival = comeBack(departure);

    assertThat(arrival.returnTo()).isEqualTo("/pilots/aurora");
    Caller.Person caller =
        (Caller.Person) room.authentication().bySession(arrival.in().secret(), null, false);
    assertThat(caller.username()).isEqualTo("grace");
    assertThat(caller.roles()).containsExactly("pilot-admin");
    assertThat(caller.pilot()).isEqualTo(House.AURORA);
    assertThat(comeBack(depart()).in().person().username()).isEqualTo("grace");
    // There is no password to guess.
    assertThatThrownBy(() -> room.signIn().token(house.attempt("grace", "", null)))
        .isInstanceOf(Problem.class);
  }

  @Test
  void shouldRefuseATokenThatAnotherKeySigned() throws Exception {
    signing = new RSAKeyGenerator(2048).keyID("k1").generate();
    refused(depart());
  }

  @Test
  void shouldRefuseATokenForSomebodyElseOrOfAnotherSignIn() {
    claims = builder -> builder.audience("another");
    refused(depart());
    claims = builder -> builder.claim("nonce", "another");
    refused(depart());
    claims = builder -> builder.expirationTime(new Date(0));
    refused(depart());
  }

  @Test
  void shouldRefuseAStateThatTheBrowserDidNotBring() {
    Oidc.Departure mine = depart();
    Oidc.Departure other = depart();
    Map<String, List<String>> asked = URLUtils.parseParameters(mine.to().getRawQuery());
    codes.put("code-1", asked);
    Oidc oidc = room.oidc().orElseThrow();
    assertThatThrownBy(
            () -> oidc.arrive(other.cookie(), asked.get("state").getFirst(), "code-1", "x"))
        .isInstanceOf(Problem.class);
    assertThatThrownBy(() -> oidc.arrive(null, asked.get("state").getFirst(), "code-1", "x"))
        .isInstanceOf(Problem.class);
  }

  @Test
  void shouldNotTakeOverALocalAccountNorInventRolesOrPilots() {
    claims = builder -> builder.claim("preferred_username", "admin");
    refused(depart());
    claims = builder -> builder.claim("realm_access", Map.of("roles", List.of("offline_access")));
    refused(depart());
    claims = builder -> builder.claim("pilot", "nowhere");
    refused(depart());
  }

  @Test
  void shouldGoBackOnlyToAPathOfItsOwn() {
    for (String elsewhere :
        List.of("//evil.example", "https://evil.example", "/\\evil", "/a\"b", "/<x", "", "/a b")) {
      assertThat(Oidc.isOurs(elsewhere)).isFalse();
    }
    assertThat(Oidc.isOurs("/pilots/aurora?tab=live&x=1")).isTrue();
  }
}
