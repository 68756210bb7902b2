package org.pilothouse.contracts;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.pilothouse.kernel.Names;
import org.pilothouse.kernel.PilotId;

/**
 * The catalogue of topics. Each pilot has one topic of each kind, named {@code
 * pilot.<pilot>.<kind>}; replay has one for every run, {@code pilot.<pilot>.replay.<run>}. Brokers
 * never make topics by themselves: the platform does, from here.
 */
public enum TopicKind {
  TELEMETRY(
      "telemetry",
      "What devices report.",
      "twin id",
      6,
      new Keep.For(Duration.ofDays(7)),
      "ingest",
      Classification.INTERNAL),
  TWIN_STATE(
      "twin-state",
      "The last known state of each twin.",
      "twin id",
      3,
      new Keep.LastOfEachKey(),
      "twins",
      Classification.INTERNAL),
  THREAD(
      "thread",
      "The facts of life of pilots, devices and twins.",
      "id of what the fact is about",
      3,
      new Keep.UntilRemoved(),
      "pilots and twins",
      Classification.INTERNAL),
  ALERTS(
      "alerts",
      "What was found wrong, and how it went on.",
      "twin id",
      3,
      new Keep.For(Duration.ofDays(30)),
      "alerts",
      Classification.INTERNAL),
  COMMANDS(
      "commands",
      "What twins were told to do, and what came of it.",
      "twin id",
      3,
      new Keep.For(Duration.ofDays(30)),
      "twins",
      Classification.INTERNAL),
  DATASETS(
      "datasets",
      "Pointers to what rests in the hold.",
      "dataset id",
      3,
      new Keep.UntilRemoved(),
      "datasets",
      Classification.INTERNAL),
  REPLAY(
      "replay",
      "Stored events, sent again on purpose; one topic a run, removed with it.",
      "twin id",
      1,
      new Keep.UntilRemoved(),
      "replay",
      Classification.INTERNAL),
  REJECTED(
      "rejected",
      "Records that a reader could not take, with reason and origin.",
      "key of the origin",
      3,
      new Keep.For(Duration.ofDays(30)),
      "ingest",
      Classification.RESTRICTED);

  private static final String PREFIX = "pilot.";

  private final String segment;
  private final String title;
  private final String key;
  private final int partitions;
  private final Keep keep;
  private final String owner;
  private final Classification classification;

  TopicKind(
      String segment,
      String title,
      String key,
      int partitions,
      Keep keep,
      String owner,
      Classification classification) {
    this.segment = segment;
    this.title = title;
    this.key = key;
    this.partitions = partitions;
    this.keep = keep;
    this.owner = owner;
    this.classification = classification;
  }

  /** The kinds that every pilot has from its first day. */
  public static List<TopicKind> standing() {
    return Arrays.stream(values()).filter(kind -> kind != REPLAY).toList();
  }

  /** The last part of the name, for example {@code twin-state}. */
  public String segment() {
    return segment;
  }

  public String title() {
    return title;
  }

  /** What events are keyed by. */
  public String key() {
    return key;
  }

  /** How many partitions a topic starts with; it may only grow. */
  public int partitions() {
    return partitions;
  }

  /** How long events are kept where the pilot has not asked for another time. */
  public Keep keep() {
    return keep;
  }

  /** Which modules write here. Nobody else does, except through their services. */
  public String owner() {
    return owner;
  }

  public Classification classification() {
    return classification;
  }

  /** The types of events that may be here. */
  public List<EventType> types() {
    return Arrays.stream(EventType.values()).filter(type -> type.topic() == this).toList();
  }

  /** The pilot's topic of this kind. */
  public String of(PilotId pilot) {
    if (this == REPLAY) {
      throw new IllegalArgumentException("a replay topic belongs to a run");
    }
    return PREFIX + pilot + "." + segment;
  }

  /** The topic of one replay run. */
  public static String replay(PilotId pilot, String run) {
    if (!Names.isId(run)) {
      throw new IllegalArgumentException("not the id of a run");
    }
    return PREFIX + pilot + "." + REPLAY.segment + "." + run;
  }

  /** A regular expression that matches this kind's topics of all pilots and nothing else. */
  public String pattern() {
    return "pilot\\.[a-z0-9][a-z0-9-]*\\." + segment + (this == REPLAY ? "\\.[a-z0-9-]+" : "");
  }

  /** A topic taken apart. */
  public record Name(PilotId pilot, TopicKind kind) {}

  /** Whose topic it is, and of which kind; empty when it is not one of the catalogue. */
  public static Optional<Name> parse(String topic) {
    if (!topic.startsWith(PREFIX)) {
      return Optional.empty();
    }
    int pilotEnd = topic.indexOf('.', PREFIX.length());
    if (pilotEnd < 0) {
      return Optional.empty();
    }
    String pilot = topic.substring(PREFIX.length(), pilotEnd);
    if (!Names.isId(pilot)) {
      return Optional.empty();
    }
    String rest = topic.substring(pilotEnd + 1);
    for (TopicKind kind : values()) {
      boolean matches =
          kind == REPLAY
              ? rest.startsWith("replay.") && Names.isId(rest.substring("replay.".length()))
              : rest.equals(kind.segment);
      if (matches) {
        return Optional.of(new Name(new PilotId(pilot), kind));
      }
    }
    return Optional.empty();
  }
}
