package org.pilothouse.exports.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.pilothouse.datasets.Checksum;
import org.pilothouse.exports.internal.SourceTable.SourceFile;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

/** Brings files of the hold to the node, and compares them with what is known of them. */
final class Staging {
  private static final int BUFFER = 256 * 1024;
  private static final int TRIES = 3;

  private final Path directory;
  private final Heard heard;
  private int files;

  /** Hears of every piece. */
  interface Heard {
    /**
     * @param bytes of this piece
     * @throws RuntimeException to stop it
     */
    void copied(long bytes);
  }

  Staging(Path directory, Heard heard) {
    this.directory = directory;
    this.heard = heard;
  }

  /**
   * @throws Problem {@code checksum_mismatch}, {@code size_mismatch} or {@code object_missing}
   *     where a file is not what it was, {@code unavailable}
   */
  List<Path> stage(List<SourceFile> wanted) throws IOException {
    List<Path> staged = new ArrayList<>();
    for (SourceFile file : wanted) {
      staged.add(stage(file));
    }
    return staged;
  }

  Path stage(SourceFile file) throws IOException {
    Path to =
        directory.resolve(String.format(Locale.ROOT, "%05d%s", files++, file.form().ending()));
    MessageDigest digest = sha256();
    long copied = 0;
    int tries = 0;
    try (OutputStream out = Files.newOutputStream(to)) {
      byte[] buffer = new byte[BUFFER];
      while (true) {
        long before = copied;
        try (InputStream in = file.opener().open(copied)) {
          for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
            write(out, buffer, length);
            digest.update(buffer, 0, length);
            copied += length;
            heard.copied(length);
            if (copied > file.size()) {
              break;
            }
          }
          break;
        } catch (DiskFull e) {
          throw e;
        } catch (IOException e) {
          // Connections break; whoever goes on where it was mostly gets there.
          tries = copied > before ? 0 : tries + 1;
          if (tries >= TRIES) {
            throw Problem.caused(
                ProblemCode.UNAVAILABLE, "Object storage breaks off while it is read.", e);
          }
        }
      }
    }
    if (copied != file.size()) {
      throw Problem.of(
          ProblemCode.SIZE_MISMATCH,
          "A file of the dataset " + file.dataset() + " is not as long as it was.");
    }
    if (!new Checksum(digest.digest()).equals(file.checksum())) {
      throw Problem.of(
          ProblemCode.CHECKSUM_MISMATCH,
          "A file of the dataset " + file.dataset() + " is not what it was.");
    }
    return to;
  }

  private static void write(OutputStream out, byte[] bytes, int length) throws DiskFull {
    try {
      out.write(bytes, 0, length);
    } catch (IOException e) {
      throw new DiskFull(e);
    }
  }

  /** What is read can be read again; what cannot be written cannot. */
  private static final class DiskFull extends IOException {
    private static final long serialVersionUID = 1L;

    DiskFull(IOException cause) {
      super("The node has no room for what is to be read.", cause);
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
