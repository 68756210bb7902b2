package org.pilothouse.ctl.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.progress.Progress;
import org.pilothouse.ctl.telemetry.Unusable;

/**
 * A dataset into a file. What has come is kept beside it under the dataset's id until the whole is
 * there and has the checksum: bytes of a dataset never change, so a download that broke off goes on
 * where it was.
 */
public final class Download {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int SILENCE_MILLIS = 60_000;
  private static final int TRIES = 8;
  private static final long PAUSE_MILLIS = 250;
  private static final int BUFFER = 1 << 18;

  private final PilothouseApi api;
  private final String dataset;
  private final Progress progress;

  public Download(PilothouseApi api, String pilot, String dataset, Progress progress) {
    this.api = api;
    this.dataset =
        "/api/v1/pilots/"
            + PilothouseApi.encode(pilot)
            + "/datasets/"
            + PilothouseApi.encode(dataset);
    this.progress = progress;
  }

  /**
   * @param directoryOrFile where to; a directory gets the dataset's name
   * @return the file
   * @throws ApiProblem {@code checksum_mismatch} where what came is not what was verified; it is
   *     removed then
   */
  public Path run(Path directoryOrFile, boolean force) throws IOException, InterruptedException {
    JsonNode facts = api.get(dataset);
    Path file =
        Files.isDirectory(directoryOrFile)
            ? directoryOrFile.resolve(fileName(facts.path("name").asText()))
            : directoryOrFile;
    if (Files.exists(file) && !force) {
      throw new Unusable(file + " is there already; --force writes over it");
    }
    long size = facts.path("size_bytes").asLong();
    Path part =
        file.resolveSibling(file.getFileName() + "." + facts.path("dataset_id").asText() + ".part");
    fetch(part, size);
    progress.begin("checksum", size);
    String checksum = Digest.of(part, read -> progress.at(read, read));
    if (!checksum.equals(facts.path("checksum").asText())) {
      Files.delete(part);
      throw new ApiProblem(
          0,
          "checksum_mismatch",
          "what came has " + checksum + ", verified was " + facts.path("checksum").asText());
    }
    progress.finish(size, size);
    return Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private void fetch(Path part, long size) throws IOException, InterruptedException {
    int tries = 0;
    long before = Files.exists(part) ? Files.size(part) : 0;
    if (before > size) {
      Files.delete(part);
      before = 0;
    }
    if (before > 0) {
      progress.note("going on after " + Progress.size(before));
    }
    progress.begin("download", size);
    while (!Files.exists(part) || Files.size(part) < size) {
      long at = Files.exists(part) ? Files.size(part) : 0;
      if (at > before) {
        tries = 0;
        before = at;
      }
      try {
        append(part, at, size);
      } catch (IOException e) {
        if (++tries == TRIES) {
          throw new ApiProblem(
              0, "unreachable", "object storage broke off at " + at + ": " + e.getMessage());
        }
        Thread.sleep(PAUSE_MILLIS << tries);
      }
      if (size == 0) {
        break;
      }
    }
    progress.finish(size, size);
  }

  private void append(Path part, long at, long size) throws IOException {
    // Unlike the newer client, it also gives up on a body that no longer moves.
    HttpURLConnection connection =
        (HttpURLConnection) api.locationOf(dataset + "/content").toURL().openConnection();
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(SILENCE_MILLIS);
    if (at > 0) {
      connection.setRequestProperty("Range", "bytes=" + at + "-");
    }
    int status = connection.getResponseCode();
    if (status != (at > 0 ? 206 : 200)) {
      connection.disconnect();
      throw new IOException("object storage answered " + status);
    }
    try (InputStream in = connection.getInputStream()) {
      try (OutputStream out =
          Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        byte[] buffer = new byte[BUFFER];
        long total = at;
        for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
          out.write(buffer, 0, length);
          total += length;
          progress.at(total, total);
          if (total > size) {
            throw new IOException("there is more than " + size + " bytes");
          }
        }
      }
    }
  }

  /** Only a name, whatever it was called in the catalogue. */
  static String fileName(String name) {
    String plain = name.replaceAll("[\\\\/:*?\"<>|\\p{Cntrl}]", "_").strip();
    return plain.isEmpty() || plain.chars().allMatch(c -> c == '.') ? "dataset" : plain;
  }
}
