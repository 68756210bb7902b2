package org.pilothouse.twins.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 over states: of each twin, in the order of the ids' bytes, the id, a line feed, the
 * properties as they are stored, a line feed.
 */
final class StateDigest {
  private final MessageDigest sha256;
  private long twins;

  StateDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  void add(String twin, String properties) {
    line(twin);
    line(properties);
    twins++;
  }

  private void line(String text) {
    sha256.update(text.getBytes(StandardCharsets.UTF_8));
    sha256.update((byte) '\n');
  }

  long twins() {
    return twins;
  }

  /** Ends it. */
  String end() {
    return "sha256:" + HexFormat.of().formatHex(sha256.digest());
  }
}
