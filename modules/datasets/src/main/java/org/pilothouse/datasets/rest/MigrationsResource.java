package org.pilothouse.datasets.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.DatasetsModule;
import org.pilothouse.datasets.internal.Migrations;
import org.pilothouse.datasets.internal.Wiring;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.JsonFields;
import org.pilothouse.platform.web.Page;

/** Changes of a pilot's storage model. */
@Path("/pilots/{pilot}/storage/migrations")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class MigrationsResource {
  private final Wiring room;
  private final CurrentCaller current;

  @Inject
  public MigrationsResource(DatasetsModule module, CurrentCaller current) {
    this.room = module.inside();
    this.current = current;
  }

  /** What a migration would do. */
  record PlanBody(
      String target,
      String model,
      long datasets,
      long bytes,
      long staying,
      long uploadsUnderWay,
      long quotaNeededBytes,
      long quotaLeftBytes,
      @Nullable Long estimateSeconds,
      long graceSeconds,
      List<BlockerBody> blockers) {}

  /** What keeps it from beginning. */
  record BlockerBody(String code, String detail) {}

  /** A migration as it stands. */
  record MigrationBody(
      String migrationId,
      String target,
      String state,
      Instant createdAt,
      String createdBy,
      @Nullable Instant switchedAt,
      @Nullable Instant endedAt,
      Instant seenAt,
      ProgressBody progress,
      List<CurrentBody> current,
      List<TroubleBody> troubles) {}

  /** How far it is. */
  record ProgressBody(
      long datasets,
      long bytes,
      long copiedDatasets,
      long copiedBytes,
      long verifiedBytes,
      long switchedDatasets,
      long failedDatasets,
      long clearedDatasets,
      long uploadsUnderWay) {}

  /** A dataset that is copied or read back now. */
  record CurrentBody(
      String datasetId, String name, long sizeBytes, long copiedBytes, long verifiedBytes) {}

  /** A dataset that could not be moved, or not yet. */
  record TroubleBody(
      String datasetId, String name, boolean givenUp, int failures, String code, String detail) {}

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public Response createMigration(@PathParam("pilot") String pilot, JsonNode body) {
    PilotId id = pilot(pilot);
    JsonFields fields = JsonFields.of(body);
    Migrations.Target target =
        Migrations.Target.of(fields.text("target", 1, 32))
            .orElseThrow(() -> fields.invalid("target", "must be centralized or federated"));
    boolean dryRun = fields.optionalBoolean("dry_run").orElse(false);
    fields.refuseOthers();
    if (dryRun) {
      return Response.ok(body(room.migrations().plan(id, target))).build();
    }
    Migrations.Migration migration = room.migrations().begin(current.person(), id, target);
    room.beginMoving();
    return Response.created(URI.create("pilots/" + id + "/storage/migrations/" + migration.id()))
        .entity(body(migration))
        .build();
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public Page<MigrationBody> listMigrations(@PathParam("pilot") String pilot) {
    return new Page<>(
        room.migrations().list(pilot(pilot)).stream().map(MigrationsResource::body).toList(), null);
  }

  @GET
  @Path("/{migration}")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "data-steward", "platform-admin"})
  public MigrationBody getMigration(
      @PathParam("pilot") String pilot, @PathParam("migration") String migration) {
    return body(room.migrations().require(pilot(pilot), migration(migration)));
  }

  @POST
  @Path("/{migration}/pause")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public MigrationBody pauseMigration(
      @PathParam("pilot") String pilot, @PathParam("migration") String migration) {
    return body(room.migrations().pause(current.person(), pilot(pilot), migration(migration)));
  }

  @POST
  @Path("/{migration}/resume")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public MigrationBody resumeMigration(
      @PathParam("pilot") String pilot, @PathParam("migration") String migration) {
    MigrationBody resumed =
        body(room.migrations().resume(current.person(), pilot(pilot), migration(migration)));
    room.beginMoving();
    return resumed;
  }

  @POST
  @Path("/{migration}/cancel")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-admin", "platform-admin"})
  public MigrationBody cancelMigration(
      @PathParam("pilot") String pilot, @PathParam("migration") String migration) {
    MigrationBody cancelled =
        body(room.migrations().cancel(current.person(), pilot(pilot), migration(migration)));
    room.beginMoving();
    return cancelled;
  }

  private PlanBody body(Migrations.Plan plan) {
    return new PlanBody(
        plan.target().word(),
        plan.model(),
        plan.datasets(),
        plan.bytes(),
        plan.stay(),
        plan.uploads(),
        plan.quotaBytes(),
        plan.quotaLeft(),
        plan.seconds(),
        room.lifecycle().grace().toSeconds(),
        plan.blockers().stream()
            .map(blocker -> new BlockerBody(blocker.code().code(), blocker.detail()))
            .toList());
  }

  private static MigrationBody body(Migrations.Migration migration) {
    Migrations.Progress progress = migration.progress();
    return new MigrationBody(
        migration.id(),
        migration.target().word(),
        migration.state().word(),
        migration.createdAt(),
        migration.createdBy(),
        migration.switchedAt(),
        migration.endedAt(),
        migration.now(),
        new ProgressBody(
            progress.datasets(),
            progress.bytes(),
            progress.copied(),
            progress.copiedBytes(),
            progress.verifiedBytes(),
            progress.switched(),
            progress.failed(),
            progress.cleared(),
            progress.uploads()),
        migration.current().stream()
            .map(each ->
                new CurrentBody(
                    each.dataset().value(),
                    each.name(),
                    each.size(),
                    each.copied(),
                    each.verified()))
            .toList(),
        migration.troubles().stream()
            .map(each ->
                new TroubleBody(
                    each.dataset().value(),
                    each.name(),
                    each.given(),
                    each.failures(),
                    each.code(),
                    each.detail()))
            .toList());
  }

  /** A malformed id in a path is one that nobody has. */
  private static String migration(String path) {
    if (!Names.isId(path)) {
      throw Problem.of(ProblemCode.NOT_FOUND, "There is no such migration.");
    }
    return path;
  }

  private PilotId pilot(String path) {
    return room.pilots().require(CurrentCaller.pilotOf(path)).id();
  }
}
