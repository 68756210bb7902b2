package org.pilothouse.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** What a class of the house may do. Each rule names the fixtures that break it. */
enum Rule {
  ARROWS("a room uses only the rooms that its package-info names", "unnamed.UsesAnUnnamedRoom") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      return toOtherRooms(house, type)
          .filter(arrow -> !house.allows(arrow.from(), arrow.to()))
          .map(arrow -> arrow.from() + " does not name " + arrow.to() + ": " + arrow.what());
    }
  },

  DOORS(
      "nobody uses another room's .rest or .internal",
      "trespass.UsesAnInternalClass",
      "trespass.UsesAResource") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      return toOtherRooms(house, type)
          .filter(arrow -> INNER.matcher(arrow.inside()).find())
          .map(Arrow::what);
    }
  },

  ENGINES(
      "an engine's types stay in its adapter",
      "engines.UsesAmqp",
      "engines.UsesElasticsearch",
      "engines.UsesKafka",
      "engines.UsesMqtt",
      "engines.UsesRocksDb",
      "engines.UsesS3",
      "engines.UsesSql",
      "engines.rest.UsesSqlInAResource") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      if (house.isProgram(type)) {
        return Stream.empty();
      }
      String room = house.roomOf(type).orElse("");
      return outgoing(type)
          .filter(dependency -> {
            String target = target(dependency).getPackageName();
            return ENGINE_ROOMS.entrySet().stream()
                    .anyMatch(engine ->
                        inside(target, engine.getKey()) && !engine.getValue().equals(room))
                || (SQL.stream().anyMatch(sql -> inside(target, sql))
                    && !room.equals("platform.postgres")
                    && !BEHIND_THE_DOOR.matcher(type.getPackageName()).find());
          })
          .map(Dependency::getDescription);
    }
  },

  CYCLES("rooms do not depend on each other in a circle", "left.UsesRight", "right.UsesLeft") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      return toOtherRooms(house, type)
          .filter(arrow -> leads(house, arrow.to(), arrow.from()))
          .map(arrow -> arrow.from() + " and " + arrow.to() + " use each other: " + arrow.what());
    }
  },

  PLATFORM(
      "an adapter knows no business room, whatever its package-info names",
      "platform.kafka.UsesABusinessRoom") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      return toOtherRooms(house, type)
          .filter(arrow -> House.isPlatform(arrow.from()))
          .filter(arrow -> !arrow.to().equals("kernel") && !House.isPlatform(arrow.to()))
          .map(Arrow::what);
    }
  },

  MARKED_PACKAGES(
      "every package is @NullMarked, and a room's names its arrows",
      "bare.InAPackageWithoutInfo",
      "unmarked.InAPackageThatIsNotMarked") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      if (type.getSimpleName().equals("package-info") || house.roomOf(type).isEmpty()) {
        return Stream.empty();
      }
      Stream.Builder<String> found = Stream.builder();
      if (!type.getPackage().isAnnotatedWith(NullMarked.class)) {
        found.add(type.getPackageName() + " is not @NullMarked");
      }
      String room = house.roomOf(type).orElseThrow();
      if (!House.PROGRAMS.contains(room) && house.arrowsOf(room).isEmpty()) {
        found.add("the room " + room + " has no @AllowedArrows");
      }
      return found.build();
    }
  },

  NARROWER(
      "a package inside a room may narrow the room's arrows, never widen them",
      "widening.inner.InAPackageThatWidens") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      if (type.getSimpleName().equals("package-info")) {
        return Stream.empty();
      }
      Optional<Set<String>> own = house.arrowsAt(type.getPackageName());
      Optional<Set<String>> rooms = house.roomOf(type).flatMap(house::arrowsOf);
      return own.isPresent() && rooms.isPresent()
          ? own.get().stream()
              .filter(arrow -> !House.names(rooms.get(), arrow))
              .map(arrow -> type.getPackageName() + " adds the arrow to " + arrow)
          : Stream.empty();
    }
  },

  CONSOLE(
      "server code does not write to the console",
      "habits.PrintsAStackTrace",
      "habits.WritesToTheConsole") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      if (house.isProgram(type)) {
        return Stream.empty();
      }
      return accesses(type)
          .filter(access ->
              (owner(access).equals("java.lang.System")
                      && Set.of("out", "err").contains(access.getName()))
                  || (access.getName().equals("printStackTrace") && parameters(access) == 0))
          .map(JavaAccess::getDescription);
    }
  },

  SLEEP("nothing sleeps; it waits for a condition or a deadline", "habits.Sleeps") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      return house.isProgram(type)
          ? Stream.empty()
          : accesses(type)
              .filter(access -> access.getName().equals("sleep"))
              .filter(access ->
                  owner(access).equals("java.lang.Thread")
                      || owner(access).equals("java.util.concurrent.TimeUnit"))
              .map(JavaAccess::getDescription);
    }
  },

  GIVEN(
      "time, ids and randomness come in through the constructor",
      "habits.MakesIds",
      "habits.ReadsTheClock",
      "habits.ReadsTheClockByReference",
      "habits.RollsDice") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      String room = house.roomOf(type).orElse("");
      if (Set.of("kernel", "testkit").contains(room)
          || house.isProgram(type)
          || house.isComposition(room)) {
        return Stream.empty();
      }
      return accesses(type).filter(Rule::takesWhatShouldBeGiven).map(JavaAccess::getDescription);
    }
  },

  NAMES("a class says what it is", "habits.PumpHelper", "habits.PumpImpl", "habits.PumpManager") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      return EMPTY_WORD.matcher(type.getSimpleName()).find()
          ? Stream.of(type.getName() + " ends in a word that says nothing")
          : Stream.empty();
    }
  },

  CONSTRUCTOR_INJECTION("dependencies come in through the constructor", "habits.InjectsAField") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      if (madeByTheContainer(type)) {
        return Stream.empty();
      }
      return type.getFields().stream()
          .filter(
              field -> INJECTING.stream().anyMatch(annotation -> field.isAnnotatedWith(annotation)))
          .map(JavaField::getDescription);
    }
  },

  LOGGING("logging goes through SLF4J", "habits.LogsByTheJdk") {
    @Override
    Stream<String> violations(House house, JavaClass type) {
      if (house.isProgram(type)) {
        return Stream.empty();
      }
      return outgoing(type)
          .filter(dependency -> inside(target(dependency).getPackageName(), "java.util.logging"))
          .map(Dependency::getDescription);
    }
  };

  private static final Pattern INNER = Pattern.compile("^(rest|internal)(\\.|$)");
  private static final Pattern BEHIND_THE_DOOR = Pattern.compile("\\.internal(\\.|$)");
  private static final Pattern EMPTY_WORD = Pattern.compile("(Manager|Helper|Utils?|Impl)$");

  private static final Map<String, String> ENGINE_ROOMS =
      Map.of(
          "org.apache.kafka", "platform.kafka",
          "org.rocksdb", "platform.kafka",
          "com.rabbitmq", "platform.rabbit",
          "software.amazon.awssdk", "platform.objectstore",
          "co.elastic.clients", "platform.elastic",
          "org.elasticsearch", "platform.elastic",
          "org.postgresql", "platform.postgres",
          "com.zaxxer.hikari", "platform.postgres",
          "org.flywaydb", "platform.postgres",
          "com.hivemq", "platform.mqtt");

  private static final List<String> SQL = List.of("java.sql", "javax.sql", "org.jdbi");
  private static final List<String> INJECTING =
      List.of(
          "jakarta.inject.Inject",
          "jakarta.annotation.Resource",
          "jakarta.persistence.PersistenceContext",
          "org.eclipse.microprofile.config.inject.ConfigProperty");

  /** The container makes these with a constructor that takes nothing. */
  private static final Set<String> CONTAINER_MADE =
      Set.of(
          "jakarta.servlet.Filter",
          "jakarta.servlet.http.HttpFilter",
          "jakarta.servlet.http.HttpServlet");

  private static final Set<String> GENERATORS =
      Set.of("java.util.Random", "java.util.SplittableRandom", "java.security.SecureRandom");

  private static final Set<String> EXCEPTIONS =
      Set.of(
          // An entry of the trail belongs to the caller's transaction, so the caller hands it over.
          "ENGINES org.pilothouse.pilots.AuditTrail",
          // A bundle becomes available in the transaction of whoever wrote it.
          "ENGINES org.pilothouse.datasets.DatasetBundles",
          // What a job has made becomes visible in the transaction that ends it.
          "ENGINES org.pilothouse.jobs.JobOutcome$Publication",
          // The model changes in the transaction of the room that has moved the data, or not at
          // all.
          "ENGINES org.pilothouse.pilots.PilotStorage",
          "ENGINES org.pilothouse.pilots.PilotStorage$Guard",
          // Whether a reader's effect failed for good is written in the SQLSTATE.
          "ENGINES org.pilothouse.platform.kafka.consume.TransientFailures",
          // Makes a database for each test class, before there is an adapter to ask.
          "ENGINES org.pilothouse.testkit.TestDatabase",
          // A slow effect is what that part of the contract is about.
          "SLEEP org.pilothouse.testkit.ReaderContract",
          // A command beside the server: what it says to whoever calls it is its answer.
          "CONSOLE org.pilothouse.webapp.CloseDay",
          // The room's composition makes its one source of secrets.
          "GIVEN org.pilothouse.pilots.PilotsModule",
          // Waits for PostgreSQL before there is anything else that could wake it.
          "SLEEP org.pilothouse.platform.postgres.Migrations",
          // Jitter and correlation numbers: nothing that is kept or repeated depends on them.
          "GIVEN org.pilothouse.platform.postgres.OutboxRelay",
          "GIVEN org.pilothouse.platform.web.TraceId");

  private final String text;
  private final List<String> fixtures;

  Rule(String text, String... fixtures) {
    this.text = text;
    this.fixtures = List.of(fixtures);
  }

  abstract Stream<String> violations(House house, JavaClass type);

  /** The classes of the fixture house that break this rule, and no other class of it does. */
  List<String> fixtures() {
    return fixtures;
  }

  /** What is excused from this rule, by name; {@link RuleTest} refuses an excuse nobody needs. */
  Set<String> exceptions() {
    return EXCEPTIONS.stream()
        .filter(exception -> exception.startsWith(name() + " "))
        .map(exception -> exception.substring(name().length() + 1))
        .collect(Collectors.toSet());
  }

  private String exception(JavaClass type) {
    return name() + " " + type.getName();
  }

  ArchRule on(House house) {
    return classes()
        .should(
            new ArchCondition<JavaClass>("respect: " + text) {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                if (house.roomOf(type).isEmpty() || EXCEPTIONS.contains(exception(type))) {
                  return;
                }
                violations(house, type)
                    .distinct()
                    .forEach(what -> events.add(SimpleConditionEvent.violated(type, what)));
              }
            });
  }

  private record Arrow(String from, String to, String inside, String what) {}

  private static Stream<Arrow> toOtherRooms(House house, JavaClass type) {
    Optional<String> from = house.roomOf(type);
    if (from.isEmpty()) {
      return Stream.empty();
    }
    return outgoing(type)
        .flatMap(dependency ->
            house
                .roomOf(target(dependency))
                .filter(to -> !to.equals(from.get()))
                .map(to ->
                    new Arrow(
                        from.get(),
                        to,
                        behind(house, to, target(dependency)),
                        dependency.getDescription()))
                .stream());
  }

  private static String behind(House house, String room, JavaClass target) {
    String door = house.root() + "." + room;
    return target.getPackageName().equals(door)
        ? ""
        : target.getPackageName().substring(door.length() + 1);
  }

  private static boolean leads(House house, String from, String to) {
    Set<String> seen = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      String room = open.pop();
      if (room.equals(to)) {
        return true;
      }
      if (seen.add(room)) {
        house.classes().stream()
            .filter(type -> house.roomOf(type).filter(room::equals).isPresent())
            .flatMap(type -> toOtherRooms(house, type))
            .map(Arrow::to)
            .distinct()
            .forEach(open::push);
      }
    }
    return false;
  }

  private static boolean takesWhatShouldBeGiven(JavaAccess<?> access) {
    String owner = owner(access);
    String name = access.getName();
    boolean clockGiven =
        access instanceof JavaCodeUnitAccess<?> call
            && call.getTarget().getRawParameterTypes().stream()
                .anyMatch(parameter -> parameter.getName().equals("java.time.Clock"));
    return (owner.startsWith("java.time.") && name.equals("now") && !clockGiven)
        || (owner.equals("java.time.Clock") && name.startsWith("system"))
        || (owner.equals("java.lang.System") && name.equals("currentTimeMillis"))
        || (owner.equals("java.util.UUID") && name.equals("randomUUID"))
        || (owner.equals("java.lang.Math") && name.equals("random"))
        || (owner.equals("java.util.concurrent.ThreadLocalRandom") && name.equals("current"))
        || (GENERATORS.contains(owner) && name.equals("<init>"));
  }

  private static boolean madeByTheContainer(JavaClass type) {
    return Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream())
        .anyMatch(above -> CONTAINER_MADE.contains(above.getName()));
  }

  private static Stream<Dependency> outgoing(JavaClass type) {
    return type.getDirectDependenciesFromSelf().stream();
  }

  private static JavaClass target(Dependency dependency) {
    return dependency.getTargetClass().getBaseComponentType();
  }

  private static Stream<JavaAccess<?>> accesses(JavaClass type) {
    return type.getAccessesFromSelf().stream().map(access -> (JavaAccess<?>) access);
  }

  private static String owner(JavaAccess<?> access) {
    return access.getTargetOwner().getName();
  }

  private static int parameters(JavaAccess<?> access) {
    return access instanceof JavaCodeUnitAccess<?> call
        ? call.getTarget().getRawParameterTypes().size()
        : 0;
  }

  private static boolean inside(String packageName, String root) {
    return packageName.equals(root) || packageName.startsWith(root + ".");
  }
}
