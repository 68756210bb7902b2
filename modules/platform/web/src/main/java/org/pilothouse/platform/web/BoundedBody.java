package org.pilothouse.platform.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Reads a small body whole, within a size and a time. */
public final class BoundedBody {
  /** The most that an ordinary JSON body may hold. */
  public static final int ORDINARY = 1024 * 1024;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private BoundedBody() {}

  /**
   * @throws Problem {@code too_large}, {@code request_timeout}
   */
  public static byte[] read(InputStream body, int most) throws IOException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    ByteArrayOutputStream whole = new ByteArrayOutputStream(1024);
    byte[] buffer = new byte[8192];
    for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
      if (whole.size() + n > most) {
        throw Problem.of(ProblemCode.TOO_LARGE, "The body may hold at most " + most + " bytes.");
      }
      if (System.nanoTime() - until > 0) {
        throw Problem.of(ProblemCode.REQUEST_TIMEOUT, "The body came too slowly.");
      }
      whole.write(buffer, 0, n);
    }
    return whole.toByteArray();
  }
}
