package org.pilothouse.platform.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pilothouse.platform.mqtt.MqttSession.Delivery;
import org.pilothouse.platform.mqtt.ScriptedBroker.Habit;

@Timeout(60)
class MqttSessionIT {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private final List<MqttMessage> taken = new CopyOnWriteArrayList<>();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private ScriptedBroker broker;
  private MqttSession session;

  @BeforeEach
  void open() throws Exception {
    broker = new ScriptedBroker();
  }

  @AfterEach
  void close() throws Exception {
    session.close();
    broker.close();
  }

  private void connect(Duration publishTimeout, Consumer<MqttMessage> taker) {
    MqttConfig config = new MqttConfig("127.0.0.1", broker.port(), "bridge", "x", "east", 16);
    session = new MqttSession(config, "test", 16, publishTimeout, metrics);
    session.open(new MqttSession.Subscription("a/+/b", Runnable::run, taker));
    await().until(() -> broker.filters.size() == 1 && session.isConnected());
  }

  private static Delivery verdict(CompletionStage<Delivery> publish) throws Exception {
    return publish.toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private CompletionStage<Delivery> publish() {
    return session.publish("a/1/c", "hello".getBytes(UTF_8), MINUTE);
  }

  private double count(String outcome) {
    return metrics.get("pilothouse.mqtt.publishes").tag("outcome", outcome).counter().count();
  }

  @Test
  void shouldBringTheNodesNameAndSubscribeAgainAfterEachReconnect() throws Exception {
    connect(MINUTE, taken::add);
    assertThat(broker.clientIds).containsExactly("pilothouse-test-east");
    broker.cut();
    await().until(() -> broker.filters.size() == 2 && session.isConnected());
    assertThat(broker.clientIds).containsOnly("pilothouse-test-east");
    assertThat(broker.filters).containsOnly("a/+/b");
  }

  @Test
  void shouldAcknowledgeWhatTheTakerAcknowledgesAndNothingElse() throws Exception {
    connect(MINUTE, taken::add);
    broker.send(7, "a/1/b", "one");
    await().until(() -> taken.size() == 1);
    assertThat(taken.getFirst().levels()).containsExactly("a", "1", "b");
    assertThat(new String(taken.getFirst().payload(), UTF_8)).isEqualTo("one");
    assertThat(broker.acknowledged).isEmpty();
    taken.getFirst().acknowledge();
    taken.getFirst().acknowledge();
    await().until(() -> broker.acknowledged.equals(List.of(7)));
  }

  @Test
  void shouldGoOnAfterATakerThatThrows() throws Exception {
    connect(
        MINUTE,
        message -> {
          taken.add(message);
          if (taken.size() == 1) {
            throw new IllegalStateException("the test's");
          }
          message.acknowledge();
        });
    broker.send(1, "a/1/b", "one");
    broker.send(2, "a/1/b", "two");
    await().until(() -> taken.size() == 2);
    assertThat(metrics.get("pilothouse.mqtt.takers.failed").counter().count()).isEqualTo(1);
  }

  @Test
  void shouldSayWhetherAnybodyIsSubscribed() throws Exception {
    connect(MINUTE, taken::add);
    assertThat(verdict(publish())).isEqualTo(Delivery.HANDED_OVER);
    broker.behave(Habit.NO_SUBSCRIBER);
    assertThat(verdict(publish())).isEqualTo(Delivery.NOBODY);
    broker.behave(Habit.QUOTA_EXCEEDED);
    assertUnavailable(publish(), true);
    assertThat(count("handed_over")).isEqualTo(1);
    assertThat(count("nobody")).isEqualTo(1);
    assertThat(count("failed")).isEqualTo(1);
  }

  @Test
  void shouldFailWhatIsNotAnsweredInTimeAndStillCountItAsInFlight() throws Exception {
    connect(Duration.ofMillis(200), taken::add);
    broker.behave(Habit.SILENT);
    List<CompletionStage<Delivery>> waiting = new ArrayList<>();
    for (int i = 0; i < MqttSession.MOST_PUBLISHING; i++) {
      waiting.add(publish());
    }
    for (CompletionStage<Delivery> each : waiting) {
      assertUnavailable(each, true);
    }

    assertUnavailable(publish(), false);
    await().until(() -> broker.published.get() == MqttSession.MOST_PUBLISHING);
    broker.catchUp();
    broker.behave(Habit.ACKNOWLEDGE);
    await().until(() -> metrics.get("pilothouse.mqtt.publishing").gauge().value() == 0);
    assertThat(verdict(publish())).isEqualTo(Delivery.HANDED_OVER);
    assertThat(broker.published.get()).isEqualTo(MqttSession.MOST_PUBLISHING + 1);
  }

  @Test
  void shouldPublishNothingWhileTheBrokerIsAway() throws Exception {
    connect(MINUTE, taken::add);
    broker.close();
    await().until(() -> !session.isConnected());
    assertUnavailable(publish(), false);
  }

  private static void assertUnavailable(CompletionStage<Delivery> publish, boolean uncertain) {
    assertThatThrownBy(() -> verdict(publish))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            MqttUnavailable.class,
            failure -> assertThat(failure.isUncertain()).isEqualTo(uncertain));
  }
}
