package org.pilothouse.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.pilothouse.kernel.AllowedArrows;

/**
 * Rooms below a root package, and the arrows that each of them has written at its door.
 *
 * <p>A room is a package right below the root; the adapters ({@code platform.kafka} …) are rooms of
 * their own. Programs beside the house (the launcher, the broker, the clients) are no rooms.
 */
record House(String root, JavaClasses classes) {
  static final String REAL_ROOT = "org.pilothouse";
  static final String FIXTURE_ROOT = "org.pilothouse.architecture.fixtures";

  /** They run outside the deployable and talk to it, or start it, from outside. */
  static final Set<String> PROGRAMS = Set.of("local", "mqtt", "demo", "ctl", "benchmarks");

  private static final String PLATFORM = "platform";

  static House real() {
    return Real.HOUSE;
  }

  static House fixtures() {
    return Fixtures.HOUSE;
  }

  Set<String> rooms() {
    return classes.stream()
        .flatMap(type -> roomOf(type).stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  Optional<String> roomOf(JavaClass type) {
    return roomOf(type.getBaseComponentType().getPackageName());
  }

  Optional<String> roomOf(String packageName) {
    if (!packageName.startsWith(root + ".")) {
      return Optional.empty();
    }
    String[] names = packageName.substring(root.length() + 1).split("\\.");
    return Optional.of(
        names[0].equals(PLATFORM) && names.length > 1 ? PLATFORM + "." + names[1] : names[0]);
  }

  /** What the room's package-info allows; empty when it says nothing. */
  Optional<Set<String>> arrowsOf(String room) {
    return arrowsAt(root + "." + room);
  }

  Optional<Set<String>> arrowsAt(String packageName) {
    if (!classes.containPackage(packageName)) {
      return Optional.empty();
    }
    return classes
        .getPackage(packageName)
        .tryGetAnnotationOfType(AllowedArrows.class)
        .map(AllowedArrows::value)
        .map(rooms -> Set.copyOf(Arrays.asList(rooms)));
  }

  boolean allows(String from, String to) {
    if (PROGRAMS.contains(from)) {
      return PROGRAMS.contains(to) || Set.of("kernel", "contracts").contains(to);
    }
    return arrowsOf(from).map(arrows -> names(arrows, to)).orElse(false);
  }

  boolean isComposition(String room) {
    return arrowsOf(room).map(arrows -> arrows.contains("*")).orElse(false);
  }

  boolean isProgram(JavaClass type) {
    return roomOf(type).filter(PROGRAMS::contains).isPresent();
  }

  static boolean isPlatform(String room) {
    return room.startsWith(PLATFORM + ".");
  }

  static boolean names(Set<String> arrows, String room) {
    return arrows.contains("*")
        || arrows.contains(room)
        || (isPlatform(room) && arrows.contains(PLATFORM));
  }

  private static final class Real {
    static final House HOUSE = read();

    private static House read() {
      List<Path> compiled =
          Repository.modules().stream()
              .map(module -> module.resolve("target/classes"))
              .filter(Files::isDirectory)
              .toList();
      return new House(REAL_ROOT, new ClassFileImporter().importPaths(compiled));
    }
  }

  private static final class Fixtures {
    static final House HOUSE =
        new House(
            FIXTURE_ROOT,
            new ClassFileImporter()
                .importPackages(FIXTURE_ROOT, AllowedArrows.class.getPackageName()));
  }
}
