package org.pilothouse.local.provision;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.tukaani.xz.XZInputStream;

/**
 * Unpacks what Maven downloaded or built; an entry that would land outside its directory is
 * refused.
 */
public final class Archives {

  private static final int BLOCK = 512;

  private Archives() {}

  /** Unpacks into {@code target} unless that was done before; a broken attempt leaves no target. */
  public static void once(Path target, Unpacking unpacking) {
    if (Files.isDirectory(target)) {
      return;
    }
    try {
      Files.createDirectories(target.toAbsolutePath().getParent());
      Path part = Files.createTempDirectory(target.toAbsolutePath().getParent(), ".unpacking");
      Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwxr-xr-x"));
      try {
        unpacking.into(part);
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Trees.delete(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack into " + target, e);
    }
  }

  /** One way to fill an empty directory. */
  public interface Unpacking {
    void into(Path directory) throws IOException;
  }

  /** Files below a {@code bin} directory become executable, for zip entries carry no mode here. */
  public static void unzip(Path archive, Path directory) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        Path target = inside(directory, entry.getName());
        if (entry.isDirectory()) {
          Files.createDirectories(target);
          continue;
        }
        Files.createDirectories(target.getParent());
        try (InputStream in = zip.getInputStream(entry)) {
          Files.copy(in, target, StandardCopyOption.REPLACE_EXISTING);
        }
        if (entry.getName().contains("bin/")) {
          Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
      }
    }
  }

  /** Unpacks a tar archive compressed by xz: files, directories and symbolic links. */
  static void untarXz(InputStream archive, Path directory) throws IOException {
    try (InputStream in = new BufferedInputStream(new XZInputStream(archive), 1 << 16)) {
      String longName = "";
      while (true) {
        byte[] header = in.readNBytes(BLOCK);
        if (header.length < BLOCK || header[0] == 0) {
          return;
        }
        String prefix = text(header, 345, 155);
        String plain = text(header, 0, 100);
        String name =
            longName.isEmpty() ? (prefix.isEmpty() ? plain : prefix + "/" + plain) : longName;
        long size = octal(header, 124, 12);
        int mode = (int) octal(header, 100, 8);
        longName = "";
        switch (header[156]) {
          case '5' -> Files.createDirectories(inside(directory, name));
          case '2' -> {
            Path link = inside(directory, name);
            Files.createDirectories(link.getParent());
            String aim = text(header, 157, 100);
            inside(directory, directory.relativize(link.getParent()).resolve(aim).toString());
            Files.createSymbolicLink(link, Path.of(aim));
          }
          case 'L' -> longName = text(in.readNBytes((int) size), 0, (int) size);
          case '0', 0 -> {
            Path target = inside(directory, name);
            Files.createDirectories(target.getParent());
            try (OutputStream out = Files.newOutputStream(target)) {
              copy(in, out, size);
            }
            Files.setPosixFilePermissions(
                target,
                PosixFilePermissions.fromString((mode & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
          }
          default -> in.skipNBytes(size);
        }
        in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
      }
    }
  }

  private static void copy(InputStream in, OutputStream out, long size) throws IOException {
    byte[] buffer = new byte[1 << 16];
    long left = size;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        throw new IOException("the archive ends too early");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }

  private static Path inside(Path directory, String name) throws IOException {
    Path target = directory.resolve(name).normalize();
    if (!target.startsWith(directory)) {
      throw new IOException("the archive entry " + name + " leaves its directory");
    }
    return target;
  }

  private static String text(byte[] bytes, int from, int length) {
    int end = from;
    while (end < from + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, from, end - from, StandardCharsets.UTF_8);
  }

  private static long octal(byte[] bytes, int from, int length) {
    String digits = text(bytes, from, length).strip();
    return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
  }
}
