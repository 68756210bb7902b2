package org.pilothouse.warehouse.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.pilothouse.datasets.Checksum;

/** What files are, by another hand. */
final class Sums {
  private Sums() {}

  static Checksum of(Path file) throws IOException {
    try {
      return new Checksum(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
