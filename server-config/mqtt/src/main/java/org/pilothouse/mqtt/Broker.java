package org.pilothouse.mqtt;

import com.codahale.metrics.MetricRegistry;
import com.google.inject.Injector;
import com.hivemq.HiveMQServer;
import com.hivemq.configuration.info.SystemInformationImpl;
import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.persistence.clientqueue.ClientQueuePersistence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.pilothouse.kernel.Settings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker's process: {@code Broker <properties file>}. */
public final class Broker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Broker.class);
  private static final int PACKET_BYTES = 256 * 1024;
  private static final int IN_FLIGHT = 4096;
  private static final int STORES = 8;

  private final HiveMQServer server;

  private Broker(HiveMQServer server) {
    this.server = server;
  }

  public static void main(String[] args) {
    if (args.length != 1) {
      System.err.println("usage: Broker <properties file>");
      System.exit(2);
    }
    try {
      Broker broker = start(BrokerSettings.read(Path.of(args[0])));
      Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "shutdown"));
    } catch (Settings.InvalidSetting e) {
      System.err.println(e.getMessage());
      System.exit(2);
    } catch (Exception e) {
      log.error("the broker did not start", e);
      System.exit(1);
    }
  }

  static Broker start(BrokerSettings settings) throws Exception {
    Path home = settings.dataDir().toAbsolutePath();
    Path conf = Files.createDirectories(home.resolve("conf"));
    Path data = Files.createDirectories(home.resolve("data"));
    Path extensions = Files.createDirectories(home.resolve("extensions"));
    Files.writeString(conf.resolve("config.xml"), configuration(settings));
    System.setProperty("hivemq.home", home.toString());

    // HiveMQ hands a subscriber its next batch when the batch before is acknowledged. The bridge
    // acknowledges after the backbone did, so a batch of 50 (the default) would be a round trip.
    InternalConfigurations.MAX_INFLIGHT_WINDOW_SIZE_MESSAGES = IN_FLIGHT;
    InternalConfigurations.PUBLISH_POLL_BATCH_SIZE = 64;

    // Almost everything passes through the one queue of the bridge: the default of 64 stores of
    // each kind would only make the start slow. It must not change for an existing data directory.
    InternalConfigurations.PERSISTENCE_BUCKET_COUNT.set(STORES);
    InternalConfigurations.PAYLOAD_PERSISTENCE_BUCKET_COUNT.set(STORES);

    SystemInformationImpl system =
        new SystemInformationImpl(true, true, conf.toFile(), data.toFile(), extensions.toFile());
    system.init();
    HiveMQServer server = new HiveMQServer(system, new MetricRegistry(), null, false, true);
    server.bootstrap();
    Injector injector = Objects.requireNonNull(server.getInjector());
    HouseExtension extension =
        new HouseExtension(settings, injector.getInstance(ClientQueuePersistence.class));
    server.startInstance(extension.embedded());
    log.info("listening on {}:{}", settings.host(), settings.port());
    return new Broker(server);
  }

  /**
   * HiveMQ's own queue bound lies well above the one of {@link Backlog}: whatever HiveMQ's finds
   * full it drops after it has acknowledged.
   */
  static String configuration(BrokerSettings settings) throws IOException {
    return """
    <?xml version="1.0" encoding="UTF-8"?>
    <hivemq>
      <listeners>
        <tcp-listener>
          <port>%d</port>
          <bind-address>%s</bind-address>
        </tcp-listener>
      </listeners>
      <mqtt>
        <queued-messages>
          <max-queue-size>%d</max-queue-size>
          <strategy>discard</strategy>
        </queued-messages>
        <retained-messages>
          <enabled>false</enabled>
        </retained-messages>
        <keep-alive>
          <max-keep-alive>600</max-keep-alive>
          <allow-unlimited>false</allow-unlimited>
        </keep-alive>
        <packets>
          <max-packet-size>%d</max-packet-size>
        </packets>
        <receive-maximum>
          <server-receive-maximum>1000</server-receive-maximum>
        </receive-maximum>
        <shared-subscriptions>
          <enabled>false</enabled>
        </shared-subscriptions>
      </mqtt>
      <restrictions>
        <max-connections>%d</max-connections>
        <max-client-id-length>400</max-client-id-length>
        <max-topic-length>512</max-topic-length>
        <no-connect-idle-timeout>5000</no-connect-idle-timeout>
      </restrictions>
      <anonymous-usage-statistics>
        <enabled>false</enabled>
      </anonymous-usage-statistics>
      <persistence>
        <mode>file</mode>
      </persistence>
    </hivemq>
    """
        .formatted(
            settings.port(),
            settings.host(),
            settings.mostBacklog() * 2L + 1_000_000,
            PACKET_BYTES,
            settings.mostConnections());
  }

  @Override
  public void close() {
    server.stop();
  }
}
