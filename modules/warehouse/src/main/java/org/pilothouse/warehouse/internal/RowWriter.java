package org.pilothouse.warehouse.internal;

import java.io.Closeable;
import java.io.IOException;

/** Makes rows of the events of one table. */
interface RowWriter extends Closeable {
  /**
   * Takes an event; all of it or nothing.
   *
   * @throws Unconvertible when no row can be made of it
   */
  void write(Entry event) throws IOException, Unconvertible;

  /** How many rows there are. */
  long rows();
}
