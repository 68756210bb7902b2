package org.pilothouse.local.supervise;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Bounds a log that a child appends to by itself. The child keeps its file open for appending, so
 * the content is copied aside and the file cut to nothing; a few lines written in between may go.
 */
record LogFile(Path path) {

  static final long LARGEST = 32L * 1024 * 1024;
  private static final int KEPT = 2;

  void rotateIfLarge() throws IOException {
    if (!Files.exists(path) || Files.size(path) < LARGEST) {
      return;
    }
    for (int generation = KEPT; generation > 1; generation--) {
      Path older = generation(generation - 1);
      if (Files.exists(older)) {
        Files.move(older, generation(generation), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.copy(path, generation(1), StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(0);
    }
  }

  private Path generation(int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }
}
