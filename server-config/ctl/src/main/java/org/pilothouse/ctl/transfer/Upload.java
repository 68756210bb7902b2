package org.pilothouse.ctl.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.progress.Progress;
import org.pilothouse.ctl.telemetry.Unusable;

/**
 * A file into the hold. It is digested first: so an upload of the same bytes that broke off is
 * found again and gone on with, wherever it was begun.
 */
public final class Upload {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final Duration PART = Duration.ofMinutes(10);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration VERIFICATION = Duration.ofDays(1);
  private static final int TRIES = 8;
  private static final int ROUNDS = 3;
  private static final long PAUSE_MILLIS = 250;
  private static final long BETWEEN_LOOKS = 500;

  private final PilothouseApi api;
  private final String datasets;
  private final Path file;
  private final long size;
  private final int atOnce;
  private final Progress progress;
  private final HttpClient http;
  private final AtomicLong sent = new AtomicLong();

  /**
   * @param atOnce parts under way at the same time, 1 to 16
   */
  public Upload(PilothouseApi api, String pilot, Path file, int atOnce, Progress progress)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new Unusable(file + " is not a file");
    }
    this.api = api;
    this.datasets = "/api/v1/pilots/" + PilothouseApi.encode(pilot) + "/datasets";
    this.file = file;
    this.size = Files.size(file);
    this.atOnce = atOnce;
    this.progress = progress;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
  }

  /**
   * Sends it and waits until it is verified.
   *
   * @param wanted all of a new dataset but its size and checksum
   * @return the dataset, available
   * @throws ApiProblem what the platform refused
   */
  public JsonNode run(ObjectNode wanted) throws IOException, InterruptedException {
    progress.begin("checksum", size);
    String checksum = Digest.of(file, read -> progress.at(read, read));
    progress.finish(size, size);
    wanted.put("size_bytes", size).put("checksum", checksum);
    String dataset = datasets + "/" + begun(wanted).path("dataset_id").asText();
    for (int round = 1; ; round++) {
      ObjectNode completion = JsonNodeFactory.instance.objectNode();
      completion.set("parts", send(dataset));
      completion.put("checksum", checksum);
      try {
        return verified(dataset, patiently(() -> api.post(dataset + "/complete", completion)));
      } catch (ApiProblem problem) {
        // Object storage lost a part after it had taken it: which one, the next look tells.
        if (!problem.code().equals("part_mismatch") || round == ROUNDS) {
          throw problem;
        }
        progress.note(problem.getMessage() + " It is sent again.");
      }
    }
  }

  private JsonNode begun(ObjectNode wanted) throws InterruptedException {
    String query = "?state=uploading&name=" + PilothouseApi.encode(wanted.path("name").asText());
    Optional<JsonNode> open =
        api.list(datasets + query).stream()
            .filter(there ->
                there.path("size_bytes").asLong() == size
                    && there.path("checksum").equals(wanted.path("checksum")))
            .findFirst();
    open.ifPresent(there -> progress.note("going on with " + there.path("dataset_id").asText()));
    return open.isPresent() ? open.get() : patiently(() -> api.post(datasets, wanted));
  }

  /** All parts that are not stored yet; their etags, in their order. */
  private ArrayNode send(String dataset) throws IOException, InterruptedException {
    progress.begin("upload", size);
    sent.set(0);
    List<Future<Sent>> parts = new ArrayList<>();
    ExecutorService senders = Executors.newFixedThreadPool(atOnce);
    try (FileChannel channel = FileChannel.open(file)) {
      JsonNode upload = look(dataset, 1);
      long partSize = upload.path("part_size").asLong();
      while (true) {
        for (JsonNode part : upload.path("parts")) {
          parts.add(senders.submit(() -> part(channel, dataset, part, partSize)));
        }
        // URLs are good for minutes: the next ones are asked for when these have been used.
        for (Future<Sent> part : parts) {
          var unused = part.get();
        }
        if (!upload.path("next_part").isNumber()) {
          break;
        }
        upload = look(dataset, upload.path("next_part").asInt());
      }
      progress.finish(size, size);
      return told(parts);
    } catch (ExecutionException e) {
      throw switch (e.getCause()) {
        case ApiProblem problem -> problem;
        case UncheckedIOException io -> io;
        case null, default -> new IllegalStateException(e.getCause());
      };
    } finally {
      var unused = senders.shutdownNow();
    }
  }

  private static ArrayNode told(List<Future<Sent>> parts)
      throws ExecutionException, InterruptedException {
    ArrayNode told = JsonNodeFactory.instance.arrayNode();
    for (Future<Sent> part : parts) {
      told.addObject().put("number", part.get().number()).put("etag", part.get().etag());
    }
    return told;
  }

  private record Sent(int number, String etag) {}

  private JsonNode look(String dataset, int from) throws InterruptedException {
    return patiently(() -> api.get(dataset + "/upload?from=" + from));
  }

  private Sent part(FileChannel channel, String dataset, JsonNode part, long partSize)
      throws InterruptedException {
    int number = part.path("number").asInt();
    long length = part.path("size").asLong();
    if (part.path("etag").isTextual()) {
      done(length);
      return new Sent(number, part.path("etag").asText());
    }
    URI url = URI.create(part.path("url").asText());
    for (int attempt = 1; ; attempt++) {
      String why;
      try {
        HttpResponse<String> answer = put(channel, (number - 1) * partSize, length, url);
        Optional<String> etag = answer.headers().firstValue("ETag");
        if (answer.statusCode() == 200 && etag.isPresent()) {
          done(length);
          return new Sent(number, etag.get().replace("\"", ""));
        }
        why = "object storage answered " + answer.statusCode();
      } catch (IOException e) {
        why = "object storage does not take it: " + e.getMessage();
      }
      if (attempt == TRIES) {
        throw new ApiProblem(0, "part_not_taken", "part " + number + ": " + why);
      }
      Thread.sleep(PAUSE_MILLIS << Math.min(attempt, 6));
      // The last one may have been too old.
      JsonNode again = look(dataset, number).path("parts").path(0);
      url = URI.create(again.path("url").asText());
    }
  }

  private void done(long bytes) {
    long total = sent.addAndGet(bytes);
    synchronized (progress) {
      progress.at(total, total);
    }
  }

  private HttpResponse<String> put(FileChannel channel, long from, long length, URI url)
      throws IOException, InterruptedException {
    HttpRequest.BodyPublisher bytes =
        length == 0
            ? BodyPublishers.noBody()
            : BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(() -> new Slice(channel, from, length)), length);
    return http.send(
        HttpRequest.newBuilder(url).timeout(PART).PUT(bytes).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private JsonNode verified(String path, JsonNode completed) throws InterruptedException {
    JsonNode dataset = completed;
    progress.begin("verification", size);
    long end = System.nanoTime() + VERIFICATION.toNanos();
    while (dataset.path("state").asText().equals("verifying") && System.nanoTime() < end) {
      long verified = dataset.path("verified_bytes").asLong();
      progress.at(verified, verified);
      Thread.sleep(BETWEEN_LOOKS);
      dataset = patiently(() -> api.get(path));
    }
    if (!dataset.path("state").asText().equals("available")) {
      JsonNode failure = dataset.path("failure");
      throw new ApiProblem(
          409,
          failure.path("code").asText(dataset.path("state").asText()),
          String.format(
              Locale.ROOT,
              "%s is %s: %s",
              dataset.path("dataset_id").asText(),
              dataset.path("state").asText(),
              failure.path("detail").asText("not available")));
    }
    progress.finish(size, size);
    return dataset;
  }

  private JsonNode patiently(java.util.function.Supplier<JsonNode> call)
      throws InterruptedException {
    return PilothouseApi.patiently(
        call, PATIENCE, problem -> progress.note(problem.getMessage() + "; trying again"));
  }

  /** A stretch of a file; several are read at the same time. */
  private static final class Slice extends InputStream {
    private final FileChannel channel;
    private final long end;
    private long at;

    Slice(FileChannel channel, long from, long length) {
      this.channel = channel;
      this.at = from;
      this.end = from + length;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (at >= end) {
        return -1;
      }
      int read =
          channel.read(
              java.nio.ByteBuffer.wrap(bytes, offset, (int) Math.min(length, end - at)), at);
      if (read > 0) {
        at += read;
      }
      return read;
    }
  }
}
