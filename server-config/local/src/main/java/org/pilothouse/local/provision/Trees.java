package org.pilothouse.local.provision;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whole directories: removed, or asked for their newest file. */
public final class Trees {

  private static final Set<String> NOT_SOURCES =
      Set.of(
          "node_modules",
          "dist",
          "target",
          "test",
          "e2e",
          "test-results",
          "playwright-report",
          ".git");

  private Trees() {}

  public static void delete(Path directory) {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              Files.deleteIfExists(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + directory, e);
    }
  }

  /** The newest modification below {@code root}, leaving out what builds themselves make. */
  public static FileTime newest(Path root) {
    Newest newest = new Newest();
    try {
      if (Files.exists(root)) {
        Files.walkFileTree(root, newest);
      }
      return newest.time;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Newest extends SimpleFileVisitor<Path> {
    private FileTime time = FileTime.fromMillis(0);

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      return NOT_SOURCES.contains(String.valueOf(directory.getFileName()))
          ? FileVisitResult.SKIP_SUBTREE
          : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.lastModifiedTime().compareTo(time) > 0) {
        time = attributes.lastModifiedTime();
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
