package org.pilothouse.exports.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.platform.objectstore.ObjectStore;

/**
 * Sends a file to object storage while another process still writes it, in parts of one size. The
 * object is there when {@link #finish} has returned, and not before; closing it otherwise leaves
 * nothing behind.
 */
final class GrowingObject implements AutoCloseable {
  /** Ten thousand of them are the largest object. */
  private static final int PART = 16 << 20;

  private final ObjectStore store;
  private final String key;
  private final String mediaType;
  private final Path file;
  private final MessageDigest digest = Staging.sha256();
  private final List<ObjectStore.Part> sent = new ArrayList<>();
  private @Nullable String upload;
  private long position;
  private boolean finished;

  /** An object that is there. */
  record Written(String key, long size, Checksum checksum) {}

  GrowingObject(ObjectStore store, String key, String mediaType, Path file) {
    this.store = store;
    this.key = key;
    this.mediaType = mediaType;
    this.file = file;
  }

  /** Sends one part, where the file has grown by more than that. */
  boolean advance() throws IOException {
    // A full one stays until more comes: a file of one part is put at once.
    if (!Files.exists(file) || Files.size(file) - position <= PART) {
      return false;
    }
    send(PART);
    return true;
  }

  private void send(int length) throws IOException {
    byte[] part = read(length);
    String into = upload;
    if (into == null) {
      into = store.begin(key, mediaType);
      upload = into;
    }
    int number = sent.size() + 1;
    sent.add(new ObjectStore.Part(number, length, store.putPart(key, into, number, part)));
    digest.update(part);
    position += length;
  }

  private byte[] read(int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      while (buffer.hasRemaining()) {
        if (in.read(buffer, position + buffer.position()) < 0) {
          throw new IOException("The result is shorter than it was.");
        }
      }
    }
    return buffer.array();
  }

  /** Makes the object, when the file is whole. */
  Written finish(Runnable between) throws IOException {
    while (advance()) {
      between.run();
    }
    int left = (int) (Files.size(file) - position);
    if (upload == null) {
      byte[] all = read(left);
      store.put(key, mediaType, all);
      digest.update(all);
      position = left;
    } else {
      if (left > 0) {
        send(left);
      }
      complete(upload);
    }
    finished = true;
    byte[] digested = digest.digest();
    requireTheSame(digested, between);
    return new Written(key, position, new Checksum(digested));
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

  /** What was sent early must not have been written over since. */
  private void requireTheSame(byte[] digested, Runnable between) throws IOException {
    MessageDigest whole = Staging.sha256();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      while (in.read(buffer.clear()) >= 0) {
        whole.update(buffer.flip());
        between.run();
      }
    }
    if (!Arrays.equals(whole.digest(), digested)) {
      throw new IOException("The result was changed after it was sent.");
    }
  }

  @Override
  public void close() {
    String into = upload;
    if (!finished && into != null) {
      store.abort(key, into);
    }
  }
}
