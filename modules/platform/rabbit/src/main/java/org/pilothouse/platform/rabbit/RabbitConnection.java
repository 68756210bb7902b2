package org.pilothouse.platform.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.KeyManagementException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's one connection to RabbitMQ: opened when it is first needed, opened anew after it
 * broke. No attempt blocks longer than the connect timeout, and attempts are spaced, so that a
 * broker that is away costs those who ask little.
 */
public final class RabbitConnection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RabbitConnection.class);
  private static final int CLOSE_MILLIS = 5000;

  /** What the broker answered, and after how long. */
  public sealed interface Answer {
    record Up(Duration latency, String version) implements Answer {}

    record Away(String detail) implements Answer {}
  }

  private final RabbitConfig config;
  private final ConnectionFactory factory;
  private @Nullable Connection connection;
  private long tryAgainAt;
  private String lastFailure = "";
  private boolean closed;
  private volatile boolean blocked;

  public RabbitConnection(RabbitConfig config, String name) {
    this.config = config;
    this.factory = new ConnectionFactory();
    try {
      factory.setUri(config.uri().toString());
    } catch (NoSuchAlgorithmException | KeyManagementException | URISyntaxException e) {
      throw new IllegalArgumentException("the address of RabbitMQ cannot be used", e);
    }
    String path = config.uri().getPath();
    if (path == null || path.isEmpty() || path.equals("/")) {
      // To the letter, a lone slash names the virtual host "", which nobody has.
      factory.setVirtualHost(ConnectionFactory.DEFAULT_VHOST);
    }
    factory.setConnectionTimeout((int) config.connectTimeout().toMillis());
    factory.setHandshakeTimeout((int) config.connectTimeout().toMillis());
    factory.setChannelRpcTimeout((int) config.callTimeout().toMillis());
    factory.setShutdownTimeout(CLOSE_MILLIS);
    factory.setRequestedHeartbeat(10);
    // Who lost a channel declares and subscribes anew; the library would do half of it unseen.
    factory.setAutomaticRecoveryEnabled(false);
    factory.setTopologyRecoveryEnabled(false);
    Map<String, Object> properties = new HashMap<>(factory.getClientProperties());
    properties.put("connection_name", "pilothouse-" + name);
    factory.setClientProperties(properties);
    factory.setThreadFactory(task -> {
      Thread thread = new Thread(task, "rabbit-" + name);
      thread.setDaemon(true);
      return thread;
    });
  }

  /**
   * A new channel, for one thread at a time.
   *
   * @throws RabbitUnavailable at once while the broker is known to be away
   */
  public Channel channel() {
    Connection open = open();
    try {
      Channel channel = open.createChannel();
      if (channel == null) {
        throw new RabbitUnavailable("the broker gives no more channels");
      }
      return channel;
    } catch (IOException | com.rabbitmq.client.AlreadyClosedException e) {
      throw new RabbitUnavailable("the broker gave no channel", e);
    }
  }

  private synchronized Connection open() {
    if (closed) {
      throw new RabbitUnavailable("the connection was closed on purpose");
    }
    Connection present = connection;
    if (present != null && present.isOpen()) {
      return present;
    }
    long now = System.nanoTime();
    if (present == null && !lastFailure.isEmpty() && now - tryAgainAt < 0) {
      throw new RabbitUnavailable("RabbitMQ is away: " + lastFailure);
    }
    connection = null;
    try {
      Connection made = factory.newConnection();
      blocked = false;
      made.addBlockedListener(
          reason -> {
            LOG.atWarn().addKeyValue("reason", reason).log("the broker takes no messages");
            blocked = true;
          },
          () -> blocked = false);
      connection = made;
      lastFailure = "";
      LOG.atInfo().addKeyValue("broker", config).log("connected");
      return made;
    } catch (IOException | TimeoutException e) {
      lastFailure = e.getClass().getSimpleName();
      tryAgainAt = System.nanoTime() + config.recoveryInterval().toNanos();
      throw new RabbitUnavailable("RabbitMQ is away: " + lastFailure, e);
    }
  }

  /** Whether the broker has said that it takes no messages for now (memory or disk is short). */
  public boolean isBlocked() {
    return blocked;
  }

  /** Opens and closes a channel: the broker answers only when it works. */
  public Answer ask() {
    long start = System.nanoTime();
    try (Channel channel = channel()) {
      Object version = channel.getConnection().getServerProperties().get("version");
      return new Answer.Up(
          Duration.ofNanos(System.nanoTime() - start), version == null ? "" : version.toString());
    } catch (RabbitUnavailable e) {
      return new Answer.Away(String.valueOf(e.getMessage()));
    } catch (IOException | TimeoutException | com.rabbitmq.client.AlreadyClosedException e) {
      return new Answer.Away("the channel broke: " + e.getClass().getSimpleName());
    }
  }

  /**
   * How many messages of the queue are ready to be delivered; empty where there is no such queue.
   *
   * @throws RabbitUnavailable the broker does not answer
   */
  public OptionalLong ready(String queue) {
    Channel channel = channel();
    try {
      return OptionalLong.of(channel.queueDeclarePassive(queue).getMessageCount());
    } catch (IOException | com.rabbitmq.client.AlreadyClosedException e) {
      if (e.getCause() instanceof com.rabbitmq.client.ShutdownSignalException signal
          && !signal.isHardError()) {
        return OptionalLong.empty();
      }
      throw new RabbitUnavailable("the broker does not tell of " + queue, e);
    } finally {
      try {
        channel.abort();
      } catch (IOException | com.rabbitmq.client.AlreadyClosedException e) {
        LOG.atDebug().setCause(e).log("was closed already");
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    Connection present = connection;
    if (present != null && present.isOpen()) {
      try {
        present.close(CLOSE_MILLIS);
      } catch (IOException | com.rabbitmq.client.AlreadyClosedException e) {
        LOG.atDebug().setCause(e).log("was closed already");
      }
    }
  }
}
