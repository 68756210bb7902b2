package org.pilothouse.contracts;

import java.util.Arrays;
import java.util.Optional;
import org.pilothouse.kernel.PilotId;

/**
 * The types of events on the backbone: the {@code type} of the envelope and the schema of the data.
 */
public enum EventType {
  TELEMETRY_REPORTED("telemetry.reported", 1, TopicKind.TELEMETRY, "A device reported values."),
  PILOT_CREATED("pilot.created", 1, TopicKind.THREAD, "A pilot joined."),
  PILOT_CHANGED("pilot.changed", 1, TopicKind.THREAD, "A pilot's settings were changed."),
  DEVICE_REGISTERED("device.registered", 1, TopicKind.THREAD, "A device may report from now on."),
  DEVICE_ROTATED("device.rotated", 1, TopicKind.THREAD, "A device was given a new token."),
  DEVICE_REMOVED("device.removed", 1, TopicKind.THREAD, "A device may no longer report."),
  TWIN_STATE("twin.state", 1, TopicKind.TWIN_STATE, "The last reported values of a twin."),
  TWIN_CREATED("twin.created", 1, TopicKind.THREAD, "A twin is there from now on."),
  TWIN_CHANGED("twin.changed", 1, TopicKind.THREAD, "People changed a twin."),
  TWIN_RETIRED("twin.retired", 1, TopicKind.THREAD, "A twin is no longer there."),
  TWIN_RELATED(
      "twin.related",
      1,
      TopicKind.THREAD,
      "Two twins are related from now on, or what is said of it was changed."),
  TWIN_UNRELATED("twin.unrelated", 1, TopicKind.THREAD, "Two twins are no longer related."),
  COMMAND_SENT("command.sent", 1, TopicKind.COMMANDS, "A twin's device was told something."),
  COMMAND_ENDED("command.ended", 1, TopicKind.COMMANDS, "What came of a command."),
  DATASET_AVAILABLE(
      "dataset.available",
      1,
      TopicKind.DATASETS,
      "Verified bytes rest in the hold; this points to them."),
  DATASET_REVISED(
      "dataset.revised", 1, TopicKind.DATASETS, "A later dataset corrects an earlier one."),
  DATASET_EXPIRED(
      "dataset.expired",
      1,
      TopicKind.DATASETS,
      "A dataset's retention is over; its bytes go soon."),
  DATASET_DELETED(
      "dataset.deleted",
      1,
      TopicKind.DATASETS,
      "A pointer is withdrawn; its bytes go, or are gone."),
  EVENT_REJECTED(
      "event.rejected", 1, TopicKind.REJECTED, "A reader could not take a record of the backbone.");

  private final String type;
  private final int version;
  private final TopicKind topic;
  private final String title;

  EventType(String type, int version, TopicKind topic, String title) {
    this.type = type;
    this.version = version;
    this.topic = topic;
    this.title = title;
  }

  /** The envelope's {@code type}. */
  public String type() {
    return type;
  }

  /** The version of the schema that producers write. */
  public int version() {
    return version;
  }

  public TopicKind topic() {
    return topic;
  }

  public String title() {
    return title;
  }

  /**
   * Whether the data are bytes that nothing is said about. The schema then describes attributes of
   * the envelope.
   */
  public boolean isOpaque() {
    return this == EVENT_REJECTED;
  }

  public String topicOf(PilotId pilot) {
    return topic.of(pilot);
  }

  /** Where the schema is found among the resources. */
  public String schemaResource() {
    return "/schemas/" + type + "/v" + version + ".json";
  }

  /** The schema's {@code $id}, and the envelope's {@code dataschema}. */
  public String schemaId() {
    return "urn:pilothouse:schema:" + type + ":v" + version;
  }

  public static Optional<EventType> of(String type) {
    return Arrays.stream(values()).filter(known -> known.type.equals(type)).findFirst();
  }
}
