package org.pilothouse.exports.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The JSON Schemas of parameters, as they lie beside the classes. */
final class Schema {
  private Schema() {}

  static String of(String type) {
    try (InputStream in = Schema.class.getResourceAsStream("/" + type + ".schema.json")) {
      if (in == null) {
        throw new IllegalStateException("no schema of " + type);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
