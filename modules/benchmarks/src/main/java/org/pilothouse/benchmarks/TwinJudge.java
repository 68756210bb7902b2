package org.pilothouse.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pilothouse.benchmarks.Findings.Kind;

/** Holds what is shown of twins against what it must be; it asks nobody. */
final class TwinJudge {
  private static final String SENT = "command.sent";
  private static final String ENDED = "command.ended";
  private static final String CHANGED = "twin.changed";

  /** The store keeps microseconds. */
  private static final Duration ROUNDING = Duration.ofNanos(1_000);

  private final Findings findings;

  TwinJudge(Findings findings) {
    this.findings = findings;
  }

  /** A fact of a twin's life, as it stands on a topic or in a thread. */
  record Fact(String id, String type, Instant time, JsonNode data) {
    String commandId() {
      return data.path("command_id").asText();
    }
  }

  /** A record among the rejected ones. */
  record Rejection(TelemetryFold.Place place, String reason, String detail) {}

  /**
   * A command that the platform lists.
   *
   * @param input null where it has none
   */
  record Command(
      String id,
      String twin,
      String name,
      String state,
      @Nullable JsonNode input,
      @Nullable JsonNode output,
      @Nullable String error) {}

  /**
   * @param shown the properties of each twin that is there: {@code {name: {value, time}}}
   */
  void states(TelemetryFold fold, Map<String, JsonNode> shown) {
    compare(fold, shown, Kind.WRONG_STATE);
  }

  /**
   * @param last the properties in the last event of each twin
   */
  void stateEvents(TelemetryFold fold, Map<String, JsonNode> last) {
    // An event of a twin that is no longer there says what it was.
    Map<String, JsonNode> living = new HashMap<>(last);
    living.keySet().retainAll(fold.states().keySet());
    compare(fold, living, Kind.WRONG_STATE_EVENT);
  }

  private void compare(TelemetryFold fold, Map<String, JsonNode> shown, Kind kind) {
    fold.states()
        .forEach((twin, properties) -> {
          JsonNode state = shown.get(twin);
          if (state == null) {
            findings.add(kind, twin + " is not there");
          } else {
            compare(twin, properties, state, kind);
          }
        });
    shown.forEach((twin, state) -> {
      if (!fold.states().containsKey(twin) && !state.isEmpty()) {
        findings.add(kind, twin + " must have no state, and has " + cut(state));
      }
    });
  }

  private void compare(
      String twin, SortedMap<String, TelemetryFold.Value> properties, JsonNode state, Kind kind) {
    Set<String> names = new HashSet<>(properties.keySet());
    state.fieldNames().forEachRemaining(names::add);
    for (String name : names) {
      TelemetryFold.Value wanted = properties.get(name);
      JsonNode found = state.get(name);
      if (wanted == null
          || found == null
          || !isSame(TelemetryFold.parsed(wanted.literal()), found.path("value"))
          || !wanted.time().equals(Instant.parse(found.path("time").asText()))) {
        findings.add(kind, twin + "/" + name + ": wanted " + wanted + ", found " + found);
      }
    }
  }

  /** A client may read a number less finely than it was written. */
  private static boolean isSame(JsonNode one, JsonNode other) {
    return one.isNumber() && other.isNumber()
        ? one.doubleValue() == other.doubleValue()
        : one.equals(other);
  }

  /** The digest has every byte in it, so it also tells of literals. */
  void digest(TelemetryFold fold, long twins, String digest) {
    if (twins != fold.states().size() || !digest.equals(fold.digest())) {
      findings.add(
          Kind.WRONG_DIGEST,
          "wanted %s of %d twins, found %s of %d"
              .formatted(fold.digest(), fold.states().size(), digest, twins));
    }
  }

  /**
   * @param stored every kept minute, by its first second
   */
  void minutes(
      TelemetryFold fold, Map<TelemetryFold.Series, SortedMap<Long, Summary.Shown>> stored) {
    fold.minutes()
        .forEach((series, wanted) ->
            minutes(
                series, wanted, stored.getOrDefault(series, Collections.emptySortedMap()), true));
    stored.forEach((series, minutes) -> {
      if (!fold.minutes().containsKey(series)) {
        findings.add(Kind.WRONG_SUMMARY, series + ": nothing was reported, found " + minutes);
      }
    });
  }

  /** The same of one series as the API gives it, which does not tell the last value. */
  void shownMinutes(
      TelemetryFold fold, TelemetryFold.Series series, SortedMap<Long, Summary.Shown> shown) {
    minutes(series, fold.minutes().getOrDefault(series, new TreeMap<>()), shown, false);
  }

  private void minutes(
      TelemetryFold.Series series,
      SortedMap<Long, Summary> wanted,
      SortedMap<Long, Summary.Shown> found,
      boolean withLast) {
    Set<Long> all = new HashSet<>(wanted.keySet());
    all.addAll(found.keySet());
    for (Long minute : all) {
      Summary summary = wanted.get(minute);
      Summary.Shown must = summary == null ? null : summary.shown();
      Summary.Shown is = found.get(minute);
      if (must == null
          || is == null
          || !(withLast ? must.isEqual(is) : must.isEqualButForLast(is))) {
        findings.add(
            Kind.WRONG_SUMMARY,
            "%s/%s at %s: wanted %s, found %s"
                .formatted(
                    series.twin(), series.property(), Instant.ofEpochSecond(minute), must, is));
      }
    }
  }

  void readings(TelemetryFold fold, Map<String, Long> stored) {
    Set<String> twins = new HashSet<>(fold.readings().keySet());
    twins.addAll(stored.keySet());
    for (String twin : twins) {
      long wanted = fold.readings().getOrDefault(twin, 0L);
      long found = stored.getOrDefault(twin, 0L);
      if (wanted != found) {
        findings.add(
            Kind.WRONG_READINGS, twin + ": wanted " + wanted + " readings, found " + found);
      }
    }
  }

  /** Twice is allowed there: a crash may come between the keeping and the noting of it. */
  void rejected(TelemetryFold fold, List<Rejection> kept) {
    Map<TelemetryFold.Place, Rejection> byPlace = new HashMap<>();
    kept.forEach(each -> byPlace.put(each.place(), each));
    fold.refused()
        .forEach((place, refused) -> {
          Rejection found = byPlace.get(place);
          if (found == null
              || !found.reason().equals(refused.reason())
              || !refused.properties().stream().allMatch(found.detail()::contains)) {
            findings.add(Kind.NOT_REJECTED, place + ": wanted " + refused + ", found " + found);
          }
        });
    byPlace.forEach((place, found) -> {
      if (!fold.refused().containsKey(place)) {
        findings.add(Kind.WRONGLY_REJECTED, found.toString());
      }
    });
  }

  /**
   * @param told the twin's facts on the topics, those of each topic in its order; repeats are
   *     allowed
   * @param listed its thread, newest first
   */
  void thread(String twin, List<Fact> told, List<Fact> listed) {
    Map<String, Fact> once = new LinkedHashMap<>();
    told.forEach(fact -> once.putIfAbsent(fact.id(), fact));
    Map<String, Fact> seen = new HashMap<>();
    Instant before = Instant.MAX;
    for (Fact fact : listed) {
      if (seen.put(fact.id(), fact) != null) {
        findings.add(Kind.FACT_TWICE, twin + ": " + fact);
      }
      if (fact.time().isAfter(before)) {
        findings.add(Kind.FACT_OUT_OF_ORDER, twin + ": in the thread, " + fact);
      }
      before = fact.time();
      Fact source = once.get(fact.id());
      if (source == null
          || !source.type().equals(fact.type())
          || Duration.between(source.time(), fact.time()).abs().compareTo(ROUNDING) > 0) {
        findings.add(Kind.WRONG_FACT, twin + ": wanted " + source + ", found " + fact);
      }
    }
    once.values()
        .forEach(fact -> {
          if (!seen.containsKey(fact.id())) {
            findings.add(Kind.MISSING_FACT, twin + ": " + fact);
          }
        });
    order(twin, List.copyOf(once.values()), "on the topic");
    order(twin, listed.reversed(), "in the thread");
  }

  /** Revisions rise, and a command is sent before it ends; each once. */
  private void order(String twin, List<Fact> oldestFirst, String where) {
    long revision = 0;
    Set<String> sent = new HashSet<>();
    Set<String> ended = new HashSet<>();
    for (Fact fact : oldestFirst) {
      switch (fact.type()) {
        case CHANGED -> {
          long next = fact.data().path("revision").asLong();
          if (next <= revision) {
            findings.add(Kind.FACT_OUT_OF_ORDER, twin + ": " + where + ", " + fact);
          }
          revision = next;
        }
        case SENT -> {
          if (!sent.add(fact.commandId())) {
            findings.add(Kind.FACT_TWICE, twin + ": " + where + ", " + fact);
          }
        }
        case ENDED -> {
          if (!sent.contains(fact.commandId())) {
            findings.add(Kind.FACT_OUT_OF_ORDER, twin + ": " + where + ", " + fact);
          }
          if (!ended.add(fact.commandId())) {
            findings.add(Kind.FACT_TWICE, twin + ": " + where + ", " + fact);
          }
        }
        default -> {
          // Creation and retirement may alternate as often as they like.
        }
      }
    }
  }

  /**
   * The revisions that people were told of.
   *
   * @param listed the twin's thread
   */
  void changes(String twin, Set<Long> acknowledged, List<Fact> listed) {
    Set<Long> told = new HashSet<>();
    listed.stream()
        .filter(fact -> fact.type().equals(CHANGED))
        .forEach(fact -> told.add(fact.data().path("revision").asLong()));
    acknowledged.stream()
        .filter(revision -> !told.contains(revision))
        .forEach(revision -> findings.add(Kind.LOST_CHANGE, twin + ": revision " + revision));
  }

  /**
   * @param acknowledged the ids that people were told
   * @param commands all of the twin's commands, newest first
   * @param listed the twin's thread
   */
  void commands(String twin, Set<String> acknowledged, List<Command> commands, List<Fact> listed) {
    Map<String, Command> byId = new HashMap<>();
    commands.forEach(command -> byId.put(command.id(), command));
    acknowledged.stream()
        .filter(id -> !byId.containsKey(id))
        .forEach(id -> findings.add(Kind.LOST_COMMAND, twin + ": " + id));
    Map<String, String> ends = new HashMap<>();
    Set<String> sent = new HashSet<>();
    for (Fact fact : listed) {
      if (fact.type().equals(ENDED)) {
        ends.put(fact.commandId(), fact.data().path("state").asText());
      } else if (fact.type().equals(SENT)) {
        sent.add(fact.commandId());
      }
    }
    boolean newestWish = true;
    for (Command command : commands) {
      boolean wish = command.name().equals(Orders.DESIRED);
      if (!(wish ? endsAsWished(command, newestWish) : endsAsOrdered(command))) {
        findings.add(Kind.WRONG_COMMAND, twin + ": " + command);
      }
      newestWish &= !wish;
      if (!sent.contains(command.id())) {
        findings.add(Kind.MISSING_FACT, twin + ": the sending of " + command);
      }
      if (!command.state().equals(ends.get(command.id()))) {
        findings.add(
            Kind.MISSING_FACT,
            twin + ": the end of " + command + ", told was " + ends.get(command.id()));
      }
    }
  }

  /** The device takes every change over; the newest cannot have lost its place. */
  private static boolean endsAsWished(Command command, boolean newest) {
    return command.state().equals("succeeded") || (!newest && command.state().equals("superseded"));
  }

  /** The input says what the device was to do. */
  private static boolean endsAsOrdered(Command command) {
    JsonNode input = command.input();
    if (input == null) {
      return false;
    }
    Orders.Order order = Orders.Order.of(input);
    return switch (order.first()) {
      case NONE -> command.state().equals("timed_out");
      case SUCCESS ->
          command.state().equals("succeeded")
              && command.output() != null
              && command.output().path("n").asLong() == order.number()
              && command.output().path("answer").asInt() == 1;
      case FAILURE ->
          command.state().equals("failed") && Orders.reason(order).equals(command.error());
    };
  }

  /**
   * @param wanted what people desire of the twin
   * @param applied what its device has taken over
   */
  void desired(String twin, JsonNode wanted, ObjectNode applied) {
    ObjectNode there = JsonNodeFactory.instance.objectNode();
    applied
        .properties()
        .forEach(each -> {
          if (!each.getValue().isNull()) {
            there.set(each.getKey(), each.getValue());
          }
        });
    List<String> names = new ArrayList<>();
    wanted.fieldNames().forEachRemaining(names::add);
    boolean same =
        names.size() == there.size()
            && names.stream()
                .allMatch(name -> there.has(name) && isSame(wanted.get(name), there.get(name)));
    if (!same) {
      findings.add(
          Kind.WRONG_DESIRED, twin + ": wanted " + cut(wanted) + ", the device has " + cut(there));
    }
  }

  private static String cut(JsonNode json) {
    String text = json.toString();
    return text.length() > 300 ? text.substring(0, 300) + "…" : text;
  }
}
