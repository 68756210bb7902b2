package org.pilothouse.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What bytecode no longer tells. */
class SourceTest {
  private static final Pattern PACKAGE_DOC =
      Pattern.compile("^\\s*/\\*\\*.{20,}?\\*/\\s*(@|package )", Pattern.DOTALL);
  private static final Pattern SLEEP =
      Pattern.compile("\\b(Thread|TimeUnit\\.[A-Z]+)\\s*\\.\\s*sleep\\s*\\(");
  private static final Path FIXTURE =
      Repository.root().resolve("modules/architecture/src/test/sources");

  @Test
  void shouldDescribeEveryPackage() {
    assertThat(Repository.modules().stream().flatMap(SourceTest::undescribed)).isEmpty();
  }

  @Test
  void shouldAwaitConditionsInTests() {
    assertThat(
            Repository.modules().stream()
                .filter(module -> !module.endsWith("architecture"))
                .flatMap(SourceTest::sleepingTests))
        .isEmpty();
  }

  @Test
  void shouldReportPackagesWithoutADescription() {
    assertThat(undescribed(FIXTURE).map(path -> path.getFileName().toString()))
        .containsExactlyInAnyOrder("missing", "silent");
  }

  @Test
  void shouldReportATestThatSleeps() {
    assertThat(sleepingTests(FIXTURE).map(path -> path.getFileName().toString()))
        .containsExactly("SleepyTest.java");
  }

  private static Stream<Path> undescribed(Path module) {
    return files(module.resolve("src/main/java")).stream()
        .map(Path::getParent)
        .distinct()
        .filter(folder -> !described(folder.resolve("package-info.java")));
  }

  private static boolean described(Path info) {
    return Files.exists(info) && PACKAGE_DOC.matcher(text(info)).find();
  }

  private static Stream<Path> sleepingTests(Path module) {
    return files(module.resolve("src/test/java")).stream()
        .filter(file -> SLEEP.matcher(text(file)).find());
  }

  private static List<Path> files(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(".java")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
