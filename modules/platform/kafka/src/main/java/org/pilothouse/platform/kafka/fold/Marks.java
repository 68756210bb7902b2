package org.pilothouse.platform.kafka.fold;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.pilothouse.platform.kafka.consume.Partition;

/** Keys that nobody else uses, one for each share of a fold. */
final class Marks {
  private Marks() {}

  static List<byte[]> forEachOf(int partitions, String round) {
    List<byte[]> keys = new ArrayList<>(partitions);
    BitSet met = new BitSet(partitions);
    for (int i = 0; keys.size() < partitions; i++) {
      byte[] key = (FoldTopology.MARK + round + "/" + i).getBytes(UTF_8);
      int partition = Partition.numberOf(key, partitions);
      if (!met.get(partition)) {
        met.set(partition);
        keys.add(key);
      }
    }
    return keys;
  }
}
