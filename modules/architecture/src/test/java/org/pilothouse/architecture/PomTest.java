package org.pilothouse.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A jar that a module may not use has no place on its class path either. */
class PomTest {
  private static final Set<String> TEST_ONLY = Set.of("testkit", "architecture");
  private static final Set<String> MOCKS =
      Set.of(
          "org.mockito", "org.easymock", "org.powermock", "org.jmock", "org.jmockit", "io.mockk");

  @Test
  void shouldFollowTheArrows() {
    assertThat(poms().flatMap(PomTest::againstTheArrows)).isEmpty();
  }

  @Test
  void shouldKeepTestModulesInTestScope() {
    assertThat(poms().flatMap(PomTest::testModulesShipped)).isEmpty();
  }

  @Test
  void shouldBringNoMocks() {
    assertThat(poms().flatMap(PomTest::mocks)).isEmpty();
  }

  @Test
  void shouldReportADependencyThatNoArrowNames() {
    assertThat(againstTheArrows(fixture("against-the-arrows.xml")))
        .containsExactly("pilothouse-models -> pilothouse-twins");
  }

  @Test
  void shouldReportAShippedTestModule() {
    assertThat(testModulesShipped(fixture("ships-the-testkit.xml")))
        .containsExactly("pilothouse-models -> pilothouse-testkit");
  }

  @Test
  void shouldReportMocks() {
    assertThat(mocks(fixture("mocks.xml"))).containsExactly("pilothouse-models -> org.mockito");
  }

  private static Stream<String> againstTheArrows(Pom pom) {
    String from = room(pom.artifactId());
    return own(pom)
        .filter(to -> !TEST_ONLY.contains(room(to)))
        .filter(to -> !House.real().allows(from, room(to)))
        .map(to -> pom.artifactId() + " -> " + to);
  }

  private static Stream<String> testModulesShipped(Pom pom) {
    return own(pom)
        .filter(to -> TEST_ONLY.contains(room(to)))
        .map(to -> pom.artifactId() + " -> " + to);
  }

  private static Stream<String> mocks(Pom pom) {
    return pom.dependencies().stream()
        .map(Pom.Uses::groupId)
        .filter(MOCKS::contains)
        .map(group -> pom.artifactId() + " -> " + group);
  }

  private static Stream<String> own(Pom pom) {
    return pom.dependencies().stream()
        .filter(uses -> uses.groupId().equals("org.pilothouse"))
        .filter(uses -> !uses.scope().equals("test"))
        .map(Pom.Uses::artifactId);
  }

  private static String room(String artifactId) {
    String name = artifactId.replaceFirst("^pilothouse-", "");
    return name.equals("batch-jobs") ? "batch" : name.replaceFirst("^platform-", "platform.");
  }

  private static Stream<Pom> poms() {
    List<Path> modules = Repository.modules();
    assertThat(modules).isNotEmpty();
    return Stream.concat(Stream.of(Repository.root()), modules.stream())
        .map(module -> Pom.read(module.resolve("pom.xml")));
  }

  private static Pom fixture(String name) {
    return Pom.read(Repository.root().resolve("modules/architecture/src/test/poms").resolve(name));
  }
}
