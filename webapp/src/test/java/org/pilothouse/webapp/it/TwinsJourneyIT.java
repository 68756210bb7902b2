package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A twin from its first report to its retirement, on all engines, as people and devices see it. */
@Timeout(180)
class TwinsJourneyIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private final Consortium consortium = Consortium.get();
  private final Api operator = consortium.caller("pilot-operator");
  private final String base = "/api/v1/pilots/" + consortium.own();

  private void report(Consortium.Device device, String line) {
    Answer answer = device.api().send("POST", base + "/telemetry", "application/x-ndjson", line);
    assertThat(answer.status()).as("%s", answer).isEqualTo(202);
  }

  private static String line(String twin, Instant time, String values) {
    return "{\"twin\":\"" + twin + "\",\"time\":\"" + time + "\",\"values\":" + values + "}\n";
  }

  @Test
  void shouldShowWhatWasReportedNowThenAndOverTime() {
    String twin = "journey-" + System.nanoTime();
    Consortium.Device device = consortium.device(consortium.own());
    Instant start = Instant.now().minusSeconds(300).truncatedTo(ChronoUnit.MINUTES);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 120; i++) {
      lines.append(line(twin, start.plusSeconds(i), "{\"t\":" + i + ",\"on\":true}"));
    }
    report(device, lines.toString());

    await()
        .atMost(SOON)
        .until(() ->
            operator.get(base + "/twins/" + twin).json().at("/properties/t/value").asInt() == 119);
    JsonNode now = operator.get(base + "/twins/" + twin).json();
    assertThat(now.at("/properties/on/value").asBoolean()).isTrue();
    assertThat(now.path("revision").asInt()).isEqualTo(1);

    await()
        .atMost(SOON)
        .until(() ->
            operator
                    .get(base + "/twins/" + twin + "/history?property=t&from=" + start)
                    .json()
                    .at("/series/0/points")
                    .size()
                == 120);
    JsonNode minutes =
        operator
            .get(base + "/twins/" + twin + "/history?step=60&from=" + start)
            .json()
            .at("/series/0/points");
    assertThat(minutes).hasSize(2);
    assertThat(minutes.get(0).get(1).asDouble()).isZero();
    assertThat(minutes.get(0).get(2).asDouble()).isEqualTo(29.5);
    assertThat(minutes.get(0).get(3).asDouble()).isEqualTo(59);
    assertThat(minutes.get(0).get(4).asInt()).isEqualTo(60);
    assertThat(
            operator
                .get(base + "/twins/" + twin + "?at=" + start.plusSeconds(10))
                .json()
                .at("/properties/t/value")
                .asInt())
        .isEqualTo(10);
    await()
        .atMost(SOON)
        .until(() ->
            operator
                .get(base + "/twins/" + twin + "/thread")
                .json()
                .at("/items/0/type")
                .asText()
                .equals("twin.created"));
    assertThat(operator.get(base + "/twins?q=" + twin).json().path("items")).hasSize(1);
  }

  @Test
  void shouldHoldATwinAgainstItsModel() {
    String model = consortium.model(consortium.own());
    String twin = "modelled-" + System.nanoTime();
    Consortium.Device device = consortium.device(consortium.own());
    Answer made =
        operator.json(
            "PUT",
            base + "/twins/" + twin,
            Map.of("model", model, "attributes", Map.of("name", "Press 1")));
    assertThat(made.status()).as("%s", made).isEqualTo(201);
    assertThat(operator.json("PUT", base + "/twins/x-" + twin, Map.of("model", "none")).code())
        .isEqualTo("invalid_value");

    report(device, line(twin, Instant.now(), "{\"temperature\":999,\"other\":1}"));

    await()
        .atMost(SOON)
        .until(() ->
            operator.get(base + "/twins/" + twin).json().at("/properties/other/value").asInt()
                == 1);
    assertThat(
            operator
                .get(base + "/twins/" + twin)
                .json()
                .at("/properties/temperature")
                .isMissingNode())
        .isTrue();
    await()
        .atMost(SOON)
        .until(() ->
            consortium
                .caller("pilot-admin")
                .get(base + "/rejected")
                .text()
                .contains("temperature must be at most 200"));
  }

  @Test
  void shouldRebuildStatesFromTheBackbone() {
    String twin = "rebuilt-" + System.nanoTime();
    Api admin = consortium.caller("pilot-admin");
    report(
        consortium.device(consortium.own()),
        line(twin, Instant.now().truncatedTo(ChronoUnit.SECONDS), "{\"t\":1.50}"));
    await()
        .atMost(SOON)
        .until(() ->
            operator.get(base + "/twins/" + twin).json().at("/properties/t/value").isNumber());
    JsonNode before = operator.get(base + "/twins/" + twin).json();

    Answer begun = admin.json("POST", base + "/twin-rebuilds", Map.of("apply", true));
    assertThat(begun.status()).as("%s", begun).isEqualTo(202);
    String path = base + "/twin-rebuilds/" + begun.json().path("rebuild_id").asText();
    await()
        .atMost(SOON)
        .until(() -> admin.get(path).json().path("state").asText().equals("succeeded"));

    JsonNode ended = admin.get(path).json();
    assertThat(ended.path("twins").asInt()).isPositive();
    assertThat(ended.path("records_read").asLong()).isPositive();
    assertThat(ended.path("digest_after").asText()).matches("sha256:[0-9a-f]{64}");
    assertThat(admin.json("POST", path + "/cancel", Map.of()).code()).isEqualTo("conflict");
    assertThat(operator.get(base + "/twins/" + twin).json()).isEqualTo(before);
    assertThat(admin.get(base + "/twin-digest").json().path("positions")).isNotEmpty();
    assertThat(admin.get(base + "/twin-rebuilds").json().at("/items/0/rebuild_id"))
        .isEqualTo(ended.path("rebuild_id"));
  }

  @Test
  void shouldBringACommandToTheDeviceAndItsResultBack() throws Exception {
    String model = consortium.model(consortium.own());
    String twin = "told-" + System.nanoTime();
    Consortium.Device device = consortium.device(consortium.own());
    operator.json("PUT", base + "/twins/" + twin, Map.of("model", model));
    report(device, line(twin, Instant.now(), "{\"temperature\":20}"));
    await()
        .atMost(SOON)
        .until(() -> !operator.get(base + "/twins/" + twin).json().path("reported_at").isNull());
    Mqtt5AsyncClient client = subscribed(device);
    try {
      client.publishes(
          MqttGlobalPublishFilter.ALL,
          message -> {
            String text = new String(message.getPayloadAsBytes(), UTF_8);
            String id = text.replaceAll(".*\"id\":\"([^\"]+)\".*", "$1");
            client
                .publishWith()
                .topic(topic(device) + "/" + id + "/result")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload("{\"state\":\"succeeded\",\"output\":{\"rpm\":0}}".getBytes(UTF_8))
                .send();
          });
      assertThat(command(twin, Map.of("name", "fly")).code()).isEqualTo("invalid_value");
      Answer sent = command(twin, Map.of("name", "stop", "timeout_s", 30));
      assertThat(sent.status()).as("%s", sent).isEqualTo(201);
      String path = path(twin, sent);
      await()
          .atMost(SOON)
          .until(() -> operator.get(path).json().path("state").asText().equals("succeeded"));
      assertThat(operator.get(path).json().at("/output/rpm").asInt()).isZero();
    } finally {
      client.disconnect().get(5, TimeUnit.SECONDS);
    }
    Answer late = command(twin, Map.of("name", "stop", "timeout_s", 1));
    await()
        .atMost(SOON)
        .until(
            () -> operator.get(path(twin, late)).json().path("state").asText().equals("timed_out"));
    await()
        .atMost(SOON)
        .until(() ->
            operator
                .get(base + "/twins/" + twin + "/thread")
                .json()
                .findValuesAsText("type")
                .containsAll(List.of("command.sent", "command.ended", "twin.created")));
    assertThat(
            consortium
                .caller("pilot-admin")
                .call("DELETE", base + "/twins/" + twin, Map.of(), new byte[0])
                .status())
        .isEqualTo(204);
    assertThat(operator.get(base + "/twins/" + twin).status()).isEqualTo(404);
    assertThat(command(twin, Map.of("name", "stop")).status()).isEqualTo(404);
  }

  @Test
  void shouldRelateTwinsAndWalkOverThem() {
    String own = consortium.own();
    String site = consortium.twin(own);
    String line = consortium.twin(own);
    String press = consortium.twin(own);
    Answer made =
        relate(site, "line", Map.of("type", "contains", "target", line, "attributes", Map.of()));
    assertThat(made.status()).as("%s", made).isEqualTo(201);
    assertThat(made.header("location")).endsWith(site + "/relationships/line");
    assertThat(relate(site, "line", Map.of("type", "contains", "target", line)).status())
        .isEqualTo(200);
    assertThat(relate(line, "press", Map.of("type", "contains", "target", press)).status())
        .isEqualTo(201);
    assertThat(relate(press, "back", Map.of("type", "contains", "target", site)).code())
        .isEqualTo("conflict");
    Answer theirs =
        relate(press, "x", Map.of("type", "feeds", "target", consortium.twin(consortium.other())));
    Answer nobodys = relate(press, "x", Map.of("type", "feeds", "target", "nobody"));
    assertThat(theirs.status()).as("%s", theirs).isEqualTo(400);
    assertThat(theirs.json().path("detail")).isEqualTo(nobodys.json().path("detail"));

    String edge = base + "/twins/" + site + "/relationships/line";
    Answer patched =
        operator.call(
            "PATCH",
            edge,
            Map.of("Content-Type", "application/merge-patch+json", "If-Match", "\"1\""),
            "{\"attributes\":{\"__proto__\":{\"since\":2019}}}".getBytes(UTF_8));
    assertThat(patched.header("etag")).as("%s", patched).isEqualTo("\"2\"");
    assertThat(operator.get(edge).json().at("/attributes/__proto__/since").asInt()).isEqualTo(2019);

    assertThat(operator.get(base + "/twins/" + press + "/path").json().findValuesAsText("twin_id"))
        .containsExactly(site, line, press);
    Answer first = operator.get(base + "/twins/" + site + "/below?limit=1");
    assertThat(first.json().findValuesAsText("twin_id")).containsExactly(line);
    Answer second =
        operator.get(
            base
                + "/twins/"
                + site
                + "/below?limit=1&cursor="
                + first.json().path("next_cursor").asText());
    assertThat(second.json().findValuesAsText("twin_id")).containsExactly(press);
    assertThat(second.json().path("next_cursor").isNull()).isTrue();
    JsonNode around = operator.get(base + "/twins/" + line + "/neighbours?depth=1").json();
    assertThat(around.path("nodes")).hasSize(3);
    assertThat(around.path("edges")).hasSize(2);
    assertThat(
            operator
                .get(base + "/twins/" + line + "/relationships?direction=in")
                .json()
                .at("/items/0/source")
                .asText())
        .isEqualTo(site);

    assertThat(
            consortium
                .caller("pilot-admin")
                .call("DELETE", base + "/twins/" + line, Map.of(), new byte[0])
                .status())
        .isEqualTo(204);
    assertThat(operator.get(edge).status()).isEqualTo(404);
    for (String twin : List.of(site, line, press)) {
      await()
          .atMost(SOON)
          .until(() ->
              operator
                  .get(base + "/twins/" + twin + "/thread")
                  .json()
                  .findValuesAsText("type")
                  .containsAll(List.of("twin.related", "twin.unrelated")));
    }
  }

  private Answer relate(String source, String id, Map<String, Object> body) {
    return operator.json("PUT", base + "/twins/" + source + "/relationships/" + id, body);
  }

  @Test
  void shouldHandCommandsToADeviceThatFetchesThem() throws Exception {
    String twin = "fetching-" + System.nanoTime();
    Consortium.Device device = consortium.device(consortium.own());
    Consortium.Device neighbour = consortium.device(consortium.own());
    String commands = base + "/devices/" + device.id() + "/commands";
    report(device, line(twin, Instant.now(), "{\"t\":1}"));
    await().atMost(SOON).until(() -> operator.get(base + "/twins/" + twin).status() == 200);
    assertThat(device.api().get(commands).json().path("items")).isEmpty();

    CompletableFuture<Answer> waiting =
        CompletableFuture.supplyAsync(() -> device.api().get(commands + "?wait_s=20"));
    Answer sent = command(twin, Map.of("name", "stop", "timeout_s", 60));
    assertThat(sent.status()).as("%s", sent).isEqualTo(201);
    Answer got = waiting.get(15, TimeUnit.SECONDS);
    assertThat(got.status()).as("%s", got).isEqualTo(200);
    String id = sent.json().path("command_id").asText();
    assertThat(got.json().at("/items/0/id").asText()).isEqualTo(id);
    assertThat(got.json().at("/items/0/name").asText()).isEqualTo("stop");
    assertThat(operator.get(path(twin, sent)).json().path("state").asText()).isEqualTo("delivered");

    assertThat(neighbour.api().get(commands).status()).isEqualTo(404);
    Map<String, Object> result = Map.of("state", "succeeded", "output", Map.of("rpm", 0));
    String own = commands + "/" + id + "/result";
    String neighbours = base + "/devices/" + neighbour.id() + "/commands/" + id + "/result";
    assertThat(neighbour.api().json("POST", own, result).status()).isEqualTo(404);
    assertThat(neighbour.api().json("POST", neighbours, result).status()).isEqualTo(404);
    assertThat(device.api().json("POST", own, result).status()).isEqualTo(204);
    assertThat(device.api().json("POST", own, result).status()).isEqualTo(204);
    assertThat(device.api().json("POST", own, Map.of("state", "failed")).code())
        .isEqualTo("conflict");
    assertThat(operator.get(path(twin, sent)).json().at("/output/rpm").asInt()).isZero();
    assertThat(operator.get(path(twin, sent)).json().path("state").asText()).isEqualTo("succeeded");

    Answer changed =
        operator.send(
            "PATCH",
            base + "/twins/" + twin,
            "application/merge-patch+json",
            "{\"desired\":{\"speed\":5}}");
    assertThat(changed.status()).as("%s", changed).isEqualTo(200);
    JsonNode desired = device.api().get(commands).json().at("/items/0");
    assertThat(desired.path("name").asText()).isEqualTo("$desired");
    assertThat(desired.at("/input/desired/speed").asInt()).isEqualTo(5);
    assertThat(desired.at("/input/revision").asLong())
        .isEqualTo(changed.json().path("revision").asLong());
    assertThat(command(twin, Map.of("name", "$desired")).code()).isEqualTo("invalid_value");
  }

  @Test
  void shouldShowAFactOfAnotherRoomInTheThreadOfItsTwin() throws Exception {
    String twin = "alerted-" + System.nanoTime();
    assertThat(operator.json("PUT", base + "/twins/" + twin, Map.of()).status()).isEqualTo(201);
    Instant at = Instant.now().minusSeconds(60).truncatedTo(ChronoUnit.MILLIS);
    String topic = "pilot." + consortium.own() + ".thread";
    String data =
        "{\"pilot_id\":\"%s\",\"twin\":\"%s\",\"actor\":\"rule:hot\",\"severity\":\"critical\"}"
            .formatted(consortium.own(), twin);
    ProducerRecord<byte[], byte[]> fact =
        new ProducerRecord<>(topic, twin.getBytes(UTF_8), data.getBytes(UTF_8));
    Map.of(
            "ce_specversion", "1.0",
            "ce_id", "alert-" + twin,
            "ce_source", "/alerts",
            "ce_type", "alert.opened",
            "ce_subject", twin,
            "ce_time", at.toString(),
            "content-type", "application/json")
        .forEach((name, value) -> fact.headers().add(name, value.getBytes(UTF_8)));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", TestStack.endpoint("kafka")),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(fact).get(20, TimeUnit.SECONDS);
    }
    String thread = base + "/twins/" + twin + "/thread";
    String around = "?from=" + at.minusSeconds(1) + "&to=" + at.plusSeconds(1);
    await()
        .atMost(SOON)
        .until(() -> operator.get(thread + around).json().path("items").size() == 1);
    JsonNode shown = operator.get(thread + around).json().at("/items/0");
    assertThat(shown.path("type").asText()).isEqualTo("alert.opened");
    assertThat(shown.path("actor").asText()).isEqualTo("rule:hot");
    assertThat(shown.at("/data/severity").asText()).isEqualTo("critical");
    assertThat(operator.get(thread + "?to=" + at).json().path("items")).isEmpty();
    assertThat(operator.get(thread + "?from=yesterday").code()).isEqualTo("invalid_time");
  }

  private String path(String twin, Answer sent) {
    return base + "/twins/" + twin + "/commands/" + sent.json().path("command_id").asText();
  }

  private Answer command(String twin, Map<String, Object> body) {
    return operator.json("POST", base + "/twins/" + twin + "/commands", body);
  }

  private String topic(Consortium.Device device) {
    return "pilothouse/" + consortium.own() + "/" + device.id() + "/commands";
  }

  private Mqtt5AsyncClient subscribed(Consortium.Device device) throws Exception {
    URI broker = URI.create(TestStack.endpoint("mqtt"));
    Mqtt5AsyncClient client =
        MqttClient.builder()
            .useMqttVersion5()
            .serverHost(broker.getHost())
            .serverPort(broker.getPort())
            .simpleAuth()
            .username(device.id())
            .password(String.valueOf(device.api().token()).getBytes(UTF_8))
            .applySimpleAuth()
            .buildAsync();
    client.connect().get(20, TimeUnit.SECONDS);
    client
        .subscribeWith()
        .topicFilter(topic(device))
        .qos(MqttQos.AT_LEAST_ONCE)
        .send()
        .get(20, TimeUnit.SECONDS);
    return client;
  }
}
