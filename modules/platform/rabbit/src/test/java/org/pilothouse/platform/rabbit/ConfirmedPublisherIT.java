package org.pilothouse.platform.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.BuiltinExchangeType;
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
  private final Topology topology = new Topology("it.work." + suffix, List.of("work"), 3, 10_000);
  private final String queue = topology.queue("work");
  private final RabbitConfig config = RabbitConfig.from(TestHome.settings());
  private RabbitConnection connection;
  private ConfirmedPublisher publisher;

  @BeforeEach
  void declare() {
    connection = new RabbitConnection(config, "it");
    assertThat(new TopologyProvisioner(connection).ensure(topology)).isEmpty();
    publisher = new ConfirmedPublisher(connection, config, new SimpleMeterRegistry());
  }

  @AfterEach
  void remove() throws Exception {
    Topologies.remove(connection, topology);
    publisher.close();
    connection.close();
  }

  private CompletableFuture<Void> publish(String key, String body) {
    return publisher
        .publish(
            topology.exchange(), key, UUID.randomUUID().toString(), Map.of(), body.getBytes(UTF_8))
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
        GetResponse got = channel.basicGet(queue, true);
        assertThat(got).isNotNull();
        assertThat(new String(got.getBody(), UTF_8)).isEqualTo("m" + i);
      }
    }
  }

  @Test
  void shouldKeepAMessageAsideWhenNoQueueTakesIt() throws Exception {
    publish("nowhere", "lost").get(20, TimeUnit.SECONDS);

    try (Channel channel = connection.channel()) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> {
            GetResponse got = channel.basicGet(topology.unroutable(), true);
            return got != null && new String(got.getBody(), UTF_8).equals("lost");
          });
    }
  }

  @Test
  void shouldSaySoWhenNoQueueTakesTheMessageAndNoneIsKeptAside() throws Exception {
    String bare = topology.exchange() + ".bare";
    try (Channel channel = connection.channel()) {
      var declared = channel.exchangeDeclare(bare, BuiltinExchangeType.DIRECT, true);

      assertThatThrownBy(() ->
              publisher
                  .publish(bare, "nowhere", "1", Map.of(), new byte[0])
                  .toCompletableFuture()
                  .get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(Unroutable.class);

      var deleted = channel.exchangeDelete(bare);
    }
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
            GetResponse got = channel.basicGet(queue, false);
            if (got != null) {
              channel.basicNack(got.getEnvelope().getDeliveryTag(), false, true);
            }
            GetResponse dead = channel.basicGet(topology.deadLetters(), true);
            return dead != null && new String(dead.getBody(), UTF_8).equals("poison");
          });
    }
  }

  @Test
  void shouldDeclareTheSameAgainWithoutHarmAndTellOfAnotherShape() throws Exception {
    TopologyProvisioner provisioner = new TopologyProvisioner(connection);
    assertThat(provisioner.ensure(topology)).isEmpty();

    Topology other = new Topology(topology.exchange(), List.of("work", "more"), 9, 10_000);
    assertThat(provisioner.ensure(other)).containsExactly("queue " + queue);

    // What fits was declared all the same, and what was there still works.
    publish("more", "m").get(20, TimeUnit.SECONDS);
    publish("work", "w").get(20, TimeUnit.SECONDS);
    assertThat(connection.ready(topology.queue("more"))).hasValue(1);
    assertThat(connection.ready(queue)).hasValue(1);
    Topologies.remove(connection, other);
  }

  @Test
  void shouldTellThatThereIsNoQueue() {
    assertThat(connection.ready("it.no-such-queue." + suffix)).isEmpty();
    assertThat(connection.ready(queue)).hasValue(0);
  }

  @Test
  void shouldCarryTheIdOfTheOutboxWhenItSendsForIt() throws Exception {
    Topology declared = new Topology(topology.exchange(), List.of("work", "declared"), 3, 10_000);
    RabbitOutboxSink sink =
        new RabbitOutboxSink(publisher, new TopologyProvisioner(connection), () -> declared);
    OutboxMessage message =
        new OutboxMessage(
            UUID.randomUUID(),
            "job:1",
            Destination.RABBIT,
            declared.exchange(),
            "declared",
            Map.of("ce_type", "job.submitted"),
            "{}".getBytes(UTF_8),
            Instant.EPOCH);

    var unused = sink.send(message).toCompletableFuture().get(20, TimeUnit.SECONDS);
    sink.close();

    try (Channel channel = connection.channel()) {
      GetResponse got = channel.basicGet(declared.queue("declared"), true);
      assertThat(got.getProps().getMessageId()).isEqualTo(message.id().toString());
      assertThat(got.getProps().getHeaders()).containsKey("ce_type");
    }
    Topologies.remove(connection, declared);
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
