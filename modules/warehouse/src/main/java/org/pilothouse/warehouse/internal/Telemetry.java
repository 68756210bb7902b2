package org.pilothouse.warehouse.internal;

import java.util.function.Consumer;
import org.pilothouse.platform.kafka.consume.LogRecord;

/** A pilot's topic of telemetry, to be read in ranges. */
interface Telemetry {
  /** Hands on what is kept from the one offset up to the other (excluded), in order. */
  void read(int partition, long from, long to, Consumer<LogRecord> each);

  /** The first offset that is still kept. */
  long beginning(int partition);
}
