package org.pilothouse.ctl;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

/** An HTTP server that answers as a test says and keeps what it was asked. */
public final class FakePlatform implements AutoCloseable {
  /** What was asked. */
  public record Request(String method, String path, Map<String, String> headers, String body) {
    public List<String> lines() {
      return body.lines().toList();
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  /** What is answered. */
  public record Response(int status, String body, Map<String, String> headers) {
    public static Response of(int status, String body) {
      return new Response(status, body, Map.of());
    }

    public static Response problem(int status, String code) {
      return of(status, "{\"code\":\"" + code + "\",\"detail\":\"because\"}");
    }
  }

  private final HttpServer server;
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final Queue<Response> before = new ConcurrentLinkedQueue<>();
  private volatile Function<Request, Response> usual;

  public FakePlatform(Function<Request, Response> usual) {
    this.usual = usual;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::handle);
    server.start();
  }

  /** Takes all telemetry, and says so. */
  public static Response accepting(Request request) {
    return Response.of(202, "{\"accepted\":" + request.lines().size() + ",\"rejected\":[]}");
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Answers once before the usual; telemetry only. */
  public void next(Response response) {
    before.add(response);
  }

  public void usually(Function<Request, Response> answers) {
    usual = answers;
  }

  public List<Request> requests() {
    return requests;
  }

  public List<Request> telemetry() {
    return requests.stream().filter(request -> request.path().endsWith("/telemetry")).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    String body;
    try (InputStream in =
        gzip ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody()) {
      body = new String(in.readAllBytes(), UTF_8);
    }
    Map<String, String> headers = new java.util.TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
    Request request =
        new Request(
            exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body);
    requests.add(request);
    Response planned = request.path().endsWith("/telemetry") ? before.poll() : null;
    Response response = planned == null ? usual.apply(request) : planned;
    byte[] bytes = response.body().getBytes(UTF_8);
    response.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    exchange.sendResponseHeaders(response.status(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
