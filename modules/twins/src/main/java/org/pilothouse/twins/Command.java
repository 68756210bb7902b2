package org.pilothouse.twins;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.pilothouse.kernel.DeviceId;
import org.pilothouse.kernel.TwinId;

/**
 * Something that a twin's device was told.
 *
 * @param device whom it was addressed to
 * @param error what the device said went wrong
 * @param sentBy who told it, for example {@code person:ada}
 */
public record Command(
    String id,
    TwinId twin,
    DeviceId device,
    String name,
    Optional<JsonNode> input,
    State state,
    Optional<JsonNode> output,
    Optional<String> error,
    String sentBy,
    Instant createdAt,
    Optional<Instant> deliveredAt,
    Optional<Instant> endedAt,
    Instant expiresAt) {

  /**
   * The name of a command that tells of changed desired properties. No action of a model can have
   * it.
   */
  public static final String DESIRED = "$desired";

  /** Where it is in its life. */
  public enum State {
    /** Not handed to the device's session yet. */
    PENDING,
    /** The broker has handed it to the device's session, or the device has fetched it. */
    DELIVERED,
    SUCCEEDED,
    FAILED,
    /** No result came in time. */
    TIMED_OUT,
    /** A desired change whose place a newer one took. */
    SUPERSEDED;

    /** Whether a result may still come. */
    public boolean isOpen() {
      return switch (this) {
        case PENDING, DELIVERED -> true;
        case SUCCEEDED, FAILED, TIMED_OUT, SUPERSEDED -> false;
      };
    }

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
