package org.pilothouse.warehouse.internal;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.objectstore.ObjectStore;

/**
 * Writes an object as it comes, in parts of one size, so that no more than one part is in memory.
 * It is there when {@link #finish} has returned, and not before; closing it otherwise leaves
 * nothing behind.
 */
final class StoredFile extends PositionOutputStream {
  private final ObjectStore store;
  private final String key;
  private final String mediaType;
  private final byte[] part;
  private final MessageDigest digest;
  private final List<ObjectStore.Part> sent = new ArrayList<>();
  private @Nullable String upload;
  private int used;
  private long position;
  private boolean finished;
  private boolean abandoned;

  /** An object that is there. */
  record Written(String key, long size, Checksum checksum) {}

  /**
   * @param partSize 5 MiB at least, as the S3 API asks; ten thousand of them are the largest object
   */
  StoredFile(ObjectStore store, String key, String mediaType, int partSize) {
    this.store = store;
    this.key = key;
    this.mediaType = mediaType;
    this.part = new byte[partSize];
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long getPos() {
    return position;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    if (abandoned) {
      return;
    }
    digest.update(bytes, offset, length);
    position += length;
    int at = offset;
    int left = length;
    while (left > 0) {
      // A full one stays until more comes: an object of one part is put at once.
      if (used == part.length) {
        send();
      }
      int taken = Math.min(left, part.length - used);
      System.arraycopy(bytes, at, part, used, taken);
      used += taken;
      at += taken;
      left -= taken;
    }
  }

  private void send() {
    String into = upload;
    if (into == null) {
      into = store.begin(key, mediaType);
      upload = into;
    }
    int number = sent.size() + 1;
    byte[] bytes = used == part.length ? part : Arrays.copyOf(part, used);
    sent.add(new ObjectStore.Part(number, used, store.putPart(key, into, number, bytes)));
    used = 0;
  }

  /** Makes the object. */
  Written finish() {
    if (upload == null) {
      store.put(key, mediaType, Arrays.copyOf(part, used));
    } else {
      if (used > 0) {
        send();
      }
      complete(upload);
    }
    finished = true;
    return new Written(key, position, new Checksum(digest.digest()));
  }

  private void complete(String into) {
    switch (store.complete(key, into, sent)) {
      case COMPLETED -> {}
      // By a completion whose answer was lost; whether it is this one, verification shows.
      case NO_SUCH_UPLOAD -> {
        if (store.find(key).filter(found -> found.size() == position).isEmpty()) {
          throw Problem.of(ProblemCode.UNAVAILABLE, "Object storage has lost an upload.");
        }
      }
      case PART_MISMATCH ->
          throw Problem.of(ProblemCode.UNAVAILABLE, "Object storage has lost parts of an upload.");
    }
  }

  /** Parquet closes it in any case; whether it was whole, only its writer knows. */
  @Override
  public void close() {}

  /** Forgets it, where it was not finished; what is written afterwards goes nowhere. */
  void abandon() {
    abandoned = true;
    String into = upload;
    if (!finished && into != null) {
      store.abort(key, into);
    }
  }
}
