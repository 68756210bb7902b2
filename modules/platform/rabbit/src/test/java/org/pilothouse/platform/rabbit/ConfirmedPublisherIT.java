package org.pilothouse.platform.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.outbox.OutboxMessage;
import org.pilothouse.kernel.outbox.OutboxMessage.Destination;
import org.pilothouse.testkit.TestHome;

class ConfirmedPublisherIT {
  private final String suffix = UUID.randomUUID().toString().substring(0, 8);
  private final QueueSpec queue =
      new QueueSpec("it.work." + suffix, "it.work." + suffix, "work", 3, 10_000);
  private final RabbitConfig config = RabbitConfig.from(TestHome.settings());
  private RabbitConnection connection;
  private ConfirmedPublisher publisher;

  @BeforeEach
  void declare() {
    connection = new RabbitConnection(config, "it");
    new QueueProvisioner(connection).ensure(List.of(queue));
    publisher = new ConfirmedPublisher(connection, config, new SimpleMeterRegistry());
  }

  @AfterEach
  void remove() throws Exception {
    try (Channel channel = connection.channel()) {
      var work = channel.queueDelete(queue.name());
      var dead = channel.queueDelete(queue.deadLetters());
      var exchange = channel.exchangeDelete(queue.exchange());
      var deadExchange = channel.exchangeDelete(queue.deadLetterExchange());
    }
    publisher.close();
    connection.close();
  }

  private CompletableFuture<Void> publish(String key, String body) {
    return publisher
        .publish(
            queue.exchange(), key, UUID.randomUUID().toString(), Map.of(), body.getBytes(UTF_8))
        .toCompletableFuture();
  }

  @Test
  void shouldHoldEveryMessageInOrderWhenManyAreConfirmed() throws Exception {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      sent.add(publish("work", "m" + i));
    }
    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);

    try (Channel channel = connection.channel()) {
      for (int i = 0; i < 500; i++) {
        GetResponse got = channel.basicGet(queue.name(), true);
        assertThat(got).isNotNull();
        assertThat(new String(got.getBody(), UTF_8)).isEqualTo("m" + i);
      }
    }
  }

  @Test
  void shouldSaySoWhenNoQueueTakesTheMessage() {
    assertThatThrownBy(() -> publish("nowhere", "lost").get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(Unroutable.class);
  }

  @Test
  void shouldGoOnWhenItsChannelWasClosedByTheBroker() throws Exception {
    assertThatThrownBy(() ->
            publisher
                .publish("no-such-exchange", "work", "1", Map.of(), new byte[0])
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RabbitUnavailable.class);

    await()
        .atMost(Duration.ofSeconds(10))
        .ignoreExceptions()
        .until(() -> {
          var unused = publish("work", "again").get(5, TimeUnit.SECONDS);
          return true;
        });
  }

  @Test
  void shouldKeepADeadLetterWhenAMessageWasDeliveredTooOften() throws Exception {
    publish("work", "poison").get(20, TimeUnit.SECONDS);
    try (Channel channel = connection.channel()) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            GetResponse got = channel.basicGet(queue.name(), false);
            if (got != null) {
              channel.basicNack(got.getEnvelope().getDeliveryTag(), false, true);
            }
            GetResponse dead = channel.basicGet(queue.deadLetters(), true);
            return dead != null && new String(dead.getBody(), UTF_8).equals("poison");
          });
    }
  }

  @Test
  void shouldDeclareTheSameAgainWithoutHarmAndRefuseAnotherShape() {
    new QueueProvisioner(connection).ensure(List.of(queue));

    QueueSpec other = new QueueSpec(queue.name(), queue.exchange(), "work", 9, 10_000);
    assertThatThrownBy(() -> new QueueProvisioner(connection).ensure(List.of(other)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(queue.name());
  }

  @Test
  void shouldCarryTheIdOfTheOutboxWhenItSendsForIt() throws Exception {
    QueueSpec other =
        new QueueSpec(queue.name() + ".declared", queue.exchange(), "declared", 3, 100);
    RabbitOutboxSink sink =
        new RabbitOutboxSink(publisher, new QueueProvisioner(connection), List.of(other));
    OutboxMessage message =
        new OutboxMessage(
            UUID.randomUUID(),
            "job:1",
            Destination.RABBIT,
            queue.exchange(),
            "declared",
            Map.of("ce_type", "job.submitted"),
            "{}".getBytes(UTF_8),
            Instant.EPOCH);

    var unused = sink.send(message).toCompletableFuture().get(20, TimeUnit.SECONDS);
    sink.close();

    try (Channel channel = connection.channel()) {
      GetResponse got = channel.basicGet(other.name(), true);
      var work = channel.queueDelete(other.name());
      var dead = channel.queueDelete(other.deadLetters());
      assertThat(got.getProps().getMessageId()).isEqualTo(message.id().toString());
      assertThat(got.getProps().getHeaders()).containsKey("ce_type");
    }
  }

  @Test
  void shouldFailAtOnceWhenTheBrokerIsAway() {
    RabbitConfig nobody =
        new RabbitConfig(
            java.net.URI.create("amqp://guest:guest@127.0.0.1:1/"),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            10);
    try (RabbitConnection none = new RabbitConnection(nobody, "away");
        ConfirmedPublisher lost = new ConfirmedPublisher(none, nobody, new SimpleMeterRegistry())) {
      assertThatThrownBy(() ->
              lost.publish("x", "y", "1", Map.of(), new byte[0])
                  .toCompletableFuture()
                  .get(3, TimeUnit.SECONDS))
          .hasCauseInstanceOf(RabbitUnavailable.class);
      assertThat(none.ask()).isInstanceOf(RabbitConnection.Answer.Away.class);
    }
    assertThat(connection.ask()).isInstanceOf(RabbitConnection.Answer.Up.class);
  }
}
