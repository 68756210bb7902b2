package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Gathers run events of OpenLineage, as catalogues outside do, and takes each. */
final class Gatherer implements AutoCloseable {
  private static final String PATH = "/api/v1/lineage";

  private final ObjectMapper json = new ObjectMapper();
  private final Map<String, Integer> told = new ConcurrentHashMap<>();
  private final HttpServer server;

  private Gatherer(HttpServer server) {
    this.server = server;
  }

  static Gatherer begin() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    Gatherer gatherer = new Gatherer(server);
    server.createContext(PATH, gatherer::take);
    server.start();
    return gatherer;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + PATH;
  }

  private void take(HttpExchange exchange) throws IOException {
    try (exchange) {
      told.merge(name(json.readTree(exchange.getRequestBody())), 1, Integer::sum);
      exchange.sendResponseHeaders(201, -1);
    }
  }

  /** An event that is told again has the same run. */
  private static String name(JsonNode event) {
    return event.path("run").path("runId").asText() + " " + event.path("eventType").asText();
  }

  boolean knows(JsonNode event) {
    return told.containsKey(name(event));
  }

  long events() {
    return told.size();
  }

  long toldAgain() {
    return told.values().stream().filter(times -> times > 1).count();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
