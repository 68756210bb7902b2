package org.pilothouse.twins.internal;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.TwinId;
import org.pilothouse.platform.postgres.Database;
import org.pilothouse.twins.RelationshipType;

/**
 * Walks over the graph. Each is one recursive statement that goes level by level and carries what
 * it has seen, so that cycles end and every twin comes once, at its least depth.
 */
public final class Graph {
  /** How far {@link #below} and {@link #path} go. */
  public static final int DEEPEST = 100;

  public static final int DEEPEST_NEIGHBOURS = 5;
  public static final int MOST_NODES = 500;
  public static final int MOST_EDGES = 2_000;

  /** A name is free text of the pilot; nodes are many. */
  private static final String NODE =
      "t.twin_id, left(t.attributes ->> 'name', 256) AS name, t.model, t.attributes ->> 'level' AS level";

  private final Database database;

  Graph(Database database) {
    this.database = database;
  }

  /** A twin as far as a picture of the graph needs it. */
  public record Node(
      TwinId twin, Optional<String> name, Optional<String> model, Optional<Level> level) {}

  /**
   * The way down to a twin.
   *
   * @param nodes from the top; the last is the twin itself
   * @param truncated whether there is more above the first
   */
  public record Path(List<Node> nodes, boolean truncated) {}

  /**
   * A twin below another.
   *
   * @param source by which twin it is reached, one level up; the first of them by id
   */
  public record Below(Node node, int depth, TwinId source) {}

  /** Where a page of twins below goes on. */
  public record After(int depth, String twin) {
    public static final After START = new After(0, "");
  }

  /** A twin around another. */
  public record Neighbour(Node node, int depth) {}

  /** An edge without what is said of it. */
  public record Edge(String id, TwinId source, String type, TwinId target) {}

  /**
   * What is around a twin: itself first, then by depth and id.
   *
   * @param truncated whether there is more than is shown
   */
  public record Neighbourhood(List<Neighbour> nodes, List<Edge> edges, boolean truncated) {}

  /** Along which edges neighbours are sought. */
  public enum Reach {
    OUT,
    IN,
    BOTH
  }

  /**
   * @throws Problem {@code not_found}
   */
  public Path path(PilotId pilot, TwinId twin) {
    List<Node> nodes =
        database.inPilot(
            pilot,
            transaction ->
                transaction
                    .createQuery(
                        "WITH RECURSIVE up (depth, twin) AS (SELECT 0, :twin::text UNION ALL SELECT up.depth + 1, r.source FROM up"
                            + " JOIN twins.relationship r ON r.pilot_id = :pilot AND r.target = up.twin AND r.type = :contains"
                            + " WHERE up.depth <= :deepest)"
                            + " SELECT "
                            + NODE
                            + " FROM up JOIN twins.twin t ON t.pilot_id = :pilot AND t.twin_id = up.twin ORDER BY up.depth DESC")
                    .bind("pilot", pilot.value())
                    .bind("twin", twin.value())
                    .bind("contains", BuiltInTypes.CONTAINS)
                    .bind("deepest", DEEPEST)
                    .map((row, context) -> node(row))
                    .list());
    if (nodes.isEmpty()) {
      throw Twins.notFound();
    }
    boolean truncated = nodes.size() > DEEPEST + 1;
    return new Path(truncated ? nodes.subList(1, nodes.size()) : nodes, truncated);
  }

  /** By depth and id, after one. */
  public List<Below> below(
      PilotId pilot, TwinId twin, String type, int depth, After after, int limit) {
    return database.inPilot(
        pilot,
        transaction -> {
          boolean tree =
              RelationshipTypes.read(transaction, pilot, type)
                  .map(RelationshipType::rules)
                  .filter(rules -> rules.acyclic() && rules.singleSource())
                  .isPresent();
          Walk walk = new Walk(transaction, pilot, twin, type, tree);
          // The widest level has most of the pages, so the rest of a level is read without
          // gathering the whole of it.
          List<Below> found =
              new ArrayList<>(
                  after.depth() > 0 && after.depth() <= depth
                      ? walk.restOfLevel(after, limit)
                      : List.of());
          if (found.size() < limit && after.depth() < depth) {
            found.addAll(walk.levels(after.depth() + 1, depth, limit - found.size()));
          }
          return found;
        });
  }

  /**
   * The questions of one way down; a level of it is gathered as two arrays, the twins and via whom.
   *
   * @param tree whether there is one way to each twin, so that none is ever seen twice
   */
  private record Walk(Handle transaction, PilotId pilot, TwinId twin, String type, boolean tree) {
    /**
     * The next level: what the frontier reaches and was not seen. A group rather than an anti-join,
     * because that costs the same whatever the planner expects of arrays.
     */
    private String step(String condition) {
      String reached =
          "SELECT r.target AS twin, r.source AS via FROM unnest(w.frontier) AS s (twin)"
              + " JOIN twins.relationship r ON r.pilot_id = :pilot AND r.source = s.twin AND r.type = :type"
              + condition;
      return tree
          ? reached
          : "SELECT e.twin, min(e.via) AS via FROM ("
              + reached
              + " UNION ALL SELECT seen, NULL FROM unnest(w.seen) AS old (seen)) AS e"
              + " GROUP BY e.twin HAVING count(*) = count(e.via)";
    }

    private String levels(String condition) {
      return "WITH RECURSIVE walk (depth, frontier, via, seen, got) AS ("
          + "SELECT 0, ARRAY[:twin]::text[], ARRAY['']::text[], ARRAY[:twin]::text[], 0::bigint"
          + " UNION ALL"
          + " SELECT w.depth + 1, n.found, n.via, "
          + (tree ? "w.seen" : "w.seen || n.found")
          + ", w.got + n.more FROM walk w CROSS JOIN LATERAL ("
          + "SELECT coalesce(array_agg(f.twin), '{}') AS found, array_agg(f.via) AS via,"
          + " CASE WHEN w.depth + 1 >= :from THEN count(*) ELSE 0 END AS more FROM ("
          + step("")
          + ") AS f) AS n WHERE cardinality(w.frontier) > 0 AND "
          + condition
          + ")";
    }

    /** From one level on, as many levels as are needed. */
    List<Below> levels(int from, int deepest, int limit) {
      return query(
              levels("w.depth < :deepest AND w.got < :limit")
                  + " SELECT p.depth, p.via, "
                  + NODE
                  + " FROM (SELECT w.depth, f.twin, f.via FROM walk w CROSS JOIN LATERAL unnest(w.frontier, w.via) AS f (twin, via)"
                  + " WHERE w.depth >= :from ORDER BY 1, 2 LIMIT :limit) AS p"
                  + " JOIN twins.twin t ON t.pilot_id = :pilot AND t.twin_id = p.twin ORDER BY p.depth, p.twin")
          .bind("from", from)
          .bind("deepest", deepest)
          .bind("limit", limit)
          .map((row, context) -> below(row))
          .list();
    }

    /** What is behind a twin on its level. */
    List<Below> restOfLevel(After after, int limit) {
      return query(
              levels("w.depth < :from - 1")
                  + " SELECT :from AS depth, p.via, "
                  + NODE
                  + " FROM (SELECT f.twin, f.via FROM walk w CROSS JOIN LATERAL ("
                  + step(" AND r.target > :after")
                  + ") AS f WHERE w.depth = :from - 1 ORDER BY f.twin LIMIT :limit) AS p"
                  + " JOIN twins.twin t ON t.pilot_id = :pilot AND t.twin_id = p.twin ORDER BY p.twin")
          .bind("from", after.depth())
          .bind("after", after.twin())
          .bind("limit", limit)
          .map((row, context) -> below(row))
          .list();
    }

    private Query query(String sql) {
      return transaction
          .createQuery(sql)
          .bind("pilot", pilot.value())
          .bind("twin", twin.value())
          .bind("type", type);
    }

    private static Below below(ResultSet row) throws SQLException {
      return new Below(node(row), row.getInt("depth"), new TwinId(row.getString("via")));
    }
  }

  /**
   * @param type all where empty
   * @throws Problem {@code not_found}
   */
  public Neighbourhood neighbours(
      PilotId pilot, TwinId twin, Optional<String> type, Reach reach, int depth) {
    return database.inPilot(
        pilot,
        transaction -> {
          List<Neighbour> found = around(transaction, pilot, twin, type, reach, depth);
          if (found.isEmpty()) {
            throw Twins.notFound();
          }
          List<Neighbour> nodes = found.subList(0, Math.min(found.size(), MOST_NODES));
          List<Edge> edges = edgesAmong(transaction, pilot, nodes, type);
          return new Neighbourhood(
              List.copyOf(nodes),
              List.copyOf(edges.subList(0, Math.min(edges.size(), MOST_EDGES))),
              found.size() > MOST_NODES || edges.size() > MOST_EDGES);
        });
  }

  /** One more than are shown, where there are more. */
  private static List<Neighbour> around(
      Handle transaction,
      PilotId pilot,
      TwinId twin,
      Optional<String> type,
      Reach reach,
      int depth) {
    String steps =
        switch (reach) {
          case OUT -> step("source", "target", type);
          case IN -> step("target", "source", type);
          case BOTH ->
              step("source", "target", type) + " UNION ALL " + step("target", "source", type);
        };
    Query query =
        transaction
            .createQuery(
                "WITH RECURSIVE walk (depth, frontier, seen) AS ("
                    + "SELECT 0, ARRAY[:twin]::text[], ARRAY[:twin]::text[]"
                    + " UNION ALL"
                    + " SELECT w.depth + 1, n.found, w.seen || n.found FROM walk w CROSS JOIN LATERAL ("
                    + "SELECT coalesce(array_agg(f.twin), '{}') AS found FROM ("
                    + "SELECT e.twin FROM (SELECT e.twin, false AS old FROM unnest(w.frontier) AS s (twin) CROSS JOIN LATERAL ("
                    + steps
                    + ") AS e UNION ALL SELECT old.twin, true FROM unnest(w.seen) AS old (twin)) AS e"
                    + " GROUP BY e.twin HAVING NOT bool_or(e.old)"
                    + " ORDER BY e.twin LIMIT :nodes + 1 - cardinality(w.seen)) AS f) AS n"
                    + " WHERE w.depth < :depth AND cardinality(w.frontier) > 0 AND cardinality(w.seen) <= :nodes)"
                    + " SELECT w.depth, "
                    + NODE
                    + " FROM walk w CROSS JOIN LATERAL unnest(w.frontier) AS f (twin)"
                    + " JOIN twins.twin t ON t.pilot_id = :pilot AND t.twin_id = f.twin ORDER BY w.depth, f.twin")
            .bind("pilot", pilot.value())
            .bind("twin", twin.value())
            .bind("nodes", MOST_NODES)
            .bind("depth", depth);
    type.ifPresent(only -> query.bind("type", only));
    return query.map((row, context) -> new Neighbour(node(row), row.getInt("depth"))).list();
  }

  private static String step(String from, String to, Optional<String> type) {
    return "SELECT r."
        + to
        + " AS twin FROM twins.relationship r WHERE r.pilot_id = :pilot AND r."
        + from
        + " = s.twin"
        + (type.isPresent() ? " AND r.type = :type" : "");
  }

  private static List<Edge> edgesAmong(
      Handle transaction, PilotId pilot, List<Neighbour> nodes, Optional<String> type) {
    Query query =
        transaction
            .createQuery(
                "SELECT r.relationship_id, r.source, r.type, r.target FROM twins.relationship r"
                    + " WHERE r.pilot_id = :pilot AND r.source = ANY(:nodes) AND r.target = ANY(:nodes)"
                    + (type.isPresent() ? " AND r.type = :type" : "")
                    + " ORDER BY r.source, r.type, r.target, r.relationship_id LIMIT :limit")
            .bind("pilot", pilot.value())
            .bindArray(
                "nodes",
                String.class,
                nodes.stream().map(each -> each.node().twin().value()).toList())
            .bind("limit", MOST_EDGES + 1);
    type.ifPresent(only -> query.bind("type", only));
    return query
        .map((row, context) ->
            new Edge(
                row.getString(1),
                new TwinId(row.getString(2)),
                row.getString(3),
                new TwinId(row.getString(4))))
        .list();
  }

  private static Node node(ResultSet row) throws SQLException {
    return new Node(
        new TwinId(row.getString("twin_id")),
        Optional.ofNullable(row.getString("name")),
        Optional.ofNullable(row.getString("model")),
        Level.of(row.getString("level")));
  }
}
