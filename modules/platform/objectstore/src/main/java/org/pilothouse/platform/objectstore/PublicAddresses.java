package org.pilothouse.platform.objectstore;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Which addresses belong to somebody outside: none that leads to this machine, to the networks
 * around it or to a cloud's metadata, in whatever form it is written (IANA's registries of special
 * purpose addresses, RFC 6890).
 */
final class PublicAddresses {
  private static final int IPV4 = 4;
  private static final int IPV6 = 16;

  private static final List<Block> CLOSED_4 =
      blocks(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/3",
          // A cloud's channel to its guests, in the midst of public addresses.
          "168.63.129.16/32");

  /** Of the addresses that are handed out at all. */
  private static final List<Block> CLOSED_6 =
      blocks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

  private static final Block GLOBAL_6 = Block.of("2000::/3");

  /** NAT64's well-known prefix (RFC 6052): the last four bytes are the address that is meant. */
  private static final Block NAT64 = Block.of("64:ff9b::/96");

  private static final Block MAPPED = new Block(mapped(), 96);

  private PublicAddresses() {}

  static boolean holds(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == IPV4) {
      return none(CLOSED_4, bytes);
    }
    if (MAPPED.holds(bytes) || NAT64.holds(bytes)) {
      return none(CLOSED_4, Arrays.copyOfRange(bytes, IPV6 - IPV4, IPV6));
    }
    return GLOBAL_6.holds(bytes) && none(CLOSED_6, bytes);
  }

  private static boolean none(List<Block> blocks, byte[] address) {
    return blocks.stream().noneMatch(block -> block.holds(address));
  }

  private static List<Block> blocks(String... texts) {
    return Arrays.stream(texts).map(Block::of).toList();
  }

  private static byte[] mapped() {
    byte[] prefix = new byte[IPV6];
    prefix[10] = (byte) 0xff;
    prefix[11] = (byte) 0xff;
    return prefix;
  }

  /** Addresses whose first bits are the same. */
  private record Block(byte[] prefix, int bits) {
    static Block of(String text) {
      int slash = text.indexOf('/');
      try {
        // A literal: nothing is looked up.
        byte[] prefix = InetAddress.getByName(text.substring(0, slash)).getAddress();
        return new Block(prefix, Integer.parseInt(text.substring(slash + 1)));
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(text, e);
      }
    }

    boolean holds(byte[] address) {
      if (address.length != prefix.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }
}
