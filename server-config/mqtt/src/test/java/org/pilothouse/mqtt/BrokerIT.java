package org.pilothouse.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttClientState;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAckReasonCode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class BrokerIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String TOPIC = "pilothouse/aurora/pump-1/telemetry";

  @TempDir Path home;
  private DeviceRegister register;
  private BrokerProcess broker;
  private final List<Mqtt5AsyncClient> opened = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    register = new DeviceRegister();
    register.add("aurora", "pump-1", "token-1");
    register.add("borealis", "pump-1", "token-2");
    broker = new BrokerProcess(home, register.url(), 100_000);
    broker.start();
  }

  @AfterEach
  void stop() {
    opened.forEach(client -> {
      if (client.getState() != MqttClientState.DISCONNECTED) {
        client.disconnect();
      }
    });
    broker.close();
    register.close();
  }

  @Test
  void shouldHaveEveryAcknowledgedMessageWhenKilledUnderLoad() throws Exception {
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    Set<String> received = ConcurrentHashMap.newKeySet();
    subscribeBridge(bridge()).toAsync().disconnect().get(10, TimeUnit.SECONDS);
    int next = 0;
    for (int kill = 0; kill < 3; kill++) {
      Mqtt5AsyncClient device = device("pump-1", "token-1", "any").toAsync();
      awaitTaken(device);
      Mqtt5AsyncClient reader = bridge().toAsync();
      reader.publishes(
          MqttGlobalPublishFilter.ALL,
          publish -> {
            String text = new String(publish.getPayloadAsBytes(), UTF_8);
            received.add(text);
            if (text.hashCode() % 3 == 0) {
              publish.acknowledge();
            }
          },
          true);
      connectBridge(reader);
      int from = next;
      for (; next < from + 6000; next++) {
        String text = "message-" + next;
        device
            .publishWith()
            .topic(TOPIC)
            .qos(MqttQos.AT_LEAST_ONCE)
            .payload(text.getBytes(UTF_8))
            .send()
            .whenComplete((result, failure) -> {
              if (failure == null && result.getError().isEmpty()) {
                acknowledged.add(text);
              }
            });
      }
      int enough = acknowledged.size() + 1500;
      await().atMost(SOON).until(() -> acknowledged.size() > enough);
      broker.kill();
      broker.start();
    }

    Mqtt5AsyncClient reader = bridge().toAsync();
    reader.publishes(
        MqttGlobalPublishFilter.ALL,
        publish -> received.add(new String(publish.getPayloadAsBytes(), UTF_8)));
    connectBridge(reader);

    await().atMost(SOON).until(() -> received.containsAll(acknowledged));
    assertThat(acknowledged).hasSizeGreaterThan(4000);
  }

  @Test
  void shouldRefusePublishesWhenNoBridgeHasSubscribed() throws Exception {
    Mqtt5BlockingClient device = device("pump-1", "token-1", "any");

    assertThatThrownBy(() -> publish(device, TOPIC))
        .isInstanceOfSatisfying(
            Mqtt5PubAckException.class,
            refused ->
                assertThat(refused.getMqttMessage().getReasonCode())
                    .isEqualTo(Mqtt5PubAckReasonCode.QUOTA_EXCEEDED));
    assertThat(device.getState()).isEqualTo(MqttClientState.CONNECTED);
  }

  @Test
  void shouldCloseTheConnectionOfAnOldClientWhenItsPublishIsRefused() throws Exception {
    Mqtt3AsyncClient device =
        Mqtt3Client.builder()
            .serverHost("127.0.0.1")
            .serverPort(broker.port)
            .identifier("old")
            .simpleAuth()
            .username("pump-1")
            .password("token-1".getBytes(UTF_8))
            .applySimpleAuth()
            .buildAsync();
    device.connect().get(10, TimeUnit.SECONDS);

    CompletableFuture<?> sent =
        device.publishWith().topic(TOPIC).qos(MqttQos.AT_LEAST_ONCE).payload(new byte[1]).send();

    assertThat(sent).failsWithin(SOON);
  }

  @Test
  void shouldRefusePublishesWhenTheBridgeIsTooFarBehind() throws Exception {
    broker.close();
    broker = new BrokerProcess(home, register.url(), 200);
    broker.start();
    subscribeBridge(bridge()).toAsync().disconnect().get(10, TimeUnit.SECONDS);
    Mqtt5BlockingClient device = device("pump-1", "token-1", "any");
    awaitTaken(device.toAsync());
    AtomicInteger acknowledged = new AtomicInteger();

    await()
        .atMost(SOON)
        .until(() -> {
          try {
            publish(device, TOPIC);
            acknowledged.incrementAndGet();
            return false;
          } catch (Mqtt5PubAckException e) {
            return true;
          }
        });

    AtomicInteger received = new AtomicInteger();
    Mqtt5AsyncClient reader = bridge().toAsync();
    reader.publishes(MqttGlobalPublishFilter.ALL, ignored -> received.incrementAndGet());
    connectBridge(reader);
    await().atMost(SOON).until(() -> received.get() >= acknowledged.get());
    awaitTaken(device.toAsync());
  }

  @Test
  void shouldRefuseWhatIsNotTheDevicesOwn() throws Exception {
    subscribeBridge(bridge());
    for (String topic :
        List.of(
            "pilothouse/aurora/pump-2/telemetry",
            "pilothouse/borealis/pump-1/telemetry",
            "pilothouse/aurora/pump-1/commands",
            "pilothouse/aurora/pump-1/commands/a/b/result",
            "elsewhere")) {
      Mqtt5BlockingClient device = device("pump-1", "token-1", "any");
      awaitTaken(device.toAsync());
      assertThatThrownBy(() -> publish(device, topic)).as(topic).isNotNull();
    }
    for (String filter :
        List.of("#", "pilothouse/#", "pilothouse/aurora/+/commands", "$SYS/#", TOPIC)) {
      Mqtt5BlockingClient device = device("pump-1", "token-1", "any");
      assertThatThrownBy(() -> device.subscribeWith().topicFilter(filter).send())
          .as(filter)
          .isInstanceOf(Mqtt5SubAckException.class);
    }
    Mqtt5BlockingClient device = device("pump-1", "token-1", "any");
    device.subscribeWith().topicFilter("pilothouse/aurora/pump-1/commands").send();
    awaitTaken(device.toAsync());
    assertThat(
            device
                .publishWith()
                .topic("pilothouse/aurora/pump-1/commands/c-1/result")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send()
                .getError())
        .isEmpty();
  }

  @Test
  void shouldRefuseAConnectionWhenTheTokenIsNotTheDevices() {
    assertThatThrownBy(() -> device("pump-1", "wrong", "any"))
        .isInstanceOfSatisfying(
            Mqtt5ConnAckException.class,
            refused ->
                assertThat(refused.getMqttMessage().getReasonCode())
                    .isEqualTo(Mqtt5ConnAckReasonCode.NOT_AUTHORIZED));
    assertThatThrownBy(() -> device("pump-2", "token-1", "any"))
        .isInstanceOf(Mqtt5ConnAckException.class);
    assertThatThrownBy(() -> device(BrokerProcess.BRIDGE_USER, "wrong", "any"))
        .isInstanceOf(Mqtt5ConnAckException.class);
  }

  @Test
  void shouldSayUnavailableWhenNobodyCanSayWhoADeviceIs() throws Exception {
    register.close();

    assertThatThrownBy(() -> device("pump-1", "token-1", "any"))
        .isInstanceOfSatisfying(
            Mqtt5ConnAckException.class,
            refused ->
                assertThat(refused.getMqttMessage().getReasonCode())
                    .isEqualTo(Mqtt5ConnAckReasonCode.SERVER_UNAVAILABLE));
  }

  @Test
  void shouldKeepDevicesApartWhenTheyBringTheSameClientId() throws Exception {
    Mqtt5BlockingClient ours = device("pump-1", "token-1", "same");
    Mqtt5BlockingClient theirs = device("pump-1", "token-2", "same");
    Mqtt5BlockingClient again = device("pump-1", "token-2", "pilothouse-bridge-0");
    Mqtt5BlockingClient bridge = bridge();
    connectBridge(bridge.toAsync());

    assertThat(List.of(ours, theirs, again, bridge))
        .allMatch(client -> client.getState() == MqttClientState.CONNECTED);
  }

  @Test
  void shouldAskOnceWhenADeviceReconnects() throws Exception {
    for (int i = 0; i < 5; i++) {
      device("pump-1", "token-1", "any").disconnect();
    }

    assertThat(register.asked).hasValue(1);
  }

  private static void publish(Mqtt5BlockingClient device, String topic) {
    var result =
        device
            .publishWith()
            .topic(topic)
            .qos(MqttQos.AT_LEAST_ONCE)
            .payload("{}".getBytes(UTF_8))
            .send();
    result.getError().ifPresent(BrokerIT::rethrow);
  }

  private static void rethrow(Throwable failure) {
    if (failure instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    throw new IllegalStateException(failure);
  }

  private void awaitTaken(Mqtt5AsyncClient device) {
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(() ->
            device
                .publish(
                    Mqtt5Publish.builder()
                        .topic(TOPIC)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .payload("probe".getBytes(UTF_8))
                        .build())
                .get(10, TimeUnit.SECONDS)
                .getError()
                .isEmpty());
  }

  private Mqtt5BlockingClient device(String username, String token, String clientId) {
    Mqtt5BlockingClient client = client(username, token, clientId);
    client.connectWith().cleanStart(true).send();
    return client;
  }

  private Mqtt5BlockingClient bridge() {
    return client(BrokerProcess.BRIDGE_USER, BrokerProcess.BRIDGE_PASSWORD, "pilothouse-bridge-0");
  }

  private static void connectBridge(Mqtt5AsyncClient bridge) throws Exception {
    bridge
        .connectWith()
        .cleanStart(false)
        .sessionExpiryInterval(86_400)
        .restrictions()
        .receiveMaximum(4096)
        .applyRestrictions()
        .send()
        .get(10, TimeUnit.SECONDS);
  }

  private static Mqtt5BlockingClient subscribeBridge(Mqtt5BlockingClient bridge) throws Exception {
    connectBridge(bridge.toAsync());
    bridge.subscribeWith().topicFilter(Backlog.TELEMETRY).qos(MqttQos.AT_LEAST_ONCE).send();
    return bridge;
  }

  private Mqtt5BlockingClient client(String username, String password, String clientId) {
    Mqtt5BlockingClient client =
        Mqtt5Client.builder()
            .serverHost("127.0.0.1")
            .serverPort(broker.port)
            .identifier(clientId)
            .simpleAuth()
            .username(username)
            .password(password.getBytes(UTF_8))
            .applySimpleAuth()
            .buildBlocking();
    opened.add(client.toAsync());
    return client;
  }
}
