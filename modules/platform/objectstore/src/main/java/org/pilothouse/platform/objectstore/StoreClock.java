package org.pilothouse.platform.objectstore;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * What time it is where signatures are judged: a store refuses what was signed minutes off from its
 * own clock, and tells its time with every answer, also with a refusal (RFC 9110, section 6.6.1).
 */
final class StoreClock extends Clock implements ExecutionInterceptor {
  /** The header has no parts of a second, and an answer is on its way for a while. */
  private static final Duration TOLERATED = Duration.ofSeconds(5);

  /** Whoever says more than that is not worth following. */
  private static final Duration MOST = Duration.ofHours(26);

  private final Clock clock;
  private volatile Duration offset = Duration.ZERO;

  StoreClock(Clock clock) {
    this.clock = clock;
  }

  @Override
  public void afterTransmission(Context.AfterTransmission context, ExecutionAttributes attributes) {
    hear(context.httpResponse().firstMatchingHeader("Date"));
  }

  void hear(Optional<String> date) {
    date.flatMap(StoreClock::parsed)
        .map(told -> Duration.between(clock.instant(), told))
        .filter(ahead -> ahead.abs().compareTo(MOST) <= 0)
        .ifPresent(ahead -> offset = ahead.abs().compareTo(TOLERATED) > 0 ? ahead : Duration.ZERO);
  }

  private static Optional<Instant> parsed(String date) {
    try {
      return Optional.of(Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date)));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  @Override
  public Instant instant() {
    return clock.instant().plus(offset);
  }

  @Override
  public ZoneId getZone() {
    return clock.getZone();
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return Clock.offset(clock.withZone(zone), offset);
  }
}
