package org.pilothouse.local.provision;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.pilothouse.local.Complaint;

/**
 * The servers' programs. Their class paths come from small Maven projects, one a server, and are
 * remembered under the hash of those projects, so that Maven runs only when one has changed.
 */
public record Distribution(Path engines, Path dist, Maven maven, Progress progress) {

  private static final List<String> NAMES =
      List.of("kafka", "postgres", "elasticsearch", "s3", "liberty");

  /** Resolves whatever is missing, all in one Maven run. */
  public void resolve() {
    if (NAMES.stream().allMatch(this::isResolved)) {
      return;
    }
    Path out = classPaths().resolve(hash());
    progress.step(
        "resolving the servers' programs",
        () ->
            maven.run(
                "resolving the servers' programs",
                "-q",
                "-f",
                engines.resolve("pom.xml").toString(),
                "dependency:build-classpath",
                "-Dengines.out=" + out,
                "-Dpostgres.platform=linux-" + architecture()));
    for (String name : NAMES) {
      if (!isResolved(name)) {
        throw Complaint.of(
            "the class path of " + name + " was not written to " + out,
            "remove " + out + " and try again",
            maven.log());
      }
    }
  }

  public String classPath(String name) {
    return String.join(File.pathSeparator, entries(name));
  }

  public Path postgres() {
    Path jar = Path.of(entries("postgres").getFirst());
    Path target = dist.resolve(stem(jar));
    Archives.once(
        target,
        directory -> {
          try (JarFile file = new JarFile(jar.toFile())) {
            ZipEntry archive =
                Collections.list(file.entries()).stream()
                    .filter(entry -> entry.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no archive in " + jar));
            try (InputStream in = file.getInputStream(archive)) {
              Archives.untarXz(in, directory);
            }
          }
        });
    return target;
  }

  public Path elasticsearch() {
    return unzipped("elasticsearch");
  }

  public Path liberty() {
    return unzipped("liberty");
  }

  private Path unzipped(String name) {
    Path zip = Path.of(entries(name).getFirst());
    Path target = dist.resolve(stem(zip));
    if (!Files.isDirectory(target)) {
      progress.step(
          "unpacking " + stem(zip), () -> Archives.once(target, into -> Archives.unzip(zip, into)));
    }
    try (Stream<Path> children = Files.list(target)) {
      return children.findFirst().orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isResolved(String name) {
    return Files.exists(file(name))
        && entries(name).stream().allMatch(entry -> Files.exists(Path.of(entry)));
  }

  private List<String> entries(String name) {
    try {
      String text = Files.readString(file(name)).strip();
      return List.of(text.split(File.pathSeparator));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path classPaths() {
    return dist.resolve("classpaths");
  }

  private Path file(String name) {
    return classPaths().resolve(hash()).resolve(name + ".classpath");
  }

  private String hash() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(architecture().getBytes(StandardCharsets.UTF_8));
      try (Stream<Path> files = Files.list(engines)) {
        for (Path file : files.sorted().toList()) {
          if (Files.isRegularFile(file)) {
            digest.update(Files.readAllBytes(file));
          }
        }
      }
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String architecture() {
    String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return name.equals("aarch64") ? "arm64v8" : "amd64";
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, name.lastIndexOf('.'));
  }
}
