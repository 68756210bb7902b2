package org.pilothouse.mqtt;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands where the deployable stands: says who a device is, by its token. */
final class DeviceRegister implements AutoCloseable {
  static final String KEY = "broker-key";

  private record Known(String pilot, String device) {}

  private final HttpServer server;
  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, Known> tokens = new ConcurrentHashMap<>();
  final AtomicInteger asked = new AtomicInteger();

  DeviceRegister() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/internal/mqtt/authenticate", this::answer);
    server.start();
  }

  void add(String pilot, String device, String token) {
    tokens.put(token, new Known(pilot, device));
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/internal/mqtt/authenticate";
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    try (exchange) {
      JsonNode question = json.readTree(exchange.getRequestBody());
      Known known = tokens.get(question.path("password").asText());
      boolean allowed =
          KEY.equals(exchange.getRequestHeaders().getFirst("X-Broker-Key"))
              && known != null
              && known.device().equals(question.path("username").asText());
      if (!allowed) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      byte[] body =
          json.writeValueAsString(
                  Map.of("pilot", known.pilot(), "device", known.device(), "twins", new String[0]))
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
