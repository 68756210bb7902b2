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
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.PilothouseApi;

/** A client of the hold that goes on through whatever happens, for a while. */
final class Sender implements AutoCloseable {
  /** A start on a busy machine, and a lease or two that run out first. */
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  private static final Duration ANSWER = Duration.ofSeconds(20);

  private final Stack stack;
  private final URI store;
  private final String pilot;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  /**
   * @param store where parts are sent to, instead of the host that their URLs were signed for
   */
  Sender(Stack stack, URI store, String pilot) {
    this.stack = stack;
    this.store = store;
    this.pilot = "/api/v1/pilots/" + pilot;
  }

  /** Where the pilot is. */
  String pilot() {
    return pilot;
  }

  /** Where a dataset is. */
  String path(String dataset) {
    return pilot + "/datasets/" + dataset;
  }

  PilothouseApi api() {
    return stack.platform();
  }

  /**
   * Declares, sends and completes, and waits for the verification.
   *
   * @param checksum what is said of the whole
   * @return the dataset
   */
  String upload(String name, byte[] bytes, String checksum)
      throws IOException, InterruptedException {
    ObjectNode wanted = JsonNodeFactory.instance.objectNode();
    wanted.put("name", name);
    wanted.put("media_type", "application/octet-stream").put("size_bytes", bytes.length);
    String dataset =
        patiently(() -> api().post(pilot + "/datasets", wanted)).path("dataset_id").asText();
    ObjectNode completion = JsonNodeFactory.instance.objectNode();
    completion.put("checksum", checksum);
    for (boolean whole = false; !whole; ) {
      completion.set("parts", send(path(dataset), bytes));
      whole = settle(path(dataset), completion);
    }
    return dataset;
  }

  private ArrayNode send(String path, byte[] bytes) throws IOException, InterruptedException {
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
  private void put(String url, byte[] bytes) throws InterruptedException {
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
    untilVerified(path);
    return true;
  }

  private void untilVerified(String path) throws InterruptedException {
    await(
        path + " is not verified",
        path,
        dataset -> !dataset.path("state").asText().equals("verifying"));
  }

  /** Asks until it is so, and returns what was answered then. */
  JsonNode await(String otherwise, String path, Predicate<JsonNode> isSo)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      JsonNode answer = patiently(() -> api().get(path));
      if (isSo.test(answer)) {
        return answer;
      }
      if (System.nanoTime() > end) {
        throw new ApiProblem(0, "waited_in_vain", otherwise);
      }
      Thread.sleep(200);
    }
  }

  JsonNode patiently(Supplier<JsonNode> call) throws InterruptedException {
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

  @Override
  public void close() {
    http.shutdownNow();
  }
}
