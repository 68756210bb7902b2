package org.pilothouse.twins;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.pilothouse.kernel.EventIds;
import org.pilothouse.models.ModelCatalogue;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.DeviceDirectory;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.kafka.EventPublisher;
import org.pilothouse.platform.kafka.KafkaConfig;
import org.pilothouse.platform.kafka.TopicProvisioner;
import org.pilothouse.platform.kafka.consume.ConsumerRuntime;
import org.pilothouse.platform.kafka.consume.LogReads;
import org.pilothouse.platform.kafka.consume.Rejections;
import org.pilothouse.platform.mqtt.MqttConfig;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.postgres.Outbox;
import org.pilothouse.twins.internal.Wiring;
import org.pilothouse.twins.rest.BelowResource;
import org.pilothouse.twins.rest.CommandsResource;
import org.pilothouse.twins.rest.DeviceCommandsResource;
import org.pilothouse.twins.rest.DigestResource;
import org.pilothouse.twins.rest.HistoryResource;
import org.pilothouse.twins.rest.NeighboursResource;
import org.pilothouse.twins.rest.PathResource;
import org.pilothouse.twins.rest.RebuildsResource;
import org.pilothouse.twins.rest.RelationshipTypesResource;
import org.pilothouse.twins.rest.RelationshipsResource;
import org.pilothouse.twins.rest.ThreadResource;
import org.pilothouse.twins.rest.TwinsResource;
import org.pilothouse.warehouse.ClosedDays;

/** The room, put together; composition makes one and hands out its services to its resources. */
public final class TwinsModule implements AutoCloseable {
  /** The schemas to migrate before this is made. */
  public static final List<String> SCHEMAS = List.of("twins");

  /** The resources that stand under {@code /api/v1}. */
  public static final Set<Class<?>> RESOURCES =
      Set.of(
          TwinsResource.class,
          HistoryResource.class,
          ThreadResource.class,
          CommandsResource.class,
          DeviceCommandsResource.class,
          RelationshipTypesResource.class,
          RelationshipsResource.class,
          PathResource.class,
          BelowResource.class,
          NeighboursResource.class,
          RebuildsResource.class,
          DigestResource.class);

  private final Wiring wiring;

  /**
   * What the room needs of others.
   *
   * @param topics makes those of a fold, where states are on the backbone alone
   * @param stream whether this node reads the backbone
   * @param broker where devices get their commands; empty where this node brings none
   */
  public record Needs(
      TwinsConfig config,
      KafkaConfig kafka,
      TopicProvisioner topics,
      Database database,
      Outbox outbox,
      EventPublisher publisher,
      LogReads reads,
      ConsumerRuntime readers,
      Rejections rejections,
      PilotDirectory pilots,
      DeviceDirectory devices,
      AuditTrail trail,
      ModelCatalogue models,
      ClosedDays closedDays,
      EventIds ids,
      Clock clock,
      MeterRegistry metrics,
      boolean stream,
      Optional<MqttConfig> broker) {}

  public TwinsModule(Needs needs) {
    this.wiring = Wiring.start(needs);
  }

  /** For rooms that read what twins have reported. */
  public KeptReadings readings() {
    return wiring.readings();
  }

  /** For the room's own resources. */
  public Wiring inside() {
    return wiring;
  }

  @Override
  public void close() {
    wiring.close();
  }
}
