package org.pilothouse.local.home;

import java.util.Map;
import org.pilothouse.local.Complaint;

/**
 * Every port of one stack, derived from a base and the HTTP port, so that two stacks never meet.
 */
public record PortPlan(int base, int http) {

  public static final int DEFAULT_BASE = 17000;
  public static final int DEFAULT_HTTP = 9080;
  public static final int WIDTH = 20;

  public PortPlan {
    if (base < 1024 || base + WIDTH > 65535) {
      throw Complaint.of(
          "port base " + base + " is out of range",
          "set PILOTHOUSE_PORT_BASE to a number from 1024 to " + (65535 - WIDTH));
    }
    if (http < 1 || http > 65535) {
      throw Complaint.of(
          "HTTP port " + http + " is out of range",
          "set PILOTHOUSE_HTTP_PORT to a number from 1 to 65535");
    }
    if (http >= base && http < base + WIDTH) {
      throw Complaint.of(
          "HTTP port " + http + " lies inside the ports of the servers (" + base + " and up)",
          "move PILOTHOUSE_HTTP_PORT or PILOTHOUSE_PORT_BASE");
    }
  }

  public static PortPlan from(Map<String, String> environment) {
    return new PortPlan(
        number(environment, "PILOTHOUSE_PORT_BASE", DEFAULT_BASE),
        number(environment, "PILOTHOUSE_HTTP_PORT", DEFAULT_HTTP));
  }

  public int kafka() {
    return base;
  }

  public int kafkaController() {
    return base + 1;
  }

  public int postgres() {
    return base + 2;
  }

  public int amqp() {
    return base + 3;
  }

  public int amqpDistribution() {
    return base + 4;
  }

  public int elasticsearch() {
    return base + 5;
  }

  public int elasticsearchTransport() {
    return base + 6;
  }

  public int s3() {
    return base + 7;
  }

  public int mqtt() {
    return base + 8;
  }

  public int supervisor() {
    return base + 9;
  }

  public int erlangNames() {
    return base + 10;
  }

  public int mqttMetrics() {
    return base + 11;
  }

  private static int number(Map<String, String> environment, String name, int fallback) {
    String value = environment.get(name);
    if (value == null || value.isBlank()) {
      return fallback;
    }
    try {
      return Integer.parseInt(value.trim());
    } catch (NumberFormatException e) {
      throw Complaint.of(name + "=" + value + " is not a number", "set it to a port or unset it");
    }
  }
}
