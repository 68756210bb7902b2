package org.pilothouse.platform.kafka.consume;

import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.EventHeaders;

/** Source and id of an event in 128 bits; two events that differ have the same one about never. */
record EventIdentity(long high, long low) {
  /**
   * A record redriven for this reader had no effect here the first time, so it is an event of its
   * own. Readers that it was not redriven for know the event already and pass it over.
   */
  static @Nullable EventIdentity of(LogRecord record, String reader) {
    EventHeaders headers = record.headers();
    byte[] id = headers.bytes("ce_id");
    byte[] source = headers.bytes("ce_source");
    if (id == null || source == null) {
      return null;
    }
    long high = hash(hash(0x243f6a8885a308d3L, source), id);
    long low = hash(hash(0x13198a2e03707344L, source), id);
    if (reader.equals(headers.text(RejectedReader.REDRIVEN_FOR))) {
      byte[] from = headers.bytes(RejectedReader.REDRIVEN_FROM);
      if (from != null) {
        high = hash(high, from);
        low = hash(low, from);
      }
    }
    return new EventIdentity(high, low);
  }

  /** FNV-1a over the bytes and their number, mixed to the end as in SplitMix64. */
  private static long hash(long seed, byte[] bytes) {
    long hash = seed ^ (bytes.length * 0x9e3779b97f4a7c15L);
    for (byte b : bytes) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }
}
