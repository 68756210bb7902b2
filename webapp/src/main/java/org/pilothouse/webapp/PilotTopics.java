package org.pilothouse.webapp;

import java.time.Duration;
import java.util.List;
import org.pilothouse.contracts.Keep;
import org.pilothouse.contracts.TopicKind;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotProvisioning;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.TopicSpec;

/** Makes a pilot's topics from the catalogue, telemetry kept as long as the pilot asked. */
final class PilotTopics implements PilotProvisioning {
  private final TopicProvisioner topics;

  PilotTopics(TopicProvisioner topics) {
    this.topics = topics;
  }

  @Override
  public void provision(Pilot pilot) {
    List<TopicSpec> specs = TopicKind.standing().stream().map(kind -> spec(kind, pilot)).toList();
    var unused = topics.ensure(specs);
  }

  private static TopicSpec spec(TopicKind kind, Pilot pilot) {
    String name = kind.of(pilot.id());
    return switch (kind.keep()) {
      case Keep.For kept ->
          TopicSpec.keeping(
              name,
              kind.partitions(),
              kind == TopicKind.TELEMETRY
                  ? Duration.ofDays(pilot.retention().telemetryDays())
                  : kept.time());
      case Keep.LastOfEachKey last -> TopicSpec.compacted(name, kind.partitions());
      case Keep.UntilRemoved all -> TopicSpec.keepingAll(name, kind.partitions());
    };
  }

  /** Where records of a topic go that a reader could not take. */
  static String rejectedOf(String topic) {
    PilotId pilot =
        TopicKind.parse(topic)
            .map(TopicKind.Name::pilot)
            .orElseThrow(() -> new IllegalArgumentException(topic + " is not in the catalogue"));
    return TopicKind.REJECTED.of(pilot);
  }
}
