package org.pilothouse.mqtt;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests and comparisons of secrets. */
final class Secrets {
  private Secrets() {}

  static String sha256(String text) {
    return HexFormat.of().formatHex(digest(text));
  }

  /** Takes the same time wherever the texts differ. */
  static boolean same(String expected, String given) {
    return MessageDigest.isEqual(digest(expected), digest(given));
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
