package org.pilothouse.warehouse.rest;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.web.Access;
import org.pilothouse.platform.web.CurrentCaller;
import org.pilothouse.platform.web.Cursor;
import org.pilothouse.platform.web.Page;
import org.pilothouse.platform.web.PageRequest;
import org.pilothouse.warehouse.Dump;
import org.pilothouse.warehouse.DumpState;
import org.pilothouse.warehouse.WarehouseModule;
import org.pilothouse.warehouse.internal.Dumps;
import org.pilothouse.warehouse.internal.RejectLines;
import org.pilothouse.warehouse.internal.RunLog;
import org.pilothouse.warehouse.internal.Wiring;

/** A revision of a day: its partitions, its files, what it told of itself. */
@Path("/pilots/{pilot}/dumps/{date}/revisions/{revision}")
@Dependent
@Produces(MediaType.APPLICATION_JSON)
public class DumpRevisionsResource {
  private static final String LOG = "dump-log";
  private static final String REJECTS = "dump-rejects";
  private static final int SHOWN_DATA = 2 * 1024;

  private final Wiring room;

  @Inject
  public DumpRevisionsResource(WarehouseModule module) {
    this.room = module.inside();
  }

  /** A file, its path below the directory of the manifest. */
  record PartBody(
      String path,
      String kind,
      @Nullable String model,
      int partition,
      long rows,
      long sizeBytes,
      String checksum,
      @Nullable Instant firstTime,
      @Nullable Instant lastTime) {
    static PartBody of(Wiring.File file) {
      return new PartBody(
          file.path(),
          file.kind(),
          file.model(),
          file.partition(),
          file.rows(),
          file.size(),
          file.checksum(),
          file.first(),
          file.last());
    }
  }

  /** All of a revision. */
  record RevisionBody(DumpBody dump, List<PartitionBody> partitions, List<PartBody> parts) {}

  /** What a run told of itself. */
  record LineBody(
      Instant at, String level, @Nullable String step, @Nullable Integer partition, String text) {
    static LineBody of(RunLog.Told line) {
      return new LineBody(line.at(), line.level(), line.step(), line.partition(), line.text());
    }
  }

  /** A record that no row could be made of, its data as far as it is shown. */
  record RejectBody(
      int partition,
      long offset,
      String reason,
      String detail,
      @Nullable String twin,
      @Nullable String source,
      @Nullable String eventId,
      @Nullable String time,
      byte @Nullable [] data,
      boolean dataTruncated) {
    static RejectBody of(RejectLines.Line line) {
      byte[] data = line.data();
      boolean truncated = data != null && data.length > SHOWN_DATA;
      return new RejectBody(
          line.partition(),
          line.offset(),
          line.reason(),
          line.detail(),
          line.twin(),
          line.source(),
          line.eventId(),
          line.time(),
          data != null && truncated ? Arrays.copyOf(data, SHOWN_DATA) : data,
          truncated);
    }
  }

  @GET
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public RevisionBody getDumpRevision(
      @PathParam("pilot") String pilot,
      @PathParam("date") String date,
      @PathParam("revision") String revision) {
    Found found = found(pilot, date, revision);
    Dump dump = found.dump();
    Instant now = room.now();
    LocalDate day = dump.day().date();
    var shares = room.dumps().shares(dump.pilot(), day, dump.revision());
    return new RevisionBody(
        DumpBody.of(
            dump,
            found.newest(),
            found.newest() ? room.late().waiting(dump.pilot(), day) : 0,
            room.dumps().wholes(dump.pilot(), day, day).getOrDefault(day, Dumps.Whole.NOTHING),
            dump.state() == DumpState.RUNNING ? ProgressBody.of(shares, now) : null),
        shares.stream().map(share -> PartitionBody.of(share, now)).toList(),
        room.files(dump).stream().map(PartBody::of).toList());
  }

  @GET
  @Path("/manifest")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public JsonNode getRevisionManifest(
      @PathParam("pilot") String pilot,
      @PathParam("date") String date,
      @PathParam("revision") String revision) {
    return room.manifest(found(pilot, date, revision).dump())
        .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "The revision has no manifest."));
  }

  @GET
  @Path("/log")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<LineBody> listDumpLog(
      @PathParam("pilot") String pilot,
      @PathParam("date") String date,
      @PathParam("revision") String revision,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    Dump dump = found(pilot, date, revision).dump();
    PageRequest page = PageRequest.of(limit, cursor);
    int after = page.cursor().map(text -> (int) number(LOG, text, 1, 0)).orElse(0);
    return Page.of(
        room.log().read(dump.pilot(), dump.day().date(), dump.revision(), after, page.limit() + 1),
        page.limit(),
        LineBody::of,
        line -> Cursor.of(LOG, Integer.toString(line.number())));
  }

  @GET
  @Path("/rejects")
  @Access(
      scope = Access.Scope.PILOT,
      roles = {"pilot-operator", "pilot-admin", "data-steward", "platform-admin"})
  public Page<RejectBody> listRejects(
      @PathParam("pilot") String pilot,
      @PathParam("date") String date,
      @PathParam("revision") String revision,
      @QueryParam("limit") @Nullable String limit,
      @QueryParam("cursor") @Nullable String cursor) {
    Dump dump = found(pilot, date, revision).dump();
    PageRequest page = PageRequest.of(limit, cursor);
    int file = page.cursor().map(text -> (int) number(REJECTS, text, 2, 0)).orElse(0);
    long at = page.cursor().map(text -> number(REJECTS, text, 2, 1)).orElse(0L);
    Wiring.RejectsPage found = room.rejects(dump, file, at, page.limit());
    Integer next = found.nextFile();
    return new Page<>(
        found.lines().stream().map(RejectBody::of).toList(),
        next == null ? null : Cursor.of(REJECTS, next.toString(), Long.toString(found.nextAt())));
  }

  private static long number(String list, String cursor, int parts, int part) {
    try {
      long number = Long.parseLong(Cursor.read(list, cursor, parts).get(part));
      if (number >= 0 && (parts == 2 && part == 1 || number <= Integer.MAX_VALUE)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw Problem.at(ProblemCode.INVALID_CURSOR, "cursor", "The cursor is not one of this list.");
  }

  private record Found(Dump dump, boolean newest) {}

  private Found found(String pilot, String date, String revision) {
    PilotId id = room.pilots().require(CurrentCaller.pilotOf(pilot)).id();
    List<Dump> revisions = room.dumps().of(id, Dates.ofPath(date));
    return revisions.stream()
        .filter(dump -> Integer.toString(dump.revision()).equals(revision))
        .findFirst()
        .map(dump -> new Found(dump, dump == revisions.getFirst()))
        .orElseThrow(
            () -> Problem.of(ProblemCode.NOT_FOUND, "There is no such revision of that day."));
  }
}
