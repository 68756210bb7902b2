package org.pilothouse.architecture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Where the modules lie, as the root pom lists them: a module that is built is a module checked.
 */
final class Repository {
  private Repository() {}

  static Path root() {
    Path here = Path.of("").toAbsolutePath();
    while (!Files.exists(here.resolve("mvnw"))) {
      here = here.getParent();
      if (here == null) {
        throw new IllegalStateException("not inside the repository: no mvnw above");
      }
    }
    return here;
  }

  static List<Path> modules() {
    return Pom.read(root().resolve("pom.xml")).modules().stream().map(root()::resolve).toList();
  }
}
