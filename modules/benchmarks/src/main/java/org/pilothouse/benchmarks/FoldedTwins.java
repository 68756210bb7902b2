package org.pilothouse.benchmarks;

import java.util.List;
import java.util.function.ObjLongConsumer;

/**
 * The states of a pilot's twins as the telemetry is folded, wherever the installation keeps them.
 */
interface FoldedTwins extends AutoCloseable {
  /** What has to run so that they are folded. */
  List<String> readers();

  /** Where they are kept, for people. */
  String kept();

  /** Up to how many records of the telemetry, of all partitions together, can be seen in them. */
  long position() throws Exception;

  /** Twins that have a state. */
  long twins() throws Exception;

  /** Tells the number that each of these twins shows; passes over those that show none. */
  void numbers(List<String> twins, ObjLongConsumer<String> each) throws Exception;

  @Override
  void close() throws Exception;
}
