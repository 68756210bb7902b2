package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/**
 * Sends one file after the other into the hold, through whatever happens, and keeps a ledger of
 * what was acknowledged: available, in quarantine, withdrawn.
 */
final class Uploader implements Runnable {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final int LARGEST = 20_000_000;

  /** What a dataset must be in the end. */
  enum Promise {
    AVAILABLE,
    QUARANTINED,
    WITHDRAWN
  }

  /** What was acknowledged of one. */
  record Entry(Promise promise, String checksum, long size) {}

  private final Stack stack;
  private final URI store;
  private final String datasets;
  private final Random random;
  private final Map<String, Entry> ledger = new ConcurrentHashMap<>();
  private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
  private volatile boolean ended;
  private volatile String trouble = "";

  /**
   * @param store where parts are sent to, instead of the host that their URLs were signed for
   */
  Uploader(Stack stack, URI store, String pilot, long seed) {
    this.stack = stack;
    this.store = store;
    this.datasets = "/api/v1/pilots/" + pilot + "/datasets";
    this.random = new Random(seed);
  }

  Map<String, Entry> ledger() {
    return Map.copyOf(ledger);
  }

  /** When something was acknowledged last. */
  long last() {
    return lastNanos.get();
  }

  /** Why it gave up; empty where it did not. */
  String trouble() {
    return trouble;
  }

  /** The file under way is brought to its end, and no other begun. */
  void end() {
    ended = true;
  }

  @Override
  public void run() {
    try (HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build()) {
      while (!ended) {
        one(http);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ApiProblem | IOException e) {
      trouble = e.toString();
    }
  }

  private void one(HttpClient http) throws IOException, InterruptedException {
    byte[] bytes = new byte[random.nextInt(10) == 0 ? LARGEST : random.nextInt(50_000)];
    random.nextBytes(bytes);
    String checksum = checksum(bytes);
    boolean lies = random.nextInt(8) == 0;
    ObjectNode wanted = JsonNodeFactory.instance.objectNode();
    wanted.put("name", "chaos-" + random.nextInt(20));
    wanted.put("media_type", "application/octet-stream").put("size_bytes", bytes.length);
    String dataset = patiently(() -> api().post(datasets, wanted)).path("dataset_id").asText();
    String path = datasets + "/" + dataset;
    ObjectNode completion = JsonNodeFactory.instance.objectNode();
    completion.put("checksum", lies ? checksum(new byte[] {1}) : checksum);
    for (boolean whole = false; !whole; ) {
      completion.set("parts", send(http, path, bytes));
      whole = settle(path, completion);
    }
    Promise promise = lies ? Promise.QUARANTINED : Promise.AVAILABLE;
    acknowledged(dataset, new Entry(promise, checksum, bytes.length));
    if (!lies && random.nextInt(5) == 0) {
      var unused = patiently(() -> api().delete(path));
      acknowledged(dataset, new Entry(Promise.WITHDRAWN, checksum, bytes.length));
      if (random.nextBoolean()) {
        restore(path);
        acknowledged(dataset, new Entry(Promise.AVAILABLE, checksum, bytes.length));
      }
    }
  }

  /** Where the answer is lost, it is no longer there to be restored: then it is available. */
  private void restore(String path) throws InterruptedException {
    try {
      var unused = patiently(() -> api().post(path + "/restore", null));
    } catch (ApiProblem problem) {
      if (problem.status() != 409) {
        throw problem;
      }
    }
  }

  private void acknowledged(String dataset, Entry entry) {
    ledger.put(dataset, entry);
    lastNanos.set(System.nanoTime());
  }

  private PilothouseApi api() {
    return stack.platform();
  }

  private ArrayNode send(HttpClient http, String path, byte[] bytes)
      throws IOException, InterruptedException {
    ArrayNode parts = JsonNodeFactory.instance.arrayNode();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode upload = patiently(() -> api().get(path + "/upload?limit=1000"));
      long partSize = upload.path("part_size").asLong();
      boolean whole = true;
      parts.removeAll();
      for (JsonNode part : upload.path("parts")) {
        int number = part.path("number").asInt();
        if (part.path("etag").isTextual()) {
          parts.addObject().put("number", number).put("etag", part.path("etag").asText());
        } else {
          whole = false;
          int from = (int) ((number - 1) * partSize);
          put(
              http,
              part.path("url").asText(),
              Arrays.copyOfRange(
                  bytes, from, (int) Math.min(bytes.length, from + part.path("size").asLong())));
        }
      }
      if (whole) {
        return parts;
      }
      if (System.nanoTime() > end) {
        throw new IOException("object storage does not take the parts");
      }
    }
  }

  /** It is looked at afterwards whether it came. */
  private void put(HttpClient http, String url, byte[] bytes) throws InterruptedException {
    URI signed = URI.create(url);
    try {
      var unused =
          http.send(
              HttpRequest.newBuilder(
                      URI.create(url.replace(signed.getAuthority(), store.getAuthority())))
                  .timeout(ANSWER)
                  .header("Host", signed.getAuthority())
                  .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes))
                  .build(),
              HttpResponse.BodyHandlers.discarding());
    } catch (IOException e) {
      Thread.sleep(250);
    }
  }

  /** Whether all parts were there: a store that ends in the middle may lose what it had taken. */
  private boolean settle(String path, ObjectNode completion) throws InterruptedException {
    try {
      var unused = patiently(() -> api().post(path + "/complete", completion));
    } catch (ApiProblem problem) {
      if (problem.code().equals("part_mismatch")) {
        return false;
      }
      if (!problem.code().equals("checksum_mismatch")) {
        throw problem;
      }
    }
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (patiently(() -> api().get(path)).path("state").asText().equals("verifying")) {
      if (System.nanoTime() > end) {
        throw new ApiProblem(0, "not_verified", path + " is not verified");
      }
      Thread.sleep(200);
    }
    return true;
  }

  private JsonNode patiently(Supplier<JsonNode> call) throws InterruptedException {
    return PilothouseApi.patiently(
        () -> {
          try {
            return call.get();
          } catch (ApiProblem problem) {
            if (problem.status() == 401) {
              stack.signInAgain();
            }
            throw problem;
          }
        },
        PATIENCE,
        problem -> {});
  }

  static String checksum(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
