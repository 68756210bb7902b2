package org.pilothouse.datasets.internal;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.pilothouse.datasets.Dataset;
import org.pilothouse.datasets.DatasetId;
import org.pilothouse.datasets.DatasetState;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.platform.postgres.Database;

/** What there is in the hold. */
public final class Catalogue {
  private static final int MOST_IN_GRAPH = 200;

  /** Tags that more datasets have than this count as equally frequent. */
  private static final int COUNTED = 5_000;

  /** What is looked at one by one for a text, before an index is asked. */
  private static final int WALKED = 2_500;

  /** Of those looked at: what so many have, the index would name too many of. */
  private static final int NOT_RARE = 10;

  /** What the index may name for a page. */
  private static final int MOST_NAMED = 1_000;

  /** Shorter texts are in no index. */
  private static final int SHORTEST_INDEXED = 3;

  private final Database database;

  Catalogue(Database database) {
    this.database = database;
  }

  /**
   * Which datasets a list shows.
   *
   * @param tags all must fit
   * @param name the whole of it
   * @param prefix of the name
   */
  public record Filter(
      Optional<DatasetState> state,
      List<Tag> tags,
      Optional<String> name,
      Optional<String> prefix,
      Optional<Instant> from,
      Optional<Instant> to) {
    public Filter {
      tags = List.copyOf(tags);
    }
  }

  /** A tag to fit; any value, where there is none. */
  public record Tag(String name, Optional<String> value) {}

  /** Where a page goes on. */
  public record Before(Instant created, DatasetId id) {}

  public Optional<Dataset> find(PilotId pilot, DatasetId id) {
    return database.inPilot(pilot, transaction -> DatasetRows.find(transaction, pilot, id));
  }

  /** Newest first. */
  public List<Dataset> page(PilotId pilot, Filter filter, Optional<Before> before, int limit) {
    return database.inPilot(
        pilot,
        transaction -> {
          Conditions conditions =
              conditions(pilot, rarestTagFirst(transaction, pilot, filter), before);
          var query =
              transaction.createQuery(
                  "SELECT "
                      + DatasetRows.COLUMNS
                      + " FROM "
                      + conditions.from()
                      + " WHERE "
                      + conditions.where()
                      + " ORDER BY "
                      + conditions.order()
                      + " LIMIT :limit");
          conditions.values().forEach(query::bind);
          return query.bind("limit", limit).map((row, context) -> DatasetRows.read(row)).list();
        });
  }

  /**
   * A page that may end short of its limit, even empty.
   *
   * @param next where the list goes on; empty at its end
   */
  public record Slice(List<Dataset> datasets, Optional<Before> next) {
    public Slice {
      datasets = List.copyOf(datasets);
    }
  }

  /**
   * Datasets that have a text in name, owner or purpose, in any case of letters, newest first.
   * First a bounded number of datasets that fit the filter is looked at; a text that is not rare is
   * found there. Where few or none are, an index names those further on.
   */
  public Slice search(
      PilotId pilot, Filter filter, String text, Optional<Before> before, int limit) {
    return database.inPilot(
        pilot,
        transaction -> {
          Filter ordered = rarestTagFirst(transaction, pilot, filter);
          List<Dataset> found =
              new ArrayList<>(
                  walk(transaction, conditions(pilot, ordered, before), text, limit + 1));
          if (found.size() > limit) {
            return cut(found, limit);
          }
          Optional<Before> walked = lastWalked(transaction, conditions(pilot, ordered, before));
          if (walked.isEmpty()) {
            return new Slice(found, Optional.empty());
          }
          if (found.size() >= NOT_RARE
              || text.codePointCount(0, text.length()) < SHORTEST_INDEXED) {
            return new Slice(found, walked);
          }
          List<Before> named = named(transaction, text, walked.get());
          found.addAll(
              among(
                  transaction,
                  conditions(pilot, ordered, walked, false),
                  named,
                  limit + 1 - found.size()));
          if (found.size() > limit) {
            return cut(found, limit);
          }
          return new Slice(
              found, named.size() == MOST_NAMED ? Optional.of(named.getLast()) : Optional.empty());
        });
  }

  private static Slice cut(List<Dataset> found, int limit) {
    Dataset last = found.get(limit - 1);
    return new Slice(found.subList(0, limit), Optional.of(new Before(last.createdAt(), last.id())));
  }

  private static List<Dataset> walk(
      Handle transaction, Conditions conditions, String text, int limit) {
    var query =
        transaction.createQuery(
            "SELECT "
                + DatasetRows.COLUMNS
                + " FROM (SELECT d.* FROM "
                + conditions.from()
                + " WHERE "
                + conditions.where()
                + " ORDER BY "
                + conditions.order()
                + " LIMIT :walked) AS d WHERE strpos(d.searched, lower(:text)) > 0 ORDER BY"
                + " d.created_at DESC, d.dataset_id DESC LIMIT :limit");
    conditions.values().forEach(query::bind);
    return query
        .bind("walked", WALKED)
        .bind("text", text)
        .bind("limit", limit)
        .map((row, context) -> DatasetRows.read(row))
        .list();
  }

  /** Empty where a walk comes to the end of the list. */
  private static Optional<Before> lastWalked(Handle transaction, Conditions conditions) {
    var query =
        transaction.createQuery(
            "SELECT d.created_at, d.dataset_id FROM "
                + conditions.from()
                + " WHERE "
                + conditions.where()
                + " ORDER BY "
                + conditions.order()
                + " OFFSET :walked - 1 LIMIT 1");
    conditions.values().forEach(query::bind);
    return query
        .bind("walked", WALKED)
        .map((row, context) ->
            new Before(
                DatasetRows.instant(row, "created_at"), new DatasetId(row.getString("dataset_id"))))
        .findOne();
  }

  private static List<Before> named(Handle transaction, String text, Before before) {
    return transaction
        .createQuery(
            "SELECT created_at, dataset_id FROM datasets.with_text(lower(:text), :time, :id,"
                + " :most)")
        .bind("text", text)
        .bind("time", before.created().atOffset(ZoneOffset.UTC))
        .bind("id", before.id().value())
        .bind("most", MOST_NAMED)
        .map((row, context) ->
            new Before(
                DatasetRows.instant(row, "created_at"), new DatasetId(row.getString("dataset_id"))))
        .list();
  }

  /** From the places to the datasets, not along a tag that most datasets may have. */
  private static List<Dataset> among(
      Handle transaction, Conditions conditions, List<Before> named, int limit) {
    var query =
        transaction.createQuery(
            "SELECT "
                + DatasetRows.COLUMNS
                + " FROM (SELECT * FROM datasets.dataset WHERE pilot_id = :pilot AND dataset_id ="
                + " ANY(:named) OFFSET 0) AS d WHERE "
                + conditions.where()
                + " ORDER BY "
                + conditions.order()
                + " LIMIT :limit");
    conditions.values().forEach(query::bind);
    return query
        .bindArray("named", String.class, named.stream().map(place -> place.id().value()).toList())
        .bind("limit", limit)
        .map((row, context) -> DatasetRows.read(row))
        .list();
  }

  /** The page is walked along the first tag. */
  private static Filter rarestTagFirst(Handle transaction, PilotId pilot, Filter filter) {
    if (filter.tags().size() < 2) {
      return filter;
    }
    Map<Tag, Integer> counts = new HashMap<>();
    filter.tags().forEach(tag -> counts.put(tag, counted(transaction, pilot, tag)));
    List<Tag> ordered = new ArrayList<>(filter.tags());
    ordered.sort(Comparator.comparing(counts::get));
    return new Filter(
        filter.state(), ordered, filter.name(), filter.prefix(), filter.from(), filter.to());
  }

  private static int counted(Handle transaction, PilotId pilot, Tag tag) {
    var query =
        transaction.createQuery(
            "SELECT count(*) FROM (SELECT 1 FROM datasets.tag WHERE pilot_id = :pilot AND name ="
                + " :name"
                + (tag.value().isPresent() ? " AND value = :value" : "")
                + " LIMIT :most) AS found");
    tag.value().ifPresent(value -> query.bind("value", value));
    return query
        .bind("pilot", pilot.value())
        .bind("name", tag.name())
        .bind("most", COUNTED)
        .mapTo(Integer.class)
        .one();
  }

  private record Conditions(String from, String where, String order, Map<String, Object> values) {}

  /**
   * With a tag, the page is read from the tags of that name, newest first; the others are looked up
   * one by one.
   */
  private static Conditions conditions(PilotId pilot, Filter filter, Optional<Before> before) {
    return conditions(pilot, filter, before, true);
  }

  /**
   * @param along whether the page is read along the first tag; else that one is looked up, too
   */
  private static Conditions conditions(
      PilotId pilot, Filter filter, Optional<Before> before, boolean along) {
    Map<String, Object> values = new HashMap<>();
    values.put("pilot", pilot.value());
    List<String> where = new ArrayList<>(List.of("d.pilot_id = :pilot"));
    String from = "datasets.dataset d";
    String time = "d.created_at";
    String id = "d.dataset_id";
    for (int i = 0; i < filter.tags().size(); i++) {
      Tag tag = filter.tags().get(i);
      String alias = "t" + i;
      String fits =
          alias
              + ".pilot_id = :pilot AND "
              + alias
              + ".name = :tag"
              + i
              + (tag.value().isPresent() ? " AND " + alias + ".value = :value" + i : "");
      values.put("tag" + i, tag.name());
      int number = i;
      tag.value().ifPresent(value -> values.put("value" + number, value));
      if (i == 0 && along) {
        from +=
            " JOIN datasets.tag t0 ON t0.pilot_id = d.pilot_id AND t0.dataset_id = d.dataset_id";
        where.add(fits);
        time = "t0.created_at";
        id = "t0.dataset_id";
      } else {
        // Not EXISTS: that may be planned as a join of all that have the tag.
        where.add(
            "coalesce((SELECT true FROM datasets.tag "
                + alias
                + " WHERE "
                + fits
                + " AND "
                + alias
                + ".dataset_id = d.dataset_id LIMIT 1), false)");
      }
    }
    if (filter.state().isPresent()) {
      where.add("d.state = :state");
      values.put("state", filter.state().get().word());
    } else {
      where.add("d.state <> 'deleted'");
    }
    filter
        .name()
        .ifPresent(name -> {
          where.add("d.name = :name");
          values.put("name", name);
        });
    filter
        .prefix()
        .ifPresent(prefix -> {
          where.add("d.name >= :prefix AND d.name < :afterPrefix");
          values.put("prefix", prefix);
          values.put("afterPrefix", prefix + Character.toString(Character.MAX_CODE_POINT));
        });
    if (filter.from().isPresent()) {
      where.add(time + " >= :from");
      values.put("from", filter.from().get().atOffset(ZoneOffset.UTC));
    }
    if (filter.to().isPresent()) {
      where.add(time + " < :to");
      values.put("to", filter.to().get().atOffset(ZoneOffset.UTC));
    }
    if (before.isPresent()) {
      where.add("(" + time + ", " + id + ") < (:beforeTime, :beforeId)");
      values.put("beforeTime", before.get().created().atOffset(ZoneOffset.UTC));
      values.put("beforeId", before.get().id().value());
    }
    return new Conditions(
        from, String.join(" AND ", where), time + " DESC, " + id + " DESC", values);
  }

  /** One dataset was made from another. */
  public record Edge(DatasetId input, DatasetId output) {}

  /** What was made from what, around one dataset. */
  public record Lineage(List<Dataset> datasets, List<Edge> edges, boolean truncated) {}

  /** Follows inputs to their inputs and outputs to their outputs. */
  public Lineage lineage(PilotId pilot, DatasetId id, int depth) {
    return database.inPilot(
        pilot,
        transaction -> {
          Dataset middle =
              DatasetRows.find(transaction, pilot, id).orElseThrow(DatasetRows::notFound);
          Map<DatasetId, Dataset> found = new LinkedHashMap<>();
          found.put(middle.id(), middle);
          Set<String> told = new TreeSet<>();
          List<Edge> edges = new ArrayList<>();
          boolean cut = follow(transaction, pilot, id, depth, true, found, edges, told);
          cut |= follow(transaction, pilot, id, depth, false, found, edges, told);
          return new Lineage(List.copyOf(found.values()), edges, cut);
        });
  }

  /** Whether something was left out. */
  private static boolean follow(
      Handle transaction,
      PilotId pilot,
      DatasetId from,
      int depth,
      boolean upwards,
      Map<DatasetId, Dataset> found,
      List<Edge> edges,
      Set<String> told) {
    Set<String> level = new TreeSet<>(Set.of(from.value()));
    for (int step = 0; step < depth && !level.isEmpty(); step++) {
      List<Edge> next = edges(transaction, pilot, level, upwards);
      level = new TreeSet<>();
      for (Edge edge : next) {
        DatasetId other = upwards ? edge.input() : edge.output();
        if (found.size() >= MOST_IN_GRAPH && !found.containsKey(other)) {
          return true;
        }
        if (told.add(edge.input() + " " + edge.output())) {
          edges.add(edge);
        }
        if (!found.containsKey(other)) {
          DatasetRows.find(transaction, pilot, other).ifPresent(there -> found.put(other, there));
          level.add(other.value());
        }
      }
    }
    return !level.isEmpty() && !edges(transaction, pilot, level, upwards).isEmpty();
  }

  private static List<Edge> edges(
      Handle transaction, PilotId pilot, Set<String> of, boolean upwards) {
    return transaction
        .createQuery(
            "SELECT input_id, output_id FROM datasets.derivation WHERE pilot_id = :pilot AND "
                + (upwards ? "output_id" : "input_id")
                + " = ANY(:ids) ORDER BY input_id, output_id LIMIT :most")
        .bind("pilot", pilot.value())
        .bindArray("ids", String.class, of)
        .bind("most", MOST_IN_GRAPH * 2)
        .map((row, context) ->
            new Edge(new DatasetId(row.getString(1)), new DatasetId(row.getString(2))))
        .list();
  }

  /** Verification, or whatever it takes, is waited for here; {@code null} is gone. */
  @Nullable DatasetState stateOf(PilotId pilot, DatasetId id) {
    return database.inPilot(
        pilot,
        transaction ->
            transaction
                .createQuery(
                    "SELECT state FROM datasets.dataset WHERE pilot_id = :pilot AND dataset_id ="
                        + " :id")
                .bind("pilot", pilot.value())
                .bind("id", id.value())
                .mapTo(String.class)
                .findOne()
                .flatMap(DatasetState::of)
                .orElse(null));
  }
}
