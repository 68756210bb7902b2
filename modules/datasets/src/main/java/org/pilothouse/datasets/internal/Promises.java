package org.pilothouse.datasets.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;

/** Holds a contract against the newest version of its stream. */
public final class Promises {
  private static final int MOST_COLUMNS_TOLD = 5;

  private final ContentFacts facts;

  Promises(ContentFacts facts) {
    this.facts = facts;
  }

  /** Whether a promise is kept. */
  public enum State {
    MET,
    NOT_MET,
    UNKNOWN
  }

  /**
   * One promise of a contract.
   *
   * @param path of it in the contract
   * @param expected in words
   * @param found in words; null where nothing was found out
   */
  public record Promise(
      String path, String subject, String expected, State state, @Nullable String found) {}

  /**
   * @param newest the newest version that is available
   */
  List<Promise> of(JsonNode contract, Optional<Dataset> newest, Instant now) {
    List<Promise> promises = new ArrayList<>();
    JsonNode agreements = contract.path("slaProperties");
    for (int i = 0; i < agreements.size(); i++) {
      promises.add(agreement(agreements.get(i), "/slaProperties/" + i, newest, now));
    }
    Optional<ContentFacts.Facts> known = newest.flatMap(facts::look);
    JsonNode objects = contract.path("schema");
    for (int i = 0; i < objects.size(); i++) {
      String path = "/schema/" + i;
      JsonNode object = objects.get(i);
      if (!object.path("properties").isEmpty()) {
        promises.add(columns(object, path, objects.size(), known));
      }
      rules(object, path, object.path("name").asText(), newest, known, promises);
      JsonNode properties = object.path("properties");
      for (int j = 0; j < properties.size(); j++) {
        rules(
            properties.get(j),
            path + "/properties/" + j,
            properties.get(j).path("name").asText(),
            newest,
            known,
            promises);
      }
    }
    return promises;
  }

  private static Promise agreement(
      JsonNode agreement, String path, Optional<Dataset> newest, Instant now) {
    String property = agreement.path("property").asText();
    String expected =
        (agreement.path("value").asText() + " " + agreement.path("unit").asText()).strip();
    Judged judged =
        switch (property.toLowerCase(Locale.ROOT)) {
          case "frequency", "freshness" -> fresh(agreement, newest, now);
          case "retention" -> kept(agreement, newest);
          case "endofsupport", "endoflife" -> date(agreement, now, false);
          case "generalavailability" -> date(agreement, now, true);
          default -> unknown("The platform does not measure it");
        };
    return new Promise(path, property, expected, judged.state(), judged.found());
  }

  private record Judged(State state, String found) {}

  private static Judged unknown(String why) {
    return new Judged(State.UNKNOWN, why);
  }

  private static Judged judged(boolean met, String found) {
    return new Judged(met ? State.MET : State.NOT_MET, found);
  }

  private static Judged fresh(JsonNode agreement, Optional<Dataset> newest, Instant now) {
    Optional<Duration> most = span(agreement);
    if (most.isEmpty()) {
      return unknown("It has no number with a unit of time");
    }
    Instant available = newest.map(Dataset::availableAt).orElse(null);
    if (available == null) {
      return judged(false, "No version is available");
    }
    Duration age = Duration.between(available, now);
    return judged(age.compareTo(most.get()) <= 0, "The newest version is " + words(age) + " old");
  }

  private static Judged kept(JsonNode agreement, Optional<Dataset> newest) {
    Optional<Duration> least = span(agreement);
    if (least.isEmpty()) {
      return unknown("It has no number with a unit of time");
    }
    if (newest.isEmpty()) {
      return unknown("No version is available");
    }
    Integer days = newest.get().retentionDays();
    return days == null
        ? judged(true, "Versions are kept for ever")
        : judged(
            Duration.ofDays(days).compareTo(least.get()) >= 0,
            "The newest version is kept for " + days + (days == 1 ? " day" : " days"));
  }

  private static Judged date(JsonNode agreement, Instant now, boolean past) {
    String text = agreement.path("value").asText();
    Instant time;
    try {
      time =
          text.length() == 10
              ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
              : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return unknown("It has no date");
    }
    boolean reached = !now.isBefore(time);
    return judged(reached == past, reached ? "The day has come" : "The day has not come yet");
  }

  /** Of a number and a unit; days where no unit is given. */
  static Optional<Duration> span(JsonNode agreement) {
    JsonNode value = agreement.path("value");
    double number;
    try {
      number = value.isNumber() ? value.doubleValue() : Double.parseDouble(value.asText());
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
    Double seconds =
        switch (agreement.path("unit").asText("d").toLowerCase(Locale.ROOT)) {
          case "s", "sec", "second", "seconds" -> 1d;
          case "min", "minute", "minutes" -> 60d;
          case "h", "hr", "hour", "hours" -> 3_600d;
          case "d", "day", "days" -> 86_400d;
          case "w", "wk", "week", "weeks" -> 604_800d;
          case "y", "yr", "year", "years" -> 31_557_600d;
          default -> null;
        };
    if (seconds == null || !(number > 0) || number * seconds > 31_557_600_000d) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofMillis(Math.round(number * seconds * 1_000)));
  }

  private static String words(Duration age) {
    long minutes = Math.max(0, age.toMinutes());
    if (minutes < 120) {
      return minutes + " min";
    }
    return age.toHours() < 48 ? age.toHours() + " h" : age.toDays() + " days";
  }

  private static Promise columns(
      JsonNode object, String path, int objects, Optional<ContentFacts.Facts> known) {
    Set<String> wanted = new TreeSet<>();
    object
        .path("properties")
        .forEach(property ->
            wanted.add(property.path("physicalName").asText(property.path("name").asText())));
    Optional<Set<String>> there = known.flatMap(ContentFacts.Facts::columns);
    Judged judged;
    if (objects > 1) {
      judged = unknown("A file holds one object, and the contract names several");
    } else if (there.isEmpty()) {
      judged = unknown("A look into the newest version shows no columns");
    } else {
      wanted.removeAll(there.get());
      judged =
          judged(
              wanted.isEmpty(),
              wanted.isEmpty()
                  ? "All are there"
                  : "Missing: "
                      + String.join(", ", wanted.stream().limit(MOST_COLUMNS_TOLD).toList())
                      + (wanted.size() > MOST_COLUMNS_TOLD ? " …" : ""));
    }
    return new Promise(
        path + "/properties",
        "columns",
        object.path("properties").size() + " columns",
        judged.state(),
        judged.found());
  }

  private static void rules(
      JsonNode element,
      String path,
      String name,
      Optional<Dataset> newest,
      Optional<ContentFacts.Facts> known,
      List<Promise> promises) {
    JsonNode rules = element.path("quality");
    for (int i = 0; i < rules.size(); i++) {
      JsonNode rule = rules.get(i);
      Judged judged = rule(rule, newest, known);
      String what =
          sizeRule(rule).isPresent()
              ? "size"
              : rule.hasNonNull("metric")
                  ? rule.path("metric").asText()
                  : rule.hasNonNull("name")
                      ? rule.path("name").asText()
                      : rule.path("description").asText(rule.path("type").asText("rule"));
      promises.add(
          new Promise(
              path + "/quality/" + i,
              what + " of " + name,
              Operators.words(sizeRule(rule).orElse(rule)),
              judged.state(),
              judged.found()));
    }
  }

  private static Judged rule(
      JsonNode rule, Optional<Dataset> newest, Optional<ContentFacts.Facts> known) {
    if (newest.isEmpty()) {
      return unknown("No version is available");
    }
    Optional<JsonNode> size = sizeRule(rule);
    if (size.isPresent()) {
      return compared(size.get(), newest.get().size(), "bytes");
    }
    if (rule.path("metric").asText().equals("rowCount")) {
      return known.isPresent() && known.get().rows().isPresent()
          ? compared(rule, known.get().rows().getAsLong(), "rows")
          : unknown("A look into the newest version does not count its rows");
    }
    return unknown("The platform does not measure it");
  }

  /** The standard has no metric for the size of a file, but leaves room for rules of others. */
  private static Optional<JsonNode> sizeRule(JsonNode rule) {
    JsonNode implementation = rule.path("implementation");
    return rule.path("engine").asText().equals("pilothouse")
            && implementation.path("metric").asText().equals("sizeBytes")
        ? Optional.of(implementation)
        : Optional.empty();
  }

  private static Judged compared(JsonNode rule, long value, String unit) {
    return Operators.holds(rule, value)
        .map(met -> judged(met, String.format(Locale.ROOT, "%,d %s", value, unit)))
        .orElseGet(() -> unknown("It compares with no number"));
  }
}
