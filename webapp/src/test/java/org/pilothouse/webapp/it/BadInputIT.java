package org.pilothouse.webapp.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What should never have been sent gets its code, and nothing of it reaches the backbone. */
class BadInputIT {
  private static final String NDJSON = "application/x-ndjson";
  private static final String NOW = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
  private static final Duration PATIENCE = Duration.ofSeconds(100);

  private static TelemetryTopic topic;
  private static Consortium.Device device;

  @BeforeAll
  static void setUp() {
    device = Consortium.get().device(Consortium.get().own());
    topic = new TelemetryTopic();
  }

  @AfterAll
  static void tearDown() {
    if (topic != null) {
      topic.close();
    }
  }

  /** A body that is refused as a whole. */
  record Body(
      String name, String mediaType, String encoding, byte[] bytes, int status, String code) {
    @Override
    public String toString() {
      return name + " -> " + status + " " + code;
    }
  }

  /** A line that is refused while the others of its body are taken. */
  record Line(String name, byte[] bytes, String code) {
    @Override
    public String toString() {
      return name + " -> " + code;
    }
  }

  static Stream<Body> bodies() {
    byte[] good = line("pump-1", NOW, "{\"rpm\":1}").getBytes(UTF_8);
    byte[] zipped = gzip(good, 1);
    return Stream.of(
        new Body("no gzip at all", NDJSON, "gzip", good, 400, "malformed_gzip"),
        new Body(
            "truncated gzip",
            NDJSON,
            "gzip",
            Arrays.copyOf(zipped, zipped.length - 9),
            400,
            "malformed_gzip"),
        new Body("gzip bomb", NDJSON, "gzip", gzip(new byte[1 << 20], 1024), 413, "too_large"),
        new Body(
            "gzip bomb of line ends",
            NDJSON,
            "gzip",
            gzip("\n".repeat(1 << 20).getBytes(UTF_8), 1024),
            413,
            "too_large"),
        new Body("another encoding", NDJSON, "br", good, 415, "unsupported_media_type"),
        new Body("CSV", "text/csv", "", good, 415, "unsupported_media_type"),
        new Body(
            "a form", "application/x-www-form-urlencoded", "", good, 415, "unsupported_media_type"),
        new Body("no type", "", "", good, 415, "unsupported_media_type"));
  }

  static Stream<Line> lines() {
    return Stream.of(
        new Line("broken UTF-8", brokenUtf8(), "malformed_json"),
        bad("no JSON", "hello", "malformed_json"),
        bad("an array", "[]", "malformed_json"),
        bad("two values", line("pump-1", NOW, "{\"a\":1}") + " {}", "malformed_json"),
        bad("deep", line("pump-1", NOW, "{\"a\":" + "[".repeat(30_000)), "invalid_value"),
        bad(
            "deep beyond the line",
            line("pump-1", NOW, "{\"a\":" + "[".repeat(1_000_000)),
            "too_large"),
        bad(
            "a number of 10,000 digits",
            line("pump-1", NOW, "{\"a\":" + "9".repeat(10_000) + "}"),
            "invalid_value"),
        bad(
            "a number of 100,000 digits",
            line("pump-1", NOW, "{\"a\":" + "9".repeat(100_000) + "}"),
            "too_large"),
        bad("a huge exponent", line("pump-1", NOW, "{\"a\":1e999999999}"), "invalid_value"),
        bad("NaN", line("pump-1", NOW, "{\"a\":NaN}"), "malformed_json"),
        bad("infinity", line("pump-1", NOW, "{\"a\":-Infinity}"), "malformed_json"),
        bad("null", line("pump-1", NOW, "{\"a\":null}"), "invalid_value"),
        bad("an object", line("pump-1", NOW, "{\"a\":{}}"), "invalid_value"),
        bad("no values", line("pump-1", NOW, "{}"), "invalid_value"),
        bad("a key twice", line("pump-1", NOW, "{\"a\":1,\"a\":2}"), "duplicate_key"),
        bad(
            "a field twice",
            "{\"twin\":\"pump-1\",\"twin\":\"pump-2\",\"time\":\""
                + NOW
                + "\",\"values\":{\"a\":1}}",
            "duplicate_key"),
        bad(
            "a field too many",
            "{\"twin\":\"pump-1\",\"time\":\"" + NOW + "\",\"values\":{\"a\":1},\"pilot\":\"x\"}",
            "unknown_field"),
        bad("no time", "{\"twin\":\"pump-1\",\"values\":{\"a\":1}}", "missing_field"),
        bad("year 0", line("pump-1", "0000-01-01T00:00:00Z", "{\"a\":1}"), "invalid_time"),
        bad("year 9999", line("pump-1", "9999-12-31T23:59:59Z", "{\"a\":1}"), "invalid_time"),
        bad("year 10000", line("pump-1", "+10000-01-01T00:00:00Z", "{\"a\":1}"), "invalid_time"),
        bad("no offset", line("pump-1", "2026-11-01T00:00:00", "{\"a\":1}"), "invalid_time"),
        bad(
            "an offset of 25 hours",
            line("pump-1", "2026-11-01T00:00:00+25:00", "{\"a\":1}"),
            "invalid_time"),
        bad(
            "an offset in seconds",
            line("pump-1", "2026-11-01T00:00:00+01:00:30", "{\"a\":1}"),
            "invalid_time"),
        bad("31 February", line("pump-1", "2026-02-31T00:00:00Z", "{\"a\":1}"), "invalid_time"),
        bad(
            "a number for a time",
            "{\"twin\":\"pump-1\",\"time\":1,\"values\":{\"a\":1}}",
            "invalid_time"),
        bad("a path for a twin", line("../../etc/passwd", NOW, "{\"a\":1}"), "invalid_id"),
        bad("a slash in a twin", line("a/b", NOW, "{\"a\":1}"), "invalid_id"),
        bad("a zero byte in a twin", line("a\\u0000b", NOW, "{\"a\":1}"), "invalid_id"),
        bad("a line end in a twin", line("a\\nb", NOW, "{\"a\":1}"), "invalid_id"),
        bad("a twin of 129 letters", line("a".repeat(129), NOW, "{\"a\":1}"), "invalid_id"),
        bad(
            "a control character in an id",
            "{\"id\":\"a\\u0007\",\"twin\":\"pump-1\",\"time\":\""
                + NOW
                + "\",\"values\":{\"a\":1}}",
            "invalid_id"));
  }

  @ParameterizedTest
  @MethodSource
  void bodies(Body body) {
    unchanged(() -> {
      Map<String, String> headers = new HashMap<>();
      if (!body.mediaType().isEmpty()) {
        headers.put("Content-Type", body.mediaType());
      }
      if (!body.encoding().isEmpty()) {
        headers.put("Content-Encoding", body.encoding());
      }

      Answer answer = device.api().call("POST", telemetry(own()), headers, body.bytes());

      assertProblem(answer, body.status(), body.code());
    });
  }

  @ParameterizedTest
  @MethodSource
  void lines(Line line) {
    unchanged(() -> {
      Answer answer =
          device.api().call("POST", telemetry(own()), Map.of("Content-Type", NDJSON), line.bytes());

      JsonNode rejected = answer.json().path("rejected");
      assertThat(answer.status()).as("%s", answer).isEqualTo(202);
      assertThat(answer.json().path("accepted").asInt()).isZero();
      assertThat(rejected).hasSize(1);
      assertThat(rejected.path(0).path("line").asInt()).isEqualTo(1);
      assertThat(rejected.path(0).path("code").asText()).as("%s", answer).isEqualTo(line.code());
    });
  }

  @Test
  void shouldTakeTheGoodLineBetweenBadOnes() {
    long before = topic.written(own());
    String body = "nonsense\n" + line("pump-1", NOW, "{\"rpm\":1}") + "\n{\"twin\":1}\n";

    Answer answer = device.api().send("POST", telemetry(own()), NDJSON, body);

    assertThat(answer.status()).as("%s", answer).isEqualTo(202);
    assertThat(answer.json().path("accepted").asInt()).isEqualTo(1);
    assertThat(answer.json().path("rejected")).hasSize(2);
    assertThat(topic.written(own())).isEqualTo(before + 1);
  }

  @Test
  void shouldTakeAnOddOffset() {
    String time = Instant.now().toString().replace("Z", "+00:00");

    Answer answer =
        device.api().send("POST", telemetry(own()), NDJSON, line("pump-1", time, "{\"rpm\":1}"));

    assertThat(answer.json().path("accepted").asInt()).as("%s", answer).isEqualTo(1);
  }

  @Test
  void shouldRefuseADeviceOfAnotherPilot() {
    unchanged(() -> {
      Answer answer =
          device.api().send("POST", telemetry(other()), NDJSON, line("pump-1", NOW, "{\"rpm\":1}"));

      assertProblem(answer, 404, "not_found");
    });
  }

  @Test
  void shouldRefuseALineOf100MegabytesByItsAnnouncedLength() {
    unchanged(() -> {
      Answer answer =
          stream(
              Map.of("Content-Length", Integer.toString(100 << 20)),
              out -> {
                byte[] piece = "9".repeat(1 << 16).getBytes(UTF_8);
                for (int i = 0; i < 1600; i++) {
                  out.write(piece);
                }
              });

      // Beyond 64 MiB it is the server that refuses, without a body.
      assertThat(answer.status()).as("%s", answer).isEqualTo(413);
    });
  }

  @Test
  void shouldRefuseALineOf100MegabytesThatComesInChunks() {
    unchanged(() -> {
      Answer answer =
          stream(
              Map.of("Transfer-Encoding", "chunked"),
              out -> {
                byte[] piece = ("10000\r\n" + "9".repeat(1 << 16) + "\r\n").getBytes(UTF_8);
                for (int i = 0; i < 1600; i++) {
                  out.write(piece);
                }
                out.write("0\r\n\r\n".getBytes(UTF_8));
              });

      assertProblem(answer, 413, "too_large");
    });
  }

  @Test
  void shouldGiveUpABodyThatStalls() {
    unchanged(() -> {
      Answer answer =
          stream(
              Map.of("Content-Length", "1000"),
              out -> {
                out.write((line("pump-1", NOW, "{\"rpm\":1}") + "\n").getBytes(UTF_8));
                out.flush();
              });

      assertProblem(answer, 408, "request_timeout");
    });
  }

  @Test
  void shouldLeaveNothingOfABodyThatIsCutOff() {
    unchanged(() -> {
      RawHttp http = new RawHttp(ManagedServer.url(), "127.0.0.1", PATIENCE);
      byte[] head = http.head("POST", telemetry(own()), headers(Map.of("Content-Length", "1000")));
      try {
        http.exchange(out -> {
          out.write(head);
          out.write((line("pump-1", NOW, "{\"rpm\":1}") + "\n").getBytes(UTF_8));
          out.flush();
          throw new IOException("hangs up");
        });
      } catch (IOException e) {
        assertThat(e).hasMessage("hangs up");
      }
    });
  }

  static Stream<Body> documents() {
    String nested = "[".repeat(500_000);
    return Stream.of(
        json("no JSON", "hello", 400, "malformed_json"),
        json("an empty body", "", 400, "malformed_json"),
        json("an array", "[]", 400, "invalid_value"),
        json("deep", "{\"device_id\":" + nested, 400, "malformed_json"),
        json("a long number", "{\"device_id\":" + "9".repeat(100_000) + "}", 400, "malformed_json"),
        json("NaN", "{\"device_id\":NaN}", 400, "malformed_json"),
        json("a key twice", "{\"device_id\":\"a\",\"device_id\":\"b\"}", 400, "duplicate_key"),
        json("an unknown field", "{\"device_id\":\"a\",\"pilot\":\"b\"}", 400, "unknown_field"),
        json("no id", "{}", 400, "missing_field"),
        json("a number for an id", "{\"device_id\":7}", 400, "invalid_value"),
        json("a path for an id", "{\"device_id\":\"../x\"}", 400, "invalid_id"),
        json("a control character", "{\"device_id\":\"a\\u0000\"}", 400, "invalid_value"),
        json("2 MB", "{\"device_id\":\"" + "a".repeat(2 << 20) + "\"}", 413, "too_large"),
        new Body(
            "broken UTF-8",
            "application/json",
            "",
            new byte[] {'{', '"', (byte) 0xc3, (byte) 0x28, '"', ':', '1', '}'},
            400,
            "malformed_json"),
        new Body(
            "XML", "application/xml", "", "<a/>".getBytes(UTF_8), 415, "unsupported_media_type"));
  }

  @ParameterizedTest
  @MethodSource
  void documents(Body body) {
    String path = "/api/v1/pilots/" + own() + "/devices";
    Api platform = Consortium.get().platform();
    int before = platform.get(path + "?limit=500").json().path("items").size();

    Answer answer =
        platform.call("POST", path, Map.of("Content-Type", body.mediaType()), body.bytes());

    assertProblem(answer, body.status(), body.code());
    assertThat(platform.get(path + "?limit=500").json().path("items")).hasSize(before);
  }

  static Stream<Body> results() {
    return Stream.of(
        json("no JSON", "hello", 400, "malformed_json"),
        json("an array", "[]", 400, "invalid_value"),
        json("an unknown state", "{\"state\":\"done\"}", 400, "invalid_value"),
        json("a number for a state", "{\"state\":1}", 400, "invalid_value"),
        json("an unknown field", "{\"result\":1}", 400, "unknown_field"),
        json("a control character", "{\"error\":\"a\\u0000\"}", 400, "invalid_value"),
        json("NUL in the output", "{\"output\":{\"a\":\"\\u0000\"}}", 400, "invalid_value"),
        json("a large output", "{\"output\":\"" + "a".repeat(70_000) + "\"}", 413, "too_large"),
        json("a result of nothing", "{\"state\":\"succeeded\"}", 404, "not_found"));
  }

  @ParameterizedTest
  @MethodSource
  void results(Body body) {
    String path = commands() + "/01900000-0000-7000-8000-000000000000/result";

    Answer answer =
        device.api().call("POST", path, Map.of("Content-Type", body.mediaType()), body.bytes());

    assertProblem(answer, body.status(), body.code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "..%2F", "01900000-0000-7000-8000-00000000000g", "%27%20OR%201"})
  void shouldNotFindACommandOfAMalformedId(String id) {
    Answer answer =
        device.api().send("POST", commands() + "/" + id + "/result", "application/json", "{}");

    assertThat(answer.status()).as("%s", answer).isBetween(400, 404);
    assertThat(answer.text()).doesNotContain("Exception", "SQLSTATE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "31", "x", "1e1", "99999999999", "0x1"})
  void shouldRefuseAWaitThatIsNone(String wait) {
    assertProblem(device.api().get(commands() + "?wait_s=" + wait), 400, "invalid_value");
  }

  private static String commands() {
    return "/api/v1/pilots/" + own() + "/devices/" + device.id() + "/commands";
  }

  static Stream<String> paths() {
    return Stream.of(
        "/api/v1/pilots/%00",
        "/api/v1/pilots/a%0d%0aX-Evil:%201",
        "/api/v1/pilots/%e2%80%ae",
        "/api/v1/pilots/" + "a".repeat(5000),
        "/api/v1/pilots/UPPER",
        "/api/v1/pilots/" + "%20",
        "/api/v1/no-such-thing");
  }

  @ParameterizedTest
  @MethodSource
  void paths(String path) {
    Answer answer = Consortium.get().platform().get(path);

    assertThat(answer.status()).as("%s", answer).isBetween(400, 499);
    assertThat(answer.headers()).doesNotContainKey("x-evil");
    assertThat(answer.text()).doesNotContain("Exception", "\tat ", "org.pilothouse");
  }

  private static Line bad(String name, String text, String code) {
    return new Line(name, text.getBytes(UTF_8), code);
  }

  private static Body json(String name, String text, int status, String code) {
    return new Body(name, "application/json", "", text.getBytes(UTF_8), status, code);
  }

  private static String line(String twin, String time, String values) {
    return "{\"twin\":\"" + twin + "\",\"time\":\"" + time + "\",\"values\":" + values + "}";
  }

  private static byte[] brokenUtf8() {
    byte[] bytes = line("pump-1", NOW, "{\"a\":\"__\"}").getBytes(UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '_') {
        bytes[i] = (byte) 0xfe;
      }
    }
    return bytes;
  }

  private static byte[] gzip(byte[] piece, int times) {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(zipped)) {
      for (int i = 0; i < times; i++) {
        out.write(piece);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return zipped.toByteArray();
  }

  private Answer stream(Map<String, String> more, RawHttp.Sender body) {
    RawHttp http = new RawHttp(ManagedServer.url(), "127.0.0.1", PATIENCE);
    byte[] head = http.head("POST", telemetry(own()), headers(more));
    try {
      return http.exchange(out -> {
        out.write(head);
        out.flush();
        body.send(out);
        out.flush();
      });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> headers(Map<String, String> more) {
    Map<String, String> headers = new HashMap<>(more);
    headers.put("Content-Type", NDJSON);
    return device.api().withToken(headers);
  }

  private static void assertProblem(Answer answer, int status, String code) {
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    assertThat(answer.isProblem()).as("%s", answer).isTrue();
    assertThat(answer.code()).isEqualTo(code);
  }

  private static void unchanged(Runnable work) {
    long own = topic.written(own());
    long other = topic.written(other());

    work.run();

    assertThat(topic.written(own())).isEqualTo(own);
    assertThat(topic.written(other())).isEqualTo(other);
  }

  private static String own() {
    return Consortium.get().own();
  }

  private static String other() {
    return Consortium.get().other();
  }

  private static String telemetry(String pilot) {
    return "/api/v1/pilots/" + pilot + "/telemetry";
  }
}
