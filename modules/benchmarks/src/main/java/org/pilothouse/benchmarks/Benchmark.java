package org.pilothouse.benchmarks;

import java.util.List;

/** One benchmark by its name. */
interface Benchmark {
  /** The first figure is the one that the name stands for. */
  List<Figure> run(Stack stack, Options options) throws Exception;

  /**
   * @param seconds of each measured part
   * @param events of the long run for memory; 0 for none
   */
  record Options(int seconds, long events, int connections, int lines) {}
}
