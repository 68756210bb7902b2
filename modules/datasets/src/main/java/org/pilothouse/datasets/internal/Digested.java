package org.pilothouse.datasets.internal;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.pilothouse.datasets.Checksum;

/** Bytes that went by: how many, their SHA-256, and the first of them. */
final class Digested {
  static final int HEAD = 64 * 1024;

  private final MessageDigest digest;
  private final byte[] head;
  private long count;

  /**
   * @param expected how many there should be
   */
  Digested(long expected) {
    this.head = new byte[(int) Math.min(HEAD, expected)];
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  void add(byte[] bytes, int length) {
    if (count < head.length) {
      System.arraycopy(bytes, 0, head, (int) count, (int) Math.min(length, head.length - count));
    }
    digest.update(bytes, 0, length);
    count += length;
  }

  void add(byte[] bytes) {
    add(bytes, bytes.length);
  }

  /** How many of the first bytes are kept. */
  int room() {
    return head.length;
  }

  long count() {
    return count;
  }

  byte[] head() {
    return Arrays.copyOf(head, (int) Math.min(count, head.length));
  }

  /** Once, at the end. */
  Checksum checksum() {
    return new Checksum(digest.digest());
  }
}
