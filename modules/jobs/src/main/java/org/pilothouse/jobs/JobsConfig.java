package org.pilothouse.jobs;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.pilothouse.contracts.JobQueues;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

/**
 * How jobs are done.
 *
 * @param exchange the names of all queues begin with it; installations that share a broker's
 *     virtual host have one each
 * @param lease how long a node that says nothing keeps a job
 * @param firstRetry how long a job waits after its first attempt has failed; doubled each time
 * @param longestRetry and no longer than this
 * @param window messages of one pilot, type and class that may be at the broker
 * @param queuedMost jobs of a pilot that may wait, where nothing is set for it
 * @param runningMost jobs of a pilot that may run at once, where nothing is set for it
 * @param atOnce jobs of a type on this node, where it is not what the type says
 * @param directory for what attempts write; relative to the server's output directory
 * @param drain how long attempts may go on when the node stops
 * @param redispatch after how long a message that nobody took counts as lost where its queue is
 *     empty
 * @param keep how long jobs that have ended are kept
 * @param noop whether there is a type that does nothing; for tests
 */
public record JobsConfig(
    String exchange,
    Duration lease,
    Duration firstRetry,
    Duration longestRetry,
    int window,
    int queuedMost,
    int runningMost,
    Map<String, Integer> atOnce,
    Path directory,
    Duration drain,
    Duration redispatch,
    Duration keep,
    boolean noop) {

  /** The most jobs of a type that a node does at once. */
  public static final int MOST_AT_ONCE = 64;

  private static final String PREFIX = "pilothouse.jobs.";

  public JobsConfig {
    if (!exchange.matches("[a-z][a-z0-9.-]{0,63}")) {
      throw new InvalidSetting(
          PREFIX
              + "exchange must be lower-case letters, digits, '.' and '-', not '"
              + exchange
              + "'");
    }
    within("lease", lease, Duration.ofSeconds(2), Duration.ofMinutes(10));
    within("first-retry", firstRetry, Duration.ofMillis(10), Duration.ofHours(1));
    within("longest-retry", longestRetry, firstRetry, Duration.ofDays(1));
    within("drain", drain, Duration.ZERO, Duration.ofMinutes(1));
    within("redispatch", redispatch, Duration.ofSeconds(1), Duration.ofHours(1));
    within("keep", keep, Duration.ofHours(1), Duration.ofDays(3650));
    atOnce = Map.copyOf(atOnce);
  }

  private static void within(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new InvalidSetting(
          PREFIX + key + " must be from " + least + " to " + most + ", not " + value);
    }
  }

  public static JobsConfig from(Settings settings) {
    return new JobsConfig(
        settings.text(PREFIX + "exchange", JobQueues.EXCHANGE),
        settings.duration(PREFIX + "lease", Duration.ofSeconds(20)),
        settings.duration(PREFIX + "first-retry", Duration.ofSeconds(5)),
        settings.duration(PREFIX + "longest-retry", Duration.ofMinutes(10)),
        settings.number(PREFIX + "window", 32, 1, 10_000),
        settings.number(PREFIX + "queued-most", 20_000, 0, 1_000_000),
        settings.number(PREFIX + "running-most", 200, 0, 10_000),
        atOnce(settings.text(PREFIX + "at-once", "")),
        Path.of(settings.text(PREFIX + "directory", "jobs-work")),
        settings.duration(PREFIX + "drain", Duration.ofSeconds(10)),
        settings.duration(PREFIX + "redispatch", Duration.ofSeconds(10)),
        settings.duration(PREFIX + "keep", Duration.ofDays(90)),
        settings.oneOf(PREFIX + "noop", "false", List.of("true", "false")).equals("true"));
  }

  /** {@code export:2,verify:1}. */
  private static Map<String, Integer> atOnce(String text) {
    Map<String, Integer> atOnce = new TreeMap<>();
    if (text.isEmpty()) {
      return atOnce;
    }
    for (String each : text.split(",", -1)) {
      String[] halves = each.strip().split(":", -1);
      int number;
      try {
        number = halves.length == 2 ? Integer.parseInt(halves[1]) : -1;
      } catch (NumberFormatException e) {
        number = -1;
      }
      if (number < 0 || number > MOST_AT_ONCE || atOnce.put(halves[0], number) != null) {
        throw new InvalidSetting(
            PREFIX
                + "at-once must name each type once with a number from 0 to "
                + MOST_AT_ONCE
                + ", such as export:2,verify:1, not '"
                + text
                + "'");
      }
    }
    return atOnce;
  }
}
