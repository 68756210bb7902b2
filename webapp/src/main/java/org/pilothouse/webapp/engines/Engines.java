package org.pilothouse.webapp.engines;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.pilothouse.kernel.Settings;
import org.pilothouse.platform.elastic.ElasticProbe;
import org.pilothouse.platform.kafka.KafkaProbe;
import org.pilothouse.platform.mqtt.MqttConfig;
import org.pilothouse.platform.objectstore.S3Probe;
import org.pilothouse.platform.postgres.Database;

/** The engines of an installation and the question that each is asked. */
public final class Engines {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private Engines() {}

  /** Where the engines are; one that is not configured is not watched. */
  public record Addresses(Optional<URI> rabbit, Optional<URI> elastic, Optional<URI> objectStore) {
    public static Addresses from(Settings settings) {
      return new Addresses(
          settings.optional("pilothouse.rabbit.uri").map(URI::create),
          settings.optional("pilothouse.elastic.url").map(URI::create),
          settings.optional("pilothouse.s3.endpoint").map(URI::create));
    }
  }

  /** All of them, the essential ones first. */
  public static List<Engine> all(
      Addresses addresses, KafkaProbe kafka, Database database, Optional<MqttConfig> mqtt) {
    List<Engine> engines = new ArrayList<>();
    engines.add(new Engine("kafka", "event backbone", true, () -> ask(kafka)));
    engines.add(new Engine("postgresql", "current state and the outbox", true, database::ping));
    addresses
        .rabbit()
        .ifPresent(at ->
            engines.add(new Engine("rabbitmq", "one job to one worker", false, () -> greet(at))));
    addresses
        .elastic()
        .map(at -> new ElasticProbe(at, TIMEOUT))
        .ifPresent(
            probe -> engines.add(new Engine("elasticsearch", "field search", false, probe::check)));
    addresses
        .objectStore()
        .map(at -> new S3Probe(at, TIMEOUT))
        .ifPresent(probe ->
            engines.add(new Engine("s3", "the hold: files of any size", false, probe::check)));
    mqtt.ifPresent(at ->
        engines.add(
            new Engine(
                "mqtt", "devices that speak MQTT", false, () -> connect(at.host(), at.port()))));
    return engines;
  }

  private static void ask(KafkaProbe kafka) throws IOException {
    if (kafka.ask(TIMEOUT) instanceof KafkaProbe.Answer.Away away) {
      throw new IOException(away.detail());
    }
  }

  private static void connect(String host, int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host, port), (int) TIMEOUT.toMillis());
    }
  }

  /**
   * The protocol's header is answered by the broker with its own first frame (AMQP 0-9-1, section
   * 2.2.4).
   */
  private static void greet(URI at) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(at.getHost(), at.getPort()), (int) TIMEOUT.toMillis());
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      socket.getOutputStream().write(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
      if (socket.getInputStream().read() != 1) {
        throw new IOException("it did not answer in its protocol");
      }
    }
  }
}
