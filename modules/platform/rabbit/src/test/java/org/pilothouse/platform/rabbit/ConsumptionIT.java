package org.pilothouse.platform.rabbit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.testkit.TestHome;

class ConsumptionIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Topology topology =
      new Topology(
          "it.take." + UUID.randomUUID().toString().substring(0, 8), List.of("work"), 3, 10_000);
  private final RabbitConfig config = RabbitConfig.from(TestHome.settings());
  private final BlockingQueue<Delivery> hand = new LinkedBlockingQueue<>();
  private RabbitConnection connection;
  private ConfirmedPublisher publisher;
  private Consumption consumption;

  @BeforeEach
  void declare() {
    connection = new RabbitConnection(config, "it");
    assertThat(new TopologyProvisioner(connection).ensure(topology)).isEmpty();
    publisher = new ConfirmedPublisher(connection, config, new SimpleMeterRegistry());
    consumption = new Consumption(connection, topology.queue("work"), 2, hand::add);
    consumption.want(true);
  }

  @AfterEach
  void remove() throws Exception {
    consumption.close();
    Topologies.remove(connection, topology);
    publisher.close();
    connection.close();
  }

  private void publish(String body) throws Exception {
    publisher
        .publish(topology.exchange(), "work", body, Map.of(), body.getBytes(UTF_8))
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private Delivery next() throws InterruptedException {
    Delivery delivery = hand.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    assertThat(delivery).isNotNull();
    return delivery;
  }

  private static String text(Delivery delivery) {
    return new String(delivery.body(), UTF_8);
  }

  @Test
  void shouldHaveNoMoreInHandThanItMay() throws Exception {
    for (int i = 0; i < 5; i++) {
      publish("m" + i);
    }
    assertThat(consumption.tend()).isEqualTo(Consumption.State.SUBSCRIBED);

    Delivery first = next();
    Delivery second = next();
    assertThat(text(first)).isEqualTo("m0");
    assertThat(text(second)).isEqualTo("m1");
    // The broker counts what is in hand as not ready.
    await().atMost(SOON).until(() -> connection.ready(topology.queue("work")).orElse(-1) == 3);
    assertThat(hand).isEmpty();

    first.ack();
    assertThat(text(next())).isEqualTo("m2");
  }

  @Test
  void shouldHaveNothingMoreWhenItWantsNothingAndComeBackLater() throws Exception {
    assertThat(consumption.tend()).isEqualTo(Consumption.State.SUBSCRIBED);
    consumption.want(false);
    assertThat(consumption.tend()).isEqualTo(Consumption.State.IDLE);
    publish("later");
    assertThat(connection.ready(topology.queue("work"))).hasValue(1);
    assertThat(hand).isEmpty();

    consumption.want(true);
    assertThat(consumption.tend()).isEqualTo(Consumption.State.SUBSCRIBED);
    assertThat(text(next())).isEqualTo("later");
  }

  @Test
  void shouldTellHowOftenAMessageCameBackAndEndItAsADeadLetter() throws Exception {
    publish("again");
    assertThat(consumption.tend()).isEqualTo(Consumption.State.SUBSCRIBED);
    for (int returns = 0; returns <= 3; returns++) {
      Delivery delivery = next();
      assertThat(delivery.returns()).isEqualTo(returns);
      assertThat(delivery.routingKey()).isEqualTo("work");
      delivery.giveBack();
    }
    await().atMost(SOON).until(() -> connection.ready(topology.deadLetters()).orElse(0) == 1);
    assertThat(connection.ready(topology.queue("work"))).hasValue(0);
  }

  @Test
  void shouldMakeADeadLetterOfWhatIsRefused() throws Exception {
    publish("unreadable");
    assertThat(consumption.tend()).isEqualTo(Consumption.State.SUBSCRIBED);
    next().refuse();
    await().atMost(SOON).until(() -> connection.ready(topology.deadLetters()).orElse(0) == 1);
  }

  @Test
  void shouldDeliverAgainWhatWasInHandWhenItIsClosed() throws Exception {
    publish("mine");
    assertThat(consumption.tend()).isEqualTo(Consumption.State.SUBSCRIBED);
    Delivery held = next();
    consumption.close();
    held.ack();
    await().atMost(SOON).until(() -> connection.ready(topology.queue("work")).orElse(0) == 1);
  }

  @Test
  void shouldSayWhenTheQueueWasRemovedAndComeBackWhenItIsThereAgain() throws Exception {
    assertThat(consumption.tend()).isEqualTo(Consumption.State.SUBSCRIBED);
    try (Channel channel = connection.channel()) {
      var deleted = channel.queueDelete(topology.queue("work"));
    }
    await().atMost(SOON).until(() -> consumption.tend() == Consumption.State.NO_QUEUE);

    assertThat(new TopologyProvisioner(connection).ensure(topology)).isEmpty();
    await().atMost(SOON).until(() -> consumption.tend() == Consumption.State.SUBSCRIBED);
    publish("back");
    assertThat(text(next())).isEqualTo("back");
  }
}
