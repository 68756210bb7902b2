package org.pilothouse.platform.kafka.consume;

/** Where records go that a reader could not take. */
@FunctionalInterface
public interface Rejections {
  /**
   * Returns once the rejected record is kept. May keep it twice when a crash comes in between.
   *
   * @throws Exception it could not be kept; the reader waits and tries again, it never drops it
   */
  void keep(LogRecord record, String reader, String reason, String detail) throws Exception;
}
