package org.pilothouse.ingest.rest;

import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ingest.IngestModule;
import org.pilothouse.ingest.internal.EventCountStore;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.pilots.Pilot;
import org.pilothouse.pilots.PilotDirectory;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.Access.Scope;
import org.pilothouse.platform.web.CurrentCaller;

/** A pilot at a glance. */
@Path("pilots/{pilot}/overview")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class OverviewResource {
  private static final Duration LONGEST = Duration.ofDays(8);

  /** As in the API document. */
  public record Overview(
      String pilotId,
      Instant asOf,
      double eventsPerSecond,
      @com.fasterxml.jackson.annotation.JsonProperty("total_24h") long total24h,
      List<List<Object>> minutes,
      long devices,
      long twinsSeen,
      @com.fasterxml.jackson.annotation.JsonProperty("rejected_24h") long rejected24h) {}

  private final EventCountStore counts;
  private final PilotDirectory pilots;
  private final Clock clock;

  @Inject
  public OverviewResource(IngestModule module, PilotDirectory pilots, Clock clock) {
    this.counts = module.counts();
    this.pilots = pilots;
    this.clock = clock;
  }

  @GET
  @Access(
      scope = Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Overview overview(
      @PathParam("pilot") String path,
      @QueryParam("from") @Nullable String from,
      @QueryParam("to") @Nullable String to) {
    PilotId pilot = CurrentCaller.pilotOf(path);
    Pilot ignored = pilots.require(pilot);
    Instant now = clock.instant();
    Instant end = to == null ? now : time("to", to);
    Instant start = from == null ? end.minus(Duration.ofHours(24)) : time("from", from);
    if (!start.isBefore(end) || Duration.between(start, end).compareTo(LONGEST) > 0) {
      throw Problem.at(
          ProblemCode.INVALID_TIME,
          "from",
          "from must be before to, by at most " + LONGEST.toDays() + " days");
    }
    EventCountStore.Counts read = counts.read(pilot, start, end, now);
    List<List<Object>> minutes =
        read.minutes().stream()
            .map(minute -> List.<Object>of(minute.minute().toString(), minute.events()))
            .toList();
    return new Overview(
        pilot.value(),
        now,
        read.eventsPerSecond(),
        read.total24h(),
        minutes,
        pilots.countDevices(pilot),
        read.twinsSeen(),
        read.rejected24h());
  }

  private static Instant time(String parameter, String text) {
    try {
      Instant instant = OffsetDateTime.parse(text).toInstant();
      if (instant.isAfter(Instant.parse("1970-01-01T00:00:00Z"))
          && instant.isBefore(Instant.parse("3000-01-01T00:00:00Z"))) {
        return instant;
      }
    } catch (DateTimeException e) {
      // Said below.
    }
    throw Problem.at(
        ProblemCode.INVALID_TIME,
        parameter,
        "'" + Names.shown(text) + "' is not a time as RFC 3339 writes it");
  }
}
