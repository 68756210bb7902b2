package org.pilothouse.twins.internal;

import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.PublishCallback;

/** A backbone that acknowledges everything and keeps nothing. */
class Deaf implements EventPublisher {
  @Override
  public void publish(
      String topic,
      byte @Nullable [] key,
      byte @Nullable [] value,
      EventHeaders headers,
      PublishCallback callback) {
    callback.acknowledged(0, 0);
  }

  @Override
  public boolean pushingBack() {
    return false;
  }

  @Override
  public Pressure pressure() {
    return new Pressure(0, 1, 0, Duration.ZERO, false);
  }

  @Override
  public void warm(Collection<String> topics) {}

  @Override
  public void close() {}
}
