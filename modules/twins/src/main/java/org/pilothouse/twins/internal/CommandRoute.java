package org.pilothouse.twins.internal;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.pilothouse.platform.mqtt.MqttConfig;
import org.pilothouse.platform.mqtt.MqttSession;
import org.pilothouse.platform.mqtt.MqttSession.Delivery;

/** The way over the MQTT broker: commands go out on it, and their results come back. */
final class CommandRoute implements AutoCloseable {
  private static final String ROLE = "commands";
  private static final String RESULTS = "pilothouse/+/+/commands/+/result";

  private final MqttSession session;
  private final CommandCourier courier;
  private final CommandResults results;
  private final ExecutorService incoming =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("command-results-in").daemon(true).factory());

  private CommandRoute(MqttConfig config, Commands commands, Clock clock, MeterRegistry metrics) {
    this.session = new MqttSession(config, ROLE, CommandResults.MOST_WAITING, metrics);
    this.courier = new CommandCourier(commands, new Post(session), clock, metrics);
    this.results = new CommandResults(commands, metrics);
  }

  static CommandRoute start(
      MqttConfig config, Commands commands, Clock clock, MeterRegistry metrics) {
    CommandRoute route = new CommandRoute(config, commands, clock, metrics);
    route.session.open(new MqttSession.Subscription(RESULTS, route.incoming, route.results::take));
    commands.onSent(recipient -> route.courier.wake());
    route.courier.start();
    return route;
  }

  private record Post(MqttSession session) implements CommandCourier.Post {
    @Override
    public boolean isConnected() {
      return session.isConnected();
    }

    @Override
    public CompletionStage<Delivery> publish(String topic, byte[] payload, Duration expiry) {
      return session.publish(topic, payload, expiry);
    }
  }

  @Override
  public void close() {
    session.close();
    courier.close();
    results.close();
    incoming.shutdownNow();
  }
}
