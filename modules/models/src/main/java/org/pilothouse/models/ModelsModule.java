package org.pilothouse.models;

import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.pilothouse.models.internal.Models;
import org.pilothouse.models.rest.ModelsResource;
import org.pilothouse.pilots.AuditTrail;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.postgres.Database;

/** The room, put together; composition makes one and hands out its services. */
public final class ModelsModule implements AutoCloseable {
  /** The schemas to migrate before it is made. */
  public static final List<String> SCHEMAS = List.of("models");

  /** The resources that stand under {@code /api/v1}. */
  public static final Set<Class<?>> RESOURCES = Set.of(ModelsResource.class);

  private final PilotDirectory pilots;
  private final Models models;

  /** What the room stands on. */
  public record Needs(Database database, AuditTrail trail, PilotDirectory pilots, Clock clock) {}

  public ModelsModule(Needs needs) {
    this.pilots = needs.pilots();
    this.models = new Models(needs.database(), needs.trail(), needs.clock());
  }

  public ModelCatalogue catalogue() {
    return models.catalogue();
  }

  /** For the room's own resource. */
  public Models models() {
    return models;
  }

  /** For the room's own resource. */
  public PilotDirectory pilots() {
    return pilots;
  }

  /** Holds nothing that must be let go; rooms are closed alike. */
  @Override
  public void close() {}
}
