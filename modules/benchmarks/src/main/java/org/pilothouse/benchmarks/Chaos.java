package org.pilothouse.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.pilothouse.ctl.api.ApiProblem;
import org.pilothouse.ctl.api.Home;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./pilothouse chaos [NAME]}. */
@Command(
    name = "chaos",
    description = {
      "Disturbs the running stack under load and holds a ledger of what was acknowledged",
      "against what is on the backbone and what people see."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Names: kill-deployable kill-kafka kill-postgres kill-mqtt stop-kafka resets twins hold dumps",
      "jobs hold-steps hold-clocks dump-steps dump-clocks disk-full hold-full dump-full; default:",
      "all but the last eight, which start stacks of their own; the last three need root.",
      "twins kills the deployable, PostgreSQL and both by turns, and holds all that is shown of twins",
      "against a fold of the topics of its own. hold kills them and object storage, stops the",
      "latter and resets connections in the middle of uploads, and holds pointers, catalogue and",
      "objects against each other; hold-full does with no space left to object storage, hold-clocks",
      "with the deployable's clock two hours off. hold-steps ends the deployable at every step of the",
      "life of a dataset. dumps kills and stops servers in the middle of the closing of a day, and",
      "dump-steps ends the deployable at every step of it: the files must be the same, byte by byte,",
      "as those of an undisturbed run; so with dump-clocks and dump-full. jobs kills the deployable,",
      "RabbitMQ and PostgreSQL and stops a worker past its leases, while two nodes do jobs: each must",
      "have one result, and every end that came too late be refused and counted.",
      "Results: target/chaos/NAME.json.",
      "Exit codes: 0 nothing lost, nothing twice, and it came back by itself; 1 otherwise; 2 usage."
    })
public final class Chaos implements Callable<Integer> {
  private static final List<String> NAMES =
      List.of(
          "kill-deployable",
          "kill-kafka",
          "kill-postgres",
          "kill-mqtt",
          "stop-kafka",
          "resets",
          "twins",
          "hold",
          "dumps");
  private static final List<String> ON_STACKS_OF_THEIR_OWN =
      List.of(
          "jobs",
          "hold-steps",
          "hold-clocks",
          "dump-steps",
          "dump-clocks",
          "disk-full",
          "hold-full",
          "dump-full");
  private static final Map<String, String> KILLED =
      Map.of(
          "kill-deployable", "pilothouse",
          "kill-kafka", "kafka",
          "kill-postgres", "postgres",
          "kill-mqtt", "mqtt");

  @Parameters(paramLabel = "NAME", arity = "0..*")
  List<String> names = new ArrayList<>();

  @Option(names = "--kills", defaultValue = "20", description = "default: ${DEFAULT-VALUE}")
  int kills;

  @Option(names = "--short", description = "three kills each and shorter pauses")
  boolean brief;

  @Option(
      names = "--rate",
      defaultValue = "1500",
      description = "events/s over HTTP; default: ${DEFAULT-VALUE}")
  double rate;

  @Option(
      names = "--mqtt-rate",
      defaultValue = "150",
      description = "events/s by MQTT; 0 for none; default: ${DEFAULT-VALUE}")
  double mqttRate;

  @Option(
      names = "--steps",
      split = ",",
      description = "dump-steps: only these, by their names in target/chaos/dump-hold-at/steps")
  List<String> steps = new ArrayList<>();

  @Option(names = "--seed", defaultValue = "1", description = "of the random moments")
  long seed;

  public static void main(String[] args) {
    System.setProperty("logback.configurationFile", "bench-logback.xml");
    // A proxy in between gets what was signed for the server behind it.
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    System.exit(new CommandLine(new Chaos()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    for (String name : names) {
      if (!NAMES.contains(name) && !ON_STACKS_OF_THEIR_OWN.contains(name)) {
        System.err.println(
            "chaos: there is no '"
                + name
                + "'; there are "
                + NAMES
                + ", "
                + ON_STACKS_OF_THEIR_OWN);
        return 2;
      }
    }
    if (!DumpSteps.STEPS.containsAll(steps)) {
      System.err.println("chaos: the steps are " + DumpSteps.STEPS);
      return 2;
    }
    List<Outcome> verdicts = new ArrayList<>();
    boolean failed = false;
    for (String name : names.isEmpty() ? NAMES : names) {
      System.out.println("== " + name);
      try {
        Outcome verdict = verdict(name);
        verdicts.add(verdict);
        System.out.println("written: " + Scenario.write(verdict));
      } catch (ApiProblem
          | IllegalStateException
          | IOException
          | SQLException
          | ExecutionException
          | TimeoutException e) {
        System.err.println("chaos: " + name + " could not be judged: " + e.getMessage());
        failed = true;
      }
    }
    table(verdicts, System.out);
    return !failed && verdicts.stream().allMatch(Outcome::pass) ? 0 : 1;
  }

  private Outcome verdict(String name) throws Exception {
    if (name.equals("disk-full")) {
      try (DiskFullStack own = DiskFullStack.up("kafka", 400);
          Stack stack = new Stack(new Home(own.home()))) {
        Fault fill = new Fault.FillDisk(own.disk(), Duration.ofSeconds(brief ? 20 : 45));
        return scenario(name, stack, fill, brief ? 1 : 3).run();
      }
    }
    if (name.equals("hold-full")) {
      try (DiskFullStack own = DiskFullStack.up("s3", 600);
          Stack stack = new Stack(new Home(own.home()));
          FaultyProxy store = new FaultyProxy(stack.objects())) {
        Fault fill = new Fault.FillDisk(own.disk(), Duration.ofSeconds(20));
        return new HoldScenario(name, stack, store, List.of(fill), brief ? 2 : 5, seed).run();
      }
    }
    if (name.equals("jobs")) {
      try (OwnStack own = OwnStack.up(name, JobsScenario.SETTINGS);
          Stack stack = new Stack(new Home(own.home()));
          SecondNode second = SecondNode.up(stack, JobsScenario.SETTINGS)) {
        return new JobsScenario(name, stack, second, brief ? 2 : kills, brief ? 300 : 10_000, seed)
            .run();
      }
    }
    if (name.equals("hold-steps")) {
      Path holdAt = emptied(Scenario.directory().resolve("hold-at"));
      try (Gatherer gatherer = Gatherer.begin();
          OwnStack own =
              OwnStack.up(
                  name,
                  Map.of(
                      "PILOTHOUSE_FAULTS",
                      "true",
                      "PILOTHOUSE_DATASETS_HOLD_AT",
                      holdAt.toString(),
                      "PILOTHOUSE_OPENLINEAGE_URL",
                      gatherer.url()));
          Stack stack = new Stack(new Home(own.home()))) {
        return new HoldSteps(name, stack, holdAt, gatherer, brief ? 1 : 3, seed).run();
      }
    }
    if (name.equals("dump-steps")) {
      Path holdAt = emptied(Scenario.directory().resolve("dump-hold-at"));
      try (OwnStack own =
              OwnStack.up(
                  name,
                  Map.of(
                      "PILOTHOUSE_FAULTS",
                      "true",
                      "PILOTHOUSE_WAREHOUSE_LEASE",
                      "PT5S",
                      "PILOTHOUSE_WAREHOUSE_HOLD_AT",
                      holdAt.toString()));
          Stack stack = new Stack(new Home(own.home()))) {
        return new DumpSteps(name, stack, holdAt, steps, brief ? 1 : 3).run();
      }
    }
    if (name.equals("dump-clocks")) {
      Path clock = Scenario.directory().resolve("clock");
      Files.writeString(clock, "+0h\n");
      try (OwnStack own = OwnStack.up(name, Map.of("PILOTHOUSE_CLOCK_FILE", clock.toString()));
          Stack stack = new Stack(new Home(own.home()))) {
        List<Fault> faults = DumpFaults.clocks(clock);
        return new DumpFaults(name, stack, faults, faults.size() * (brief ? 1 : 3), seed).run();
      }
    }
    if (name.equals("dump-full")) {
      try (DiskFullStack own = DiskFullStack.up("s3", 600);
          Stack stack = new Stack(new Home(own.home()))) {
        Fault fill = new Fault.FillDisk(own.disk(), Duration.ofSeconds(20));
        return new DumpFaults(name, stack, List.of(fill), brief ? 1 : 3, seed).run();
      }
    }
    if (name.equals("hold-clocks")) {
      Path clock = Scenario.directory().resolve("clock");
      Files.writeString(clock, "+0h\n");
      try (OwnStack own = OwnStack.up(name, Map.of("PILOTHOUSE_CLOCK_FILE", clock.toString()));
          Stack stack = new Stack(new Home(own.home()));
          FaultyProxy store = new FaultyProxy(stack.objects())) {
        List<Fault> faults = HoldScenario.clocks(clock);
        int times = faults.size() * (brief ? 1 : 3);
        return new HoldScenario(name, stack, store, faults, times, seed, new ClockWatch(stack))
            .run();
      }
    }
    try (Stack stack = new Stack()) {
      String killed = KILLED.get(name);
      if (killed != null) {
        return scenario(name, stack, new Fault.Kill(killed), brief ? 3 : kills).run();
      }
      if (name.equals("twins")) {
        return new TwinsScenario(name, stack, brief ? 3 : kills, rate, mqttRate, seed).run();
      }
      if (name.equals("hold")) {
        try (FaultyProxy store = new FaultyProxy(stack.objects())) {
          List<Fault> faults = HoldScenario.usual(store, new Random(seed));
          int times = brief ? faults.size() : kills;
          return new HoldScenario(name, stack, store, faults, times, seed).run();
        }
      }
      if (name.equals("dumps")) {
        List<Fault> faults = DumpFaults.usual();
        int times = brief ? faults.size() : Math.max(kills, faults.size());
        return new DumpFaults(name, stack, faults, times, seed).run();
      }
      if (name.equals("stop-kafka")) {
        Fault stop = new Fault.Stop("kafka", Duration.ofSeconds(brief ? 20 : 60));
        return scenario(name, stack, stop, brief ? 1 : 2).run();
      }
      try (FaultyProxy http = new FaultyProxy(stack.http());
          FaultyProxy mqtt = new FaultyProxy(stack.mqtt())) {
        Fault resets = new Fault.Resets(List.of(http, mqtt), new Random(seed));
        return new Scenario(
                name,
                stack,
                resets,
                brief ? 3 : kills,
                http.uri(),
                mqtt.uri(),
                rate,
                mqttRate,
                seed)
            .run();
      }
    }
  }

  /** What an earlier run left there would hold this one; the names of steps may stay. */
  private static Path emptied(Path directory) throws IOException {
    Files.createDirectories(directory);
    try (Stream<Path> left = Files.list(directory)) {
      for (Path file : left.filter(file -> !file.endsWith("steps")).toList()) {
        Files.delete(file);
      }
    }
    return directory;
  }

  private Scenario scenario(String name, Stack stack, Fault fault, int times) {
    return new Scenario(
        name, stack, fault, times, stack.http(), stack.mqtt(), rate, mqttRate, seed);
  }

  private static void table(List<Outcome> verdicts, PrintStream out) {
    out.printf(
        "%n%-16s %6s %12s %8s %8s %10s %10s %10s %10s  %s%n",
        "SCENARIO",
        "FAULTS",
        "ACKNOWLEDGED",
        "LOST",
        "TWICE",
        "NOT SHOWN",
        "MISCOUNTED",
        "BACK (MED)",
        "BACK (MAX)",
        "");
    for (Outcome each : verdicts) {
      out.printf(
          Locale.ROOT,
          "%-16s %6d %,12d %8d %8d %10d %10d %8.1f s %8.1f s  %s%n",
          each.name(),
          each.faults(),
          each.acknowledged(),
          each.lost(),
          each.twice(),
          each.notShown(),
          each.miscounted(),
          each.recoveryMedianSeconds(),
          each.recoveryLongestSeconds(),
          each.pass() ? "held" : "FAILED");
    }
    out.println();
  }
}
