package org.pilothouse.warehouse.internal;

import java.io.Closeable;
import java.io.IOException;

/** Entries in their order, one after the other. */
interface SortedRun extends Closeable {
  /** Reads the next into {@link #entry}; false at the end. */
  boolean next() throws IOException;

  /** The one that was read last; it changes with the next. */
  Entry entry();
}
