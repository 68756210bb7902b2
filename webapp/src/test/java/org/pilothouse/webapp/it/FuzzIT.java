package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.statistics.Statistics;

/**
 * Every operation of the document with parameters, headers and bodies that are right, nearly right
 * or wild. Whatever comes: an answer in time, never a 5xx, a refusal always a problem, and nothing
 * of the inside in it.
 *
 * <p>The short run has a fixed seed, so that two runs of one build agree; take the seed out and
 * {@code -Djqwik.tries.default=…} makes the run longer.
 */
@Label("the API under fuzz")
class FuzzIT {
  /** Sign-ins with made-up passwords come from here, so that only this address is locked out. */
  private static final String ADDRESS = "127.0.0.77";

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final List<ApiDocument.Operation> OPERATIONS = ApiDocument.read().operations();

  /** Each gets a token of its own: the call ends it. */
  private static final Set<String> ENDING = Set.of("revokeToken", "deleteSession");

  /** Wrong passwords and codes lock a person out, so these have a person of their own. */
  private static final Set<String> LOCKING = Set.of("changePassword", "enrolTotp", "confirmTotp");

  private static final Map<String, Api> OWN = new HashMap<>();

  /** Made when the first request needs it: then the server is up. */
  private static final class Fuzzed {
    static final Consortium ONE = Consortium.another();
  }

  @Provide
  Arbitrary<FuzzRequest> requests() {
    return Arbitraries.of(OPERATIONS)
        .flatMap(operation ->
            Arbitraries.randomValue(random -> FuzzRequest.of(operation, random)).dontShrink());
  }

  @Property(shrinking = ShrinkingMode.OFF, seed = "-977577543972448258")
  @Label("answers in time, with a problem or a success")
  void shouldAnswer(@ForAll("requests") FuzzRequest request) throws IOException {
    RawHttp http = new RawHttp(ManagedServer.url(), ADDRESS, PATIENCE);
    Map<String, String> headers = caller(request).withToken(request.headers());

    Answer answer =
        http.send(
            request.operation().method(), request.target(Fuzzed.ONE), headers, request.body());

    Statistics.label("status").collect(answer.status());
    assertThat(answer.status()).as("%s%n%s", request, answer).isBetween(200, 499);
    assertThat(answer.text())
        .as("%s", request)
        .doesNotContain("\tat ", "Exception", "org.pilothouse", "com.ibm.ws", "SQLSTATE");
    if (answer.status() >= 400 && !refusedByTheServer(answer)) {
      assertThat(answer.isProblem()).as("%s%n%s", request, answer).isTrue();
    }
  }

  /**
   * A path that cannot be decoded never reaches the application; the server says so in HTML or
   * JSON.
   */
  private static boolean refusedByTheServer(Answer answer) {
    return answer.status() == 400
        && (answer.text().startsWith("<H1>CWWWC0005I: ")
            || answer.text().startsWith("{\"error_message\" : \"CWWWC0005I: "));
  }

  private static Api caller(FuzzRequest request) {
    Consortium consortium = Fuzzed.ONE;
    String role = request.role();
    if (role.equals("none") || role.equals("device")) {
      return consortium.caller(role);
    }
    if (role.equals("forged")) {
      return Api.anonymous().as("A".repeat(43));
    }
    if (ENDING.contains(request.operation().id())) {
      return consortium.freshCaller(role);
    }
    if (LOCKING.contains(request.operation().id())) {
      return OWN.computeIfAbsent("", key -> consortium.somebody("fuzzed"));
    }
    return consortium.caller(role);
  }

  static String shown(byte[] body) {
    String text = new String(body, UTF_8).replaceAll("[^\\x20-\\x7e]", "·");
    return text.length() > 400 ? text.substring(0, 400) + "… (" + body.length + " bytes)" : text;
  }
}
