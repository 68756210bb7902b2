package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.pilothouse.twins.internal.CommandSamples.AURORA;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.mqtt.MqttSession.Delivery;

class CommandCourierTest {
  private final Store store = new Store();
  private final Post post = new Post();
  private final CommandCourier courier =
      new CommandCourier(
          store, post, Clock.fixed(CommandSamples.NOW, ZoneOffset.UTC), new SimpleMeterRegistry());

  @AfterEach
  void close() {
    courier.close();
  }

  @Test
  void shouldNotPublishACommandAgainWhileItIsUnderWay() {
    store.due = List.of(addressed(1));
    courier.round();
    courier.round();
    assertThat(post.topics).containsExactly("pilothouse/aurora/press-device/commands");
    assertThat(post.payloads.getFirst())
        .contains("\"id\":\"" + CommandSamples.id(1) + "\"", "\"name\":\"stop\"");

    post.answers.getFirst().complete(Delivery.NOBODY);
    courier.round();
    assertThat(post.topics).hasSize(2);
    assertThat(store.delivered).isEmpty();

    post.answers.get(1).complete(Delivery.HANDED_OVER);
    await().until(() -> store.delivered.equals(List.of(CommandSamples.id(1))));
  }

  @Test
  void shouldPublishAgainAfterAPublishThatFailed() {
    store.due = List.of(addressed(1));
    courier.round();
    post.answers.getFirst().completeExceptionally(new IllegalStateException("no answer"));
    courier.round();
    assertThat(post.topics).hasSize(2);
  }

  @Test
  void shouldAskForNoMoreThanThereIsRoomFor() {
    store.due = IntStream.range(0, 500).mapToObj(CommandCourierTest::addressed).toList();
    store.onlyOnce = true;
    courier.round();
    await().until(() -> post.topics.size() == CommandCourier.MOST_UNDER_WAY);
    courier.round();
    assertThat(store.asked).containsExactly(100, 100, 56);
  }

  @Test
  void shouldLeaveCommandsWhereTheyAreWhileTheBrokerIsAway() {
    post.connected = false;
    courier.round();
    assertThat(store.asked).isEmpty();
  }

  private static Commands.Addressed addressed(int number) {
    return new Commands.Addressed(AURORA, CommandSamples.command(number, "press-device"));
  }

  private static final class Store implements CommandCourier.Store {
    volatile List<Commands.Addressed> due = List.of();
    volatile boolean onlyOnce;
    final List<Integer> asked = new CopyOnWriteArrayList<>();
    final List<String> delivered = new CopyOnWriteArrayList<>();

    @Override
    public List<Commands.Addressed> due(int most) {
      asked.add(most);
      List<Commands.Addressed> found = due.subList(0, Math.min(most, due.size()));
      if (onlyOnce) {
        due = due.subList(found.size(), due.size());
      }
      return found;
    }

    @Override
    public void delivered(PilotId pilot, String id) {
      delivered.add(id);
    }
  }

  private static final class Post implements CommandCourier.Post {
    boolean connected = true;
    final List<String> topics = new CopyOnWriteArrayList<>();
    final List<String> payloads = new CopyOnWriteArrayList<>();
    final List<CompletableFuture<Delivery>> answers = new CopyOnWriteArrayList<>();

    @Override
    public boolean isConnected() {
      return connected;
    }

    @Override
    public CompletionStage<Delivery> publish(String topic, byte[] payload, Duration expiry) {
      topics.add(topic);
      payloads.add(new String(payload, UTF_8));
      CompletableFuture<Delivery> answer = new CompletableFuture<>();
      answers.add(answer);
      return answer;
    }
  }
}
