package org.pilothouse.mqtt;

import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.persistence.clientqueue.ClientQueuePersistence;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** Registers the house's rules with HiveMQ. */
final class HouseExtension implements ExtensionMain {
  private static final long MEGABYTE = 1024 * 1024;

  private final BrokerSettings settings;
  private final ClientQueuePersistence queues;
  private final DeviceDirectory directory;
  private @Nullable Backlog backlog;
  private @Nullable BrokerMetrics metrics;

  HouseExtension(BrokerSettings settings, ClientQueuePersistence queues) {
    this.settings = settings;
    this.queues = queues;
    this.directory = new DeviceDirectory(settings.authUrl(), settings.authKey(), Clock.systemUTC());
  }

  EmbeddedExtension embedded() {
    return EmbeddedExtension.builder()
        .withId("pilothouse")
        .withName("Pilothouse")
        .withVersion("1")
        .withExtensionMain(this)
        .build();
  }

  @Override
  public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
    Path dataDir = settings.dataDir();
    Backlog looked =
        new Backlog(
            new HiveMqSessions(Services.subscriptionStore(), queues),
            settings.mostBacklog(),
            dataDir,
            settings.leastFreeMegabytes() * MEGABYTE);
    backlog = looked;
    PublishGate gate = new PublishGate(looked);
    ClientIds clientIds = new ClientIds(settings.bridgeUser());
    Doorkeeper doorkeeper =
        new Doorkeeper(directory, settings.bridgeUser(), settings.bridgePassword());

    Services.interceptorRegistry().setConnectInboundInterceptorProvider(ignored -> clientIds);
    Services.securityRegistry().setAuthenticatorProvider(ignored -> doorkeeper);
    Services.initializerRegistry()
        .setClientInitializer((initializer, client) -> {
          // Only the names that ClientIds makes hold a colon: the bridge is not held back.
          if (initializer.getClientInformation().getClientId().indexOf(':') >= 0) {
            client.addPublishInboundInterceptor(gate);
          }
        });
    if (settings.metricsPort() != 0) {
      metrics =
          new BrokerMetrics(
              settings.host(), settings.metricsPort(), Services.metricRegistry(), looked, gate);
    }
    looked.start();
  }

  @Override
  public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
    if (metrics != null) {
      metrics.close();
    }
    if (backlog != null) {
      backlog.close();
    }
    directory.close();
  }
}
