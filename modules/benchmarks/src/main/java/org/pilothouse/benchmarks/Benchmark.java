package org.pilothouse.benchmarks;

import java.util.List;

/** One benchmark by its name. */
interface Benchmark {
  /** The first figure is the one that the name stands for. */
  List<Figure> run(Stack stack, Options options) throws Exception;

  /**
   * @param seconds of each measured part
   * @param events of the long run for memory; 0 for none
   * @param records of the closed days, one after the other
   * @param memory whether what lives in the heap is looked at meanwhile, which slows things down
   * @param rows of the closed day that is exported
   * @param peers who is measured beside ours, of those that must be fetched
   */
  record Options(
      int seconds,
      long events,
      int connections,
      int lines,
      List<Long> records,
      boolean memory,
      long rows,
      List<String> peers) {
    public Options {
      records = List.copyOf(records);
      peers = List.copyOf(peers);
    }
  }
}
