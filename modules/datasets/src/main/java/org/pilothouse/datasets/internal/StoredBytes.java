package org.pilothouse.datasets.internal;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.internal.preview.Limits;
import org.pilothouse.datasets.internal.preview.RangedBytes;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.objectstore.ObjectStore;

/** The bytes of a dataset where they are kept. */
record StoredBytes(ObjectStore store, Dataset dataset) implements RangedBytes {
  private static final Duration SOON = Duration.ofSeconds(2);
  private static final int TRIES = 2;
  private static final int PIECE = 64 * 1024;

  @Override
  public long size() {
    return dataset.size();
  }

  @Override
  public byte[] read(long from, int length) {
    if (length == 0) {
      return new byte[0];
    }
    for (int i = 0; i < TRIES; i++) {
      InputStream opened =
          store
              .open(dataset.key(), from, length)
              .orElseThrow(() ->
                  Problem.of(ProblemCode.CONFLICT, "Object storage has no bytes of this dataset."));
      try (InputStream in = opened) {
        byte[] bytes = new byte[length];
        if (fill(in, bytes) == length) {
          return bytes;
        }
      } catch (IOException e) {
        // Connections break; whoever asks once more mostly gets an answer.
      }
    }
    throw Problem.retry(ProblemCode.UNAVAILABLE, "Object storage does not answer.", SOON);
  }

  /** A store that drips is given up, however long the answer would take. */
  private static int fill(InputStream in, byte[] bytes) throws IOException {
    long begun = System.nanoTime();
    int done = 0;
    while (done < bytes.length) {
      int count = in.read(bytes, done, Math.min(PIECE, bytes.length - done));
      if (count < 0 || System.nanoTime() - begun > Limits.TIME.toNanos()) {
        break;
      }
      done += count;
    }
    return done;
  }
}
