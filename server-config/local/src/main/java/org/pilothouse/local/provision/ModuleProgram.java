package org.pilothouse.local.provision;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.pilothouse.local.Complaint;

/**
 * A module of this repository that is run as a program: built when stale, then known by its class
 * path.
 */
public record ModuleProgram(Path repository, String module, Maven maven, Progress progress) {

  static final List<String> GOALS =
      List.of(
          "package",
          "dependency:build-classpath",
          "-Dmdep.outputFile=target/runtime.classpath",
          "-Dmdep.includeScope=runtime");

  public boolean exists() {
    return Files.exists(directory().resolve("pom.xml"));
  }

  public boolean isBuilt() {
    return Files.exists(classPathFile()) && !jars().isEmpty();
  }

  /** Builds the module with all it depends on, if any of that has changed since. */
  public void buildIfStale() {
    demandExists();
    if (!isStale()) {
      return;
    }
    FileTime started = FileTime.from(Instant.now());
    List<String> arguments = new ArrayList<>(List.of("-q", "-DskipTests", "-pl", module, "-am"));
    arguments.addAll(GOALS);
    progress.step(
        "building " + module,
        () -> maven.run("building " + module, arguments.toArray(String[]::new)));
    built(started);
  }

  /** To be told when another build has run {@link #GOALS} for this module too. */
  void built(FileTime started) {
    try {
      Files.setLastModifiedTime(classPathFile(), started);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void demandExists() {
    if (!exists()) {
      throw Complaint.of(
          "the module " + module + " is not in this checkout", "update the checkout and try again");
    }
  }

  public String classPath() {
    List<String> entries = new ArrayList<>();
    entries.add(jar().toString());
    entries.addAll(dependencies());
    return String.join(File.pathSeparator, entries);
  }

  /**
   * The same with this repository's jars copied aside, for processes that outlive the next build.
   */
  public String classPathCopiedTo(Path directory) {
    Trees.delete(directory);
    List<String> entries = new ArrayList<>();
    try {
      Files.createDirectories(directory);
      for (String entry : classPath().split(File.pathSeparator)) {
        Path original = Path.of(entry);
        if (original.startsWith(repository)) {
          Path copy = directory.resolve(original.getFileName());
          Files.copy(original, copy, StandardCopyOption.REPLACE_EXISTING);
          entries.add(copy.toString());
        } else {
          entries.add(entry);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return String.join(File.pathSeparator, entries);
  }

  boolean isStale() {
    try {
      if (!Files.exists(classPathFile()) || jars().isEmpty()) {
        return true;
      }
      if (!dependencies().stream().allMatch(entry -> Files.exists(Path.of(entry)))) {
        return true;
      }
      FileTime built = Files.getLastModifiedTime(classPathFile());
      Set<Path> sources = new LinkedHashSet<>();
      sources.add(directory());
      sources.add(repository.resolve("pom.xml"));
      for (String entry : dependencies()) {
        Path jar = Path.of(entry);
        if (jar.startsWith(repository)) {
          sources.add(jar.resolve("../..").normalize());
        }
      }
      return sources.stream().map(Trees::newest).anyMatch(newest -> newest.compareTo(built) > 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> dependencies() {
    try {
      String text = Files.readString(classPathFile()).strip();
      return text.isEmpty() ? List.of() : List.of(text.split(File.pathSeparator));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path jar() {
    return jars().stream()
        .findFirst()
        .orElseThrow(() ->
            Complaint.of(
                module + " has no jar in its target directory",
                "run ./mvnw -pl " + module + " -am package"));
  }

  private List<Path> jars() {
    Path target = directory().resolve("target");
    if (!Files.isDirectory(target)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(target)) {
      return files.filter(ModuleProgram::isProgram).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isProgram(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.startsWith("pilothouse-")
        && name.endsWith(".jar")
        && !name.endsWith("-tests.jar")
        && !name.endsWith("-sources.jar");
  }

  private Path classPathFile() {
    return directory().resolve("target/runtime.classpath");
  }

  private Path directory() {
    return repository.resolve(module);
  }
}
