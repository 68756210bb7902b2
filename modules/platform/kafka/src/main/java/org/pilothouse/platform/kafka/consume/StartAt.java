package org.pilothouse.platform.kafka.consume;

/** Where a group begins that has never read a partition. */
public enum StartAt {
  BEGINNING,
  END
}
