package org.pilothouse.benchmarks;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.pilothouse.ctl.api.ApiProblem;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./pilothouse bench [NAME]}. */
@Command(
    name = "bench",
    description = "Measures the hot paths of the running stack, each beside its limit",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Names: ingest-http ingest-mqtt ingest-latency twins-state twins-read twins-history",
      "datasets-upload datasets-catalogue warehouse-dump exports jobs-dispatch startup; default: all.",
      "jobs-dispatch needs a stack that was started with PILOTHOUSE_JOBS_NOOP=true.",
      "Results: target/bench/NAME.json. Exit codes: 0 measured, 1 could not measure, 2 usage."
    })
public final class Bench implements Callable<Integer> {
  private static final Map<String, Benchmark> ALL = new LinkedHashMap<>();

  static {
    ALL.put("ingest-http", new IngestHttp());
    ALL.put("ingest-mqtt", new IngestMqtt());
    ALL.put("ingest-latency", new IngestLatency());
    ALL.put("twins-state", new TwinsState());
    ALL.put("twins-read", new TwinsRead());
    ALL.put("twins-history", new TwinsHistory());
    ALL.put("datasets-upload", new DatasetsUpload());
    ALL.put("datasets-catalogue", new DatasetsCatalogue());
    ALL.put("warehouse-dump", new WarehouseDump());
    ALL.put("exports", new Exports());
    ALL.put("jobs-dispatch", new JobsDispatch());
    ALL.put("startup", new Startup());
  }

  @Parameters(paramLabel = "NAME", arity = "0..*")
  List<String> names = new ArrayList<>();

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "of each measured part; default: ${DEFAULT-VALUE}")
  int seconds;

  @Option(
      names = "--events",
      defaultValue = "0",
      description = "ingest-http: also watch the server's memory over so many events")
  long events;

  @Option(names = "--connections", defaultValue = "4", description = "default: ${DEFAULT-VALUE}")
  int connections;

  @Option(
      names = "--lines",
      defaultValue = "2000",
      description = "ingest-http: lines a request; default: ${DEFAULT-VALUE}")
  int lines;

  @Option(
      names = "--records",
      split = ",",
      defaultValue = "1000000,5000000",
      description =
          "warehouse-dump: of the closed days, one after the other; default: ${DEFAULT-VALUE}")
  List<Long> records = new ArrayList<>();

  @Option(
      names = "--memory",
      description = "warehouse-dump: also what lives in the heap meanwhile; rates are lower then")
  boolean memory;

  @Option(
      names = "--rows",
      defaultValue = "20000000",
      description = "exports: of the closed day that is exported; default: ${DEFAULT-VALUE}")
  long rows;

  @Option(
      names = "--peer",
      description =
          "warehouse-dump: also measures this one on the same topic, fetched from Maven Central:"
              + " connect (Kafka Connect with the Iceberg sink)")
  List<String> peers = new ArrayList<>();

  public static void main(String[] args) {
    System.setProperty("logback.configurationFile", "bench-logback.xml");
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    for (String name : names) {
      if (!ALL.containsKey(name)) {
        System.err.println("bench: there is no '" + name + "'; there are " + ALL.keySet());
        return 2;
      }
    }
    if (!WarehouseDump.PEERS.containsAll(peers)) {
      System.err.println("bench: the peers are " + WarehouseDump.PEERS);
      return 2;
    }
    List<Figure> all = new ArrayList<>();
    boolean failed = false;
    try (Stack stack = new Stack()) {
      for (String name : names.isEmpty() ? ALL.keySet() : names) {
        System.out.println("== " + name);
        try {
          List<Figure> figures =
              Objects.requireNonNull(ALL.get(name))
                  .run(
                      stack,
                      new Benchmark.Options(
                          seconds, events, connections, lines, records, memory, rows, peers));
          System.out.println("written: " + Figure.write(name, figures, Clock.systemUTC()));
          all.addAll(figures);
        } catch (ApiProblem
            | IllegalStateException
            | IOException
            | SQLException
            | ExecutionException
            | TimeoutException e) {
          System.err.println("bench: " + name + " could not be measured: " + e.getMessage());
          failed = true;
        }
      }
    } catch (ApiProblem problem) {
      System.err.println("bench: " + problem.getMessage());
      return 1;
    }
    if (!all.isEmpty()) {
      Figure.table(all, System.out);
    }
    return failed ? 1 : 0;
  }
}
