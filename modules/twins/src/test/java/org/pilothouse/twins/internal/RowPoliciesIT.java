package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.testkit.TestDatabase;

/** What PostgreSQL itself shows of one pilot's rows to another, table by table. */
class RowPoliciesIT {
  private static final PilotId AURORA = new PilotId("aurora");
  private static final PilotId BOREAS = new PilotId("boreas");

  /** A row of each table, of the pilot that is bound; those that others point at come first. */
  private static final Map<String, String> ROWS = rows();

  private static Map<String, String> rows() {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put(
        "twin",
        "(pilot_id, twin_id, revision, created_at, updated_at) VALUES (?, 'a', 1, now(), now())");
    rows.put("state", "(pilot_id, twin_id, properties, reported_at) VALUES (?, 'a', '{}', now())");
    rows.put("retired", "(pilot_id, twin_id, retired_at) VALUES (?, 'a', now())");
    rows.put("reading", "(pilot_id, twin_id, time, props) VALUES (?, 'a', now(), '{}')");
    rows.put("rollup", "VALUES (?, 'a', 't', 60, now(), 1, 1, 1, 1, 1, now())");
    rows.put(
        "fact", "(pilot_id, twin_id, id, time, type, data) VALUES (?, 'a', '1', now(), 't', '{}')");
    rows.put(
        "command",
        "(pilot_id, command_id, twin_id, name, state, sent_by, created_at, expires_at, next_attempt_at)"
            + " VALUES (?, '1', 'a', 'stop', 'pending', 'ada', now(), now(), now())");
    rows.put(
        "relationship",
        "(pilot_id, source, relationship_id, type, target, revision, created_at, updated_at)"
            + " VALUES (?, 'a', '1', 'feeds', 'a', 1, now(), now())");
    rows.put(
        "relationship_type",
        "(pilot_id, type, acyclic, single_source, revision, created_at, updated_at)"
            + " VALUES (?, 't', false, false, 1, now(), now())");
    rows.put(
        "rebuild",
        "(pilot_id, rebuild_id, apply, state, started_by, created_at, not_before)"
            + " VALUES (?, '1', false, 'running', 'ada', now(), now())");
    rows.put("rebuild_position", "VALUES (?, '1', 't', 0, 0, 0, 0)");
    rows.put(
        "rebuilt_state", "(pilot_id, twin_id, rebuild_id, properties) VALUES (?, 'a', '1', '{}')");
    rows.put("state_generation", "VALUES (?, 1)");
    return rows;
  }

  private final TestDatabase store = TestDatabase.create(List.of("twins"));

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void shouldGuardEachTableThatHoldsPilotsRows() throws Exception {
    List<String> guarded = new ArrayList<>();
    try (Connection owner = store.asOwner();
        Statement statement = owner.createStatement();
        ResultSet tables =
            statement.executeQuery(
                "SELECT c.relname, c.relrowsecurity, p.cmd, c.relforcerowsecurity, p.qual, p.with_check"
                    + " FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'pilot_id'"
                    + " LEFT JOIN pg_policies p ON p.schemaname = 'twins' AND p.tablename = c.relname"
                    + " WHERE c.relnamespace = 'twins'::regnamespace AND c.relkind IN ('r', 'p')")) {
      while (tables.next()) {
        String table = tables.getString(1);
        guarded.add(table);
        assertThat(tables.getBoolean(2)).as(table).isTrue();
        // What searches for texts works as the owner; it alone does, and asks for the pilot itself.
        assertThat(tables.getBoolean(4)).as(table).isEqualTo(!table.equals("twin"));
        assertThat(tables.getString(3)).as(table).isEqualTo("ALL");
        assertThat(tables.getString(5))
            .as(table)
            .isEqualTo(
                "(( SELECT tenancy.is_platform() AS is_platform) OR (pilot_id = ( SELECT tenancy.pilot() AS pilot)))")
            .isEqualTo(tables.getString(6));
      }
    }
    assertThat(guarded).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(ROWS.keySet());
  }

  @Test
  void shouldShowAndTakeOnlyThePilotsOwnRows() throws Exception {
    ROWS.forEach((table, row) ->
        store.database().runInPilot(AURORA, transaction -> insert(transaction, table, AURORA)));
    ROWS.forEach((table, row) -> {
      assertThat(count(AURORA, table)).as(table).isOne();
      assertThat(count(BOREAS, table)).as(table).isZero();
      assertThat(store.database().<Integer>asPlatform(transaction -> count(transaction, table)))
          .as(table)
          .isOne();
      assertThatThrownBy(() ->
              store
                  .database()
                  .runInPilot(BOREAS, transaction -> insert(transaction, table, AURORA)))
          .as(table)
          .hasMessageContaining("row-level security");
      store
          .database()
          .runInPilot(
              BOREAS,
              transaction -> {
                assertThat(transaction.execute("DELETE FROM twins." + table)).as(table).isZero();
                assertThat(
                        transaction.execute("UPDATE twins." + table + " SET pilot_id = 'boreas'"))
                    .as(table)
                    .isZero();
              });
      assertThatThrownBy(() ->
              store
                  .database()
                  .runInPilot(
                      AURORA,
                      transaction ->
                          transaction.execute(
                              "UPDATE twins." + table + " SET pilot_id = 'boreas'")))
          .as(table)
          .hasMessageContaining("row-level security");
    });
  }

  @Test
  void shouldShowNothingWithoutAScope() throws Exception {
    ROWS.forEach((table, row) ->
        store.database().runInPilot(AURORA, transaction -> insert(transaction, table, AURORA)));
    try (Connection application = store.asApplication();
        Statement statement = application.createStatement()) {
      for (String scope : List.of("RESET pilothouse.pilot", "SET pilothouse.pilot = ''")) {
        statement.execute(scope);
        for (String table : ROWS.keySet()) {
          try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM twins." + table)) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).as("%s after %s", table, scope).isZero();
          }
        }
      }
    }
  }

  @Test
  void shouldNameTwinsByTextOfTheScopesPilotAlone() throws Exception {
    for (PilotId pilot : List.of(AURORA, BOREAS)) {
      store
          .database()
          .runInPilot(
              pilot,
              transaction ->
                  transaction.execute(
                      "INSERT INTO twins.twin (pilot_id, twin_id, attributes, revision, created_at, updated_at)"
                          + " VALUES (?, 'press-of-' || ?, '{\"name\":\"Press\"}', 1, now(), now())",
                      pilot.value(),
                      pilot.value()));
    }
    assertThat(store.database().<List<String>>inPilot(AURORA, RowPoliciesIT::presses))
        .containsExactly("press-of-aurora");
    assertThat(store.database().<List<String>>inPilot(BOREAS, RowPoliciesIT::presses))
        .containsExactly("press-of-boreas");
    assertThat(store.database().<List<String>>asPlatform(RowPoliciesIT::presses)).isEmpty();
    try (Connection application = store.asApplication();
        Statement statement = application.createStatement()) {
      for (String scope :
          List.of(
              "RESET pilothouse.pilot",
              "SET pilothouse.pilot = ''",
              "SET pilothouse.pilot = 'a'")) {
        statement.execute(scope);
        try (ResultSet rows =
            statement.executeQuery("SELECT count(*) FROM twins.with_text('press', '', 10)")) {
          assertThat(rows.next()).isTrue();
          assertThat(rows.getInt(1)).as(scope).isZero();
        }
      }
    }
  }

  /** Whoever may make functions and operators of the same names in a schema of his own. */
  @Test
  void shouldNotLetTheSearchBeTurnedAside() throws Exception {
    store
        .database()
        .runInPilot(
            BOREAS,
            transaction ->
                transaction.execute(
                    "INSERT INTO twins.twin (pilot_id, twin_id, revision, created_at, updated_at)"
                        + " VALUES ('boreas', 'press', 1, now(), now())"));
    try (Connection application = store.asApplication();
        Statement statement = application.createStatement()) {
      statement.execute("SET pilothouse.pilot = 'aurora'");
      statement.execute(
          "CREATE FUNCTION pg_temp.strpos(text, text) RETURNS integer LANGUAGE sql AS 'SELECT 1'");
      statement.execute(
          "CREATE FUNCTION pg_temp.substr(text, integer, integer) RETURNS text LANGUAGE sql AS $$SELECT 'x'$$");
      statement.execute("CREATE TEMPORARY TABLE twin (pilot_id text, twin_id text, searched text)");
      statement.execute("INSERT INTO twin VALUES ('aurora', 'press', 'press')");
      statement.execute("SET search_path = pg_temp, pg_catalog, twins");
      try (ResultSet rows =
          statement.executeQuery("SELECT count(*) FROM twins.with_text('press', '', 10)")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isZero();
      }
    }
    try (Connection owner = store.asOwner();
        Statement statement = owner.createStatement();
        ResultSet functions =
            statement.executeQuery(
                "SELECT p.oid::regprocedure::text, array_to_string(p.proconfig, ' ; '), p.proacl::text FROM pg_proc p"
                    + " WHERE p.pronamespace = 'twins'::regnamespace AND p.prosecdef")) {
      assertThat(functions.next()).isTrue();
      assertThat(functions.getString(1)).isEqualTo("twins.with_text(text,text,integer)");
      assertThat(functions.getString(2)).startsWith("search_path=pg_catalog, pg_temp");
      assertThat(functions.getString(3)).doesNotContain("{=").doesNotContain(",=");
      assertThat(functions.next()).isFalse();
    }
  }

  private static List<String> presses(Handle transaction) {
    return transaction
        .createQuery("SELECT twins.with_text('press', '', 10)")
        .mapTo(String.class)
        .list();
  }

  /** The table as it was before its hours were halved. */
  @Test
  void shouldHalveTheHoursThatTheirMinutesAddUpTo() throws Exception {
    try (Connection owner = store.asOwner();
        Statement statement = owner.createStatement()) {
      owner.setAutoCommit(false);
      statement.execute("SELECT set_config('pilothouse.platform', 'on', true)");
      statement.execute("ALTER TABLE twins.rollup DROP CONSTRAINT rollup_step_check");
      statement.execute("DELETE FROM twins.rollup");
      statement.execute(
          "INSERT INTO twins.rollup SELECT 'aurora', 'a', 't', 60, at, n, n, n, 1, n, at FROM generate_series(0, 119) AS n,"
              + " LATERAL (SELECT timestamptz '2026-01-21T10:00:00Z' + n * interval '1 minute' AS at) AS minute");
      // The minutes of nine o'clock are gone.
      statement.execute(
          "INSERT INTO twins.rollup SELECT 'aurora', 'a', 't', 3600, date_trunc('hour', bucket, 'UTC') AS hour, min(low),"
              + " max(high), sum(total), sum(count), max(last), max(last_time) FROM twins.rollup GROUP BY hour"
              + " UNION ALL SELECT 'aurora', 'a', 't', 3600, '2026-01-21T09:00:00Z', -5, 5, 7, 9, 1, '2026-01-21T09:59:00Z'");
      statement.execute(
          "ALTER TABLE twins.rollup ADD CONSTRAINT rollup_step_check CHECK (step IN (60, 3600, 86400))");
      statement.execute(migration());
      owner.commit();
    }
    assertThat(
            store
                .database()
                .<List<String>>inPilot(
                    AURORA,
                    transaction ->
                        transaction
                            .createQuery(
                                "SELECT concat_ws(' ', to_char(bucket AT TIME ZONE 'UTC', 'HH24:MI'), low, high, total, count, last,"
                                    + " to_char(last_time AT TIME ZONE 'UTC', 'HH24:MI')) FROM twins.rollup WHERE step <> 60 ORDER BY bucket")
                            .mapTo(String.class)
                            .list()))
        .containsExactly(
            "09:00 -5 5 7 9 1 09:59",
            "10:00 0 29 435 30 29 10:29",
            "10:30 30 59 1335 30 59 10:59",
            "11:00 60 89 2235 30 89 11:29",
            "11:30 90 119 3135 30 119 11:59");
  }

  private static String migration() throws Exception {
    try (InputStream script = RowPoliciesIT.class.getResourceAsStream("/db/twins/V5__reads.sql")) {
      assertThat(script).isNotNull();
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void insert(Handle transaction, String table, PilotId pilot) {
    transaction.execute("INSERT INTO twins." + table + " " + ROWS.get(table), pilot.value());
  }

  private int count(PilotId pilot, String table) {
    return store.database().<Integer>inPilot(pilot, transaction -> count(transaction, table));
  }

  private static int count(Handle transaction, String table) {
    return transaction
        .createQuery("SELECT count(*) FROM twins." + table)
        .mapTo(Integer.class)
        .one();
  }
}
