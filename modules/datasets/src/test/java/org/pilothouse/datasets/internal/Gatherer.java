package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A gatherer of lineage that answers as a test wants. */
final class Gatherer implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final List<Sent> taken = new CopyOnWriteArrayList<>();
  private final List<String> paths = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private volatile Manner manner = (exchange, event) -> 201;

  /** An event that was answered with success, and the key that came with it. */
  record Sent(JsonNode event, String authorization) {
    String run() {
      return event.at("/run/runId").asText();
    }

    String type() {
      return event.path("eventType").asText();
    }
  }

  /** How it answers. */
  interface Manner {
    /**
     * The status, which is sent afterwards: whoever hears of it finds the event among those taken.
     */
    int answer(HttpExchange exchange, JsonNode event) throws IOException, InterruptedException;
  }

  Gatherer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/api/v1/lineage");
  }

  void answers(Manner manner) {
    this.manner = manner;
  }

  void answers(int status) {
    answers((exchange, event) -> status);
  }

  /** Holds whoever asks until the test ends. */
  int hold() throws InterruptedException {
    closing.await();
    return 503;
  }

  List<Sent> taken() {
    return List.copyOf(taken);
  }

  /** Of all requests so far. */
  List<String> paths() {
    return List.copyOf(paths);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      paths.add(exchange.getRequestURI().getPath());
      JsonNode event = new ObjectMapper().readTree(exchange.getRequestBody());
      int status = manner.answer(exchange, event);
      if (status / 100 == 2) {
        taken.add(
            new Sent(
                event, String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"))));
      }
      exchange.sendResponseHeaders(status, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closing.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
