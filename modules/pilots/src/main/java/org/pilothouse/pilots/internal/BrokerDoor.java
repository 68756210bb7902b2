package org.pilothouse.pilots.internal;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Secrets;
import org.pilothouse.platform.web.Caller;

/**
 * Where the MQTT broker asks who a device is. Failures are limited, so that guessing through the
 * broker does not reach the store; devices that are known pass all the same.
 */
public final class BrokerDoor {
  private static final int BURST = 200;
  private static final double FAILURES_A_SECOND = 50;

  private final Devices devices;
  private final Optional<String> brokerKey;
  private final Clock clock;
  private final Counter failures;
  private double allowance = BURST;
  private long countedAt;

  BrokerDoor(Devices devices, Optional<String> brokerKey, Clock clock, MeterRegistry registry) {
    this.devices = devices;
    this.brokerKey = brokerKey;
    this.clock = clock;
    this.countedAt = clock.millis();
    this.failures =
        Counter.builder("pilothouse.mqtt.authentication.failures")
            .description("Devices that the broker was told to refuse")
            .register(registry);
  }

  /**
   * @throws Problem {@code unauthenticated} when it is not the broker, {@code wrong_credentials}
   *     when it is not the device, {@code too_many_requests} when too many were not
   */
  public Caller.Device authenticate(@Nullable String shownKey, String username, String password) {
    if (brokerKey.isEmpty() || shownKey == null || !Secrets.same(brokerKey.get(), shownKey)) {
      throw Problem.of(ProblemCode.UNAUTHENTICATED, "The broker's key is wrong.");
    }
    if (!devices.isKnown(password) && isExhausted()) {
      throw Problem.retry(
          ProblemCode.TOO_MANY_REQUESTS, "Too many failed sign-ins.", Duration.ofSeconds(1));
    }
    Optional<Caller.Device> device =
        devices.authenticate(password).filter(found -> found.deviceId().value().equals(username));
    if (device.isEmpty()) {
      spend();
      failures.increment();
      throw Problem.of(ProblemCode.WRONG_CREDENTIALS, "No device of this name has this token.");
    }
    return device.get();
  }

  private synchronized boolean isExhausted() {
    refill();
    return allowance < 1;
  }

  private synchronized void spend() {
    refill();
    allowance = Math.max(0, allowance - 1);
  }

  private void refill() {
    long now = clock.millis();
    allowance =
        Math.min(BURST, allowance + Math.max(0, now - countedAt) / 1000.0 * FAILURES_A_SECOND);
    countedAt = now;
  }
}
