package org.pilothouse.platform.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.testkit.TestHome;

/** What the hold asks of an S3 server, asked of the one that the local stack runs. */
class ObjectStoreIT {
  private static final int PART = 5 * 1024 * 1024;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static ObjectStore store;

  private final String prefix = "it/" + UUID.randomUUID() + "/";

  @BeforeAll
  static void open() {
    store = storeAt(Clock.systemUTC());
  }

  @AfterAll
  static void close() {
    store.close();
  }

  @Test
  void shouldMakeAnObjectOfPartsThatWerePutToSignedUrls() throws Exception {
    byte[] bytes = bytes(PART + 1_000);
    String key = prefix + "data";
    String upload = store.begin(key, "application/octet-stream");

    String first = putPart(key, upload, 1, Arrays.copyOfRange(bytes, 0, PART));
    String second = putPart(key, upload, 2, Arrays.copyOfRange(bytes, PART, bytes.length));

    List<ObjectStore.Part> stored = store.parts(key, upload).orElseThrow();
    assertThat(stored)
        .containsExactly(
            new ObjectStore.Part(1, PART, first), new ObjectStore.Part(2, 1_000, second));
    assertThat(store.complete(key, upload, stored)).isEqualTo(ObjectStore.Completion.COMPLETED);
    assertThat(store.find(key).orElseThrow().size()).isEqualTo(bytes.length);
    assertThat(read(key, 0)).isEqualTo(bytes);
    assertThat(read(key, PART)).isEqualTo(Arrays.copyOfRange(bytes, PART, bytes.length));
    // Stores differ in what they answer now; none may change the object.
    assertThat(store.parts(key, upload).orElse(List.of())).isEmpty();
    assertThat(store.complete(key, upload, stored))
        .isNotEqualTo(ObjectStore.Completion.PART_MISMATCH);
    assertThat(read(key, 0)).isEqualTo(bytes);
  }

  @Test
  void shouldRefuseAPartOfAnotherSizeThanItsUrlIsFor() throws Exception {
    String key = prefix + "data";
    String upload = store.begin(key, "text/plain");
    URI url = store.partUrl(key, upload, 1, 10);

    assertThat(put(url, bytes(11)).statusCode()).isEqualTo(403);
    assertThat(put(url, bytes(10)).statusCode()).isEqualTo(200);
  }

  @Test
  void shouldRefuseAUrlThatWasChangedToAnotherKey() throws Exception {
    String key = prefix + "data";
    String upload = store.begin(key, "text/plain");
    URI url = store.partUrl(key, upload, 1, 3);

    URI other = URI.create(url.toString().replace(key, key + "x"));

    assertThat(put(other, bytes(3)).statusCode()).isEqualTo(403);
  }

  @Test
  void shouldNotCompleteWithAnEtagThatNoPartHas() throws Exception {
    String key = prefix + "data";
    String upload = store.begin(key, "text/plain");
    putPart(key, upload, 1, bytes(10));

    ObjectStore.Completion completion =
        store.complete(
            key, upload, List.of(new ObjectStore.Part(1, 10, "0123456789abcdef0123456789abcdef")));

    assertThat(completion).isEqualTo(ObjectStore.Completion.PART_MISMATCH);
    assertThat(store.find(key)).isEmpty();
  }

  @Test
  void shouldListUploadsUnderWayUntilTheyAreAborted() throws Exception {
    String key = prefix + "data";
    String upload = store.begin(key, "text/plain");
    putPart(key, upload, 1, bytes(10));

    assertThat(store.uploads(prefix).items())
        .extracting(ObjectStore.OpenUpload::uploadId)
        .containsExactly(upload);

    store.abort(key, upload);
    store.abort(key, upload);

    assertThat(store.uploads(prefix).items()).isEmpty();
    assertThat(store.list(prefix, "", 10).items()).isEmpty();
  }

  @Test
  void shouldListObjectsByKeyAndShowNoPartsAmongThem() throws Exception {
    for (String name : List.of("b", "a", "c")) {
      store.put(prefix + name, "text/plain", bytes(5));
    }
    String upload = store.begin(prefix + "d", "text/plain");
    putPart(prefix + "d", upload, 1, bytes(10));

    ObjectStore.Listing<ObjectStore.Stored> page = store.list(prefix, prefix + "a", 1);

    assertThat(page.items()).extracting(ObjectStore.Stored::key).containsExactly(prefix + "b");
    assertThat(page.more()).isTrue();
    assertThat(store.list(prefix, "", 10).items())
        .extracting(ObjectStore.Stored::key)
        .containsExactly(prefix + "a", prefix + "b", prefix + "c");
    store.remove(prefix + "a");
    store.remove(prefix + "a");
    assertThat(store.find(prefix + "a")).isEmpty();
    assertThat(store.open(prefix + "a", 0)).isEmpty();
  }

  @Test
  void shouldGiveTheBytesUnderTheirNameAtASignedUrl() throws Exception {
    String key = prefix + "data";
    store.put(key, "text/html", "<b>".getBytes(java.nio.charset.StandardCharsets.UTF_8));

    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(store.contentUrl(key, "Übung 1\".csv", "text/csv")).build(),
            HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("<b>");
    assertThat(answer.headers().firstValue("content-type").orElseThrow()).startsWith("text/csv");
    assertThat(answer.headers().firstValue("content-disposition").orElseThrow())
        .isEqualTo("attachment; filename*=UTF-8''%C3%9Cbung%201%22.csv");
  }

  @Test
  void shouldBeUnavailableWhenNobodyAnswers() {
    ObjectStoreConfig there = ObjectStoreConfig.from(TestHome.settings());
    URI nowhere = URI.create("http://127.0.0.1:9");
    try (ObjectStore away =
        new ObjectStore(
            new ObjectStoreConfig(
                nowhere,
                nowhere,
                there.region(),
                there.accessKey(),
                there.secretKey(),
                there.bucket(),
                Duration.ofMillis(500),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofMinutes(1)),
            Clock.systemUTC(),
            new SimpleMeterRegistry())) {
      assertThatThrownBy(() -> away.find("x"))
          .isInstanceOfSatisfying(
              Problem.class,
              problem -> assertThat(problem.code()).isEqualTo(ProblemCode.UNAVAILABLE));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT2H", "-PT2H", "PT24H"})
  void shouldSignByTheStoresTimeWhenTheClockOfTheNodeIsOff(Duration off) throws Exception {
    String key = prefix + "data";
    try (ObjectStore skewed = storeAt(Clock.offset(Clock.systemUTC(), off))) {
      String upload = skewed.begin(key, "text/plain");

      HttpResponse<String> sent = put(skewed.partUrl(key, upload, 1, 3), bytes(3));

      assertThat(sent.statusCode()).as(sent.body()).isEqualTo(200);
      List<ObjectStore.Part> parts = skewed.parts(key, upload).orElseThrow();
      assertThat(skewed.complete(key, upload, parts)).isEqualTo(ObjectStore.Completion.COMPLETED);
      HttpResponse<String> got =
          HTTP.send(
              HttpRequest.newBuilder(skewed.contentUrl(key, "a", "text/plain")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    }
  }

  private static ObjectStore storeAt(Clock clock) {
    return new ObjectStore(
        ObjectStoreConfig.from(TestHome.settings()), clock, new SimpleMeterRegistry());
  }

  private static String putPart(String key, String upload, int number, byte[] bytes)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = put(store.partUrl(key, upload, number, bytes.length), bytes);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.headers().firstValue("etag").orElseThrow().replace("\"", "");
  }

  private static HttpResponse<String> put(URI url, byte[] bytes)
      throws IOException, InterruptedException {
    // A connection of its own: the server may close one on which it refused a body.
    try (HttpClient own = HttpClient.newHttpClient()) {
      return own.send(
          HttpRequest.newBuilder(url).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private static byte[] read(String key, long from) throws IOException {
    try (InputStream bytes = store.open(key, from).orElseThrow()) {
      return bytes.readAllBytes();
    }
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }
}
