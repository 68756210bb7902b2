package org.pilothouse.datasets;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** A SHA-256 (FIPS 180-4). */
public final class Checksum {
  public static final int LENGTH = 32;

  private static final String PREFIX = "sha256:";

  private final byte[] digest;

  /**
   * @param digest 32 bytes
   */
  public Checksum(byte[] digest) {
    if (digest.length != LENGTH) {
      throw new IllegalArgumentException("a SHA-256 has " + LENGTH + " bytes");
    }
    this.digest = digest.clone();
  }

  /** 64 hexadecimal digits in either case, with or without {@code sha256:} before them. */
  public static Optional<Checksum> parse(String text) {
    String plain = text.strip().toLowerCase(Locale.ROOT);
    String digits = plain.startsWith(PREFIX) ? plain.substring(PREFIX.length()) : plain;
    try {
      byte[] digest = HexFormat.of().parseHex(digits);
      return digest.length == LENGTH ? Optional.of(new Checksum(digest)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  public byte[] digest() {
    return digest.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Checksum checksum && Arrays.equals(digest, checksum.digest);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(digest);
  }

  /** As it stands in events and answers. */
  @Override
  public String toString() {
    return PREFIX + HexFormat.of().formatHex(digest);
  }
}
