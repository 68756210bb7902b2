package org.pilothouse.webapp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Two pilots with a person of every role and a device, made new for this run. */
final class Consortium {
  private static final String PASSWORD = "correct horse battery staple 7";
  private static final List<String> PILOT_ROLES =
      List.of("pilot-operator", "pilot-admin", "data-steward");
  private static final List<String> STAFF_ROLES = List.of("support-agent", "platform-admin");

  private static final AtomicLong RUNS = new AtomicLong(System.currentTimeMillis());

  private final String run = Long.toString(RUNS.getAndIncrement(), 36);
  private final Api platform;
  private final String own = "it-own-" + run;
  private final String other = "it-other-" + run;
  private final Map<String, Api> callers = new HashMap<>();
  private int made;

  private static final class Holder {
    static final Consortium ONE = new Consortium();
  }

  static Consortium get() {
    // A test that needed the deployable otherwise has stopped it.
    String unused = ManagedServer.url();
    return Holder.ONE;
  }

  /** For a test that leaves anything behind: quotas, endpoints, people. */
  static Consortium another() {
    return new Consortium();
  }

  private Consortium() {
    platform = Api.anonymous().signedIn("platform", TestStack.password("platform"));
    for (String pilot : List.of(own, other)) {
      created(
          platform.json(
              "POST",
              "/api/v1/pilots",
              Map.of("pilot_id", pilot, "name", "Test " + pilot, "time_zone", "Europe/Lisbon")));
      PILOT_ROLES.forEach(role -> person(role, pilot));
    }
    STAFF_ROLES.forEach(role -> person(role, ""));
    callers.put("device", device(own).api());
  }

  /** A device and what it signs in with. */
  record Device(String id, Api api) {}

  String own() {
    return own;
  }

  String other() {
    return other;
  }

  /** A platform admin who is not among the callers under test. */
  Api platform() {
    return platform;
  }

  /** The caller of the own pilot in that role; {@code device} and {@code none} are callers too. */
  Api caller(String role) {
    return role.equals("none")
        ? Api.anonymous()
        : callers.computeIfAbsent(
            role, name -> Api.anonymous().signedIn(username(name, own), PASSWORD));
  }

  /** A token of its own, for what ends the token it is called with. */
  Api freshCaller(String role) {
    return switch (role) {
      case "none" -> Api.anonymous();
      case "device" -> device(own).api();
      default -> Api.anonymous().signedIn(username(role, own), PASSWORD);
    };
  }

  String username(String role, String pilot) {
    return STAFF_ROLES.contains(role) ? role + "-" + run : role + "-" + pilot;
  }

  Device device(String pilot) {
    String id = "it-device-" + made++;
    Answer answer =
        created(
            platform.json("POST", "/api/v1/pilots/" + pilot + "/devices", Map.of("device_id", id)));
    return new Device(id, Api.anonymous().as(answer.json().path("token").asText()));
  }

  /** A twin that nobody else uses. */
  String twin(String pilot) {
    String id = "it-twin-" + made++;
    created(platform.json("PUT", "/api/v1/pilots/" + pilot + "/twins/" + id, Map.of()));
    return id;
  }

  /** A model that nobody else uses. */
  String model(String pilot) {
    String id = "it-model-" + made++;
    Map<String, Object> document =
        Map.of(
            "@context",
            "https://www.w3.org/2022/wot/td/v1.1",
            "@type",
            "tm:ThingModel",
            "title",
            "Press",
            "properties",
            Map.of(
                "temperature",
                Map.of("type", "number", "unit", "°C", "minimum", -40, "maximum", 200)),
            "actions",
            Map.of("stop", Map.of("title", "Stop")));
    created(platform.json("PUT", "/api/v1/pilots/" + pilot + "/models/" + id, document));
    return id;
  }

  /** An operator of the own pilot whom no other test signs in as. */
  Api somebody(String name) {
    String username = name + "-" + run;
    person(username, "pilot-operator", own);
    return Api.anonymous().signedIn(username, PASSWORD);
  }

  private void person(String role, String pilot) {
    person(username(role, pilot), role, pilot);
  }

  private void person(String username, String role, String pilot) {
    Map<String, Object> person = new HashMap<>();
    person.put("username", username);
    person.put("display_name", role);
    person.put("roles", List.of(role));
    person.put("password", PASSWORD);
    if (!pilot.isEmpty()) {
      person.put("pilot", pilot);
    }
    created(platform.json("POST", "/api/v1/people", person));
  }

  private static Answer created(Answer answer) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(201);
    return answer;
  }
}
