package org.pilothouse.exports.internal;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetReading.StoredObject;
import org.pilothouse.datasets.DatasetReferences;
import org.pilothouse.jobs.JobOutcome;
import org.pilothouse.jobs.JobRun;
import org.pilothouse.kernel.Problem;
import org.pilothouse.pilots.AuditEvent;
import org.pilothouse.platform.web.Json;

/**
 * One attempt at a verification. Which datasets a sample takes follows from the job's id, so that
 * another attempt takes the same.
 */
final class VerifyWork {
  private static final int PAGE = 500;
  private static final int BUFFER = 256 * 1024;
  private static final int MOST_LISTED = 100;
  private static final int TRIES = 3;
  private static final Duration HELD = Duration.ofHours(24);

  private final Room room;
  private final JobRun run;
  private final VerifyRequest request;
  private final ArrayNode mismatches = Json.mapper().createArrayNode();
  private final ArrayNode unreadable = Json.mapper().createArrayNode();
  private long verified;
  private long different;
  private long unread;
  private long gone;
  private long bytes;

  VerifyWork(Room room, JobRun run, VerifyRequest request) {
    this.room = room;
    this.run = run;
    this.request = request;
  }

  JobOutcome outcome() throws IOException {
    List<DatasetId> chosen = chosen();
    run.log("verifies " + chosen.size() + " datasets");
    for (int i = 0; i < chosen.size(); i++) {
      run.goOn();
      run.progress(i, chosen.size(), "verifying " + chosen.get(i));
      verify(chosen.get(i));
    }
    run.progress(chosen.size(), chosen.size(), different + " mismatches");
    ObjectNode summary = Json.mapper().createObjectNode();
    summary.put("verified", verified);
    summary.put("bytes", bytes);
    summary.put("different", different);
    summary.put("unreadable", unread);
    summary.put("gone", gone);
    summary.set("mismatches", mismatches);
    summary.set("not_read", unreadable);
    return JobOutcome.of(summary);
  }

  private record Drawn(DatasetId id, long lot) {}

  private List<DatasetId> chosen() {
    int most = request.count() == 0 ? Integer.MAX_VALUE : request.count();
    // The largest lot first: it is the one that has to give way.
    PriorityQueue<Drawn> drawn =
        new PriorityQueue<>(Comparator.comparingLong(Drawn::lot).reversed());
    if (request.datasets().isEmpty()) {
      @Nullable DatasetId after = null;
      List<Dataset> page;
      do {
        run.goOn();
        page = room.datasets().available(run.pilot(), after, PAGE);
        for (Dataset dataset : page) {
          draw(dataset.id(), drawn, most);
        }
        after = page.isEmpty() ? after : page.getLast().id();
      } while (page.size() == PAGE);
    } else {
      request.datasets().forEach(id -> draw(id, drawn, most));
    }
    return drawn.stream().map(Drawn::id).sorted(Comparator.comparing(DatasetId::value)).toList();
  }

  private void draw(DatasetId id, PriorityQueue<Drawn> drawn, int most) {
    MessageDigest digest = Staging.sha256();
    digest.update(run.job().toString().getBytes(StandardCharsets.UTF_8));
    byte[] lot = digest.digest(id.value().getBytes(StandardCharsets.UTF_8));
    long number = java.nio.ByteBuffer.wrap(lot).getLong() >>> 1;
    if (number % 100 < request.percent()) {
      drawn.add(new Drawn(id, number));
      if (drawn.size() > most) {
        Drawn unused = drawn.poll();
      }
    }
  }

  private void verify(DatasetId id) throws IOException {
    Optional<Dataset> held =
        room.references()
            .hold(
                run.pilot(),
                id,
                DatasetReferences.Kind.JOB,
                run.job().toString(),
                "a verification reads it",
                room.clock().instant().plus(HELD));
    if (held.isEmpty()) {
      gone++;
      return;
    }
    try {
      for (StoredObject object : room.datasets().objects(held.get())) {
        String wrong = wrong(held.get(), object);
        if (wrong != null) {
          differs(held.get(), object.path(), wrong);
          return;
        }
      }
      verified++;
    } catch (Problem e) {
      switch (e.code()) {
        case CHECKSUM_MISMATCH, SIZE_MISMATCH, OBJECT_MISSING ->
            differs(held.get(), "", e.detail());
        case UNAVAILABLE -> throw e;
        default -> notRead(held.get(), e);
      }
    } finally {
      room.references().release(run.pilot(), id, DatasetReferences.Kind.JOB, run.job().toString());
    }
  }

  /** Null where it is what it was. */
  private @Nullable String wrong(Dataset dataset, StoredObject object) throws IOException {
    MessageDigest digest = Staging.sha256();
    byte[] buffer = new byte[BUFFER];
    long read = 0;
    int tries = 0;
    while (true) {
      long before = read;
      try (InputStream in = room.datasets().open(dataset, object, read)) {
        for (int length = in.read(buffer);
            length >= 0 && read <= object.size();
            length = in.read(buffer)) {
          digest.update(buffer, 0, length);
          read += length;
          bytes += length;
          run.goOn();
        }
        break;
      } catch (IOException e) {
        tries = read > before ? 0 : tries + 1;
        if (tries >= TRIES) {
          throw e;
        }
      }
    }
    if (read != object.size()) {
      return "It has " + read + " bytes and not " + object.size() + ".";
    }
    Checksum seen = new Checksum(digest.digest());
    return seen.equals(object.checksum())
        ? null
        : "Its checksum is " + seen + " and not " + object.checksum() + ".";
  }

  private void differs(Dataset dataset, String path, String how) {
    different++;
    String where = path.isEmpty() ? "" : ", " + path;
    run.warn("The dataset " + dataset.id() + where + " is not what it was: " + how);
    room.trail()
        .record(
            new AuditEvent(
                run.caller().actor(),
                run.pilot(),
                "dataset.verify",
                "dataset:" + run.pilot() + "/" + dataset.id().value(),
                AuditEvent.Outcome.FAILED,
                Map.of("job", run.job().toString(), "path", path, "detail", how)));
    if (mismatches.size() < MOST_LISTED) {
      mismatches
          .addObject()
          .put("dataset_id", dataset.id().value())
          .put("name", dataset.name())
          .put("path", path)
          .put("detail", how);
    }
  }

  private void notRead(Dataset dataset, Problem problem) {
    unread++;
    run.warn("The dataset " + dataset.id() + " cannot be read: " + problem.detail());
    if (unreadable.size() < MOST_LISTED) {
      unreadable
          .addObject()
          .put("dataset_id", dataset.id().value())
          .put("code", problem.code().code())
          .put("detail", problem.detail());
    }
  }
}
