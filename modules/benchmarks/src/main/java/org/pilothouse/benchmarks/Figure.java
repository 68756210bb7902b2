package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One figure beside its limit.
 *
 * @param figure ours
 * @param limit what the machine or the peer does in the same run; null where there is only a bound
 * @param bound what the ratio must reach, or (without a limit) what the figure must not exceed
 * @param details how it came about; they go into the file only
 */
record Figure(
    String name,
    double figure,
    @Nullable Double limit,
    String unit,
    double bound,
    boolean pass,
    Map<String, Object> details) {

  /** Passes when the ratio of figure to limit reaches the bound. */
  static Figure ofRatio(
      String name,
      double figure,
      double limit,
      String unit,
      double bound,
      Map<String, Object> details) {
    return new Figure(name, figure, limit, unit, bound, figure / limit >= bound, details);
  }

  /** Passes when the figure does not exceed the bound. */
  static Figure ofCeiling(
      String name, double figure, String unit, double bound, Map<String, Object> details) {
    return new Figure(name, figure, null, unit, bound, figure <= bound, details);
  }

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** One file a benchmark; the first figure is the benchmark's, the others stand beside it. */
  static Path write(String benchmark, List<Figure> figures, Clock clock) throws IOException {
    Path directory = Files.createDirectories(Stack.repository().resolve("target/bench"));
    ObjectNode document = figures.getFirst().json();
    document.put("at", clock.instant().toString());
    document.put("processors", Runtime.getRuntime().availableProcessors());
    if (figures.size() > 1) {
      var others = document.putArray("figures");
      figures.forEach(figure -> others.add(figure.json()));
    }
    Path file = directory.resolve(benchmark + ".json");
    JSON.writeValue(file.toFile(), document);
    return file;
  }

  private ObjectNode json() {
    ObjectNode document = JSON.createObjectNode();
    document.put("name", name);
    document.put("figure", figure);
    document.put("limit", limit);
    document.put("ratio", limit == null ? null : figure / limit);
    document.put("unit", unit);
    document.put("bound", bound);
    document.put("pass", pass);
    document.set("details", JSON.valueToTree(new LinkedHashMap<>(details)));
    return document;
  }

  static void table(List<Figure> figures, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "%n%-34s %14s %14s %8s %8s  %-10s %s%n",
        "BENCHMARK",
        "FIGURE",
        "LIMIT",
        "RATIO",
        "BOUND",
        "UNIT",
        "");
    for (Figure each : figures) {
      out.printf(
          Locale.ROOT,
          "%-34s %14s %14s %8s %8s  %-10s %s%n",
          each.name,
          shown(each.figure),
          each.limit == null ? "-" : shown(each.limit),
          each.limit == null ? "-" : String.format(Locale.ROOT, "%.3f", each.figure / each.limit),
          shown(each.bound),
          each.unit,
          each.pass ? "reached" : "NOT REACHED");
    }
    out.println();
  }

  private static String shown(double value) {
    return value >= 1000
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.2f", value);
  }
}
