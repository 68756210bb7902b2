package org.pilothouse.platform.kafka.fold;

import java.nio.file.Path;

/**
 * A fold and its bounds.
 *
 * @param name unique on the backbone, {@code [a-z0-9.-]}; names its topics, its group and its
 *     transactions
 * @param partitions how many shares the keys are cut into, for good: a key keeps its share
 * @param threads that fold; 0 where this node only looks up what others fold
 * @param directory for the local stores; nobody else's
 */
public record FoldSpec(String name, int partitions, Folding folding, int threads, Path directory) {
  public FoldSpec {
    if (!name.matches("[a-z0-9.-]{1,100}")) {
      throw new IllegalArgumentException("a fold's name holds a-z, 0-9, . and -");
    }
    if (partitions < 1 || partitions > 100 || threads < 0 || threads > partitions) {
      throw new IllegalArgumentException("a fold's bounds contradict one another");
    }
  }

  /** Where the records to be folded are put; the key of a record is the key of the fold. */
  public String source() {
    return name + "-records";
  }

  /** The compacted topic that holds what every key has come to. Kafka Streams makes up its name. */
  String changelog() {
    return name + "-" + FoldTopology.STATES + "-changelog";
  }
}
