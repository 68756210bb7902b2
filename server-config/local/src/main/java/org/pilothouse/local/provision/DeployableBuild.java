package org.pilothouse.local.provision;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.pilothouse.local.Complaint;

/** The WAR: where it is, whether it is older than its sources, and how it is built. */
public record DeployableBuild(Path repository, Maven maven, Progress progress) {

  private static final Pattern VERSION =
      Pattern.compile("<artifactId>pilothouse</artifactId>\\s*<version>([^<]+)</version>");

  public Path war() {
    return repository.resolve("webapp/target/pilothouse.war");
  }

  public boolean isStale() {
    try {
      if (!Files.exists(war())) {
        return true;
      }
      FileTime built = Files.getLastModifiedTime(war());
      FileTime stamp = Files.exists(stamp()) ? Files.getLastModifiedTime(stamp()) : built;
      FileTime done = built.compareTo(stamp) > 0 ? built : stamp;
      return newestSource().compareTo(done) > 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Builds the WAR, and in the same run those of {@code others} that are stale. */
  public void build(Supplier<Map<String, String>> environment, List<ModuleProgram> others) {
    Map<String, String> with = environment.get();
    List<ModuleProgram> stale = others.stream().filter(ModuleProgram::isStale).toList();
    List<String> modules = new ArrayList<>(List.of("webapp"));
    stale.forEach(other -> modules.add(other.module()));
    List<String> arguments =
        new ArrayList<>(List.of("-q", "-DskipTests", "-pl", String.join(",", modules), "-am"));
    arguments.addAll(stale.isEmpty() ? List.of("package") : ModuleProgram.GOALS);
    FileTime started = FileTime.from(Instant.now());
    progress.step(
        "building the deployable",
        () -> maven.run("building the deployable", with, arguments.toArray(String[]::new)));
    if (!Files.exists(war())) {
      throw Complaint.of("the build left no " + war(), "see the log", maven.log());
    }
    stale.forEach(other -> other.built(started));
    try {
      Files.writeString(stamp(), "");
      Files.setLastModifiedTime(stamp(), started);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean hasPortal() {
    return Files.exists(portal().resolve("package.json"));
  }

  public Path portal() {
    return repository.resolve("webapp/src/main/portal");
  }

  public String version() {
    try {
      Matcher matcher = VERSION.matcher(Files.readString(repository.resolve("pom.xml")));
      return matcher.find() ? matcher.group(1) : "unknown";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FileTime newestSource() {
    return Stream.of("pom.xml", "modules", "batch-jobs", "webapp")
        .map(repository::resolve)
        .map(Trees::newest)
        .max(FileTime::compareTo)
        .or(() -> Optional.of(FileTime.fromMillis(0)))
        .orElseThrow();
  }

  private Path stamp() {
    return repository.resolve("webapp/target/pilothouse.stamp");
  }
}
