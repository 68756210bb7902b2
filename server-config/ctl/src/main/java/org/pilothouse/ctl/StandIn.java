package org.pilothouse.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.telemetry.Unusable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ctl devices stand-in}: takes a device's commands by MQTT and answers them. */
@Command(
    name = "stand-in",
    description = {
      "Take a device's commands and answer them in its place, until Ctrl-C",
      "",
      "For trying out commands where the device itself is not there, as after an import. The",
      "device's token is the one that an import kept, or $$PILOTHOUSE_DEVICE_TOKEN."
    },
    mixinStandardHelpOptions = true)
final class StandIn extends Answering {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long CONNECTING_SECONDS = 10;
  private static final long LOOK_SECONDS = 1;
  private static final int USUAL_PORT = 1883;

  @Parameters(index = "0", paramLabel = "PILOT")
  String pilot = "";

  @Parameters(index = "1", paramLabel = "DEVICE")
  String device = "";

  @Option(
      names = "--mqtt",
      paramLabel = "URL",
      description = "the broker; default: the local stack's")
  @Nullable String mqtt;

  @Option(
      names = "--fail",
      paramLabel = "TEXT",
      description = "answer every command with this error; default: with success")
  @Nullable String fail;

  @Option(
      names = {"-n", "--most"},
      defaultValue = "0",
      description = "stop after so many; default: never")
  int most;

  @Override
  int answer(PilothouseApi api) throws InterruptedException {
    String token =
        connection
            .tokens(api, pilot, device)
            .known()
            .orElseThrow(() ->
                new Unusable(
                    "the token of "
                        + device
                        + " is not known here: put it into "
                        + DeviceTokens.VARIABLE));
    URI broker = broker();
    // Newer Java warns on standard error of the memory that Netty would otherwise use.
    System.setProperty("io.netty.noUnsafe", "true");
    Mqtt5BlockingClient client =
        MqttClient.builder()
            .useMqttVersion5()
            .identifier(device)
            .serverHost(broker.getHost())
            .serverPort(broker.getPort() < 0 ? USUAL_PORT : broker.getPort())
            .transportConfig()
            .mqttConnectTimeout(CONNECTING_SECONDS, TimeUnit.SECONDS)
            .applyTransportConfig()
            .simpleAuth()
            .username(device)
            .password(token.getBytes(StandardCharsets.UTF_8))
            .applySimpleAuth()
            .buildBlocking();
    try {
      client.connect();
    } catch (Mqtt5MessageException | MqttClientStateException e) {
      throw new ApiProblem(
          0,
          "unreachable",
          "the broker at " + broker + " does not take " + device + ": " + e.getMessage());
    }
    try (Mqtt5BlockingClient.Mqtt5Publishes commands =
        client.publishes(MqttGlobalPublishFilter.ALL)) {
      String topic = "pilothouse/" + pilot + "/" + device + "/commands";
      client.subscribeWith().topicFilter(topic).qos(MqttQos.AT_LEAST_ONCE).send();
      err().println("standing in for " + device + "; Ctrl-C ends it");
      int answered = 0;
      while ((most == 0 || answered < most) && client.getState().isConnected()) {
        Optional<Mqtt5Publish> command = commands.receive(LOOK_SECONDS, TimeUnit.SECONDS);
        if (command.isPresent() && answer(client, topic, command.get())) {
          answered++;
        }
      }
      if (!client.getState().isConnected()) {
        throw new ApiProblem(
            0,
            "unreachable",
            "the broker closed the connection; does the device itself run under the same id?");
      }
      return 0;
    } finally {
      if (client.getState().isConnected()) {
        client.disconnect();
      }
    }
  }

  private boolean answer(Mqtt5BlockingClient client, String topic, Mqtt5Publish message) {
    JsonNode command;
    try {
      command = JSON.readTree(message.getPayloadAsBytes());
    } catch (JsonProcessingException e) {
      err().println("ctl: not a command: " + e.getOriginalMessage());
      return false;
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    ObjectNode result = object();
    if (fail == null) {
      result.put("state", "succeeded");
      ObjectNode output = result.putObject("output");
      output.put("by", "stand-in");
      output.set("did", command.path("name"));
      if (command.hasNonNull("input")) {
        output.set("with", command.path("input"));
      }
    } else {
      result.put("state", "failed");
      result.put("error", fail);
    }
    client
        .publishWith()
        .topic(topic + "/" + command.path("id").asText() + "/result")
        .qos(MqttQos.AT_LEAST_ONCE)
        .payload(result.toString().getBytes(StandardCharsets.UTF_8))
        .send();
    out()
        .println(
            Printed.text(command.path("twin"))
                + ": "
                + Printed.text(command.path("name"))
                + " "
                + Printed.text(command.path("input"))
                + " -> "
                + result.path("state").asText());
    out().flush();
    return true;
  }

  private URI broker() {
    String text = mqtt != null ? mqtt : connection.home().endpoints().path("mqtt").asText();
    try {
      URI uri = URI.create(text);
      if ("tcp".equals(uri.getScheme()) && uri.getHost() != null) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below, with what is expected.
    }
    throw new Unusable("the broker must be tcp://HOST:PORT, not '" + text + "'");
  }
}
