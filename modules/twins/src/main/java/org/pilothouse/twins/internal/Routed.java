package org.pilothouse.twins.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.kafka.EventHeaders;
import org.pilothouse.platform.kafka.consume.LogRecord;
import org.pilothouse.platform.kafka.consume.Partition;

/**
 * A record of telemetry on its way to the fold, with what people said of its twin when it came by.
 *
 * @param origin as it stands in the telemetry
 */
record Routed(
    PilotId pilot,
    String twin,
    @Nullable String model,
    @Nullable Instant retiredAt,
    LogRecord origin) {
  private static final String ROUTE = "route";
  private static final int PARTS = 5;

  static byte[] key(PilotId pilot, String twin) {
    return (prefix(pilot) + twin).getBytes(UTF_8);
  }

  /** How the keys of a pilot begin; no pilot's id holds a slash. */
  static String prefix(PilotId pilot) {
    return pilot + "/";
  }

  static EventHeaders headers(LogRecord origin, StateStore.Stored twin) {
    Instant retiredAt = twin.retiredAt();
    String model = twin.model();
    return origin
        .headers()
        .copy()
        .add(
            ROUTE,
            origin.partition().number()
                + "|"
                + origin.offset()
                + "|"
                + origin.timestampMillis()
                + "|"
                + (retiredAt == null ? "" : retiredAt)
                + "|"
                + (model == null ? "" : model));
  }

  /** Empty for a record that was not routed: somebody else has put it there. */
  static Optional<Routed> of(LogRecord record) {
    byte[] key = record.key();
    String route = record.headers().text(ROUTE);
    String name = key == null ? "" : new String(key, UTF_8);
    int slash = name.indexOf('/');
    String[] parts = route == null ? new String[0] : route.split("\\|", -1);
    if (slash < 0 || parts.length != PARTS || !Names.isId(name.substring(0, slash))) {
      return Optional.empty();
    }
    PilotId pilot = new PilotId(name.substring(0, slash));
    String twin = name.substring(slash + 1);
    return Optional.of(
        new Routed(
            pilot,
            twin,
            parts[4].isEmpty() ? null : parts[4],
            parts[3].isEmpty() ? null : Instant.parse(parts[3]),
            new LogRecord(
                new Partition(TopicKind.TELEMETRY.of(pilot), Integer.parseInt(parts[0])),
                Long.parseLong(parts[1]),
                Long.parseLong(parts[2]),
                twin.getBytes(UTF_8),
                record.value(),
                record.headers())));
  }

  /** The record with the headers that it had. */
  LogRecord plain() {
    EventHeaders headers = new EventHeaders();
    origin
        .headers()
        .forEach((name, value) -> {
          if (!name.equals(ROUTE)) {
            headers.add(name, value);
          }
        });
    return new LogRecord(
        origin.partition(),
        origin.offset(),
        origin.timestampMillis(),
        origin.key(),
        origin.value(),
        headers);
  }
}
