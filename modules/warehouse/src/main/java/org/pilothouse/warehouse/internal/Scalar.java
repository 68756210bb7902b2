package org.pilothouse.warehouse.internal;

import java.io.IOException;
import org.apache.parquet.io.api.Binary;

/** A value that stands in an event; good until the next one is read. */
interface Scalar {
  /** Of a text. */
  String text() throws IOException;

  /** Of a text, in UTF-8. */
  Binary binary() throws IOException;

  /** Of a number; infinite where it is beyond 64 bits. */
  double number() throws IOException;

  /** Of a number without fraction and exponent: whether it is one of 64 bits. */
  boolean isLong() throws IOException;

  /** Of such a number. */
  long whole() throws IOException;

  /** As JSON: as it stood, or the same value in another spelling. */
  String literal() throws IOException;
}
