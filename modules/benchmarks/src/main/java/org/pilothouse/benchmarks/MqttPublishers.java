package org.pilothouse.benchmarks;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Devices that publish one telemetry line a message, QoS 1, as fast as they are acknowledged. */
final class MqttPublishers implements AutoCloseable {
  private static final int WINDOW = 500;

  private final List<Mqtt5AsyncClient> clients = new ArrayList<>();
  private final List<Stack.Device> devices;

  MqttPublishers(URI broker, List<Stack.Device> devices) throws Exception {
    this.devices = devices;
    for (Stack.Device device : devices) {
      Mqtt5AsyncClient client =
          Mqtt5Client.builder()
              .serverHost(broker.getHost())
              .serverPort(broker.getPort())
              .identifier(device.device())
              .simpleAuth()
              .username(device.device())
              .password(device.token().getBytes(StandardCharsets.UTF_8))
              .applySimpleAuth()
              .buildAsync();
      client.connectWith().cleanStart(true).keepAlive(60).send().get(30, TimeUnit.SECONDS);
      clients.add(client);
    }
  }

  /**
   * Publishes so many messages in all; returns when all are acknowledged.
   *
   * @return how many were refused
   */
  long publish(String run, long messages) throws InterruptedException {
    AtomicLong refused = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    long each = messages / clients.size();
    for (int i = 0; i < clients.size(); i++) {
      Mqtt5AsyncClient client = clients.get(i);
      Stack.Device device = devices.get(i);
      long first = i * each;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  publish(client, device, run, first, each, refused);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return refused.get();
  }

  private static void publish(
      Mqtt5AsyncClient client,
      Stack.Device device,
      String run,
      long first,
      long count,
      AtomicLong refused)
      throws InterruptedException {
    Semaphore window = new Semaphore(WINDOW);
    String topic = "pilothouse/" + device.pilot() + "/" + device.device() + "/telemetry";
    String time = Instant.now().toString();
    for (long number = first; number < first + count; number++) {
      window.acquire();
      String line =
          String.format(
              Locale.ROOT,
              "{\"id\":\"%s-%012d\",\"twin\":\"machine-%04d\",\"time\":\"%s\",\"values\":"
                  + "{\"temperature\":%d.25,\"pressure\":3.125,\"vibration\":0.0625,"
                  + "\"speed\":1480,\"state\":\"running\"}}",
              run,
              number,
              number % 1_000,
              time,
              number % 90);
      client
          .publishWith()
          .topic(topic)
          .qos(MqttQos.AT_LEAST_ONCE)
          .payload(line.getBytes(StandardCharsets.US_ASCII))
          .send()
          .whenComplete((result, failure) -> {
            if (failure != null || result.getError().isPresent()) {
              refused.incrementAndGet();
            }
            window.release();
          });
    }
    window.acquire(WINDOW);
  }

  @Override
  public void close() {
    clients.forEach(Mqtt5AsyncClient::disconnect);
  }
}
