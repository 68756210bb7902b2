package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.pilothouse.ctl.api.PilothouseApi;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * A file of 2 GB into the hold, beside the same bytes put into the same store by the AWS SDK in as
 * many parts at once; and its verification beside {@code sha256sum} of the file.
 */
final class DatasetsUpload implements Benchmark {
  private static final String PILOT = "bench-uploads";
  private static final long SIZE = 2_000_000_000;
  private static final int AT_ONCE = 4;
  private static final int ROUNDS = 2;
  private static final double UPLOAD_BOUND = 0.9;
  private static final double VERIFY_BOUND = 0.8;
  private static final double HEAP_BOUND = 32;
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @Override
  public List<Figure> run(Stack stack, Options options) throws Exception {
    stack.pilot(PILOT, 1);
    Path file = Files.createTempFile(stack.homeDirectory(), "bench-upload", ".bin");
    try {
      fill(file);
      return measure(stack, file);
    } finally {
      Files.delete(file);
    }
  }

  private static List<Figure> measure(Stack stack, Path file) throws Exception {
    String checksum = "sha256:" + sha256sum(file).digest();
    double direct = 0;
    double ours = 0;
    double verified = 0;
    double summed = 0;
    double growth = 0;
    for (int round = 0; round < ROUNDS; round++) {
      double put = direct(stack, file);
      Uploaded uploaded = ours(stack, file, checksum);
      double sum = sha256sum(file).perSecond();
      IngestHttp.say(
          "direct %.0f MB/s, ours %.0f MB/s, verified %.0f MB/s, sha256sum %.0f MB/s, heap +%.1f MB",
          put / 1e6, uploaded.sent() / 1e6, uploaded.verified() / 1e6, sum / 1e6, uploaded.heap());
      direct = Math.max(direct, put);
      ours = Math.max(ours, uploaded.sent());
      verified = Math.max(verified, uploaded.verified());
      summed = Math.max(summed, sum);
      growth = Math.max(growth, uploaded.heap());
    }
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("bytes", SIZE);
    details.put("parts_at_once", AT_ONCE);
    details.put("rounds_best_of", ROUNDS);
    return List.of(
        Figure.ofRatio("datasets-upload", ours / 1e6, direct / 1e6, "MB/s", UPLOAD_BOUND, details),
        Figure.ofRatio(
            "datasets-upload, verification",
            verified / 1e6,
            summed / 1e6,
            "MB/s",
            VERIFY_BOUND,
            Map.of("bytes", SIZE)),
        Figure.ofCeiling(
            "datasets-upload, heap growth",
            growth,
            "MB",
            HEAP_BOUND,
            Map.of("how", "live objects after a collection, in the middle less before")));
  }

  private static void fill(Path file) throws IOException {
    byte[] block = new byte[1 << 20];
    Random random = new Random(7);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = SIZE; left > 0; left -= block.length) {
        random.nextBytes(block);
        out.write(block, 0, (int) Math.min(block.length, left));
      }
    }
  }

  private record Summed(String digest, double perSecond) {}

  private static Summed sha256sum(Path file) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder("sha256sum", file.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
    if (process.waitFor() != 0) {
      throw new IOException("sha256sum failed");
    }
    return new Summed(said.substring(0, said.indexOf(' ')), perSecond(start));
  }

  private static double perSecond(long start) {
    return SIZE * 1e9 / (System.nanoTime() - start);
  }

  /** What the store takes from the SDK, in parts of the size that the platform chooses. */
  private static double direct(Stack stack, Path file) throws Exception {
    String bucket = stack.s3().path("bucket").asText();
    String key = "bench/direct";
    try (S3Client client = S3.client(stack);
        FileChannel channel = FileChannel.open(file)) {
      long partSize = 16L << 20;
      long start = System.nanoTime();
      String upload =
          client.createMultipartUpload(request -> request.bucket(bucket).key(key)).uploadId();
      List<Callable<CompletedPart>> puts = new ArrayList<>();
      int number = 1;
      for (long at = 0; at < SIZE; at += partSize, number++) {
        long from = at;
        int part = number;
        puts.add(() -> {
          byte[] bytes = read(channel, from, (int) Math.min(partSize, SIZE - from));
          String etag =
              client
                  .uploadPart(
                      request -> request.bucket(bucket).key(key).uploadId(upload).partNumber(part),
                      RequestBody.fromBytes(bytes))
                  .eTag();
          return CompletedPart.builder().partNumber(part).eTag(etag).build();
        });
      }
      List<CompletedPart> parts = all(puts);
      client.completeMultipartUpload(request ->
          request
              .bucket(bucket)
              .key(key)
              .uploadId(upload)
              .multipartUpload(whole -> whole.parts(parts)));
      double speed = perSecond(start);
      client.deleteObject(request -> request.bucket(bucket).key(key));
      return speed;
    }
  }

  private static <T> List<T> all(List<Callable<T>> works) throws Exception {
    ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> each : senders.invokeAll(works)) {
        results.add(each.get());
      }
      return results;
    } finally {
      var unused = senders.shutdownNow();
    }
  }

  private static byte[] read(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
      // until it is full
    }
    return buffer.array();
  }

  /**
   * Bytes a second.
   *
   * @param heap MB of live objects more in the middle of it than before
   */
  private record Uploaded(double sent, double verified, double heap) {}

  private static Uploaded ours(Stack stack, Path file, String checksum) throws Exception {
    PilothouseApi api = stack.platform();
    String datasets = "/api/v1/pilots/" + PILOT + "/datasets";
    ObjectNode wanted = JsonNodeFactory.instance.objectNode();
    wanted
        .put("name", "bench")
        .put("media_type", "application/octet-stream")
        .put("size_bytes", SIZE);
    double before = stack.liveHeapMegabytes();
    double middle;
    String dataset;
    long sentNanos;
    ArrayNode parts = JsonNodeFactory.instance.arrayNode();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        FileChannel channel = FileChannel.open(file)) {
      long start = System.nanoTime();
      JsonNode declared = api.post(datasets, wanted);
      dataset = datasets + "/" + declared.path("dataset_id").asText();
      JsonNode upload = declared.path("upload");
      long partSize = upload.path("part_size").asLong();
      while (true) {
        List<Callable<String>> puts = new ArrayList<>();
        for (JsonNode part : upload.path("parts")) {
          puts.add(() -> put(http, channel, part, partSize));
        }
        for (String etag : all(puts)) {
          parts.addObject().put("number", parts.size()).put("etag", etag);
        }
        if (!upload.path("next_part").isNumber()) {
          break;
        }
        upload = api.get(dataset + "/upload?from=" + upload.path("next_part").asInt());
      }
      sentNanos = System.nanoTime() - start;
    }
    ObjectNode completion = JsonNodeFactory.instance.objectNode();
    completion.set("parts", parts);
    completion.put("checksum", checksum);
    long start = System.nanoTime();
    CompletableFuture<JsonNode> completed =
        CompletableFuture.supplyAsync(() -> api.post(dataset + "/complete", completion));
    until(() -> !api.get(dataset).path("state").asText().equals("uploading"));
    sentNanos += System.nanoTime() - start;
    long verifying = System.nanoTime();
    middle = stack.liveHeapMegabytes();
    until(() -> !api.get(dataset).path("state").asText().equals("verifying"));
    double verified = perSecond(verifying);
    JsonNode last = completed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    JsonNode now = api.get(dataset);
    if (!now.path("state").asText().equals("available")) {
      throw new IllegalStateException("not available: " + last);
    }
    var unused = api.delete(dataset);
    return new Uploaded(SIZE * 1e9 / sentNanos, verified, Math.max(0, middle - before));
  }

  private static void until(Callable<Boolean> done) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!done.call()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("not within " + PATIENCE);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static String put(HttpClient http, FileChannel channel, JsonNode part, long partSize)
      throws IOException, InterruptedException {
    long from = (part.path("number").asInt() - 1) * partSize;
    byte[] bytes = read(channel, from, part.path("size").asInt());
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(URI.create(part.path("url").asText()))
                .timeout(PATIENCE)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("object storage answered " + answer.statusCode());
    }
    return answer.headers().firstValue("ETag").orElseThrow().replace("\"", "");
  }
}
