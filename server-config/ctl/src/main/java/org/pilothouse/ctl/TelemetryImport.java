package org.pilothouse.ctl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/**
 * Reports a file batch by batch. A batch that was not acknowledged is sent again with the same
 * lines, which makes them the same events; how many lines were acknowledged is written down after
 * each batch.
 */
final class TelemetryImport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_SHOWN = 20;
  private static final int MOST_BODY = 32 * 1024 * 1024;
  private static final int BAR = 30;

  /**
   * @param skipped lines that an earlier call had reported
   */
  record Outcome(long lines, long accepted, long rejected, long skipped) {}

  private final PilothouseApi api;
  private final String pilot;
  private final Path file;
  private final @Nullable String twin;
  private final int batch;
  private final Duration patience;
  private final Path states;
  private final PrintWriter err;
  private final boolean bar = System.console() != null;
  private long read;
  private long shownRejections;

  TelemetryImport(
      PilothouseApi api,
      String pilot,
      Path file,
      @Nullable String twin,
      int batch,
      Duration patience,
      Path states,
      PrintWriter err) {
    this.api = api;
    this.pilot = pilot;
    this.file = file;
    this.twin = twin;
    this.batch = Math.clamp(batch, 1, 100_000);
    this.patience = patience;
    this.states = states.resolve("imports");
    this.err = err;
  }

  Outcome run(boolean restart) throws IOException, InterruptedException {
    if (!Files.isReadable(file)) {
      throw new ApiProblem(0, "no_such_file", file + " cannot be read");
    }
    Path state = stateFile();
    long done = restart ? 0 : done(state);
    long size = Files.size(file);
    long number = 0;
    long accepted = 0;
    long rejected = 0;
    long start = System.nanoTime();
    try (InputStream in = open()) {
      TelemetryLines lines = lines(in);
      ByteArrayOutputStream body = new ByteArrayOutputStream(1 << 16);
      long first = done;
      int held = 0;
      String line = lines.next();
      while (line != null) {
        if (number++ >= done) {
          body.writeBytes(line.getBytes(StandardCharsets.UTF_8));
          body.write('\n');
          held++;
        }
        line = lines.next();
        if (held > 0 && (line == null || held == batch || body.size() > MOST_BODY)) {
          JsonNode answer = send(body.toByteArray());
          accepted += answer.path("accepted").asLong();
          rejected += answer.path("rejected_total").asLong(answer.path("rejected").size());
          showRejections(answer, first);
          body.reset();
          held = 0;
          first = number;
          remember(state, number);
          progress(read, size, number - done, start);
        }
      }
    }
    if (bar) {
      err.println();
    }
    Files.deleteIfExists(state);
    return new Outcome(number, accepted, rejected, Math.min(done, number));
  }

  private JsonNode send(byte[] body) throws InterruptedException {
    return PilothouseApi.patiently(
        () -> api.report(pilot, body, body.length),
        patience,
        problem -> err.println("ctl: " + problem.getMessage() + "; trying again"));
  }

  private void showRejections(JsonNode answer, long first) {
    for (JsonNode one : answer.path("rejected")) {
      if (shownRejections++ < MOST_SHOWN) {
        err.printf(
            "line %d: %s: %s%n",
            first + one.path("line").asLong(),
            Printed.text(one.path("code")),
            Printed.text(one.path("detail")));
      }
    }
  }

  private void progress(long at, long size, long lines, long start) {
    if (!bar) {
      return;
    }
    double share = size == 0 ? 1 : Math.min(1, (double) at / size);
    int full = (int) (share * BAR);
    double seconds = (System.nanoTime() - start) / 1e9;
    err.printf(
        "\r[%s%s] %3d %%  %,d lines  %,.0f/s ",
        "#".repeat(full), " ".repeat(BAR - full), (int) (share * 100), lines, lines / seconds);
    err.flush();
  }

  private InputStream open() throws IOException {
    InputStream counted =
        new FilterInputStream(Files.newInputStream(file)) {
          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            read += Math.max(0, count);
            return count;
          }
        };
    return name().endsWith(".gz") ? new GZIPInputStream(counted, 1 << 16) : counted;
  }

  private TelemetryLines lines(InputStream in) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8), 1 << 16);
    String plain = name().replaceFirst("\\.gz$", "");
    if (plain.endsWith(".csv")) {
      return TelemetryLines.csv(reader, twin);
    }
    if (plain.endsWith(".ndjson") || plain.endsWith(".jsonl")) {
      return TelemetryLines.ndjson(reader);
    }
    throw new ApiProblem(
        0, "unknown_format", file + " must end in .ndjson, .jsonl or .csv (or these with .gz)");
  }

  private String name() {
    return file.getFileName().toString().toLowerCase(Locale.ROOT);
  }

  /** One state a file as it is now: a file that has changed is another one. */
  private Path stateFile() throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      String what =
          String.join(
              "\n",
              api.baseUrl(),
              pilot,
              file.toRealPath().toString(),
              Long.toString(Files.size(file)),
              Files.getLastModifiedTime(file).toString());
      byte[] hash = digest.digest(what.getBytes(StandardCharsets.UTF_8));
      return states.resolve(HexFormat.of().formatHex(hash, 0, 12) + ".json");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long done(Path state) throws IOException {
    return Files.exists(state) ? JSON.readTree(state.toFile()).path("lines").asLong() : 0;
  }

  private void remember(Path state, long lines) throws IOException {
    Files.createDirectories(states);
    ObjectNode document = JSON.createObjectNode();
    document.put("file", file.toString());
    document.put("lines", lines);
    Path written = state.resolveSibling(state.getFileName() + ".new");
    Files.writeString(written, document.toString());
    Files.move(written, state, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
