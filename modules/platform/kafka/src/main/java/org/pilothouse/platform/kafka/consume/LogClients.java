package org.pilothouse.platform.kafka.consume;

/** Makes members of groups. */
@FunctionalInterface
public interface LogClients {
  LogClient join(String name, String group, StartAt startAt);
}
