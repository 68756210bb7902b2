package org.pilothouse.datasets.internal;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.objectstore.ObjectStore;

/** Shows whether a store can be written: with an object of its own, which is removed again. */
final class Trial {
  private static final String TYPE = "application/octet-stream";

  private final ObjectStore store;
  private final String key;

  /**
   * @param key that nobody else has
   */
  Trial(ObjectStore store, String key) {
    this.store = store;
    this.key = key;
  }

  /** What it took to write the bytes and to read them back. */
  record Taken(double seconds) {
    static Taken since(long nanos) {
      return new Taken((System.nanoTime() - nanos) / (double) Duration.ofSeconds(1).toNanos());
    }
  }

  /**
   * In the way in which uploads come: in parts.
   *
   * @throws Problem {@code not_writable} where the endpoint refuses it or gives back something
   *     else; others as the store's
   */
  Taken run(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 'p');
    long begun = System.nanoTime();
    try {
      write(bytes);
      compare(bytes);
      Taken taken = Taken.since(begun);
      store.remove(key);
      return taken;
    } catch (Problem e) {
      throw e.code() == ProblemCode.CREDENTIALS_REFUSED
          ? Problem.caused(
              ProblemCode.NOT_WRITABLE,
              "The pilot's endpoint does not let the platform write, read, list and remove under "
                  + Stores.OWN_PREFIX
                  + ": "
                  + e.detail(),
              e)
          : e;
    }
  }

  private void write(byte[] bytes) {
    String upload = store.begin(key, TYPE);
    boolean made = false;
    try {
      var unused = store.putPart(key, upload, 1, bytes);
      List<ObjectStore.Part> parts = store.parts(key, upload).orElse(List.of());
      made = store.complete(key, upload, parts) == ObjectStore.Completion.COMPLETED;
    } finally {
      if (!made) {
        store.abort(key, upload);
      }
    }
    if (!made || store.list(key, "", 1).items().isEmpty()) {
      throw Problem.of(
          ProblemCode.NOT_WRITABLE, "The pilot's endpoint does not keep what is written there.");
    }
  }

  private void compare(byte[] bytes) {
    try (InputStream in = store.open(key, 0).orElse(InputStream.nullInputStream())) {
      if (!Arrays.equals(in.readNBytes(bytes.length + 1), bytes)) {
        throw Problem.of(
            ProblemCode.NOT_WRITABLE, "The pilot's endpoint gives back other bytes than it took.");
      }
    } catch (IOException e) {
      throw Problem.caused(
          ProblemCode.ENDPOINT_UNREACHABLE, "An object breaks off while it is read.", e);
    }
  }
}
