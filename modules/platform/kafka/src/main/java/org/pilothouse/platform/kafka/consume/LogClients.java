package org.pilothouse.platform.kafka.consume;

/** Makes members of groups. */
@FunctionalInterface
public interface LogClients {
  /** A member of the reader's group; it has no topics yet. */
  LogClient join(ReaderSpec reader);
}
