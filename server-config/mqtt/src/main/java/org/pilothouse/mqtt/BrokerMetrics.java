package org.pilothouse.mqtt;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Meter;
import com.codahale.metrics.MetricRegistry;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** {@code GET /metrics} in Prometheus's text format. */
final class BrokerMetrics implements AutoCloseable {
  private final MetricRegistry registry;
  private final Backlog backlog;
  private final PublishGate gate;
  private final HttpServer server;
  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(
          work -> Thread.ofPlatform().name("metrics").daemon().unstarted(work));

  BrokerMetrics(String host, int port, MetricRegistry registry, Backlog backlog, PublishGate gate) {
    this.registry = registry;
    this.backlog = backlog;
    this.gate = gate;
    try {
      server = HttpServer.create(new InetSocketAddress(host, port), 16);
    } catch (IOException e) {
      throw new UncheckedIOException("metrics cannot listen on " + host + ":" + port, e);
    }
    server.createContext("/metrics", this::answer);
    server.setExecutor(executor);
    server.start();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = text().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private String text() {
    StringBuilder text = new StringBuilder(8192);
    line(text, "pilothouse_mqtt_backlog_messages", "gauge", backlog.messages());
    line(text, "pilothouse_mqtt_taking_publishes", "gauge", backlog.refusal() == null ? 1 : 0);
    line(text, "pilothouse_mqtt_refused_publishes_total", "counter", gate.refused());
    registry
        .getMetrics()
        .forEach((name, metric) -> {
          String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
          if (metric instanceof Counter counter) {
            line(text, plain, "gauge", counter.getCount());
          } else if (metric instanceof Gauge<?> gauge
              && gauge.getValue() instanceof Number number) {
            line(text, plain, "gauge", number);
          } else if (metric instanceof Meter meter) {
            line(text, plain + "_total", "counter", meter.getCount());
          }
        });
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String type, Number value) {
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    text.append(name).append(' ').append(value).append('\n');
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
