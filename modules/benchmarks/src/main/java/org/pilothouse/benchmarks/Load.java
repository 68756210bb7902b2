package org.pilothouse.benchmarks;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Reports events over HTTP and MQTT at a steady rate. Whatever is not acknowledged is sent again
 * under the same id until it is; what is goes into the ledger.
 */
final class Load implements AutoCloseable {
  private static final int LINES = 50;
  private static final int WORKERS = 4;
  private static final int MQTT_CLIENTS = 2;
  private static final int MQTT_WINDOW = 200;
  private static final int TIMEOUT_MILLIS = 40_000;

  /** What is reported. */
  interface Lines {
    /**
     * A line of telemetry.
     *
     * @param run with the number, the event's id: {@code run-number}
     */
    String line(String run, long number);
  }

  static final Lines PLAIN =
      (run, number) ->
          "{\"id\":\""
              + run
              + "-"
              + number
              + "\",\"twin\":\"machine-"
              + number % 200
              + "\",\"time\":\""
              + Instant.now()
              + "\",\"values\":{\"temperature\":"
              + (20 + number % 60)
              + ",\"count\":"
              + number
              + "}}";

  private final String run;
  private final Lines lines;
  private final Ledger ledger;
  private final URI http;
  private final URI mqtt;
  private final double httpRate;
  private final double mqttRate;
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong lastHttp = new AtomicLong();
  private final AtomicLong lastMqtt = new AtomicLong();
  private final LongAdder byMqtt = new LongAdder();
  private final Map<String, LongAdder> unacknowledged = new ConcurrentSkipListMap<>();
  private final AtomicInteger mqttWaiting = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();
  private final List<Mqtt5AsyncClient> clients = new ArrayList<>();
  private volatile boolean ending;
  private volatile boolean abandoned;

  Load(
      String run,
      Lines lines,
      Ledger ledger,
      URI http,
      URI mqtt,
      double httpRate,
      double mqttRate) {
    this.run = run;
    this.lines = lines;
    this.ledger = ledger;
    this.http = http;
    this.mqtt = mqtt;
    this.httpRate = httpRate;
    this.mqttRate = mqttRate;
  }

  void start(List<Stack.Device> devices) throws Exception {
    for (int i = 0; i < WORKERS; i++) {
      Stack.Device device = devices.getFirst();
      threads.add(Thread.ofPlatform().name("http-" + i).start(() -> overHttp(device)));
    }
    for (int i = 0; i < MQTT_CLIENTS && mqttRate > 0; i++) {
      Stack.Device device = devices.get(1 + i);
      Mqtt5AsyncClient client = client(device, mqtt);
      client
          .connectWith()
          .cleanStart(false)
          .sessionExpiryInterval(3_600)
          .keepAlive(10)
          .send()
          .get(120, TimeUnit.SECONDS);
      clients.add(client);
      threads.add(Thread.ofPlatform().name("mqtt-" + i).start(() -> overMqtt(client, device)));
    }
  }

  /** One that comes back by itself, as its device. */
  static Mqtt5AsyncClient client(Stack.Device device, URI broker) {
    return Mqtt5Client.builder()
        .serverHost(broker.getHost())
        .serverPort(broker.getPort())
        .identifier(device.device())
        .automaticReconnect()
        .initialDelay(200, TimeUnit.MILLISECONDS)
        .maxDelay(2, TimeUnit.SECONDS)
        .applyAutomaticReconnect()
        .simpleAuth()
        .username(device.device())
        .password(device.token().getBytes(StandardCharsets.UTF_8))
        .applySimpleAuth()
        .buildAsync();
  }

  private void overHttp(Stack.Device device) {
    @Nullable HttpConnection connection = null;
    double perSecond = httpRate / WORKERS;
    long begin = System.nanoTime();
    long sent = 0;
    try {
      while (!ending) {
        long first = next.getAndAdd(LINES);
        StringBuilder text = new StringBuilder(LINES * 160);
        for (int i = 0; i < LINES; i++) {
          text.append(lines.line(run, first + i)).append('\n');
        }
        byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
        byte[] head =
            HttpConnection.head(
                http,
                "/api/v1/pilots/" + device.pilot() + "/telemetry",
                device.token(),
                body.length);
        boolean acknowledged = false;
        while (!acknowledged && !abandoned) {
          try {
            if (connection == null) {
              connection = new HttpConnection(http, TIMEOUT_MILLIS);
            }
            HttpConnection.Answer answer = connection.post(head, body, body.length);
            if (answer.status() == 202 && HttpLoad.accepted(answer.body()) == LINES) {
              ledger.acknowledged(first, LINES);
              lastHttp.set(System.nanoTime());
              acknowledged = true;
            } else {
              failed("http " + answer.status());
              pause(answer.status() == 429 ? 500 : 300);
            }
            if (connection.isClosing()) {
              connection.close();
              connection = null;
            }
          } catch (IOException | RuntimeException e) {
            failed("http " + e.getClass().getSimpleName());
            if (connection != null) {
              connection.close();
              connection = null;
            }
            pause(100);
          }
        }
        sent += LINES;
        long due = begin + (long) (sent / perSecond * 1e9);
        long early = due - System.nanoTime();
        if (early > 0) {
          Thread.sleep(early / 1_000_000);
        } else if (early < -1_000_000_000L) {
          // What an outage cost is not made up for in a burst.
          begin -= early;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (connection != null) {
        connection.close();
      }
    }
  }

  private void overMqtt(Mqtt5AsyncClient client, Stack.Device device) {
    Semaphore window = new Semaphore(MQTT_WINDOW);
    String topic = "pilothouse/" + device.pilot() + "/" + device.device() + "/telemetry";
    long gap = (long) (1e9 / (mqttRate / MQTT_CLIENTS));
    long due = System.nanoTime();
    try {
      while (!ending) {
        if (!window.tryAcquire(1, TimeUnit.SECONDS)) {
          continue;
        }
        long number = next.getAndIncrement();
        mqttWaiting.incrementAndGet();
        byte[] line = lines.line(run, number).getBytes(StandardCharsets.UTF_8);
        publish(client, topic, number, line, window);
        due = Math.max(due + gap, System.nanoTime() - 1_000_000_000L);
        long early = due - System.nanoTime();
        if (early > 0) {
          TimeUnit.NANOSECONDS.sleep(early);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish(
      Mqtt5AsyncClient client, String topic, long number, byte[] line, Semaphore window) {
    client
        .publishWith()
        .topic(topic)
        .qos(MqttQos.AT_LEAST_ONCE)
        .payload(line)
        .send()
        .whenComplete((result, failure) -> {
          if (failure == null && result.getError().isEmpty()) {
            try {
              ledger.acknowledged(number, 1);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            lastMqtt.set(System.nanoTime());
            byMqtt.increment();
            mqttWaiting.decrementAndGet();
            window.release();
          } else {
            Throwable why = failure != null ? failure : result.getError().orElseThrow();
            failed("mqtt " + why.getClass().getSimpleName());
            again(client, topic, number, line, window);
          }
        });
  }

  private void again(
      Mqtt5AsyncClient client, String topic, long number, byte[] line, Semaphore window) {
    if (abandoned) {
      return;
    }
    Thread.ofVirtual()
        .start(() -> {
          try {
            pause(200);
            publish(client, topic, number, line, window);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private void failed(String why) {
    unacknowledged.computeIfAbsent(why, ignored -> new LongAdder()).increment();
  }

  private static void pause(long millis) throws InterruptedException {
    Thread.sleep(millis);
  }

  /** {@link System#nanoTime} of the last acknowledgement over HTTP and over MQTT. */
  long lastHttp() {
    return lastHttp.get();
  }

  long lastMqtt() {
    return lastMqtt.get();
  }

  boolean usesMqtt() {
    return mqttRate > 0;
  }

  long byMqtt() {
    return byMqtt.sum();
  }

  long attempted() {
    return next.get();
  }

  /** Why requests were not acknowledged, and how often. */
  Map<String, Long> unacknowledged() {
    Map<String, Long> counts = new TreeMap<>();
    unacknowledged.forEach((why, count) -> counts.put(why, count.sum()));
    return counts;
  }

  /**
   * Begins nothing new and waits until all that was begun is acknowledged.
   *
   * @return false when that took too long
   */
  boolean drain(long longestMillis) throws InterruptedException {
    ending = true;
    long end = System.nanoTime() + longestMillis * 1_000_000;
    for (Thread thread : threads) {
      thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    }
    while (mqttWaiting.get() > 0 && System.nanoTime() < end) {
      Thread.sleep(50);
    }
    return mqttWaiting.get() == 0 && threads.stream().noneMatch(Thread::isAlive);
  }

  @Override
  public void close() {
    ending = true;
    abandoned = true;
    threads.forEach(Thread::interrupt);
    clients.forEach(Mqtt5AsyncClient::disconnect);
  }
}
