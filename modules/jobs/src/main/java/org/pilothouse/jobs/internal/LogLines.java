package org.pilothouse.jobs.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.objectstore.ObjectStore;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.platform.web.Json;

/**
 * What attempts tell of themselves. Of each, the first lines and the newest are in the store while
 * it runs; the whole of a long one rests as an object afterwards.
 */
public final class LogLines {
  /** Of the first lines, and of the newest. */
  static final int KEPT = 500;

  static final int LONGEST = 2_000;

  private final Database database;
  private final ObjectStore objects;

  LogLines(Database database, ObjectStore objects) {
    this.database = database;
    this.objects = objects;
  }

  /**
   * A line that was told.
   *
   * @param number counts all that were told, from 1
   */
  public record Line(int number, Instant at, String level, String text) {
    static final String INFO = "info";
    static final String WARN = "warn";

    String json() {
      ObjectNode json = Json.mapper().createObjectNode();
      json.put("number", number).put("at", at.toString()).put("level", level).put("text", text);
      try {
        return Json.mapper().writeValueAsString(json);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
    }

    static Line of(String json) {
      try {
        JsonNode node = Json.mapper().readTree(json);
        return new Line(
            node.path("number").asInt(),
            Instant.parse(node.path("at").asText()),
            node.path("level").asText(),
            node.path("text").asText());
      } catch (JsonProcessingException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Lines of an attempt that are to be kept; the last one's number is how many there were. */
  record Told(Claims.Claim claim, List<Line> lines) {}

  /** The lines after that one, and whether more may come. */
  public record Read(List<Line> lines, boolean open) {}

  /** Of several attempts, in one transaction. */
  void add(List<Told> told) {
    List<String> pilots = new ArrayList<>();
    List<UUID> jobs = new ArrayList<>();
    List<Integer> runs = new ArrayList<>();
    List<Integer> numbers = new ArrayList<>();
    List<String> times = new ArrayList<>();
    List<String> levels = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (Told each : told) {
      for (Line line : each.lines()) {
        pilots.add(each.claim().pilot().value());
        jobs.add(each.claim().job());
        runs.add(each.claim().run());
        numbers.add(line.number());
        times.add(line.at().toString());
        levels.add(line.level());
        texts.add(line.text());
      }
    }
    if (numbers.isEmpty()) {
      return;
    }
    database.runAsPlatform(transaction -> {
      // One whose job was removed meanwhile has no lines.
      int inserted =
          transaction
              .createUpdate(
                  "INSERT INTO jobs.line (pilot_id, job_id, attempt, number, at, level, text)"
                      + " SELECT w.pilot_id, w.job_id, w.attempt, w.number, w.at::timestamptz,"
                      + " w.level, w.text FROM unnest(:pilots, :jobs, :runs, :numbers, :times,"
                      + " :levels, :texts) AS w(pilot_id, job_id, attempt, number, at, level, text)"
                      + " WHERE EXISTS (SELECT 1 FROM jobs.attempt a WHERE a.job_id = w.job_id AND"
                      + " a.attempt = w.attempt) ON CONFLICT DO NOTHING")
              .bindArray("pilots", String.class, pilots)
              .bindArray("jobs", UUID.class, jobs)
              .bindArray("runs", Integer.class, runs)
              .bindArray("numbers", Integer.class, numbers)
              .bindArray("times", String.class, times)
              .bindArray("levels", String.class, levels)
              .bindArray("texts", String.class, texts)
              .execute();
      for (Told each : told) {
        if (!each.lines().isEmpty()) {
          count(transaction, each);
        }
      }
    });
  }

  private static void count(org.jdbi.v3.core.Handle transaction, Told told) {
    int number = told.lines().getLast().number();
    int counted =
        transaction
            .createUpdate(
                "UPDATE jobs.attempt SET log_lines = greatest(log_lines, :number) WHERE job_id ="
                    + " :job AND attempt = :run")
            .bind("number", number)
            .bind("job", told.claim().job())
            .bind("run", told.claim().run())
            .execute();
    if (number > 2 * KEPT) {
      int dropped =
          transaction
              .createUpdate(
                  "DELETE FROM jobs.line WHERE job_id = :job AND attempt = :run AND number > :first"
                      + " AND number <= :newest")
              .bind("job", told.claim().job())
              .bind("run", told.claim().run())
              .bind("first", KEPT)
              .bind("newest", number - KEPT)
              .execute();
    }
  }

  /** Where the whole log of an attempt rests; no pilot's own key begins so. */
  static String key(Claims.Claim claim) {
    return "_jobs/" + claim.pilot() + "/" + claim.job() + "/" + claim.run() + ".ndjson";
  }

  /** Keeps the whole of a long log. */
  void keep(Claims.Claim claim, byte[] whole, int lines) {
    objects.put(key(claim), "application/x-ndjson", whole);
    database.runAsPlatform(transaction -> {
      int unused =
          transaction
              .createUpdate(
                  "UPDATE jobs.attempt SET log_key = :key, log_lines = greatest(log_lines, :lines)"
                      + " WHERE job_id = :job AND attempt = :run")
              .bind("key", key(claim))
              .bind("lines", lines)
              .bind("job", claim.job())
              .bind("run", claim.run())
              .execute();
    });
  }

  /**
   * The lines after that one, the oldest first; where some are missing, one says so.
   *
   * @throws Problem {@code not_found}
   */
  public Read read(PilotId pilot, UUID job, int run, int after, int limit) {
    JobCatalogue.Attempt attempt =
        database
            .inPilot(pilot, transaction -> JobCatalogue.attempts(transaction, pilot, job, run))
            .stream()
            .findFirst()
            .orElseThrow(() -> Problem.of(ProblemCode.NOT_FOUND, "There is no such attempt."));
    boolean open = attempt.outcome() == null;
    String key = attempt.logKey();
    List<Line> kept =
        key == null ? stored(pilot, job, run, after, limit) : whole(key, after, limit);
    return new Read(told(kept, after, limit), open);
  }

  private static List<Line> told(List<Line> kept, int after, int limit) {
    List<Line> lines = new ArrayList<>();
    int before = after;
    for (Line line : kept) {
      int missing = line.number() - before - 1;
      if (missing > 0 && lines.size() < limit) {
        lines.add(
            new Line(
                line.number() - 1, line.at(), Line.WARN, missing + " lines are missing here."));
      }
      if (lines.size() < limit) {
        lines.add(line);
      }
      before = line.number();
    }
    return lines;
  }

  private List<Line> stored(PilotId pilot, UUID job, int run, int after, int limit) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT number, at, level, text FROM jobs.line WHERE pilot_id = :pilot AND"
                        + " job_id = :job AND attempt = :run AND number > :after ORDER BY number"
                        + " LIMIT :limit")
                .bind("pilot", pilot.value())
                .bind("job", job)
                .bind("run", run)
                .bind("after", after)
                .bind("limit", limit)
                .map((row, context) ->
                    new Line(
                        row.getInt("number"),
                        JobRows.instant(row, "at"),
                        row.getString("level"),
                        row.getString("text")))
                .list());
  }

  private List<Line> whole(String key, int after, int limit) {
    List<Line> lines = new ArrayList<>();
    @Nullable InputStream stored = objects.open(key, 0).orElse(null);
    if (stored == null) {
      throw Problem.of(ProblemCode.NOT_FOUND, "The log is gone.");
    }
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stored, StandardCharsets.UTF_8))) {
      // Lines stand in their order, one a number, so those before need not be understood.
      int passed = 0;
      for (String text = reader.readLine();
          text != null && lines.size() < limit;
          text = reader.readLine()) {
        if (++passed <= after) {
          continue;
        }
        lines.add(Line.of(text));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }
}
